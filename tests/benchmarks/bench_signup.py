"""B1: from a confirmed wish to an active chain, with few chains and with many."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import psycopg
from django.db import connections

from regulars.tenancy import context, lifecycle, names, provisioning, releases, signup
from regulars.tenancy.models import Chain, Schema
from regulars.tenancy.releases import OWNER
from tests.benchmarks import many_chains, stock_tenants
from tests.benchmarks.many_chains import Place
from tests.benchmarks.measuring import PAIRS, Reach, Report
from tests.prepared import NOW, PASSWORD

TITLE: Final = "Sign-up to active chain"
_SHAPE: Final = """
SELECT c.relkind, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = %s::regnamespace AND c.relname !~ '^django_migrations'
ORDER BY 1, 2, 3"""


@dataclass(frozen=True)
class Size:
    """How many chains there are, and how often each side goes."""

    few: int
    many: int
    stock: int
    pairs: int


FULL: Final = Size(few=10, many=1000, stock=PAIRS, pairs=21)
SMALL: Final = Size(few=1, many=2, stock=0, pairs=1)  # one of stock is checked


def measure(report: Report, size: Size) -> None:
    """Compare signing up with stock django-tenants, with the bare DDL, and with fewer chains."""
    with (
        many_chains.no_bells(),
        many_chains.few(size.few) as few,
        many_chains.many(size.many) as many,
    ):
        _check(report, few)
        for place, count in ((few, size.few), (many, size.many)):
            if size.stock:
                _against_stock(report, place, count=count, pairs=size.stock)
                place.tidy()  # as autovacuum would, which is off here
            _against_replay(report, place, count=count, pairs=size.pairs)
            _database_work(report, place, count=count, times=size.pairs)
        for what, side in (("with a spare", _with_spare), ("without", _without_spare)):
            taken = many_chains.pairs(side(few), side(many), count=size.pairs)
            report.ratio(
                f"sign-up {what}: with {size.many:,} chains ÷ with {size.few}",
                [there / here for here, there in taken],
                Reach(at_most=1.2),
            )


def _check(report: Report, place: Place) -> None:
    with place.here():
        chain = _signed_up()
        ours = _shape(chain.schema_name)
        with context.inside(chain), connections["default"].cursor() as cursor:
            cursor.execute("SELECT role, email FROM staff_staff")
            assert [row[0] for row in cursor.fetchall()] == ["owner"]
        _remove(chain)
    with stock_tenants.one_role(place):
        tenant = stock_tenants.create("checked")
        theirs = _shape(tenant.schema_name)
        tenant.delete(force_drop=True)
    assert ours == theirs, set(ours) ^ set(theirs)
    report.check(
        "a chain of ours and a tenant of stock django-tenants have the same tables, columns, "
        "indexes and sequences; ours is active and has its owner"
    )


def _shape(schema: str) -> list[tuple[Any, ...]]:
    with context.public(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(_SHAPE, [f'"{schema}"'])
        return list(cursor.fetchall())


def _against_stock(report: Report, place: Place, *, count: int, pairs: int) -> None:
    def stock() -> float:
        with stock_tenants.one_role(place):
            begin = time.perf_counter()
            tenant = stock_tenants.create("stock")
            taken = time.perf_counter() - begin
            tenant.delete(force_drop=True)
        return taken

    found = many_chains.pairs(_with_spare(place), stock, count=pairs)
    report.ratio(
        f"stock migrate-on-create ÷ sign-up with a spare, {count:,} chains",
        [theirs / ours for ours, theirs in found],
        Reach(at_least=100),
    )
    report.figure(f"stock alone, {count:,} chains", _middle(found, 1) * 1e3, unit=" ms")
    report.figure(f"sign-up with a spare, {count:,} chains", _middle(found, 0) * 1e3, unit=" ms")


def _against_replay(report: Report, place: Place, *, count: int, pairs: int) -> None:
    with place.here():
        script = releases.ddl()
    with psycopg.connect(place.address(OWNER), autocommit=True) as link:

        def replay() -> float:
            name = names.new_schema_name()
            begin = time.perf_counter()
            link.execute(
                f'BEGIN; CREATE SCHEMA "{name}"; SET LOCAL search_path = "{name}";\n'
                f"{script};\nCOMMIT".encode()
            )
            taken = time.perf_counter() - begin
            link.execute(f'DROP SCHEMA "{name}" CASCADE'.encode())
            return taken

        found = many_chains.pairs(_without_spare(place), replay, count=pairs)
    report.ratio(
        f"sign-up without a spare ÷ replay of its DDL, {count:,} chains",
        [ours / theirs for ours, theirs in found],
        Reach(at_most=1.3),
    )
    report.figure(f"replay alone, {count:,} chains", _middle(found, 1) * 1e3, unit=" ms")


def _database_work(report: Report, place: Place, *, count: int, times: int) -> None:
    with place.here():
        clocks = []
        for _ in range(times):
            provisioning.fill_spares(wanted=1)
            with context.public():
                token = _wished()
                with _clocked() as clock:
                    chain = signup.confirm(token=token, now=NOW)
            clocks.append(clock)
            _remove(chain)
    report.figure(
        f"waiting for the database with a spare, {count:,} chains",
        statistics.median(clock["seconds"] for clock in clocks) * 1e3,
        unit=" ms",
        reach=Reach(at_most=20, unit=" ms"),
    )
    report.figure(
        f"round trips with a spare, {count:,} chains",
        statistics.median(clock["trips"] for clock in clocks),
    )


@contextmanager
def _clocked() -> Iterator[dict[str, float]]:
    """Add up what statements and commits take, the way to the server and back included.

    Each is one round trip: BEGIN and the search path go with the statement behind them.
    """
    clock = {"seconds": 0.0, "trips": 0.0}

    def timed(work: Callable[..., Any], *given: Any) -> Any:
        begin = time.perf_counter()
        try:
            return work(*given)
        finally:
            clock["seconds"] += time.perf_counter() - begin
            clock["trips"] += 1

    wrapper = cast(Any, connections["default"])
    commit = wrapper._commit
    wrapper._commit = lambda: timed(commit)
    try:
        with wrapper.execute_wrapper(timed):
            yield clock
    finally:
        del wrapper._commit


def _with_spare(place: Place) -> Callable[[], float]:
    def run() -> float:
        with place.here():
            provisioning.fill_spares(wanted=1)
            return _timed()

    return run


def _without_spare(place: Place) -> Callable[[], float]:
    """Give no spare away: what is there is called used for the time being."""

    def run() -> float:
        with place.here():
            spares = Schema.objects.using(OWNER).filter(state=Schema.State.SPARE)
            kept = list(spares.values_list("name", flat=True))
            spares.update(state=Schema.State.TAKEN)
            try:
                return _timed()
            finally:
                again = Schema.objects.using(OWNER).filter(name__in=kept)
                again.update(state=Schema.State.SPARE)

    return run


def _timed() -> float:
    with context.public():
        token = _wished()
        begin = time.perf_counter()
        chain = signup.confirm(token=token, now=NOW)
        taken = time.perf_counter() - begin
    assert chain.state == Chain.State.ACTIVE
    _remove(chain)
    return taken


def _wished() -> str:
    wish = signup.Wish(
        company="Bench",
        subdomain="bench",
        vertical="jewelry",
        owner_name="Alice",
        owner_email="alice@bench.example",
        password=PASSWORD,
        language="zh-hans",
        currency="CNY",
        time_zone="Asia/Shanghai",
    )
    return signup.start(wish=wish, now=NOW)[1]


def _signed_up() -> Chain:
    with context.public():
        return signup.confirm(token=_wished(), now=NOW)


def _remove(chain: Chain) -> None:
    lifecycle.delete(chain_id=chain.pk, now=NOW)
    Chain.objects.using(OWNER).filter(pk=chain.pk).delete()


def _middle(found: list[tuple[float, float]], side: int) -> float:
    return statistics.median(pair[side] for pair in found)
