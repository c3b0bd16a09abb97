"""Files in over REST: uploaded once, corrected, checked, brought in, taken back."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from regulars.imports import pipeline
from regulars.imports.models import Import
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till, make_till, till
from tests.imports import fakes, files
from tests.imports.steps import ROWS

__all__ = ["make_till", "till"]


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    cache.clear()


@pytest.fixture(autouse=True)
def _fake() -> Iterator[None]:
    with fakes.loader():
        yield


def send(till: Till, content: bytes, *, key: str = "one", **more: Any) -> Any:
    body = {"file": SimpleUploadedFile("会员.xlsx", content), **more}
    return till.client.post("/api/v1/imports", body, headers={"idempotency-key": key})


def work(chain: ChainInfo, import_id: str) -> None:
    """Do what the worker does."""
    with context.inside(chain):
        pipeline.drive(import_id=Import.objects.get(pk=import_id).pk, now=timezone.now())


def test_a_workbook_goes_all_the_way_and_back(till: Till, aurum: ChainInfo) -> None:
    made = send(till, files.written(ROWS))
    assert made.status_code == 201, made.content
    body = made.json()
    path = f"imports/{body['id']}"
    assert body["state"] == "uploaded"
    assert [each["attribute"] for each in body["columns"]] == ["name", "phone", "birthday"]

    checking = till.post(f"{path}/check", {"existing": "update"})
    assert checking.status_code == 202
    assert checking.json()["busy"] is True
    work(aurum, body["id"])
    checked = till.get(path).json()
    assert (checked["state"], checked["preview"]["new"]) == ("checked", 2)
    assert checked["rejected"][0]["line"] == 3
    assert checked["rejected"][0]["problems"][0]["code"] == "phone.too-short"
    rows = b"".join(till.get(f"{path}/rejected").streaming_content).decode("utf-8-sig")
    assert "李娜" in rows

    assert till.post(f"{path}/start", {}).status_code == 202
    work(aurum, body["id"])
    done = till.get(path).json()
    assert (done["state"], done["counts"]["new"]) == ("done", 2)

    assert till.post(f"{path}/undo", {}).status_code == 202
    work(aurum, body["id"])
    assert till.get(path).json()["state"] == "undone"


def test_an_upload_sent_twice_is_one_import(till: Till, aurum: ChainInfo) -> None:
    content = files.written(ROWS)
    first, second = send(till, content), send(till, content)

    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert send(till, content + b"more").status_code == 422
    with context.inside(aurum):
        assert Import.objects.count() == 1


def test_an_upload_needs_a_key_and_a_file(till: Till) -> None:
    answer = till.client.post("/api/v1/imports", {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2")})
    assert answer.json()["code"] == "idempotency-key-missing"
    answer = till.client.post("/api/v1/imports", {}, headers={"idempotency-key": "x"})
    assert answer.status_code == 422


def test_a_file_that_cannot_be_read_is_a_problem_with_its_code(till: Till) -> None:
    answer = send(till, b"\x89PNG\r\n\x1a\n0000000000")

    assert answer.status_code == 422
    assert answer.json()["code"] == "file.image"


def test_columns_are_corrected_by_their_headings(till: Till) -> None:
    path = f"imports/{send(till, files.written(ROWS)).json()['id']}"

    answer = till.patch(
        path,
        {
            "name": "Old members",
            "columns": [{"heading": "生日", "attribute": ""}],
            "values": {"date_order": "dmy"},
        },
    )

    assert answer.status_code == 200, answer.content
    assert answer.json()["columns"][2]["attribute"] == ""
    assert answer.json()["name"] == "Old members"
    bad = till.patch(path, {"columns": [{"heading": "nothing", "attribute": "name"}]})
    assert (bad.status_code, bad.json()["code"]) == (422, "mapping.invalid")
    bad = till.patch(path, {"reading": {"sheet": "no such sheet"}})
    assert (bad.status_code, bad.json()["code"]) == (422, "choice.sheet")


def test_starting_what_was_not_checked_is_refused(till: Till) -> None:
    path = f"imports/{send(till, files.written(ROWS)).json()['id']}"

    answer = till.post(f"{path}/start", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "import-not-now")
    assert till.post(f"{path}/cancel", {}).status_code == 409


def test_the_list_is_paged_and_the_scope_is_needed(
    till: Till, aurum: ChainInfo, make_till: Callable[..., Till]
) -> None:
    send(till, files.written(ROWS))
    send(till, files.written(ROWS[:3]), key="two")

    first = till.get("imports", limit=1).json()
    rest = till.get("imports", limit=1, cursor=first["next"]).json()
    assert len(first["data"]) == len(rest["data"]) == 1
    assert rest["next"] is None
    other = make_till(aurum, "till")
    assert other.get("imports").status_code == 403


def test_a_key_of_one_store_brings_nothing_in(
    aurum: ChainInfo, make_till: Callable[..., Till]
) -> None:
    from tests.factories import people

    with context.inside(aurum):
        store = people.first_store().pk
    bound = make_till(aurum, "imports", store_id=store)

    assert send(bound, files.written(ROWS)).status_code == 403


def test_another_chains_import_is_not_there(
    till: Till, bloom: ChainInfo, make_till: Callable[..., Till]
) -> None:
    made = send(till, files.written(ROWS)).json()["id"]
    outsider = make_till(bloom)

    for path in (f"imports/{made}", f"imports/{made}/rejected", f"imports/{uuid4()}"):
        assert outsider.get(path).status_code == 404
    for verb in ("check", "start", "undo", "cancel"):
        assert outsider.post(f"imports/{made}/{verb}", {}).status_code == 404
    assert json.loads(outsider.get("imports").content)["data"] == []
