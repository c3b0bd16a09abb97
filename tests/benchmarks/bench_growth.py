"""B8: what a chain notices of a thousand others, and what a backend of the server keeps of them."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from regulars.staff.models import Staff
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests import pools
from tests.architecture.test_schemas import MOST_RELATIONS, relations
from tests.benchmarks import many_chains
from tests.benchmarks.many_chains import Place
from tests.benchmarks.measuring import PAIRS, Reach, Report

TITLE: Final = "From one chain to a thousand"
_PAGE: Final = "/customers/"
_BOUND: Final = 96 * 1024  # KiB of a backend's own, beside what all of them share


@dataclass(frozen=True)
class Size:
    """How many chains there are, how many requests are timed, and how many chains visited."""

    many: int
    requests: int
    pairs: int
    visits: int


FULL: Final = Size(many=1000, requests=60, pairs=PAIRS, visits=1000)
SMALL: Final = Size(many=3, requests=2, pairs=1, visits=3)


def measure(report: Report, size: Size) -> None:
    """Compare one request beside no and many other chains; watch a backend visit them all."""
    with (
        many_chains.no_bells(),
        many_chains.few(1) as alone,
        many_chains.many(size.many) as crowd,
        _sessions(alone, alone.chains) as [one],
        _sessions(crowd, crowd.chains[: size.visits]) as visitors,
    ):
        _check(report, alone, one, crowd, visitors[0])
        _warm(report, alone, one, crowd, visitors, size)
        _memory(report, crowd, visitors)
        with crowd.here():
            found = [len(relations(chain.schema_name)) for chain in crowd.chains[:3]]
        report.figure(
            "relations of an empty chain", max(found), reach=Reach(at_most=MOST_RELATIONS)
        )


def _check(report: Report, alone: Place, one: Client, crowd: Place, other: Client) -> None:
    statements = []
    for place, client in ((alone, one), (crowd, other)):
        with place.here():
            pages = [_counted(client) for _ in range(3)]
        assert all("Alice" in text for text, _count in pages)
        # every ten seconds the chain behind the host is looked up again
        statements.append(min(count for _text, count in pages))
    assert statements[0] == statements[1], statements
    report.check(f"the page answers with the same {statements[0]} statements beside other chains")
    report.figure("statements of the request", statements[0])


def _counted(client: Client) -> tuple[str, int]:
    with CaptureQueriesContext(connection) as asked:
        page = client.get(_PAGE)
    assert page.status_code == 200
    return page.text, len(asked)


def _warm(
    report: Report, alone: Place, one: Client, crowd: Place, visitors: list[Client], size: Size
) -> None:
    def among(place: Place, clients: list[Client], *, warm: bool) -> float:
        with place.here():
            if warm:
                _ask(clients[0])
            begin = time.perf_counter()
            for number in range(size.requests):
                _ask(clients[number % len(clients)])
            return time.perf_counter() - begin

    found = many_chains.pairs(
        lambda: among(alone, [one], warm=True),
        lambda: among(crowd, visitors[:1], warm=True),
        count=size.pairs,
    )
    report.ratio(
        f"a warm request in one of {size.many:,} chains ÷ in the only one",
        [there / here for here, there in found],
        Reach(at_most=1.05),
    )
    here = statistics.median(pair[0] for pair in found)
    report.figure("a warm request in the only one", here / size.requests * 1e3, unit=" ms")
    cold = [
        among(crowd, visitors[number * size.requests :] or visitors, warm=False) / first
        for number, (first, _second) in enumerate(found)
    ]
    report.ratio("every request in another chain, which the backend sees first ÷ warm", cold)


def _memory(report: Report, crowd: Place, visitors: list[Client]) -> None:
    """Let the pool serve every chain in turn, as configured and without the product's limit."""
    with crowd.here():
        crowd.close()
        with pools.pooled(max_size=1):
            most, backends = _visited(visitors)
        with override_settings(CHAINS_PER_CONNECTION=10**9), pools.pooled(max_size=1):
            without, _one = _visited(visitors)
    limit = settings.CHAINS_PER_CONNECTION
    report.figure(
        f"most memory of a backend that is renewed after {limit} chains",
        most / 1024,
        unit=" MiB",
        reach=Reach(at_most=_BOUND / 1024, unit=" MiB"),
    )
    report.figure(f"backends used for {len(visitors):,} chains in turn", backends)
    report.figure(
        f"memory of a backend never renewed, after {len(visitors):,} chains",
        without / 1024,
        unit=" MiB",
    )


def _visited(visitors: list[Client]) -> tuple[int, int]:
    """Ask for a page in every chain; return the most KiB of a backend, and how many there were."""
    kept: dict[int, int] = {}
    for client in visitors:
        _ask(client)
        with context.public(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = int(cursor.fetchone()[0])
        kept[backend] = max(kept.get(backend, 0), many_chains.own_memory(backend))
        connection.close()
    return max(kept.values()), len(kept)


def _ask(client: Client) -> None:
    answer = client.get(_PAGE)
    assert answer.status_code == 200, answer.status_code


@contextmanager
def _sessions(place: Place, chains: list[ChainInfo]) -> Iterator[list[Client]]:
    """Sign the owner of each chain in, and out again afterwards."""
    with place.here():
        signed = [_signed_in(chain) for chain in chains]
    try:
        yield [client for client, _store in signed]
    finally:
        with place.here():
            for chain, (_client, store) in zip(chains, signed, strict=True):
                with context.inside(chain):
                    store.delete()


def _signed_in(chain: ChainInfo) -> tuple[Client, SessionStore]:
    with context.inside(chain):
        alice = Staff.objects.get(name="Alice")
        store = SessionStore()
        store[SESSION_KEY] = str(alice.pk)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = cast(Any, alice).get_session_auth_hash()
        store.save()
    client = Client(headers={"host": f"{chain.subdomain}.localhost"})
    client.cookies[settings.SESSION_COOKIE_NAME] = str(store.session_key)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client, store
