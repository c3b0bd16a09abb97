"""Pages of what is handed over: goods with their checklist and card, gifts, customers."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars import registry
from regulars.audit import SYSTEM
from regulars.customers import services as customer_services
from regulars.followups.models import Gift as Given
from regulars.followups.models import Handover, Task
from regulars.followups.occasions import gifts
from regulars.followups.occasions.gifts import Gift
from regulars.kit import Check
from regulars.kit import Handover as Declared
from regulars.messages.models import Contact
from regulars.registry.policies import POLICIES
from regulars.staff.models import Role
from regulars.usecases import move_silent
from tests.customers.conftest import Browser
from tests.factories import customers, mornings, people
from tests.factories.purchases import customer, label, line, sale, vertical

pytestmark = pytest.mark.usefixtures("inside_aurum")
PIECE = Declared(
    key="piece",
    title=label("Handing over jewelry"),
    advice=label("Take it off for bathing"),
    steps=(
        Check(key="count", label=label("Count the pieces")),
        Check(key="open", label=label("Open it in front of them")),
    ),
)
COUNTED: Any = {"list": "piece", "done-piece": ["count"]}
CARD = Gift(key="card", title="手写贺卡", occasions=("customer.birthday",), cost_minor=300)


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    made = vertical(handovers=(PIECE,))
    monkeypatch.setattr(registry, "vertical", lambda: made)


@pytest.fixture
def guide() -> Any:
    return people.staff(name="Bob", phone="+8613800138000", stores=(people.first_store(),))


@pytest.fixture
def shop(guide: Any) -> Browser:
    return Browser(guide)


@pytest.fixture
def office() -> Browser:
    return Browser(people.owner())


def text(answer: Any) -> str:
    return str(answer.content.decode())


def born_today(**facts: Any) -> Any:
    """Make a customer whose birthday is today."""
    made = customers.customer(name="王小明", now=timezone.now(), **facts)
    today = mornings.today()
    event = customer_services.set_life_event(
        actor=SYSTEM, customer_id=made.pk, kind="birthday", month=today.month, day=today.day,
        now=timezone.now(),
    )  # fmt: skip
    return made, {"kind": "customer.birthday", "source": event.pk, "on": str(today)}


def test_after_a_sale_the_receipt_leads_to_the_checklist_which_is_kept(
    shop: Browser, guide: Any
) -> None:
    sold = sale(line(), customer=customer(owner=guide)).purchase_id

    before = text(shop.get("counter_receipt", sold))
    sent = shop.post("counter_handover", sold, **COUNTED)
    after = text(shop.get("counter_handover", sold))

    assert "0 of 2 seen to" in before
    assert f"/counter/receipts/{sold}/handover/" in before
    assert sent.status_code == 302
    assert 'value="count" checked' in after
    assert "Bob" in after
    assert Handover.objects.get().done == ["count"]


def test_everything_can_be_unticked_again(shop: Browser, guide: Any) -> None:
    sold = sale(line()).purchase_id
    shop.post("counter_handover", sold, **{**COUNTED, "done-piece": ["count", "open"]})

    shop.post("counter_handover", sold, list="piece")

    assert Handover.objects.get().done == []


def test_the_card_names_the_guide_and_the_care_and_draws_the_number(
    shop: Browser, guide: Any
) -> None:
    carol = customer(owner=guide, language="en")
    ring = line(product_name="<b>Ring</b>")
    sold = sale(ring, customer=carol, guide_id=guide.pk).purchase_id

    page = text(shop.get("counter_card", sold))
    narrow = text(shop.get("counter_card", sold, paper="receipt"))

    for words in ("Bob", "138 0013 8000", "Take it off for bathing", "November 21, 2026", "<svg"):
        assert words in page
    assert "&lt;b&gt;Ring" in page
    assert "take-home-a6" in page
    assert "take-home-receipt" in narrow


def test_the_customers_page_leads_to_the_checklist_of_each_sale(shop: Browser, guide: Any) -> None:
    carol = customer(owner=guide)
    sold = sale(line(), customer=carol).purchase_id
    shop.post("counter_handover", sold, **COUNTED)

    page = text(shop.get("customer", carol.pk))

    assert page.count(f"/counter/receipts/{sold}/handover/") == 2
    assert "1 of 2 seen to" in page


def test_head_office_writes_down_what_is_given(office: Browser) -> None:
    once = str(uuid4())
    form: dict[str, Any] = {
        "once": once,
        "title": "丝巾",
        "cost_minor": "50",
        "occasions": ["customer.birthday"],
    }
    taste: Any = {"taste-colours": "暖色， 鲜艳", "taste-promotions": ["neutral"]}

    for _tap in range(2):
        made = office.post("gift_rule_new", **form, **taste)
    (rule,) = gifts.rules()
    page = text(office.get("gift_rule", rule.key))
    changed = office.post("gift_rule", rule.key, **{**form, "title": "红丝巾"})
    after = text(office.get("gift_rules"))
    office.post("gift_rule_remove", rule.key)

    assert made.status_code == changed.status_code == 302
    assert (rule.title, rule.cost_minor) == ("丝巾", 5_000)
    assert rule.tastes == {"promotions": ("neutral",), "colours": ("暖色", "鲜艳")}
    assert 'value="暖色, 鲜艳"' in page
    assert "红丝巾" in after
    assert gifts.rules() == ()


def test_a_gift_without_an_occasion_is_refused_where_it_belongs(office: Browser) -> None:
    answer = office.post("gift_rule_new", once=str(uuid4()), title="丝巾", cost_minor="50")

    assert answer.status_code == 422
    assert "Choose what it is given for." in text(answer)


def test_a_gift_is_handed_over_once_and_its_cost_is_booked(shop: Browser, guide: Any) -> None:
    gifts.set_rule(actor=SYSTEM, gift=CARD, now=timezone.now())
    made, day = born_today(owner=guide, store=people.first_store())

    page = text(shop.get("customer_gifts", made.pk))
    for _tap in range(2):
        sent = shop.post("customer_gifts", made.pk, **day, gift="card")
    after = text(shop.get("customer_gifts", made.pk))
    story = text(shop.get("customer", made.pk))

    assert "suggested" in page
    assert sent.status_code == 302
    assert Given.objects.get().cost_minor == 300
    assert "Given: 手写贺卡" in after
    assert "Gift handed over" in story


def test_without_a_choice_nothing_is_given(shop: Browser, guide: Any) -> None:
    gifts.set_rule(actor=SYSTEM, gift=CARD, now=timezone.now())
    made, day = born_today(owner=guide, store=people.first_store())

    answer = shop.post("customer_gifts", made.pk, **day)

    assert answer.status_code == 422
    assert "Choose a gift." in text(answer)
    assert not Given.objects.exists()


def gift(of: Any, cost: int, *, store: Any = None, days: int = 0) -> None:
    at = timezone.now() - timedelta(days)
    Given(
        customer=of, kind="customer.birthday", source=uuid4(), occasion_on=at.date(), gift="card",
        title="手写贺卡", cost_minor=cost, store_id=(store or people.first_store()).pk, given_at=at,
    ).save(force_insert=True)  # fmt: skip


def test_what_gifts_cost_by_month_and_store_leads_to_the_gifts(office: Browser) -> None:
    north = people.store(code="N", name="North")
    made = customer()
    for cost in (300, 700):
        gift(made, cost, store=north)
    gift(made, 5_000)
    month = f"{mornings.today():%Y-%m}"

    page = text(office.get("gifts_given"))
    rows = text(office.get("gifts_given", month=month, store=north.pk))
    sent = office.get("gifts_csv", month=month, store=north.pk).getvalue().decode("utf-8-sig")

    assert "North" in page
    assert "¥60" in page
    assert "¥10" in page
    assert rows.count("手写贺卡") == 2
    lines = list(csv.reader(io.StringIO(sent)))
    assert [each[-1] for each in lines] == ["Cost", "7.00", "3.00"]


def test_a_manager_sees_the_gifts_of_their_own_store_only(guide: Any) -> None:
    north = people.store(code="N")
    boss = people.staff(name="Mary", role=Role.STORE_MANAGER, stores=(north,))
    made = customer()
    gift(made, 1_100, store=north)
    gift(made, 9_900)

    page = text(Browser(boss).get("gifts_given"))

    assert "¥11" in page
    assert "¥99" not in page


def test_whom_the_rule_would_move_is_seen_before_it_is_switched_on(
    office: Browser, guide: Any
) -> None:
    long_ago = timezone.now() - timedelta(900)
    customer(owner=guide, created_at=long_ago)

    before = text(office.get("ownership"))
    seen = text(office.post("ownership", months="12", preview="1"))
    not_yet = registry.policy(move_silent.POLICY)
    sent = office.post("ownership", months="12")
    held = registry.policy(move_silent.POLICY)
    office.post("ownership", months="")

    assert "Tonight it would move" not in before
    assert people.first_store().name in seen
    assert "Switch on: 12 months" in seen
    assert sent.status_code == 302
    assert (not_yet, held, registry.policy(move_silent.POLICY)) == (None, 12, None)


def test_no_address_makes_the_page_count_the_whole_chain(
    office: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []

    def preview(*, months: int, now: datetime) -> list[move_silent.Preview]:
        counted.append(months)
        return []

    monkeypatch.setattr(move_silent, "preview", preview)

    shown = office.get("ownership", months="12")
    before = list(counted)
    office.post("ownership", months="12", preview="1")

    assert shown.status_code == 200
    assert (before, counted) == ([], [12])


@pytest.mark.parametrize("months", ["2", "61", "x"])
def test_months_that_make_no_sense_are_refused(office: Browser, months: str) -> None:
    assert office.post("ownership", months=months, preview="1").status_code == 422
    assert office.post("ownership", months=months).status_code == 422
    assert registry.policy(move_silent.POLICY) is None


def test_the_rule_is_not_switched_on_among_the_other_policies(office: Browser) -> None:
    assert POLICIES[move_silent.POLICY].page == "ownership"
    assert move_silent.POLICY not in text(office.get("rules"))


def test_ones_own_list_shows_what_is_due_and_the_last_contact(office: Browser) -> None:
    alice, now = people.owner(), timezone.now()
    mine, other = customer(name="Mine", owner=alice), customer(name="Other", owner=None)
    Contact(
        customer=mine, staff=alice, purpose="care", channel="call", state="logged", at=now
    ).save(force_insert=True)
    Task(
        customer=mine, owner=alice, key="k", purpose="care", do="call", source_kind="by-hand",
        since=now, started_on=now.date(), due_on=now.date() - timedelta(1),
        expires_on=now.date() + timedelta(9),
    ).save(force_insert=True)  # fmt: skip

    page = text(office.get("customers", owner="me"))

    assert "Mine" in page
    assert "Last contact" in page
    assert "tag-warning" in page
    assert other.name not in page.split('id="customer-rows"')[1]


@pytest.mark.parametrize("page", ["gifts_given", "customers", "customer_gifts", "counter_handover"])
def test_pages_take_as_many_statements_for_many_as_for_few(page: str, office: Browser) -> None:
    gifts.set_rule(actor=SYSTEM, gift=CARD, now=timezone.now())
    alice = people.owner()
    made, _day = born_today(owner=alice, store=people.first_store())
    sold = sale(line(), customer=made)
    named = {"customer_gifts": [made.pk], "counter_handover": [sold.purchase_id]}
    query: dict[str, Any] = {
        "gifts_given": {"month": f"{mornings.today():%Y-%m}"},
        "customers": {"owner": "me"},
    }
    counts = []
    for number in (1, 4):
        for _ in range(number):
            gift(made, 100)
            customer(owner=alice)
            sale(line(), customer=made)
        office.get(page, *named.get(page, ()), **query.get(page, {}))
        with CaptureQueriesContext(connection) as asked:
            answer = office.get(page, *named.get(page, ()), **query.get(page, {}))
        assert answer.status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert counts[0] <= 16
