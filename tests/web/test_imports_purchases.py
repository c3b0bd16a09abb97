"""After a file of purchases: what came in can be looked at, row by row."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.imports.models import Import
from regulars.web.imports import bought, words
from tests.factories.visitors import Visitor
from tests.web.test_imports import State, _folder, client, text, upload, work

__all__ = ["_folder", "client"]
HEAD = ("小票号", "时间", "门店", "手机号", "商品", "数量", "实付金额")


def receipts(count: int) -> tuple[tuple[str, ...], ...]:
    rows = [
        (f"R{n}", "2026-11-02 15:05", "湖滨店", f"1380013{n:04}", "足金手链", "1", "88.00")
        for n in range(count)
    ]
    return (HEAD, *rows)


def brought_in(client: Visitor, count: int) -> Import:
    row = upload(client, receipts(count), encoding="utf-8")
    client.post(f"/imports/{row.pk}/columns/", {"check": "1"})
    work(row)
    client.post(f"/imports/{row.pk}/check/", {"create_stores": "on", "unknown_customers": "create"})
    work(row)
    client.post(f"/imports/{row.pk}/start/")
    work(row)
    assert (row.state, row.counts["purchases"]) == (State.DONE, count)
    return row


def test_an_import_leads_to_its_purchases(client: Visitor) -> None:
    row = brought_in(client, 3)

    assert f"/imports/{row.pk}/purchases/" in text(client, f"/imports/{row.pk}/")
    page = text(client, f"/imports/{row.pk}/purchases/")

    assert all(f"R{n}<" in page for n in range(3))
    assert "湖滨店" in page
    assert "¥88" in page


def test_a_long_list_goes_on_where_the_page_ended_at_the_same_cost(
    client: Visitor, monkeypatch: Any
) -> None:
    row = brought_in(client, 5)
    monkeypatch.setattr(bought, "_SIZE", 2)

    seen, costs, path = [], set(), f"/imports/{row.pk}/purchases/"
    while path:
        with CaptureQueriesContext(connection) as cost:
            answer: Any = client.get(path)
        costs.add(len(cost))
        seen += [each["row"].number for each in answer.context["rows"]]
        path = answer.context.get("next_url", "")

    assert sorted(seen) == ["R0", "R1", "R2", "R3", "R4"]
    assert len(costs) == 1


def test_after_taking_back_nothing_is_listed(client: Visitor) -> None:
    row = brought_in(client, 2)
    client.post(f"/imports/{row.pk}/undo/")
    work(row)

    assert row.state == State.UNDONE
    page = text(client, f"/imports/{row.pk}/purchases/?after=nonsense")
    assert "Nothing of it stands" in page


def test_why_customers_were_kept_is_said(client: Visitor) -> None:
    told = words.undone({"removed": 3, "kept": 2, "kept_purchases": 2, "kept_notes": 1})

    assert [(each.key, each.number) for each in told] == [
        ("removed", 3), ("kept", 2), ("kept_purchases", 2), ("kept_notes", 1),
    ]  # fmt: skip
