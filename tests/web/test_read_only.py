"""Who does not pay looks only, and is closed at last; tills go on, and data always comes out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import timezone

from regulars.tenancy.context import ChainInfo
from regulars.web import access
from tests.api.conftest import Till, make_till, sale, store, till
from tests.factories.standing import stands, unpaid
from tests.factories.visitors import Visitor, signed_in
from tests.isolation import asking, cast, operations, table, things
from tests.isolation.cast import Cast
from tests.isolation.operations import Operation
from tests.isolation.table import Page

__all__ = ["make_till", "sale", "store", "till"]
LOOKING: Final = ("GET", "HEAD", "OPTIONS")
OWN: Final = ("/account/", "/me/", "/switch/", "/language/", "/join/", "/welcome/")
OPEN_TO_WRITE: Final = {
    *(f"POST /counter/{rest}" for rest in (
        "customers/", "receipts/{pk}/handover/", "receipts/{pk}/return/", "receipts/{pk}/survey/",
        "sale/",
    )),
    "GET /callbacks/{slot}/{provider}/",
    "POST /callbacks/{slot}/{provider}/",
    "POST /leave/{token}/",
    "POST /customers/{pk}/disclose/",
    "POST /customers/{pk}/erase/",
    "POST /customers/{pk}/phone/",
    "POST /complaints/{case_id}/reach/",
    "POST /complaints/rights/",
}  # fmt: skip
"""What changes something and is open while people only look, besides one's own and payments."""
CLOSED_TO_STRANGERS: Final = {"GET /complain/", "GET /complain/{place}/"}
"""Nobody would see what is complained of, so the page says so from the beginning."""
OPEN_WHEN_CLOSED: Final = {
    "GET /c/{token}/", "GET /c/{token}/pictures/{name}/",
    "GET /api/docs/", "GET /api/openapi.json", "GET /api/problems/{code}/",
    "GET /callbacks/{slot}/{provider}/", "POST /callbacks/{slot}/{provider}/",
    "GET /complaints/complaints.csv", "GET /complaints/complaints.xlsx",
    "GET /complaints/rights/", "POST /complaints/rights/",
    "GET /customers/export/", "GET /customers/export/customers.csv",
    "GET /customers/export/customers.xlsx",
    "GET /customers/{pk}/disclose/", "POST /customers/{pk}/disclose/",
    "GET /customers/{pk}/erase/", "POST /customers/{pk}/erase/",
    "GET /imports/{import_id}/rejected/",
    "GET /insights/files/{what}.csv", "GET /insights/files/{what}.xlsx",
    "GET /insights/gifts/gifts.csv", "GET /insights/gifts/gifts.xlsx",
    "GET /leave/{token}/", "POST /leave/{token}/",
    "GET /messages/batches/{batch_id}/passed.csv", "GET /messages/batches/{batch_id}/passed.xlsx",
    "GET /purchases/export/", "GET /purchases/export/purchases.csv",
    "GET /purchases/export/purchases.xlsx",
}  # fmt: skip
OUT: Final = (
    "/customers/export/", "/purchases/export/", "/complaints/complaints.csv",
    "/insights/gifts/gifts.csv", "/insights/files/stores.csv",
)  # fmt: skip
"""What the page of a closed workspace leads to."""
TILLS: Final = {
    "POST /api/v1/customers", "PATCH /api/v1/customers/{customer_id}", "POST /api/v1/exchanges",
    "POST /api/v1/purchases", "POST /api/v1/purchases/batch", "POST /api/v1/purchases/preview",
    "POST /api/v1/returns",
}  # fmt: skip


@pytest.fixture
def company(aurum: ChainInfo) -> Iterator[Cast]:
    """Aurum with somebody of every role."""
    with asking.quietly():
        yield cast.assemble(aurum)


def is_own(operation: Operation) -> bool:
    return operation.route.startswith((*OWN, "/settings/billing/"))


def asked(company: Cast, pages: Iterable[Page], may: Callable[[Operation], bool]) -> list[str]:
    """Ask for each as the owner; return what is open or closed in spite of what should be."""
    odd = []
    for page in pages:
        told = asking.tried(company.browsers["O"], page.operation, company.near)
        is_closed = told.status == "403" and "fault-page" in told.body
        if may(page.operation) == is_closed or not (is_closed or told.status == page.answer):
            odd.append(f"{page.operation}: {told.status}, of old {page.answer}")
    return odd


