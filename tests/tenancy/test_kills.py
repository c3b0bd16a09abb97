"""Killed in the middle, provisioning and migrating are finished by the next attempt."""

import random
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connections

from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy import context, provisioning, releases, signup
from regulars.tenancy.models import Chain, Release, Schema, Signup
from tests import counts, mortals
from tests.counts import Note
from tests.prepared import sign_up
from tests.tenancy import dying
from tests.tenancy.test_releases import columns_of

pytestmark = pytest.mark.usefixtures("own_database")


def reserved(name: str, now: datetime) -> UUID:
    """Return a chain whose provisioning has not begun."""
    wish = signup.Wish(
        company=name.title(),
        subdomain=name,
        vertical="jewelry",
        owner_name="Carol",
        owner_email=f"carol@{name}.example",
        password=make_password("correct horse battery"),
        language="zh-hans",
        currency="CNY",
        time_zone="Asia/Shanghai",
    )
    with context.public():
        wished, _token = signup.start(wish=wish, now=now)
        return provisioning.reserve(signup=wished).id


def spares(*, wanted: int) -> None:
    """Have so many spare schemas, none meaning that a chain's own must be made."""
    with context.public():
        if wanted:
            provisioning.fill_spares(wanted=wanted)
        else:
            Schema.objects.filter(state="spare").update(state="dropped")


def tables() -> dict[str, int]:
    """Count the tables of each chain's schema."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, count(c.oid) FROM pg_namespace n LEFT JOIN pg_class c"
            " ON c.relnamespace = n.oid AND c.relkind = 'r' WHERE n.nspname ~ '^t_[a-z2-7]{26}$'"
            " GROUP BY 1"
        )
        return dict(cursor.fetchall())


def statements(now: datetime) -> int:
    """Return how many statements a provisioning takes that nobody disturbs."""
    with mortals.at_work(dying.provision, reserved("undisturbed", now), 0, False) as maker:
        return int(maker.hear())


def faults_after(chain_id: UUID, now: datetime) -> list[str]:
    """Finish a chain whose maker was killed; return what is wrong with it then."""
    try:
        with context.public():
            chain = provisioning.provision(chain_id=chain_id, now=now)
            again = provisioning.provision(chain_id=chain_id, now=now)
            passwords = Signup.objects.filter(chain=chain).exclude(password="").count()
    except Exception as error:  # noqa: BLE001  (whatever stops it is the finding)
        return [repr(error)]
    with context.inside(chain):
        seeded = (Store.objects.count(), Staff.objects.count())
    found = {
        "not active": chain.state != Chain.State.ACTIVE or again.state != Chain.State.ACTIVE,
        f"seeded {seeded}": seeded != (1, 1),
        "a password was kept": passwords > 0,
        "tables missing": tables()[chain.schema_name] != max(tables().values()),
    }
    return [fault for fault, is_so in found.items() if is_so]


def unrecorded() -> set[str]:
    """Return the schemas nobody wrote down; they could never be used or removed."""
    with context.public():
        return set(tables()) - set(Schema.objects.values_list("name", flat=True))


def kill_at(steps: list[int], now: datetime, *, wanted: int, piecemeal: bool) -> list[str]:
    """Kill one provisioning after each of these statements; return every fault that is left."""
    faults = []
    for step in steps:
        spares(wanted=wanted)
        chain_id = reserved(f"victim-{wanted}-{step}", now)
        with mortals.at_work(dying.provision, chain_id, step, piecemeal) as maker:
            statement = maker.hear()
            assert isinstance(statement, str), "It came to its end before it could be killed."
        faults += [f"after {statement}: {fault}" for fault in faults_after(chain_id, now)]
    return faults + [f"unrecorded: {name}" for name in unrecorded()]


@pytest.mark.proof(
    "kill -9 after each statement of provisioning in turn; then the next attempt must end with one"
    " whole, seeded, recorded schema"
)
@pytest.mark.parametrize("wanted", [1, 0], ids=["with a spare", "without"])
def test_a_provisioning_killed_after_any_statement_is_finished_by_the_next(
    now: datetime, wanted: int, record_property: Note
) -> None:
    spares(wanted=wanted)
    total = statements(now)
    few = counts.of(3, proof=total)
    steps = sorted({1 + number * (total - 1) // (few - 1) for number in range(few)})

    assert kill_at(steps, now, wanted=wanted, piecemeal=False) == []
    record_property("kills", len(steps))
    record_property("statements", total)


@pytest.mark.proof("the same, each statement committed by itself")
def test_positive_control_without_transactions_a_kill_leaves_halves(
    now: datetime, record_property: Note
) -> None:
    spares(wanted=0)
    total = statements(now)
    steps = list(range(total // 3, total, 4))

    faults = kill_at(steps, now, wanted=0, piecemeal=True)

    assert faults
    record_property("kills", len(steps))
    record_property("found", f"{len(faults)} faults")


def release(number: int) -> None:
    """Record two releases: a column, slowly, and an index that needs no transaction."""
    Release.objects.using("owner").create(
        key=f"stores.{9000 + number}_column",
        statements=[
            "SELECT pg_sleep(0.05)",
            f"ALTER TABLE stores_store ADD COLUMN kept_{number} int",
            "SELECT pg_sleep(0.05)",
        ],
        atomic=True,
    )
    Release.objects.using("owner").create(
        key=f"stores.{9000 + number}_index",
        statements=[f"CREATE INDEX CONCURRENTLY kept_{number} ON stores_store (kept_{number})"],
        atomic=False,
    )


def indexes(chain: Chain, name: str) -> list[Any]:
    """Return whether the indexes of this name in the chain are valid."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relname = %s AND n.nspname = %s",
            [name, chain.schema_name],
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.proof(
    "a runner that applies a column and a concurrent index to every chain is killed with -9 in the"
    " middle; one more run must complete every chain, even while the database still works on"
    " what the dead runner had sent"
)
def test_a_killed_migration_is_completed_by_the_next_run(
    now: datetime, record_property: Note
) -> None:
    chance = random.Random(3)
    names = [f"chain-{number}" for number in range(counts.of(3, proof=18))]
    chains = [sign_up(company=n, subdomain=n, vertical="beauty", now=now) for n in names]
    kills = counts.of(3, proof=25)
    for number in range(kills):
        release(number)
        with mortals.at_work(dying.migrate) as runner:
            for _ in range(chance.randint(1, 2 * len(chains))):
                assert runner.hear() is not None

        outcome = releases.migrate_chains()

        assert outcome.failed == {}
        assert releases.behind() == []
        for chain in chains:
            assert f"kept_{number}" in columns_of(chain, "stores_store")
            assert indexes(chain, f"kept_{number}") == [True]
    record_property("kills", kills)
    record_property("chains", len(chains))


@pytest.mark.proof("the same, with a step committed before it is marked as done")
def test_positive_control_without_its_mark_a_killed_step_cannot_be_done_again(
    now: datetime, record_property: Note
) -> None:
    for name in ("chain-0", "chain-1"):
        sign_up(company=name, subdomain=name, vertical="beauty", now=now)
    release(0)
    with mortals.at_work(dying.migrate, True) as runner:
        assert runner.hear() is not None

    outcome = releases.migrate_chains()

    assert outcome.failed
    record_property("kills", 1)
    record_property("found", f"{len(outcome.failed)} chain cannot be completed")
