"""Around the pages of imports: who may see them, their cost, limits, mails, erasure."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.imports import finishing
from regulars.imports.models import Import
from regulars.outbox.models import Job
from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from regulars.usecases import erase
from regulars.web.imports import notices
from tests.factories import people
from tests.factories.customers import customer
from tests.factories.visitors import Visitor, signed_in
from tests.imports import fakes
from tests.web.test_imports import _folder, client, fake, text, to_done, to_preview, upload, work

__all__ = ["_folder", "client", "fake"]


@pytest.mark.parametrize("role", [Role.GUIDE, Role.STORE_MANAGER, Role.REGION_MANAGER])
def test_only_head_office_sees_imports(client: Visitor, role: Role) -> None:
    row = upload(client)
    people.staff(role=role, stores=(people.first_store(),), email="bob@aurum.example")
    bob = signed_in(email="bob@aurum.example")

    assert bob.get("/imports/").status_code == 403
    assert bob.get(f"/imports/{row.pk}/").status_code == 403
    assert bob.post("/imports/new/", {}).status_code == 403
    assert bob.post(f"/imports/{row.pk}/start/").status_code == 403


@pytest.mark.parametrize("verb", ["", "progress/", "columns/", "rejected/"])
def test_an_import_nobody_made_is_not_there(client: Visitor, verb: str) -> None:
    assert client.get(f"/imports/{uuid4()}/{verb}").status_code == 404


def test_another_chain_does_not_see_it(client: Visitor, bloom: ChainInfo) -> None:
    row = upload(client)
    outsider = signed_in(email="alice@bloom.example", chain="bloom")

    for verb in ("", "rejected/", "columns/"):
        assert outsider.get(f"/imports/{row.pk}/{verb}").status_code == 404
    for verb in ("start", "undo", "remove", "cancel", "check", "reading", "name", "retry"):
        assert outsider.post(f"/imports/{row.pk}/{verb}/", {"name": "x"}).status_code == 404


def test_the_list_costs_the_same_for_one_import_and_for_many(
    client: Visitor, django_assert_num_queries: Any, now: datetime
) -> None:
    row = upload(client)
    text(client, "/imports/")
    with CaptureQueriesContext(connection) as one:
        text(client, "/imports/")
    for _more in range(12):
        row.pk = None
        row.id = uuid4()
        row.save(force_insert=True)
    with CaptureQueriesContext(connection) as many:
        assert len(re.findall(r'scope="row"', text(client, "/imports/"))) == 13

    assert len(many) == len(one)


def test_an_upload_that_is_too_large_ends_before_any_view(
    client: Visitor, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("regulars.web.imports.files.LIMIT", 1000)
    settings.UPLOAD_LIMIT_BYTES = 2000
    file = SimpleUploadedFile("会员.csv", b"x" * 200_000)

    answer = client.post("/imports/new/", {"file": file})

    assert answer.status_code == 422
    assert "MB can be taken in" in answer.content.decode()
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


def test_who_waited_long_gets_a_mail_with_a_link(
    client: Visitor, fake: type[fakes.FakeLoader], mailoutbox: list[Any]
) -> None:
    row = to_preview(client)
    client.post(f"/imports/{row.pk}/start/")
    long_ago = timezone.now() - timedelta(minutes=5)
    Import.objects.filter(pk=row.pk).update(loading_since=long_ago)
    work(row)
    [job] = Job.objects.filter(handler=finishing.NOTICE)

    notices.tell(**job.payload, now=timezone.now())

    [mail] = mailoutbox
    assert mail.to == ["alice@aurum.example"]
    assert f"http://aurum.localhost:8000/imports/{row.pk}/" in mail.body


def test_erasing_a_customer_removes_the_files_of_imports_that_are_over(
    client: Visitor, fake: type[fakes.FakeLoader], now: datetime
) -> None:
    row = to_done(client)
    person = customer(name="李娜")

    erase.erase(actor=people.actor(people.owner()), customer_id=person.pk, reason="asked", now=now)

    row.refresh_from_db()
    assert (row.file, row.rejected_file) == ("", "")
    page = text(client, f"/imports/{row.pk}/")
    assert "no longer kept" in page
    assert client.get(f"/imports/{row.pk}/rejected/").status_code == 404
