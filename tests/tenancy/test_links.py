"""The search path rides in front of the first statement, which never runs without it."""

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)

from regulars.stores.models import Store
from regulars.tenancy import context, directory, statements
from regulars.tenancy.backend import links
from regulars.tenancy.context import ChainInfo
from tests import counts, pools, servers

WHERE: Final = "SELECT current_schema()"
MARK: Final = "UPDATE stores_store SET phone = %s"
NOBODYS: Final = UUID(int=1)
REFUSED: Final = "SET search_path TO 'a' 'b'"  # PostgreSQL takes no such thing


@pytest.fixture(scope="module", autouse=True)
def _database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One database for all that is tried here, in which commits are real."""
    before = connections["default"].settings_dict["NAME"]
    with django_db_blocker.unblock(), servers.cloned(f"{before}_links"):
        servers.point_at(f"{before}_links")
        try:
            yield
        finally:
            servers.point_at(before)


@pytest.fixture
def aurum() -> ChainInfo:
    return _chain("aurum")


@pytest.fixture
def bloom() -> ChainInfo:
    return _chain("bloom")


def _chain(label: str) -> ChainInfo:
    found = directory.find(label)
    assert found is not None
    return found


def link() -> Any:
    connection.ensure_connection()
    return connection.connection


@contextmanager
def round_trips() -> Iterator[list[int]]:
    """Count within the block how often the server was waited for, as the wire saw it."""
    counted: list[int] = []
    with tempfile.TemporaryFile("w+") as file:
        link().pgconn.trace(file.fileno())
        try:
            yield counted
        finally:
            link().pgconn.untrace()
            file.seek(0)
            counted.append(file.read().count("\tReadyForQuery\t"))


def by_client() -> None:
    with connection.cursor() as cursor:
        cursor.execute(MARK, ["lost"])


def by_server() -> None:
    statements.run(MARK, ["lost"])


def by_many() -> None:
    with connection.cursor() as cursor:
        cursor.executemany(MARK, [["lost"], ["lost again"]])


def by_text() -> None:
    connection.cursor().close()
    link().execute(b"UPDATE stores_store SET phone = 'lost'")


def by_copy() -> None:
    with connection.cursor() as cursor, cursor.copy("COPY stores_store TO STDOUT") as copy:
        list(copy)


def by_page() -> None:
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT phone FROM stores_store")


def by_stream() -> None:
    connection.cursor().close()
    with link().cursor() as cursor:
        list(cursor.stream("UPDATE stores_store SET phone = 'lost' RETURNING 1"))


def by_pipeline() -> None:
    connection.cursor().close()
    with link().pipeline(), link().cursor() as cursor:
        cursor.execute("UPDATE stores_store SET phone = 'lost'")
        cursor.execute("UPDATE stores_store SET phone = 'lost again'")


def by_model() -> None:
    Store.objects.update(phone="lost")


WAYS: Final[tuple[Callable[[], None], ...]] = (
    by_client,
    by_server,
    by_many,
    by_text,
    by_copy,
    by_page,
    by_stream,
    by_pipeline,
    by_model,
)


def test_the_first_statement_takes_the_path_along(aurum: ChainInfo) -> None:
    with context.inside(aurum), round_trips() as alone:
        assert Store.objects.exists()
    with context.inside(aurum), round_trips() as together, transaction.atomic():
        assert Store.objects.exists()
        assert Store.objects.exists()

    assert alone == [1]
    assert together == [3]  # BEGIN, the path and the first; the second; COMMIT


@pytest.mark.parametrize("is_atomic", [False, True], ids=["alone", "in a transaction"])
def test_a_statement_whose_path_was_refused_never_runs(
    aurum: ChainInfo, bloom: ChainInfo, monkeypatch: pytest.MonkeyPatch, *, is_atomic: bool
) -> None:
    point = links.Link.point
    for way in WAYS:
        with context.inside(bloom):
            assert Store.objects.exists()  # where the connection comes from
        with context.inside(aurum), monkeypatch.context() as patch:
            patch.setattr(links.Link, "point", lambda self, _statement: point(self, REFUSED))
            with pytest.raises((DatabaseError, psycopg.Error)):
                _run(way, is_atomic=is_atomic)

    for chain in (aurum, bloom):
        with context.inside(chain):
            assert not Store.objects.filter(phone__startswith="lost").exists()


def _run(way: Callable[[], None], *, is_atomic: bool) -> None:
    if is_atomic:
        with transaction.atomic():
            way()
    else:
        way()


def test_every_way_to_the_database_goes_to_the_chain(aurum: ChainInfo, bloom: ChainInfo) -> None:
    for way in WAYS * 4:  # often enough for psycopg to prepare what it can
        with context.inside(bloom):
            assert Store.objects.exists()
        with context.inside(aurum):
            way()
            assert statements.one(WHERE) == (aurum.schema_name,)

    with context.inside(aurum):
        assert Store.objects.filter(phone__startswith="lost").exists()
    with context.inside(bloom):
        assert not Store.objects.filter(phone__startswith="lost").exists()


def test_after_a_statement_that_failed_the_path_is_sent_again(
    aurum: ChainInfo, bloom: ChainInfo
) -> None:
    with context.inside(bloom):
        assert statements.one(WHERE) == (bloom.schema_name,)

    with context.inside(aurum):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        with connection.cursor() as cursor:
            cursor.execute(WHERE)
            assert cursor.fetchone() == (aurum.schema_name,)


def test_after_a_commit_that_failed_the_path_is_sent_again(
    aurum: ChainInfo, bloom: ChainInfo
) -> None:
    with context.inside(bloom):
        assert statements.one(WHERE) == (bloom.schema_name,)

    with context.inside(aurum):
        with pytest.raises(IntegrityError), transaction.atomic():
            Store.objects.update(region=NOBODYS)  # its foreign key is checked at COMMIT
        assert statements.one(WHERE) == (aurum.schema_name,)


def test_an_answer_is_the_statements_own(aurum: ChainInfo) -> None:
    with context.inside(aurum), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(MARK, ["1"])
        assert cursor.rowcount == Store.objects.count()
    with context.inside(aurum), connection.cursor() as cursor:
        cursor.execute("SELECT 1; SELECT 2")
        assert cursor.fetchall() == [(1,)]
        assert cursor.nextset()
        assert cursor.fetchall() == [(2,)]
        assert not cursor.nextset()


def test_what_refuses_transactions_can_be_the_first_thing_asked(aurum: ChainInfo) -> None:
    with context.inside(aurum, using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM stores_store")
        cursor.execute(WHERE)
        assert cursor.fetchone() == (aurum.schema_name,)


def test_a_cursor_that_was_kept_can_do_nothing_once_the_chain_is_left(aurum: ChainInfo) -> None:
    with pools.pooled(max_size=1):
        for leave in (context.reset, connection.close):
            with context.inside(aurum):
                cursor = connection.cursor()
                cursor.execute(WHERE)
            leave()

            with pytest.raises((ProgrammingError, links.PointsNowhere)):
                cursor.execute(WHERE)
            with pytest.raises(links.PointsNowhere):
                cursor.connection.execute(WHERE)
            cursor.close()


def test_a_connection_of_nobodys_can_still_be_asked_whether_it_lives(aurum: ChainInfo) -> None:
    with context.inside(aurum):
        assert Store.objects.exists()
    context.reset()

    assert connection.is_usable()
    with pytest.raises(links.PointsNowhere):
        link().execute(WHERE)
    context.activate_public()


def test_a_lost_connection_is_said_so_by_whatever_comes_first(aurum: ChainInfo) -> None:
    for way in (by_client, by_server, by_page, by_many):
        with context.inside(aurum):
            link().pgconn.finish()
            with pytest.raises(OperationalError):
                way()
            connection.close()


@pytest.mark.proof(
    "two chains in turn: statements, failures, savepoints rolled back, connections lost"
)
def test_whatever_is_done_in_whatever_order_goes_to_the_chain_it_is_for(
    record_property: counts.Note,
) -> None:
    steps = counts.of(150, proof=5000)

    assert _wander(steps=steps) > 50
    record_property("steps", steps)


@pytest.mark.proof("the same without the search path")
def test_positive_control_without_the_path_such_a_walk_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(links.Link, "point", lambda self, _statement: setattr(self, "_ahead", None))

    with pytest.raises((AssertionError, DatabaseError)):
        _wander(steps=50)


def _wander(*, steps: int) -> int:
    """Go to and fro between two chains with everything that can go wrong; return the answers."""
    dice = random.Random(20261122)
    chains = [_chain("aurum"), _chain("bloom")]
    answers = 0
    for _ in range(steps):
        chain, work = dice.choice(chains), dice.choice(_WORK)
        with context.inside(chain):
            for found in work(dice):
                assert found == chain.schema_name
                answers += 1
        if dice.random() < 0.2:
            connection.close()
    connection.close()
    return answers


def _ask(dice: random.Random) -> str:
    if dice.random() < 0.5:
        row = statements.one(WHERE)
        assert row is not None
        return str(row[0])
    with connection.cursor() as cursor:
        cursor.execute(WHERE)
        return str(cursor.fetchone()[0])


def _asks(dice: random.Random) -> Iterator[str]:
    for _ in range(dice.randrange(3)):
        yield _ask(dice)


def _fails(dice: random.Random) -> Iterator[str]:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    yield _ask(dice)


def _rolls_back(dice: random.Random) -> Iterator[str]:
    atomic = transaction.atomic()
    atomic.__enter__()
    yield from _asks(dice)
    atomic.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    yield from _asks(dice)


def _nested(dice: random.Random) -> Iterator[str]:
    with transaction.atomic():
        yield from _asks(dice)
        with pytest.raises(DatabaseError), transaction.atomic(), context.inside(_chain("bloom")):
            statements.one("SELECT 1 / 0")
        yield _ask(dice)


def _elsewhere(dice: random.Random) -> Iterator[str]:
    with transaction.atomic():
        yield from _asks(dice)
        with context.public():
            assert _ask(dice) == "public"
        yield from _asks(dice)
    yield _ask(dice)


_WORK: Final = (_asks, _fails, _rolls_back, _nested, _elsewhere)
