"""B12: short jobs, one in each of many chains, against as many in one schema."""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from unittest import mock

import psycopg
from django.conf import settings
from django.db import connection

from regulars.outbox import handlers, tasks
from regulars.outbox.models import Job
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.backend.base import DatabaseWrapper
from regulars.tenancy.context import ChainInfo
from regulars.usecases.seeding import FIRST_CODE
from tests import pools
from tests.benchmarks import many_chains
from tests.benchmarks.many_chains import Place
from tests.benchmarks.measuring import PAIRS, Reach, Report

TITLE: Final = "Short jobs over many chains"
_JOB: Final = "bench.note"
_BOUND: Final = 96  # MiB


@dataclass(frozen=True)
class Size:
    """How many chains, which is how many jobs, and how often both sides do them."""

    many: int
    pairs: int


FULL: Final = Size(many=1000, pairs=PAIRS)
SMALL: Final = Size(many=4, pairs=1)


def measure(report: Report, size: Size) -> None:
    """Work off one job in each chain, and as many in the one chain of a database of its own."""
    with (
        many_chains.no_bells(),
        many_chains.few(1) as alone,
        many_chains.many(size.many) as crowd,
        mock.patch.object(DatabaseWrapper, "chains_kept", settings.CHAINS_PER_WORKER_CONNECTION),
        _handler(),
        ExitStack() as stack,
    ):
        for place in (alone, crowd):  # a worker keeps its connections between jobs
            with place.here():
                stack.enter_context(pools.pooled(max_size=1))
        spread, one = crowd.chains, alone.chains * size.many
        first = _check(report, crowd, spread, alone, one)
        found = many_chains.pairs(
            lambda: _timed(crowd, spread), lambda: _timed(alone, one), count=size.pairs
        )
        report.ratio(
            f"{size.many:,} jobs over as many chains ÷ in one schema",
            [many / single for many, single in found],
            Reach(at_most=1.15),
        )
        single = statistics.median(pair[1] for pair in found)
        report.figure("a job in one schema", single / size.many * 1e3, unit=" ms")
        report.figure("the first time the worker sees each chain ÷ in one schema", first)
        with crowd.here(), context.public(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            kept = many_chains.own_memory(int(cursor.fetchone()[0]))
        report.figure(
            f"memory of the worker's backend after {size.many:,} chains",
            kept / 1024,
            unit=" MiB",
            reach=Reach(at_most=_BOUND, unit=" MiB"),
        )


@contextmanager
def _handler() -> Iterator[None]:
    """Have a handler that does what short work of the product does: read a row, write one."""
    with mock.patch.dict(handlers._handlers):

        @handlers.handler(_JOB)
        def note(*, number: int, now: datetime) -> None:
            shop = Store.objects.get(code=FIRST_CODE)
            shop.phone = str(number)
            shop.save(update_fields=["phone"])

        yield


def _check(
    report: Report,
    crowd: Place,
    spread: Sequence[ChainInfo],
    alone: Place,
    one: Sequence[ChainInfo],
) -> float:
    """Hold what was done against what was written down; return how the first times compare."""
    taken = []
    for place, chains in ((crowd, spread), (alone, one)):
        found = []
        with place.here():
            _write_down(chains)
            taken.append(_work_off(chains))
            for chain in dict.fromkeys(chains):
                with context.inside(chain):
                    jobs = Job.objects.filter(handler=_JOB).order_by("done_at")
                    done = list(jobs.exclude(done_at=None).values_list("payload__number"))
                    assert Store.objects.get(code=FIRST_CODE).phone == str(done[-1][0])
                    assert len(done) == jobs.count()
                    found += [number for (number,) in done]
            _remove(place, chains)
        assert sorted(found) == list(range(len(chains)))
    report.check(f"each of {len(spread):,} jobs is done once, in its chain")
    return taken[0] / taken[1]


def _timed(place: Place, chains: Sequence[ChainInfo]) -> float:
    with place.here():
        _write_down(chains)
        try:
            return _work_off(chains)
        finally:
            _remove(place, chains)


def _write_down(chains: Sequence[ChainInfo]) -> None:
    numbers: dict[ChainInfo, list[int]] = {}
    for number, chain in enumerate(chains):
        numbers.setdefault(chain, []).append(number)
    for chain, mine in numbers.items():
        with context.inside(chain):
            Job.objects.bulk_create(Job(handler=_JOB, payload={"number": each}) for each in mine)


def _work_off(chains: Sequence[ChainInfo]) -> float:
    """Answer one bell for each job, as the worker does; return how long it took."""
    connection.close()
    begin = time.perf_counter()
    done = 0
    for chain in chains:
        done += tasks.work_off(chain_id=str(chain.id))
        connection.close()  # as Celery does after each task: back into the pool
    taken = time.perf_counter() - begin
    assert done == len(chains), done
    return taken


def _remove(place: Place, chains: Sequence[ChainInfo]) -> None:
    """Take the jobs away, and what is left of them in a table that held many."""
    schemas = {chain.schema_name for chain in chains}
    with psycopg.connect(place.address(), autocommit=True) as link:
        for schema in schemas:
            link.execute(f'DELETE FROM "{schema}".outbox_job'.encode())
            link.execute(f"UPDATE \"{schema}\".stores_store SET phone = ''".encode())
            if len(schemas) < len(chains):
                link.execute(f'VACUUM "{schema}".outbox_job, "{schema}".stores_store'.encode())
