"""The subscription's page: what it says, what it costs, to Stripe and home again."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from regulars.audit.models import Entry
from regulars.billing import plans, services, settling
from regulars.billing.models import Call, Subscription
from regulars.errors import Invalid
from regulars.staff.models import Role
from regulars.stores import selectors as stores
from regulars.tenancy import directory
from regulars.tenancy.context import ChainInfo
from regulars.web import billing_notices
from regulars.web.billing import buying
from regulars.web.context import LANGUAGE_NAMES
from tests.billing import paying
from tests.factories import people, subscribers
from tests.factories.subscribers import PLACE, leads_to, subscribed
from tests.factories.visitors import signed_in
from tests.web import pseudo

priced = subscribers.priced
WISH = {"plan": "start", "interval": "month", "currency": "CNY"}


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


def text(answer: Any) -> str:
    return str(answer.content.decode())


# What the page says -------------------------------------------------------------------------------


def test_the_trial_and_what_each_plan_would_cost_are_shown_without_asking_anybody(
    inside_aurum: ChainInfo,
) -> None:
    number = stores.count_open()

    page = text(signed_in().get(PLACE, {"pay": "monthly"}))

    assert 'data-billing-state="trial"' in page
    assert "You are trying Chain free of charge until" in page
    assert page.count('data-billing="subscribe"') == len(plans.PLANS)
    for plan in plans.PLANS.values():
        assert f'data-billing-total="{number * plan.monthly["CNY"]}"' in page
    assert not Call.objects.exists()


def test_by_the_year_the_page_says_what_it_saves(inside_aurum: ChainInfo) -> None:
    page = text(signed_in().get(PLACE, {"pay": "yearly"}))

    number, plan = stores.count_open(), plans.PLANS["start"]
    saved = number * (12 * plan.monthly["CNY"] - plan.yearly["CNY"])
    assert f'data-billing-total="{number * plan.yearly["CNY"]}"' in page
    assert f"¥{saved // 100:,} less than by the month" in page


def test_what_is_used_stands_against_what_is_allowed(inside_aurum: ChainInfo) -> None:
    month = f"{timezone.now().astimezone(inside_aurum.zone):%Y-%m}"
    used = {"members": 19_000, "messages": 2_500, "month": month}
    Subscription.objects.filter(chain_id=inside_aurum.id).update(
        plan="start", usage=used | {"at": timezone.now().isoformat()}
    )
    settling.settle(chain_id=inside_aurum.id, now=timezone.now())
    directory._entries.clear()

    page = text(signed_in().get(PLACE))

    assert '<progress class="progress billing-warning" max="20000" value="19000"' in page
    assert '<progress class="progress billing-bad" max="2000" value="2500"' in page
    assert "You sent 2,500 messages this month, and it includes 2,000." in page


def test_a_chain_whose_currency_has_no_price_chooses_one(inside_aurum: ChainInfo) -> None:
    chain = Subscription.objects.get(chain_id=inside_aurum.id).chain
    chain.currency = "JPY"
    chain.save(update_fields=["currency"])
    directory._entries.clear()

    page = text(signed_in().get(PLACE, {"currency": "EUR"}))

    assert 'name="currency" value="EUR"' in page
    assert "currency=USD" in page


def test_who_has_a_price_list_of_their_own_cannot_choose_a_cheaper_one(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = signed_in()

    client.post(f"{PLACE}subscribe/", WISH | {"currency": "EUR"})

    (session,) = priced.checkout.sessions.list({"limit": 10}).data
    assert session.currency == "cny"
    with pytest.raises(Invalid) as refused:
        services.subscribe(
            chain=inside_aurum, plan="start", interval="month", currency="EUR", stores=1,
            success_url="https://a.example/", cancel_url="https://a.example/", now=timezone.now(),
        )  # fmt: skip
    assert set(refused.value.fields) == {"currency"}


def test_who_pays_in_a_currency_without_plans_sees_the_page_and_can_leave(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum)
    Subscription.objects.filter(chain_id=inside_aurum.id).update(currency="GBP")

    page = client.get(PLACE)
    change = client.get(f"{PLACE}change/", {"plan": "group", "interval": "month"})

    assert page.status_code == 200
    assert "You pay in GBP, and no plan has a price in it." in text(page)
    assert 'data-billing="portal"' in text(page)
    assert "data-billing-leave" in text(page)
    assert "data-billing-total" not in text(page)
    assert change["Location"] == PLACE
    assert client.get(f"{PLACE}cancel/").status_code == 200
    assert leads_to(client.post(f"{PLACE}portal/"))


def test_only_the_owner_sees_it(inside_aurum: ChainInfo) -> None:
    people.staff(name="Hua", role=Role.HEAD_OFFICE, email="hua@aurum.example")
    client = signed_in(email="hua@aurum.example")

    for path in (PLACE, f"{PLACE}next/", f"{PLACE}invoices/", f"{PLACE}change/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{PLACE}subscribe/", WISH).status_code == 403
    assert PLACE not in text(client.get("/settings/"))
    assert PLACE in text(signed_in().get("/settings/"))


def test_the_page_asks_the_database_the_same_whatever_it_shows(
    inside_aurum: ChainInfo, django_assert_max_num_queries: Any
) -> None:
    client = signed_in()
    client.get(PLACE)

    with django_assert_max_num_queries(10):
        client.get(PLACE)


def test_every_sentence_is_in_the_catalogues(inside_aurum: ChainInfo) -> None:
    client = signed_in()
    known = {"Aurum", "Alice", *LANGUAGE_NAMES.values()}

    with pseudo.spoken():
        left = pseudo.forgotten(text(client.get(PLACE)), known=known | {"金店"})

    assert left == []


def test_mails_lead_to_the_page(inside_aurum: ChainInfo) -> None:
    assert reverse("billing", urlconf=configured.CHAIN_URLCONF) == billing_notices.PLACE


# To Stripe and home -------------------------------------------------------------------------------


def test_a_plan_leads_to_checkout_and_the_same_wish_to_the_same(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = signed_in()

    first = leads_to(client.post(f"{PLACE}subscribe/", WISH))
    again = leads_to(client.post(f"{PLACE}subscribe/", WISH))

    (session,) = priced.checkout.sessions.list({"limit": 10}).data
    assert first == again == session.url
    assert (session.allow_promotion_codes, session.tax_id_collection.enabled) == (True, True)
    assert session.cancel_url == f"http://aurum.localhost{PLACE}"


def test_who_paid_comes_home_to_a_subscription_that_runs(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum)

    page = text(client.get(PLACE))
    row = subscribers.row_of(inside_aurum)
    assert (row.state, row.plan, row.quantity) == ("paid", "start", stores.count_open())
    assert "Thank you. Your subscription runs." in page
    assert 'data-billing-state="paid"' in page
    assert "paid by the month. It renews on" in page
    assert subscribers.totals(priced, inside_aurum) == [row.quantity * 19_900]
    assert Entry.objects.filter(action="billing.checkout").exists()


def test_the_way_home_waits_to_be_told_then_asks_stripe_itself_and_never_without_end(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    subscribers.without_trial(inside_aurum)
    client = signed_in()
    url = leads_to(client.post(f"{PLACE}subscribe/", WISH))
    paying.pay(url)
    part = {"HX-Request": "true"}

    waits = client.get(f"{PLACE}back/")
    early = client.get(f"{PLACE}back/", {"looked": 2}, headers=part)
    asks = client.get(f"{PLACE}back/", {"looked": 3}, headers=part)

    assert 'hx-get="/settings/billing/back/?looked=1"' in text(waits)
    assert 'data-billing-back="waiting"' in text(early)
    assert asks["HX-Redirect"] == PLACE
    assert subscribers.row_of(inside_aurum).status == "active"


def test_the_way_home_says_at_last_that_it_takes_longer(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = signed_in()
    client.post(f"{PLACE}subscribe/", WISH)

    answer = client.get(f"{PLACE}back/", {"looked": buying.LOOKS}, headers={"HX-Request": "true"})

    assert 'data-billing-back="late"' in text(answer)
    assert "hx-get" not in text(answer)
    assert "do not pay again" in text(answer)


def test_who_subscribed_in_another_tab_is_told_so(inside_aurum: ChainInfo, priced: Any) -> None:
    client = subscribed(inside_aurum)

    answer = client.post(f"{PLACE}subscribe/", WISH)

    assert answer.status_code == 409
    assert "You have a subscription already. Change it instead." in text(answer)
    assert len(priced.subscriptions.list({"limit": 10}).data) == 1


def test_the_portal_opens_and_leads_home(inside_aurum: ChainInfo, priced: Any) -> None:
    client = subscribed(inside_aurum)

    url = leads_to(client.post(f"{PLACE}portal/"))

    assert url.startswith("http://127.0.0.1:")
    waits = client.get(f"{PLACE}back/", {"of": "portal"})
    assert 'hx-get="/settings/billing/back/?looked=1&amp;of=portal"' in text(waits)
    assert client.get(f"{PLACE}back/", {"of": "portal", "looked": "1"})["Location"] == PLACE


def test_who_has_never_subscribed_has_no_portal(inside_aurum: ChainInfo, priced: Any) -> None:
    answer = signed_in().post(f"{PLACE}portal/")

    assert answer.status_code == 409
    assert "Choose a plan first." in text(answer)


# What Stripe says ---------------------------------------------------------------------------------


def test_what_is_paid_next_is_stripes_own_reckoning_in_our_words(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum)
    row = subscribers.row_of(inside_aurum)
    coupon = priced.coupons.create({"percent_off": 25, "duration": "forever"})
    priced.subscriptions.update(row.subscription, {"discounts": [{"coupon": coupon.id}]})

    part = text(client.get(f"{PLACE}next/"))

    whole = row.quantity * 19_900
    assert 'data-billing-next="stripe"' in part
    assert f'data-billing-next-total="{whole * 3 // 4}"' in part
    assert f"Start, {row.quantity} store" in part
    assert "Discount" in part


def test_invoices_are_listed_with_their_state_their_page_and_their_file(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum)
    (invoice,) = priced.invoices.list({"limit": 10}).data

    part = text(client.get(f"{PLACE}invoices/"))

    assert 'data-billing-invoice="paid"' in part
    assert invoice.number in part
    assert invoice.hosted_invoice_url in part
    assert invoice.invoice_pdf in part
    assert f"¥{invoice.total // 100:,}" in part


def test_an_invoice_that_is_open_is_one_button_away(inside_aurum: ChainInfo, priced: Any) -> None:
    client = subscribed(inside_aurum)
    customer = subscribers.row_of(inside_aurum).customer
    priced.invoice_items.create({"customer": customer, "amount": 500, "currency": "cny"})
    made = priced.invoices.create(
        {"customer": customer, "pending_invoice_items_behavior": "include"}
    )
    invoice = priced.invoices.finalize_invoice(made.id)

    Subscription.objects.filter(chain_id=inside_aurum.id).update(status="past_due")

    assert leads_to(client.post(f"{PLACE}pay/")) == invoice.hosted_invoice_url
    assert 'data-billing-owed="500"' in text(client.get(f"{PLACE}next/"))


def test_while_stripe_is_away_the_page_shows_what_we_hold_and_says_so(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    client = subscribed(inside_aurum)
    row = subscribers.row_of(inside_aurum)
    whole = row.quantity * 19_900

    with override_settings(STRIPE_API_BASE="http://127.0.0.1:9"):
        page = text(client.get(PLACE))
        part = text(client.get(f"{PLACE}next/"))
        listed = text(client.get(f"{PLACE}invoices/"))

    assert f'data-billing-next-total="{whole}"' in page
    assert f'data-billing-next-total="{whole}"' in part
    assert "does not answer right now" in part
    assert "Your invoices are kept there" in listed


def test_while_stripe_is_away_a_button_says_so_and_changes_nothing(
    inside_aurum: ChainInfo, priced: Any
) -> None:
    with override_settings(STRIPE_API_KEY=""):
        answer = signed_in().post(f"{PLACE}subscribe/", WISH)

    assert answer.status_code == 503
    assert 'data-billing-fault="billing-away"' in text(answer)
    assert 'data-billing-state="trial"' in text(answer)


def test_the_free_days_that_are_left_stay_free(inside_aurum: ChainInfo, priced: Any) -> None:
    Subscription.objects.filter(chain_id=inside_aurum.id).update(
        trial_ends_at=timezone.now() + timedelta(days=12)
    )
    client = signed_in()
    paying.pay(leads_to(client.post(f"{PLACE}subscribe/", WISH)))
    client.get(f"{PLACE}back/", {"looked": 3})

    page, part = text(client.get(PLACE)), text(client.get(f"{PLACE}next/"))

    first = subscribers.row_of(inside_aurum).quantity * 19_900
    assert "It is free until" in page
    assert f'data-billing-next-total="{first}"' in part
    assert subscribers.totals(priced, inside_aurum) == [0]
