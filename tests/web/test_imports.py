"""A file from the upload to its end, through the pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from regulars.imports import pipeline
from regulars.imports.models import Import
from regulars.tenancy.context import ChainInfo
from tests.factories.visitors import Visitor, signed_in
from tests.imports import fakes, files

ROWS = (
    ("姓名", "手机号", "戒指尺寸", "颜色"),
    ("张伟", "13800138000", "", "红"),
    ("李娜", "1390013", "", "蓝"),
    ("王芳", "13500135000", "", ""),
)
State = Import.State


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path, inside_aurum: ChainInfo) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    cache.clear()


@pytest.fixture
def fake() -> Iterator[type[fakes.FakeLoader]]:
    """Load into a list."""
    with fakes.loader() as kind:
        yield kind


@pytest.fixture
def client() -> Visitor:
    """Alice, who owns the chain."""
    return signed_in()


def upload(client: Visitor, rows: Any = ROWS, *, encoding: str = "gbk") -> Import:
    """Send a file, and return what it became."""
    content = files.delimited(rows).encode(encoding)
    answer = client.post("/imports/new/", {"file": SimpleUploadedFile("会员.csv", content)})
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.latest("id")


def text(client: Visitor, path: str, *, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return str(answer.content.decode())


def work(row: Import) -> None:
    """Do what the worker does."""
    pipeline.drive(import_id=row.pk, now=timezone.now())
    row.refresh_from_db()


def to_preview(client: Visitor) -> Import:
    row = upload(client)
    client.post(f"/imports/{row.pk}/columns/", {"check": "1"})
    work(row)
    assert row.state == State.CHECKED
    return row


def to_done(client: Visitor) -> Import:
    row = to_preview(client)
    client.post(f"/imports/{row.pk}/start/")
    work(row)
    assert row.state == State.DONE
    return row


def test_an_empty_list_offers_the_first_file_and_samples(client: Visitor) -> None:
    page = text(client, "/imports/")

    assert "/imports/new/" in page
    assert "/imports/samples/customers.csv" in page


def test_samples_have_the_headings_of_the_chain_and_can_be_brought_in(client: Visitor) -> None:
    for kind in ("customers", "purchases"):
        answer = client.get(f"/imports/samples/{kind}.csv")
        client.post("/imports/new/", {"file": SimpleUploadedFile("s.csv", answer.content)})

        row = Import.objects.latest("id")
        assert row.kind == kind
        assert all(each["attribute"] for each in row.mapping["columns"])
    assert client.get("/imports/samples/other.csv").status_code == 404


def test_an_upload_leads_to_its_columns_with_our_guess(client: Visitor) -> None:
    row = upload(client)
    page = text(client, f"/imports/{row.pk}/")

    assert 'value="name" selected' in page
    assert 'value="phone" selected' in page
    assert "13800138000" in page
    assert "too short" in page, "the first rows are shown as they would be understood"
    assert "GBK" in page


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n000000", "picture"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"0" * 2000, "xls"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(
    client: Visitor, content: bytes, says: str
) -> None:
    answer = client.post("/imports/new/", {"file": SimpleUploadedFile("会员.csv", content)})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Import.objects.exists()


def test_no_file_is_said(client: Visitor) -> None:
    assert "Choose a file" in client.post("/imports/new/", {}).content.decode()


def test_troubles_are_named_where_they_are(client: Visitor) -> None:
    row = upload(client)
    answer = client.post(
        f"/imports/{row.pk}/columns/",
        {"column-0": "name", "column-1": "name", "column-2": "", "check": "1"},
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page
    assert "No column identifies the customer" in page
    row.refresh_from_db()
    assert row.state == State.UPLOADED


def test_reading_it_otherwise_shows_the_sample_anew(client: Visitor) -> None:
    row = upload(client)
    client.post(
        f"/imports/{row.pk}/reading/",
        {"encoding": "gb18030", "header_row": "0", "kind": "customers", "delimiter": ","},
    )

    assert "姓名" in text(client, f"/imports/{row.pk}/")
    row.refresh_from_db()
    assert row.report["header_row"] == 0

    answer = client.post(f"/imports/{row.pk}/reading/", {"encoding": "utf-8"})
    assert answer.status_code == 422
    assert "not UTF-8" in answer.content.decode()


def test_purchases_ask_for_a_store_and_a_source(client: Visitor) -> None:
    rows = (("小票号", "日期", "金额"), ("1", "2026-03-01", "12.50"))
    row = upload(client, rows)
    page = text(client, f"/imports/{row.pk}/")
    assert "in which store" in page
    assert "Which till or system" in page

    answer = client.post(f"/imports/{row.pk}/columns/", {"place": "001", "source": "old-pos"})

    assert "in which store" not in answer.content.decode()
    row.refresh_from_db()
    assert row.mapping["constants"] == {"store": "001"}
    assert row.mapping["options"]["source"] == "old-pos"


def test_a_running_import_shows_how_far_it_is_and_leads_on_when_it_rests(
    client: Visitor, fake: type[fakes.FakeLoader]
) -> None:
    row = upload(client)
    client.post(f"/imports/{row.pk}/columns/", {"check": "1"})
    page = text(client, f"/imports/{row.pk}/")
    assert f"/imports/{row.pk}/progress/" in page
    assert 'http-equiv="refresh"' in page, "it goes on without a script"

    ask: Any = {"headers": {"hx-request": "true"}}
    Import.objects.filter(pk=row.pk).update(phase="reading", done=50, total=200)
    assert "25" in client.get(f"/imports/{row.pk}/progress/", **ask).content.decode()
    work(row)

    answer = client.get(f"/imports/{row.pk}/progress/", **ask)
    assert answer["HX-Redirect"] == f"/imports/{row.pk}/"
    assert client.get(f"/imports/{row.pk}/progress/").status_code == 302


def test_the_preview_says_what_would_happen_and_names_rejected_rows(
    client: Visitor, fake: type[fakes.FakeLoader]
) -> None:
    row = to_preview(client)
    page = text(client, f"/imports/{row.pk}/")

    assert "This is what would happen" in page
    assert "This phone number is too short." in page
    assert "1390013" in page
    answer: Any = client.get(f"/imports/{row.pk}/rejected/")
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    assert "李娜" in content.decode()


def test_other_answers_are_checked_again(client: Visitor, fake: type[fakes.FakeLoader]) -> None:
    row = to_preview(client)
    client.post(f"/imports/{row.pk}/check/", {"existing": "update", "create_stores": "on"})

    row.refresh_from_db()
    assert row.state == State.CHECKING
    assert row.options["existing"] == "update"
    assert row.options["create_stores"] is True


def test_a_double_click_starts_once_and_the_end_says_what_was_done(
    client: Visitor, fake: type[fakes.FakeLoader]
) -> None:
    row = to_preview(client)
    for _tap in range(2):
        assert client.post(f"/imports/{row.pk}/start/").status_code == 302
    work(row)
    client.post(f"/imports/{row.pk}/start/")
    work(row)

    assert fake.written == ["张伟", "王芳"]
    page = text(client, f"/imports/{row.pk}/")
    assert f"/customers/?import={row.pk}" in page
    assert f"/imports/{row.pk}/undo/" in page
    assert "Alice" in page


def test_taking_it_back_says_what_was_removed(
    client: Visitor, fake: type[fakes.FakeLoader]
) -> None:
    row = to_done(client)
    client.post(f"/imports/{row.pk}/undo/")
    work(row)

    assert row.state == State.UNDONE
    page = text(client, f"/imports/{row.pk}/")
    assert "Taken back" in page
    assert client.post(f"/imports/{row.pk}/remove/").status_code == 302
    assert not Import.objects.exists()


def test_the_same_file_is_said_and_needs_to_be_meant(
    client: Visitor, fake: type[fakes.FakeLoader]
) -> None:
    first = to_done(client)
    again = upload(client)
    page = text(client, f"/imports/{again.pk}/")
    assert "brought in before" in page
    assert f"/imports/{first.pk}/" in page

    assert client.post(f"/imports/{again.pk}/columns/", {"check": "1"}).status_code == 409
    sent = {"check": "1", "again": "1"}
    assert client.post(f"/imports/{again.pk}/columns/", sent).status_code == 302


def test_stopping_leads_back_to_the_columns(client: Visitor, fake: type[fakes.FakeLoader]) -> None:
    row = upload(client)
    client.post(f"/imports/{row.pk}/columns/", {"check": "1"})
    client.post(f"/imports/{row.pk}/cancel/")

    assert "What do the columns mean?" in text(client, f"/imports/{row.pk}/")


def test_a_button_of_yesterday_does_nothing_and_says_so(
    client: Visitor, fake: type[fakes.FakeLoader]
) -> None:
    row = to_done(client)

    for verb in ("cancel", "retry"):
        assert client.post(f"/imports/{row.pk}/{verb}/").status_code == 302
    assert client.get(f"/imports/{row.pk}/columns/").status_code == 302
    row.refresh_from_db()
    assert row.state == State.DONE
    assert "moved on meanwhile" in text(client, f"/imports/{row.pk}/")


def test_a_fault_of_ours_offers_to_try_again(client: Visitor, fake: type[fakes.FakeLoader]) -> None:
    row = to_preview(client)
    fault = {"code": "unexpected", "params": {}, "state": "loading"}
    Import.objects.filter(pk=row.pk).update(
        state=State.FAILED, fault=fault, loading_since=timezone.now()
    )

    page = text(client, f"/imports/{row.pk}/")
    assert "our side" in page
    assert f"/imports/{row.pk}/retry/" in page
    client.post(f"/imports/{row.pk}/retry/")
    row.refresh_from_db()
    assert row.state == State.LOADING


def test_a_group_can_be_named(client: Visitor) -> None:
    row = upload(client)
    client.post(f"/imports/{row.pk}/name/", {"name": "老会员"})

    assert "老会员" in text(client, "/imports/")
