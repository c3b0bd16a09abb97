"""Migrations of chains: recorded once, applied as text, past failures, resumed after a kill."""

import threading
from datetime import datetime

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from regulars.tenancy import context, preparation, provisioning, releases, runner
from regulars.tenancy.models import Chain, Release
from tests.prepared import sign_up

pytestmark = pytest.mark.usefixtures("own_database")


def record(key: str, *statements: str, atomic: bool = True) -> int:
    """Record a release as migrating the template would."""
    release = Release.objects.using("owner").create(
        key=key, statements=list(statements), atomic=atomic
    )
    return release.version


def columns_of(chain: Chain, table: str) -> set[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = %s AND table_name = %s",
            [chain.schema_name, table],
        )
        return {row[0] for row in cursor.fetchall()}


def chains() -> dict[str, Chain]:
    with context.public():
        return {each.name: each for each in Chain.objects.all()}


def test_preparing_again_has_nothing_to_do() -> None:
    before = releases.head()

    outcome = preparation.prepare(spares=4)

    assert releases.head() == before
    assert outcome.migrated == []


def test_a_new_release_reaches_every_chain_and_is_then_done() -> None:
    version = record("stores.0009_floor", "ALTER TABLE stores_store ADD COLUMN floor int")

    outcome = releases.migrate_chains()

    assert set(outcome.migrated) == set(chains())
    assert all("floor" in columns_of(each, "stores_store") for each in chains().values())
    assert {each.schema_version for each in chains().values()} == {version}
    assert releases.migrate_chains().migrated == []


def test_a_failing_chain_is_named_and_left_whole_while_the_others_go_on() -> None:
    broken = chains()["Bloom 美容"]
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{broken.schema_name}".stores_store ADD COLUMN floor int')
    record(
        "stores.0009_floor",
        "ALTER TABLE stores_store ADD COLUMN wing int",
        "ALTER TABLE stores_store ADD COLUMN floor int",
    )

    outcome = releases.migrate_chains()

    assert list(outcome.failed) == ["Bloom 美容"]
    assert "already exists" in outcome.failed["Bloom 美容"]
    assert "wing" not in columns_of(broken, "stores_store")
    assert chains()["Bloom 美容"].schema_fault
    assert "wing" in columns_of(chains()["Aurum 金店"], "stores_store")


def test_a_second_run_completes_what_failed() -> None:
    broken = chains()["Bloom 美容"]
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{broken.schema_name}".stores_store ADD COLUMN floor int')
    version = record("stores.0009_floor", "ALTER TABLE stores_store ADD COLUMN floor int")
    releases.migrate_chains()
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{broken.schema_name}".stores_store DROP COLUMN floor')

    outcome = releases.migrate_chains()

    assert outcome.migrated == ["Bloom 美容"]
    assert chains()["Bloom 美容"].schema_version == version
    assert chains()["Bloom 美容"].schema_fault == ""


def test_a_concurrent_index_is_built_outside_a_transaction_and_resumed() -> None:
    record("stores.0009_note", "ALTER TABLE stores_store ADD COLUMN note text")
    record(
        "stores.0010_note_index",
        "CREATE INDEX CONCURRENTLY store_note ON stores_store (note)",
        "CREATE INDEX CONCURRENTLY store_note_length ON stores_store (length(missing))",
        atomic=False,
    )
    failed = releases.migrate_chains().failed
    assert all("missing" in fault for fault in failed.values())
    assert {each.schema_step for each in chains().values()} == {2}
    Release.objects.using("owner").filter(key="stores.0010_note_index").update(
        statements=[
            "CREATE INDEX CONCURRENTLY store_note ON stores_store (note)",
            "CREATE INDEX CONCURRENTLY store_note_length ON stores_store (length(note))",
        ]
    )

    outcome = releases.migrate_chains()

    assert len(outcome.migrated) == len(chains())
    assert {each.schema_step for each in chains().values()} == {0}


def test_a_chain_that_is_busy_with_another_run_is_waited_for() -> None:
    record("stores.0009_floor", "ALTER TABLE stores_store ADD COLUMN floor int")
    busy = chains()["Bloom 美容"]
    other = psycopg.connect(**releases.owner_parameters(), autocommit=True)
    other.execute(f"SELECT pg_advisory_lock({runner._lock_of(busy)})".encode())
    soon = threading.Timer(0.5, other.close)
    soon.start()

    outcome = releases.migrate_chains()
    soon.join()

    assert outcome.failed == {}
    assert "floor" in columns_of(busy, "stores_store")


def test_spares_of_an_older_release_are_replaced() -> None:
    record("stores.0009_floor", "ALTER TABLE stores_store ADD COLUMN floor int")

    made = provisioning.fill_spares(wanted=2)

    assert made == 2


def test_finding_nothing_to_do_costs_one_query_whatever_the_number_of_chains(
    now: datetime, django_assert_num_queries: object
) -> None:
    sign_up(company="Carat", subdomain="carat", vertical="jewelry", now=now)
    with django_assert_num_queries(2, using="owner"):  # type: ignore[operator]
        releases.migrate_chains()


def test_a_new_schema_is_as_durable_as_one_that_came_by_every_release() -> None:
    name = provisioning.make_spare()
    kinds = (
        "SELECT relname, relkind, relpersistence FROM pg_class"
        " WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'i', 'S')"
    )
    found = []
    with connections["owner"].cursor() as cursor:
        for schema in (settings.TEMPLATE_SCHEMA, name):
            cursor.execute(kinds, [schema])
            found.append({row for row in cursor.fetchall() if "django_migrations" not in row[0]})

    assert found[0] == found[1]
    assert ("imports_stagedcustomer", "r", "u") in found[1]
    # each would read the foreign keys of every chain there is
    assert "SET UNLOGGED" not in releases.ddl()
