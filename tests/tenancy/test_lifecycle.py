"""Suspending, renaming, deleting, exporting and restoring a chain."""

import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from regulars.billing.models import Call, Subscription
from regulars.stores.models import Region
from regulars.tenancy import context, directory, lifecycle, names, transfer
from regulars.tenancy.models import Chain, Domain, Schema
from tests.prepared import sign_up

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def carat(now: datetime) -> Chain:
    """A chain with one region in it."""
    chain = sign_up(company="Carat", subdomain="carat", vertical="jewelry", now=now)
    with context.inside(chain):
        Region.objects.create(code="east", name="华东 'quoted'\ttab\nline \\ backslash")
    return chain


def test_a_suspended_chain_is_closed_and_opens_again(carat: Chain) -> None:
    lifecycle.suspend(chain_id=carat.id, reason="unpaid")
    assert directory.find("carat").state == "suspended"  # type: ignore[union-attr]

    lifecycle.resume(chain_id=carat.id)
    directory._entries.clear()

    assert directory.find("carat").state == "active"  # type: ignore[union-attr]


def test_only_an_active_chain_can_be_suspended(carat: Chain) -> None:
    lifecycle.suspend(chain_id=carat.id, reason="unpaid")

    with pytest.raises(lifecycle.WrongState):
        lifecycle.suspend(chain_id=carat.id, reason="again")


def test_a_renamed_chain_keeps_its_old_name_as_a_way_to_the_new_one(carat: Chain) -> None:
    lifecycle.rename(chain_id=carat.id, subdomain="karat")

    old, new = directory.find("carat"), directory.find("karat")

    assert old is not None
    assert new is not None
    assert old.id == new.id == carat.id
    assert old.subdomain == "karat"


def test_deleting_removes_schema_and_names_and_never_reuses_the_schema(
    carat: Chain, now: datetime
) -> None:
    lifecycle.delete(chain_id=carat.id, now=now)
    lifecycle.delete(chain_id=carat.id, now=now)

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [carat.schema_name])
        assert cursor.fetchone() is None
    with context.public():
        assert not Domain.objects.filter(domain="carat").exists()
        assert Schema.objects.get(name=carat.schema_name).state == "dropped"


def test_deleting_empties_what_passed_between_the_chain_and_stripe(
    carat: Chain, now: datetime
) -> None:
    with context.public():
        call = Call.objects.create(
            chain_id=carat.id, verb="customer", asked_at=now,
            parameters={"email": "alice@carat.example"},
        )  # fmt: skip

    lifecycle.delete(chain_id=carat.id, now=now)

    with context.public():
        call.refresh_from_db()
    assert (call.parameters, call.state) == ({}, Call.State.REFUSED)


def test_signing_up_under_a_deleted_name_sees_nothing_of_the_old_chain(
    carat: Chain, now: datetime
) -> None:
    lifecycle.delete(chain_id=carat.id, now=now)

    again = sign_up(company="Other", subdomain="carat-2", vertical="beauty", now=now)
    with context.public():
        Domain.objects.filter(tenant=again).update(domain="carat")
    directory._entries.clear()

    found = directory.find("carat")
    assert found is not None
    assert found.schema_name != carat.schema_name
    with context.inside(found):
        assert not Region.objects.filter(code="east").exists()


def test_an_exported_chain_comes_back_as_it_was_under_another_name(
    carat: Chain, tmp_path: Path
) -> None:
    archive = tmp_path / "carat.zip"
    transfer.export(chain_id=carat.id, target=archive)

    restored = transfer.restore(source=archive, subdomain="carat-copy")

    assert restored.state == Chain.State.ACTIVE
    assert restored.schema_name != carat.schema_name
    with context.inside(carat):
        before = list(Region.objects.values())
    with context.inside(restored):
        assert list(Region.objects.values()) == before
    with context.public():
        trial = Subscription.objects.get(chain=restored)
    assert (trial.state, trial.trial_ends_at > timezone.now()) == ("trial", True)


def test_every_table_of_facts_is_in_the_export(carat: Chain, tmp_path: Path) -> None:
    archive = tmp_path / "carat.zip"
    transfer.export(chain_id=carat.id, target=archive)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') "
            "AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = %s)",
            [carat.schema_name],
        )
        tables = {row[0] for row in cursor.fetchall()}

    exported = set(json.loads(zipfile.ZipFile(archive).read("manifest.json"))["tables"])

    derived = {table for table in tables if table.startswith("insights_")}
    assert exported == tables - derived


def test_restoring_over_an_existing_name_is_refused_and_makes_nothing(
    carat: Chain, tmp_path: Path
) -> None:
    archive = tmp_path / "carat.zip"
    transfer.export(chain_id=carat.id, target=archive)
    with context.public():
        before = Schema.objects.count()

    with pytest.raises(transfer.SubdomainInUse):
        transfer.restore(source=archive)

    with context.public():
        assert Schema.objects.count() == before


def test_a_damaged_archive_is_refused_and_leaves_no_schema_behind(
    carat: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "carat.zip"
    transfer.export(chain_id=carat.id, target=archive)
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(archive) as whole, zipfile.ZipFile(damaged, "w") as out:
        for item in whole.infolist():
            content = whole.read(item)
            if item.filename == "tables/stores_region.copy":
                content = content.replace(b"east", b"west")
            out.writestr(item, content)
    made = names.new_schema_name()
    monkeypatch.setattr(names, "new_schema_name", lambda: made)

    with pytest.raises(transfer.ArchiveRefused):
        transfer.restore(source=damaged, subdomain="carat-copy")

    with context.public():
        assert Schema.objects.get(name=made).state == "dropped"
        assert not Domain.objects.filter(domain="carat-copy").exists()


def test_an_archive_of_other_releases_is_refused(carat: Chain, tmp_path: Path) -> None:
    archive = tmp_path / "carat.zip"
    transfer.export(chain_id=carat.id, target=archive)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(archive) as whole, zipfile.ZipFile(other, "w") as out:
        manifest = json.loads(whole.read("manifest.json"))
        manifest["releases"].append("stores.0099_from_the_future")
        out.writestr("manifest.json", json.dumps(manifest))

    with pytest.raises(transfer.ArchiveRefused, match="version"):
        transfer.restore(source=other, subdomain="carat-copy")
