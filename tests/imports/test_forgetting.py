"""What imports keep and for how long, and who may bring files in at all."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from regulars import audit
from regulars.errors import Forbidden, NotFound, TooMany
from regulars.imports import finishing, selectors, services, tasks
from regulars.imports.models import Change, Import, Rejection
from regulars.imports.services import receiving, removing
from regulars.outbox.models import Job
from regulars.staff.models import Role
from tests.factories import people
from tests.imports.steps import checked, driven, fake, folder, received, started

__all__ = ["fake", "folder"]
pytestmark = pytest.mark.usefixtures("folder", "fake")
State = Import.State


def test_what_is_over_is_forgotten_after_thirty_days(now: datetime) -> None:
    row = checked(now)
    started(row, now)
    driven(row, now)
    Change.objects.create(import_id=row.pk, customer_id=uuid4(), before={}, after={})
    waiting = received(now)

    services.clean_up(now=finishing.clock() + timedelta(days=29))
    row.refresh_from_db()
    assert row.file
    services.clean_up(now=finishing.clock() + timedelta(days=31))

    row.refresh_from_db()
    assert (row.file, row.rejected_file, row.report["sample"]) == ("", "", [])
    assert not Rejection.objects.filter(import_id=row.pk).exists()
    assert not Change.objects.exists()
    assert not Import.objects.filter(pk=waiting.pk).exists()


def test_erasing_somebody_reaches_what_imports_keep(now: datetime, folder: Path) -> None:
    row = checked(now)
    started(row, now)
    driven(row, now)
    somebody = uuid4()
    Change.objects.create(import_id=row.pk, customer_id=somebody, before={"name": "A"}, after={})

    services.erase(customer_id=somebody, now=now)

    row.refresh_from_db()
    assert (row.file, row.rejected_file) == ("", "")
    assert not Change.objects.exists()
    assert not Rejection.objects.exists()
    for job in Job.objects.filter(handler=removing.HANDLER):
        tasks.remove_files(**job.payload, now=now)
    assert not [each for each in folder.rglob("*") if each.is_file()]


def test_removing_needs_that_nothing_stands(now: datetime) -> None:
    row = checked(now)
    services.remove(actor=audit.SYSTEM, import_id=row.pk, now=now)
    assert not Import.objects.exists()

    row = checked(now)
    started(row, now)
    with pytest.raises(services.NotNow):
        services.remove(actor=audit.SYSTEM, import_id=row.pk, now=now)


def test_only_head_office_brings_files_in(now: datetime) -> None:
    manager = people.staff(role=Role.STORE_MANAGER, stores=(people.first_store(),))

    with pytest.raises(Forbidden):
        received(now, actor=people.actor(manager))


def test_an_import_nobody_made_is_not_found(now: datetime) -> None:
    with pytest.raises(NotFound):
        selectors.get(actor=audit.SYSTEM, import_id=uuid4())


def test_too_many_files_in_an_hour_are_too_many(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_PER_HOUR", 1)
    received(now)

    with pytest.raises(TooMany):
        received(now)
