"""A migration that fails in one of many chains: the others go on, this one waits and says so."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from regulars.outbox import services as outbox
from regulars.outbox import tasks
from regulars.tenancy import context, directory, releases
from regulars.tenancy.models import Chain
from regulars.tenancy.tasks import ChainUnavailable
from tests import counts
from tests.counts import Note
from tests.prepared import sign_up
from tests.tenancy.test_releases import columns_of, record

pytestmark = pytest.mark.usefixtures("own_database")
CHAINS = counts.of(5, proof=20)
BROKEN = CHAINS // 2


@pytest.fixture
def chains(now: datetime) -> list[Chain]:
    """So many chains; in one of them a column stands in the way of the next release."""
    for number in range(CHAINS - 2):
        name = f"chain-{number}"
        sign_up(company=name, subdomain=name, vertical="beauty", now=now)
    with context.public():
        made = list(Chain.objects.order_by("id").prefetch_related("domains"))
    change(made[BROKEN], "ADD COLUMN floor int")
    return made


def change(chain: Chain, how: str) -> None:
    """Change a table of one chain behind the product's back."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{chain.schema_name}".stores_store {how}')


def ask(chain: Chain, path: str) -> Any:
    """Ask the chain's host, as a browser or a till without any right would."""
    directory._entries.clear()
    (name,) = chain.domains.all()
    with context.public():
        return Client(headers={"host": f"{name.domain}.localhost"}).get(path)


def names(chains: list[Chain]) -> list[str]:
    return sorted(each.name for each in chains)


@pytest.mark.proof(
    "one chain has a column already that a release adds: run over all, look, mend, run again"
)
def test_a_migration_that_fails_in_one_chain_leaves_the_others_migrated_and_it_in_maintenance(
    chains: list[Chain], monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    broken = chains[BROKEN]
    others = [each for each in chains if each != broken]
    version = record("stores.9009_floor", "ALTER TABLE stores_store ADD COLUMN floor int")
    monkeypatch.setattr(releases, "_needed", version)

    outcome = releases.migrate_chains()

    assert sorted(outcome.migrated) == names(others)
    assert list(outcome.failed) == [broken.name]
    assert all("floor" in columns_of(each, "stores_store") for each in others)
    assert ask(others[0], "/account/login/").status_code == 200
    page, call = ask(broken, "/customers/"), ask(broken, "/api/v1/stores")
    assert (page.status_code, call.status_code) == (503, 503)
    assert page["Retry-After"] == call["Retry-After"] == "10"
    assert "text/html" in page["Content-Type"]
    assert call["Content-Type"] == "application/problem+json"
    assert {"title", "status", "detail", "code"} <= call.json().keys()
    assert call.json()["code"] == "maintenance"
    assert call.json()["detail"]

    change(broken, "DROP COLUMN floor")
    again = releases.migrate_chains()

    assert (again.migrated, again.failed) == ([broken.name], {})
    assert ask(broken, "/account/login/").status_code == 200
    assert ask(broken, "/api/v1/stores").status_code == 401
    record_property("chains", len(chains))


@pytest.mark.proof("the same, with nobody asking whether a chain is behind")
def test_positive_control_without_maintenance_a_chain_that_is_behind_answers(
    chains: list[Chain], monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    broken = chains[BROKEN]
    version = record("stores.9009_floor", "ALTER TABLE stores_store ADD COLUMN floor int")
    monkeypatch.setattr(releases, "_needed", version)
    releases.migrate_chains()
    monkeypatch.setattr(releases, "_needed", 0)

    answer = ask(broken, "/account/login/")

    assert answer.status_code == 200
    record_property("found", "its pages open")


def test_work_of_a_chain_that_waits_for_its_migration_waits_with_it(
    chains: list[Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, rung = chains[BROKEN], list[str]()
    monkeypatch.setattr(outbox, "ring", rung.append)
    for chain in chains:
        with context.inside(chain):
            outbox.enqueue(handler="tests.unheard-of")
    rung.clear()
    version = record("stores.9009_floor", "ALTER TABLE stores_store ADD COLUMN floor int")
    monkeypatch.setattr(releases, "_needed", version)
    releases.migrate_chains()

    with context.public(), pytest.raises(ChainUnavailable, match="migration"):
        tasks.work_off(chain_id=str(broken.id))
    tasks.sweep()
    waiting = set(rung)
    change(broken, "DROP COLUMN floor")
    releases.migrate_chains()
    tasks.sweep()

    assert waiting == {str(each.id) for each in chains} - {str(broken.id)}
    assert str(broken.id) in rung
