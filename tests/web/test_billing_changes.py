"""On the subscription's page: another plan, leaving, and taking either back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from regulars.audit.models import Entry
from regulars.billing.models import Call, Subscription
from regulars.tenancy.context import ChainInfo
from regulars.web.billing import changing
from tests.factories import subscribers
from tests.factories.subscribers import PLACE, change_form, form, row_of, subscribed, totals
from tests.factories.visitors import signed_in

priced = subscribers.priced
CHANGE, CANCEL, BACK = f"{PLACE}change/", f"{PLACE}cancel/", f"{PLACE}take-back/"


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def changes() -> int:
    return Call.objects.filter(verb="change").count()


# More, at once ------------------------------------------------------------------------------------


def test_more_is_paid_as_it_was_shown_before_it_was_agreed(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum, plan="start")
    shown = text(client.get(CHANGE, {"plan": "chain", "interval": "month"}))
    agreed = form(shown, "change")

    answer = client.post(CHANGE, agreed)

    assert answer["Location"] == PLACE
    first, second = totals(priced, inside_aurum)
    assert f'data-billing-due="{second}"' in shown
    assert abs(second - first * 100 // 199) <= 2  # nearly a whole period of the difference
    assert "Given back: Start" in shown
    page = text(client.get(PLACE))
    assert "You have Chain now, paid by the month." in page
    assert row_of(inside_aurum).plan == "chain"
    assert Entry.objects.get(action="billing.changed").data["changed"]["plan"] == ["start", "chain"]


def test_agreeing_twice_pays_once(inside_aurum: ChainInfo, priced: Any) -> None:
    client = subscribed(inside_aurum, plan="start")
    agreed = change_form(client, plan="chain")

    client.post(CHANGE, agreed)
    again = client.post(CHANGE, agreed)

    assert again["Location"] == PLACE
    assert len(totals(priced, inside_aurum)) == 2
    assert changes() == 1


def test_a_page_that_the_back_button_brought_back_changes_nothing(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum, plan="start")
    old = change_form(client, plan="group")
    client.post(CHANGE, change_form(client, plan="chain"))

    client.post(CHANGE, old)

    assert row_of(inside_aurum).plan == "chain"
    assert "This has changed meanwhile." in text(client.get(PLACE))


def test_what_was_shown_long_ago_is_reckoned_again(inside_aurum: ChainInfo, priced: Any) -> None:
    client = subscribed(inside_aurum, plan="start")
    agreed = change_form(client, plan="chain")
    long_ago = timezone.now() - changing.GOOD_FOR - timedelta(minutes=1)

    answer = client.post(CHANGE, agreed | {"at": str(int(long_ago.timestamp()))})

    assert answer["Location"] == f"{CHANGE}?plan=chain&interval=month"
    assert (row_of(inside_aurum).plan, changes()) == ("start", 0)


def test_from_the_month_to_the_year_begins_a_year_today(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum, plan="start")
    shown = text(client.get(CHANGE, {"plan": "start", "interval": "year"}))

    client.post(CHANGE, form(shown, "change"))

    row = row_of(inside_aurum)
    assert (row.interval, row.plan) == ("year", "start")
    assert "a new period begins today" in shown
    assert abs(totals(priced, inside_aurum)[-1] - row.quantity * (199_000 - 19_900)) <= 2


def test_a_card_that_is_refused_is_a_sentence_with_a_way_on(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum, plan="start")
    row = row_of(inside_aurum)
    bad = priced.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": row.customer})
    priced.subscriptions.update(row.subscription, {"default_payment_method": bad.id})

    answer = client.post(CHANGE, change_form(client, plan="chain"))

    assert answer.status_code == 409
    assert "The card was refused and nothing was changed." in text(answer)
    assert 'data-billing="card"' in text(answer)
    assert row_of(inside_aurum).plan == "start"


# Less, at the end of the period -------------------------------------------------------------------


def test_less_says_what_no_longer_fits_and_waits_and_can_be_taken_back(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum, plan="chain")
    counted = {"members": 30_000, "at": timezone.now().isoformat()}
    Subscription.objects.filter(chain_id=inside_aurum.id).update(usage=counted)
    shown = text(client.get(CHANGE, {"plan": "start", "interval": "month"}))

    client.post(CHANGE, form(shown, "change"))

    assert "You have 30,000 members, and it allows 20,000." in shown
    assert "Nothing is paid today" in shown
    page = text(client.get(PLACE, {"pay": "monthly"}))
    assert 'data-billing-planned="start"' in page
    assert (row_of(inside_aurum).plan, len(totals(priced, inside_aurum))) == ("chain", 1)
    due = row_of(inside_aurum).quantity * 19_900
    assert f'data-billing-next-total="{due}"' in text(client.get(f"{PLACE}next/"))

    client.post(BACK, form(page, "take-back"))
    client.post(BACK, form(page, "take-back"))

    row = row_of(inside_aurum)
    assert (row.plan, row.next_plan, row.schedule) == ("chain", "", "")
    assert changes() == 2


def test_while_a_change_waits_no_other_is_offered(inside_aurum: ChainInfo, priced: Any) -> None:
    client = subscribed(inside_aurum, plan="chain")
    client.post(CHANGE, change_form(client, plan="start"))

    page = text(client.get(PLACE, {"pay": "monthly"}))
    answer = client.get(CHANGE, {"plan": "group", "interval": "month"})

    assert "data-billing-change" not in page
    assert answer["Location"] == PLACE


# Leaving ------------------------------------------------------------------------------------------


def test_who_leaves_is_told_until_when_may_say_why_and_may_take_it_back(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum)
    sent = form(text(client.get(CANCEL)), "cancel")

    client.post(CANCEL, sent | {"feedback": "too_expensive", "comment": "We close two stores."})
    client.post(CANCEL, sent)

    row = row_of(inside_aurum)
    details = priced.subscriptions.retrieve(row.subscription).cancellation_details
    assert row.cancels_at == row.period_ends_at
    assert (details.feedback, details.comment) == ("too_expensive", "We close two stores.")
    assert changes() == 1
    page = text(client.get(PLACE))
    assert "It is cancelled and goes on until" in page
    assert "Nothing more is paid." in page
    assert "data-billing-leave" not in page

    client.post(BACK, form(page, "take-back"))
    client.post(BACK, form(page, "take-back"))

    assert (row_of(inside_aurum).cancels_at, changes()) == (None, 2)
    assert "Taken back. It goes on as it is." in text(client.get(PLACE))
    told = Entry.objects.filter(action__startswith="billing.").values_list("action", flat=True)
    assert list(told.order_by("pk")) == [
        "billing.checkout",
        "billing.cancelled",
        "billing.taken-back",
    ]


def test_a_reason_is_not_asked_for_twice_and_not_made_up(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum)
    sent = form(text(client.get(CANCEL)), "cancel")

    refused = client.post(CANCEL, sent | {"feedback": "bored"})
    client.post(CANCEL, sent)

    assert refused.status_code == 422
    assert row_of(inside_aurum).cancels_at is not None


def test_who_has_no_subscription_cannot_leave_or_change_it(inside_aurum: ChainInfo) -> None:
    client = signed_in()

    for answer in (client.get(CANCEL), client.post(CANCEL), client.post(BACK)):
        assert answer["Location"] == PLACE
    assert client.get(CHANGE, {"plan": "chain", "interval": "year"})["Location"] == PLACE
    assert not Call.objects.exists()


def test_what_is_not_paid_is_paid_before_anything_else(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum, plan="chain")
    Subscription.objects.filter(chain_id=inside_aurum.id).update(
        status="past_due", state="late", unpaid_since=timezone.now() - timedelta(days=2)
    )

    page = text(client.get(PLACE))

    assert "price-chosen" not in page
    assert 'data-billing="pay"' in page
    assert "not paid since" in page
    assert "Everything works until" in page
    assert "data-billing-change" not in page
    assert client.get(CHANGE, {"plan": "group", "interval": "month"})["Location"] == PLACE