def open_to_write(operation: Operation) -> bool:
    if str(operation) in CLOSED_TO_STRANGERS:
        return False
    return operation.method in LOOKING or is_own(operation) or str(operation) in OPEN_TO_WRITE


def open_when_closed(operation: Operation) -> bool:
    return is_own(operation) or str(operation) in OPEN_WHEN_CLOSED


def writing() -> list[Page]:
    return [each for each in table.PAGES if each.operation.method not in LOOKING]


def looking() -> list[Page]:
    return [each for each in table.PAGES if each.operation.method in LOOKING]


def test_whoever_only_looks_writes_nothing_but_what_is_named(
    aurum: ChainInfo, company: Cast
) -> None:
    stands(aurum, access="read-only")

    assert asked(company, writing(), open_to_write) == []


def test_looking_is_open_to_people_until_it_is_closed(aurum: ChainInfo, company: Cast) -> None:
    stands(aurum, access="paused")

    assert asked(company, [*looking()[::5], *writing()[::9]], open_to_write) == []


def test_what_is_closed_leaves_signing_in_payments_and_data(
    aurum: ChainInfo, company: Cast
) -> None:
    stands(aurum, access="closed")

    assert asked(company, table.PAGES[::4], open_when_closed) == []


def test_positive_control_without_the_door_everything_is_open(
    aurum: ChainInfo, company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands(aurum, access="closed")
    monkeypatch.setattr(access, "is_open", lambda *_args, **_named: True)
    pages = [each for each in table.PAGES if not open_when_closed(each.operation)][::20]

    assert len(asked(company, pages, open_when_closed)) == len(pages)


@pytest.mark.parametrize(
    ("state", "may"),
    [("read-only", open_to_write), ("paused", open_to_write), ("closed", open_when_closed)],
)
def test_every_address_is_open_or_closed_as_it_is_written_here(
    aurum: ChainInfo, state: str, may: Callable[[Operation], bool]
) -> None:
    chain, names = replace(aurum, access=state), dict(_named(get_resolver(operations.CHAIN), "/"))
    odd = []
    for each in operations.of_routes():
        is_looking = each.method in LOOKING
        says_itself = names[each.route] in access.SAYS_ITSELF
        is_open = access.is_open(chain, names[each.route], is_looking=is_looking)
        if not each.is_api and not says_itself and is_open != may(each):
            odd.append(str(each))

    assert odd == []


def _named(resolver: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for each in resolver.url_patterns:
        own = operations._CONVERTED.sub(
            lambda found: f"{{{found[1] or found[2]}}}", str(each.pattern)
        )
        route = prefix + own.removeprefix("^").removesuffix("$")
        if hasattr(each, "url_patterns"):
            yield from _named(each, route)
        else:
            yield route, each.name


def test_every_name_that_is_open_is_an_address() -> None:
    names = {
        each.name for each in _patterns(get_resolver(operations.CHAIN)) if each.name is not None
    }

    assert names >= access.WHILE_READ_ONLY | access.FOLLOWED
    assert all(each.name for each in _patterns(get_resolver(operations.CHAIN)))


def _patterns(resolver: Any) -> Iterator[Any]:
    for each in resolver.url_patterns:
        if hasattr(each, "url_patterns"):
            yield from _patterns(each)
        else:
            yield each


def answers(till: Till, made: things.Things, wanted: Callable[[Any], str]) -> list[str]:
    """Return which calls are answered otherwise than wanted."""
    odd = []
    for call in table.CALLS:
        if not call.scopes:
            continue
        with asking.quietly():
            told = asking.tried(till.client, call.operation, made)
        if told.status != wanted(call) or (told.status == "402") != ('"closed"' in told.body):
            odd.append(f"{call.operation}: {told.status}, not {wanted(call)}")
    return odd


def is_tills(call: Any) -> bool:
    return call.operation.method == "GET" or str(call.operation) in TILLS


def test_a_tills_key_records_while_people_only_look(aurum: ChainInfo, till: Till) -> None:
    made = things.make(aurum)
    stands(aurum, access="read-only")

    assert answers(till, made, lambda call: call.answer if is_tills(call) else "403") == []


def test_a_key_that_is_no_tills_only_reads(aurum: ChainInfo, make_till: Any, sale: Any) -> None:
    partner = make_till(aurum, "customers.read", "customers.write", "complaints.write")
    stands(aurum, access="paused")

    refused = partner.post("customers", {"name": "Carol"})

    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "read-only"
    assert partner.get("customers").status_code == 200


def test_every_call_is_refused_when_it_is_closed(aurum: ChainInfo, till: Till) -> None:
    made = things.make(aurum)
    stands(aurum, access="closed")

    assert answers(till, made, lambda _call: "402") == []


def test_a_sale_at_the_till_is_recorded_while_people_only_look(
    aurum: ChainInfo, till: Till, sale: Callable[..., dict[str, Any]]
) -> None:
    stands(aurum, access="paused")

    made = till.post("customers", {"name": "Carol", "phone": "13800138000"}).json()
    sold = till.post("purchases", sale(customer={"id": made["id"]}))

    assert (sold.status_code, sold.json()["points_status"]) == (201, "posted")


def test_the_page_says_why_since_when_and_who_can_mend_it(aurum: ChainInfo, company: Cast) -> None:
    ended = timezone.now() - timedelta(days=10)
    unpaid(aurum, access="read-only", since=ended)

    owner = company.browsers["O"].post("/customers/new/", {"name": "Carol"})
    guide = company.browsers["G"].post("/customers/new/", {"name": "Carol"})

    assert owner.status_code == guide.status_code == 403
    for answer, words in ((owner, "You can mend it"), (guide, "Alice can mend it")):
        assert "The free trial ended on" in answer.text
        assert "tills go on recording" in answer.text
        assert words in answer.text
    assert "/settings/billing/" in owner.text
    assert "/settings/billing/" not in guide.text


def test_a_part_of_a_page_is_answered_with_words_for_a_toast(aurum: ChainInfo) -> None:
    browser = signed_in()
    stands(aurum, access="read-only")

    answer = browser.post("/customers/new/", {"name": "Carol"}, headers={"HX-Request": "true"})

    assert answer.status_code == 403
    assert '<p class="entry-lead">The subscription is not paid.' in answer.text


def test_a_customer_is_not_told_who_owes_what(aurum: ChainInfo, company: Cast) -> None:
    stands(aurum, access="read-only")

    answer = Visitor().post(f"/s/{company.near['survey-link']}/", {})

    assert answer.status_code == 403
    assert "turn to the shop" in answer.text
    assert "subscription" not in answer.text


def test_data_comes_out_of_a_closed_chain(aurum: ChainInfo, company: Cast) -> None:
    unpaid(aurum, access="closed", since=timezone.now() - timedelta(days=70))
    browser = company.browsers["O"]

    first = browser.get("/")
    customers = browser.get("/customers/export/customers.csv")

    assert first.status_code == 403
    for path in OUT:
        assert f'href="{path}"' in first.text
        assert browser.get(path).status_code == 200
    assert "Nothing is deleted" in first.text
    assert customers.status_code == 200
    assert customers.getvalue().count(b"\n") > 1


def test_nobody_is_led_out_to_what_they_may_not_take(aurum: ChainInfo, company: Cast) -> None:
    stands(aurum, access="closed")

    page = company.browsers["G"].get("/").text

    assert [path for path in OUT if f'href="{path}"' in page] == []


def test_who_pays_again_writes_again(aurum: ChainInfo) -> None:
    browser = signed_in()
    stands(aurum, access="read-only")
    refused = browser.post("/customers/new/", {"name": "Carol"})
    stands(aurum, access="full")

    taken = browser.post("/customers/new/", {"name": "Carol"})

    assert (refused.status_code, taken.status_code) == (403, 302)


@pytest.mark.parametrize("path", ["/me/", "/customers/"])
def test_an_open_page_asks_no_more_than_before(aurum: ChainInfo, path: str) -> None:
    browser = signed_in()
    browser.get(path)
    with CaptureQueriesContext(connection) as before:
        browser.get(path)
    stands(aurum, access="read-only")
    browser.get(path)

    with CaptureQueriesContext(connection) as after:
        browser.get(path)

    assert len(after) == len(before)
