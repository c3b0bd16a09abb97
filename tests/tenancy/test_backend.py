"""A connection that served many chains is replaced, so that PostgreSQL's memory is bounded."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from regulars import celery
from regulars.tenancy import context, directory, pooling
from regulars.tenancy.backend.base import DatabaseWrapper
from regulars.tenancy.context import ChainInfo
from tests import pools

pytestmark = pytest.mark.usefixtures("own_database")

KILL = "SELECT pg_terminate_backend(%s, 5000)"


@pytest.fixture
def chains() -> Iterator[list[ChainInfo]]:
    found = [directory.find(label) for label in ("aurum", "bloom")]
    with pools.pooled(max_size=1):
        yield [each for each in found if each is not None]


def backend_of(chain: ChainInfo) -> int:
    """Work for a chain and give the connection back; return which backend of the server it was."""
    try:
        with context.inside(chain), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])
    finally:
        connection.close()


def test_a_connection_that_served_too_many_chains_is_replaced(
    chains: list[ChainInfo], settings: Any
) -> None:
    settings.CHAINS_PER_CONNECTION = 1
    aurum, bloom = chains

    first = [backend_of(aurum) for _ in range(3)]
    second = backend_of(bloom)
    third = backend_of(bloom)

    assert {*first, second} == {first[0]}
    assert third != second


def test_a_worker_keeps_its_connection_for_more_chains(
    chains: list[ChainInfo], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "chains_kept", None)  # put back whatever happens
    settings.CHAINS_PER_CONNECTION = 1
    settings.CHAINS_PER_WORKER_CONNECTION = 2
    celery.Connections(parent=None)

    assert len({backend_of(each) for each in chains * 4}) == 1


def test_one_that_served_few_is_kept(chains: list[ChainInfo], settings: Any) -> None:
    settings.CHAINS_PER_CONNECTION = 2

    assert len({backend_of(each) for each in chains * 4}) == 1


@pytest.mark.parametrize("is_closed", [False, True], ids=["ended by the server", "closed by us"])
def test_a_connection_that_is_gone_is_told_from_a_mistake_of_ours(
    chains: list[ChainInfo], *, is_closed: bool
) -> None:
    aurum, bloom = chains
    with context.inside(aurum), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    if is_closed:
        connection.connection.close()
    else:
        with psycopg.connect(**pooling.parameters("default"), autocommit=True) as other:
            other.execute(KILL, [backend])

    with (
        pytest.raises(OperationalError),
        context.inside(bloom),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 1")

    connection.close()
    assert backend_of(bloom) != backend
