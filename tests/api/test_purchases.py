"""One call of a till records the purchase and answers with points, balance and the reasons."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.utils import timezone

from regulars.api.models import Answer
from regulars.points.models import Posting
from regulars.purchases.models import Purchase
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.usecases.till import LATE
from tests.api.conftest import Till

type Build = Callable[..., dict[str, Any]]


@pytest.fixture
def carol(till: Till) -> str:
    """A customer, by id."""
    return str(till.post("customers", {"name": "Carol 王", "phone": "13800138000"}).json()["id"])


def test_a_purchase_is_recorded_and_answered_with_points_and_why(
    till: Till, sale: Build, carol: str
) -> None:
    answer = till.post("purchases", sale(customer={"id": carol}))

    body = answer.json()
    assert answer.status_code == 201, body
    assert body["customer_id"] == carol
    assert body["paid_minor"] == 128_000
    assert body["points"] == body["balance"] > 0
    assert body["sentences"]
    assert body["points_status"] == "posted"


def test_a_customer_is_recognised_by_phone_code_card_and_external_number(
    till: Till, sale: Build
) -> None:
    made = till.post(
        "customers",
        {
            "name": "Dora",
            "phone": "139 0013 9000",
            "member_code": "M-7",
            "external": [["shopify", "1001"], ["card", "C-9"]],
        },
    ).json()

    for reference in (
        {"phone": "13900139000"},
        {"member_code": "M-7"},
        {"card": "C-9"},
        {"external": ["shopify", "1001"]},
    ):
        answer = till.post("purchases", sale(customer=reference))
        assert answer.json()["customer_id"] == made["id"], reference


def test_an_anonymous_purchase_earns_nothing(till: Till, sale: Build) -> None:
    body = till.post("purchases", sale()).json()

    assert (body["customer_id"], body["points"], body["points_status"]) == (None, 0, "none")


def test_the_same_key_gives_the_same_bytes_and_records_once(
    till: Till, sale: Build, carol: str, aurum: ChainInfo
) -> None:
    body = sale(customer={"id": carol})

    first = till.post("purchases", body, key="K-1")
    second = till.post("purchases", body, key="K-1")

    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert second["Idempotency-Replayed"] == "true"
    with context.inside(aurum):
        assert Purchase.objects.count() == 1
        assert Posting.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(till: Till, sale: Build) -> None:
    till.post("purchases", sale(), key="K-2")

    answer = till.post("purchases", sale(), key="K-2")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


@pytest.mark.parametrize("key", ["", "x" * 81])
def test_a_write_without_a_good_key_is_refused(till: Till, sale: Build, key: str) -> None:
    answer = till.post("purchases", sale(), key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")


def test_a_refused_purchase_keeps_no_answer_so_the_key_can_be_used_again(
    till: Till, sale: Build, aurum: ChainInfo
) -> None:
    refused = till.post("purchases", sale(paid_minor=1), key="K-3")
    mended = till.post("purchases", sale(), key="K-3")

    assert (refused.status_code, mended.status_code) == (422, 201)
    assert "#/paid_minor" in [each["pointer"] for each in refused.json()["errors"]]
    with context.inside(aurum):
        assert Answer.objects.count() == 1


def test_the_receipt_number_replays_the_purchase_when_the_key_is_forgotten(
    till: Till, sale: Build, carol: str
) -> None:
    body = sale(customer={"id": carol})
    first = till.post("purchases", body).json()

    again = till.post("purchases", body).json()

    assert again["repeated"] is True
    assert again["id"] == first["id"]
    assert again["balance"] == first["balance"]


def test_the_receipt_number_with_another_content_is_a_conflict(till: Till, sale: Build) -> None:
    till.post("purchases", sale(number="N-1"))

    answer = till.post(
        "purchases", sale(number="N-1", lines=[{"gross_minor": 5, "category": "gold"}])
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "receipt-number-taken")


def test_a_member_nobody_reads_is_named(till: Till, sale: Build) -> None:
    answer = till.post("purchases", sale(custmer={"phone": "13800138000"}))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/custmer"


def test_faults_say_where_they_are(till: Till, sale: Build) -> None:
    answer = till.post(
        "purchases", sale(lines=[{"gross_minor": 5}, {"gross_minor": "many", "quantity": 0}])
    )

    pointers = {each["pointer"] for each in answer.json()["errors"]}
    assert answer.status_code == 422
    assert "#/lines/1/gross_minor" in pointers


def test_a_preview_computes_and_writes_nothing(
    till: Till, sale: Build, carol: str, aurum: ChainInfo
) -> None:
    body = sale(customer={"id": carol})
    shown = till.post("purchases/preview", body, key="").json()
    with context.inside(aurum):
        assert Purchase.objects.count() == 0

    recorded = till.post("purchases", body).json()

    assert shown["points"] == recorded["points"]
    assert shown["balance_after"] == recorded["balance"]


def test_a_return_takes_points_back(till: Till, sale: Build, carol: str, store: str) -> None:
    bought = till.post("purchases", sale(customer={"id": carol}, number="N-5")).json()

    answer = till.post(
        "returns",
        {
            "store": store,
            "number": "B-5",
            "occurred_at": "2026-11-21T11:00:00+08:00",
            "original": {"number": "N-5"},
        },
    )

    body = answer.json()
    assert answer.status_code == 201, body
    assert body["points"] == -bought["points"]
    assert body["balance"] == 0
    assert body["paid_minor"] == -bought["paid_minor"]


def test_an_exchange_is_one_call(till: Till, sale: Build, carol: str, store: str) -> None:
    till.post("purchases", sale(customer={"id": carol}, number="N-6"))

    answer = till.post(
        "exchanges",
        {
            "returned": {
                "store": store,
                "number": "B-6",
                "occurred_at": "2026-11-21T11:00:00+08:00",
                "original": {"number": "N-6"},
            },
            "sale": sale(
                customer={"id": carol}, lines=[{"category": "gold", "gross_minor": 130_000}]
            ),
            "payments": [{"means": "cash", "amount_minor": 2_000}],
        },
    )

    assert answer.status_code == 201, answer.json()
    assert answer.json()["difference_minor"] == 2_000


def test_a_batch_answers_for_each_entry_and_can_be_sent_again(
    till: Till, sale: Build, aurum: ChainInfo
) -> None:
    entries = [
        {"kind": "purchase", **sale(number="O-1")},
        {"kind": "purchase", **sale(number="O-2", store="nowhere")},
        {"kind": "gift"},
    ]

    first = till.post("purchases/batch", {"entries": entries}, key="").json()
    again = till.post("purchases/batch", {"entries": entries}, key="").json()

    assert [each["status"] for each in first["results"]] == [201, 422, 422]
    assert (first["recorded"], first["failed"]) == (1, 2)
    assert again["results"][0]["body"]["repeated"] is True
    with context.inside(aurum):
        assert Purchase.objects.count() == 1


def test_a_purchase_can_be_read_with_what_can_still_come_back(till: Till, sale: Build) -> None:
    made = till.post("purchases", sale()).json()

    body = till.get(f"purchases/{made['id']}").json()

    assert body["lines"][0]["returnable"] == "1"
    assert till.get("purchases").json()["data"][0]["id"] == made["id"]


def test_a_purchase_of_another_chain_is_simply_not_there(
    till: Till, sale: Build, bloom: ChainInfo, make_till: Callable[..., Till]
) -> None:
    made = till.post("purchases", sale()).json()
    stranger = make_till(bloom)

    foreign = stranger.get(f"purchases/{made['id']}")
    absent = stranger.get("purchases/01890a5d-ac96-774b-bcce-b302099a8057")

    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content


def test_recording_costs_the_same_statements_whatever_the_number_of_lines(
    till: Till, sale: Build, carol: str, django_assert_max_num_queries: Any
) -> None:
    till.post("purchases", sale(customer={"id": carol}))
    counts = []
    for lines in (1, 20):
        body = sale(
            customer={"id": carol}, lines=[{"category": "gold", "gross_minor": 100}] * lines
        )
        with django_assert_max_num_queries(16) as statements:
            assert till.post("purchases", body).status_code == 201
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_one_key_sent_at_the_same_time_by_many_is_recorded_once(
    own_database: str, make_till: Callable[..., Till]
) -> None:
    from regulars.tenancy import directory
    from tests.factories import people

    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        code = people.first_store().code
    till = make_till(chain)
    body = {
        "store": code,
        "number": "R-1",
        "occurred_at": "2026-11-21T10:00:00+08:00",
        "lines": [{"gross_minor": 100}],
    }

    def send(_number: int) -> tuple[int, bytes]:
        try:
            answer = Till("aurum.localhost", till.secret).post("purchases", body, key="same")
            return answer.status_code, answer.content
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(24)))

    assert {status for status, _body in answers} <= {201, 409}
    assert len({content for status, content in answers if status == 201}) == 1
    with context.inside(chain):
        assert Purchase.objects.count() == 1


def test_what_is_dated_after_a_store_closed_is_not_recorded_there(
    aurum: ChainInfo, till: Till, sale: Build
) -> None:
    sold = till.post("purchases", sale()).json()
    _close(aurum, date(2026, 11, 20))
    back = {
        "store": sale()["store"], "number": "B-1", "occurred_at": "2026-11-21T11:00:00+08:00",
        "original": {"id": sold["id"]},
    }  # fmt: skip

    answers = [
        till.post("purchases", sale()),
        till.post("purchases/preview", sale()),
        till.post("returns", back),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    for answer in answers:
        (fault,) = answer.json()["errors"]
        assert fault["pointer"] == "#/occurred_at"
        assert "2026-11-20" in fault["detail"]


def test_a_till_that_was_offline_sends_what_it_sold_until_its_store_closed(
    aurum: ChainInfo, till: Till, sale: Build
) -> None:
    body = sale(occurred_at=moment(0).isoformat(), kind="purchase")
    _close(aurum, moment(0).date())

    def sent(entry: dict[str, Any]) -> int:
        return int(
            till.post("purchases/batch", {"entries": [entry]}).json()["results"][0]["status"]
        )

    first, again = sent(body), sent(body)
    late = sale(occurred_at=moment(40).isoformat(), kind="purchase")
    _close(aurum, moment(LATE.days).date())
    just_in_time = sent(late)
    _close(aurum, moment(LATE.days + 1).date())
    too_late = sent({**late, "number": "another"})

    assert (first, again, just_in_time, too_late) == (201, 201, 201, 422)
    assert sent(late) == 201  # what is recorded already is only told again


def moment(days: int) -> datetime:
    """Return a moment so many days ago."""
    return timezone.localtime(timezone.now() - timedelta(days=days), ZoneInfo("Asia/Shanghai"))


def _close(chain: ChainInfo, on: date) -> None:
    with context.inside(chain):
        Store.objects.update(closed_on=on)
