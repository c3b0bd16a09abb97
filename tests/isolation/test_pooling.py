"""Behind a pooler that shares sessions nothing starts and nothing is served."""

import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from celery import bootsteps
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client

from regulars import celery, wsgi
from regulars.local import product_checks
from regulars.local.findings import Surroundings
from regulars.tenancy import context, pooling
from regulars.tenancy.context import ChainInfo
from tests import servers
from tests.isolation import pooler


@pytest.fixture
def unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has not asked yet."""
    monkeypatch.setattr(pooling, "_proven", False)


def through(port: int) -> dict[str, Any]:
    """Return how the runtime role of this test's database is reached by a port."""
    return {**pooling.parameters("default"), "host": "127.0.0.1", "port": port}


@pytest.fixture
def sharing(db: None) -> Iterator[int]:
    """The port of a pooler that hands each transaction to whichever backend is free."""
    where = urlsplit(servers.addresses()["default"])
    with pooler.between(str(where.hostname), int(where.port or 0)) as port:
        yield port


@pytest.fixture
def behind_it(sharing: int, unproven: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process whose address of the database leads through that pooler."""
    led = through(sharing)
    monkeypatch.setattr(pooling, "parameters", lambda _alias: led)


def test_positive_control_the_pooler_really_leaves_ones_search_path_to_another(
    sharing: int,
) -> None:
    with (
        psycopg.connect(**through(sharing), autocommit=True) as ours,
        psycopg.connect(**through(sharing)) as other,
    ):
        ours.execute("SET search_path = chain_one")
        seen = other.execute("SHOW search_path").fetchone()
        kept = ours.execute("SHOW search_path").fetchone()

    assert seen == ("chain_one",)
    assert kept != ("chain_one",)


@pytest.mark.parametrize("in_turn", [False, True], ids=["last used first", "in turn"])
def test_a_pooler_that_shares_sessions_is_found_out(db: None, in_turn: bool) -> None:
    where = urlsplit(servers.addresses()["default"])
    with pooler.between(str(where.hostname), int(where.port or 0), in_turn=in_turn) as port:
        for _ in range(3):
            with pytest.raises(pooling.SessionsNotKept, match="pool_mode=session"):
                pooling.check(**through(port))


def test_postgresql_itself_and_a_pooler_that_keeps_sessions_are_fine(db: None) -> None:
    where = urlsplit(servers.addresses()["default"])
    with pooler.between(str(where.hostname), int(where.port or 0), sharing=False) as port:
        pooling.check(**through(port))

    pooling.check(**pooling.parameters("default"))
    pooling.check(**pooling.parameters("owner"))


def test_the_website_does_not_start(behind_it: None) -> None:
    with pytest.raises(pooling.SessionsNotKept):
        importlib.reload(wsgi)


def test_a_worker_does_not_start(behind_it: None) -> None:
    steps: set[type[bootsteps.Step]] = celery.app.steps["worker"]

    assert celery.Sessions in steps
    with pytest.raises(pooling.SessionsNotKept):
        celery.Sessions(None)


def test_preparing_the_database_is_refused_with_the_sentence(behind_it: None) -> None:
    with pytest.raises(CommandError, match="pool_mode=session"):
        call_command("prepare")


def test_no_chain_can_be_worked_for_however_the_process_began(
    aurum: ChainInfo, behind_it: None
) -> None:
    with pytest.raises(pooling.SessionsNotKept), context.inside(aurum):
        pytest.fail("It worked for a chain.")


def test_the_website_is_not_ready_and_says_why(behind_it: None) -> None:
    answer = Client(headers={"host": "localhost"}).get("/health/ready")

    assert answer.status_code == 503
    assert "pool_mode=session" in answer.json()["database"]


def test_the_doctor_names_it_and_its_cure(sharing: int) -> None:
    given = through(sharing)
    url = f"postgresql://{given['user']}:{given.get('password', '')}@127.0.0.1:{sharing}"
    here = replace(Surroundings.here(), environment={"DATABASE_URL": f"{url}/{given['dbname']}"})

    found = product_checks.sessions(here)

    assert found.state == "failed"
    assert "pool_mode=session" in found.cure


def test_the_doctor_finds_sessions_kept_where_they_are(db: None) -> None:
    given = servers.addresses()
    addresses = {"DATABASE_URL": given["default"], "DATABASE_OWNER_URL": given["owner"]}

    assert (
        product_checks.sessions(replace(Surroundings.here(), environment=addresses)).state == "ok"
    )


def test_a_database_that_is_away_at_the_start_is_asked_when_it_is_there(
    aurum: ChainInfo, unproven: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = through(1)
    with monkeypatch.context() as patch:
        patch.setattr(pooling, "parameters", lambda _alias: nowhere)
        pooling.prove_at_start()
    assert not pooling._proven

    with context.inside(aurum):
        assert pooling._proven
    assert connections["default"].is_usable()
