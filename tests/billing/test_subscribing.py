"""From a trial to a subscription: Checkout, the days that are left, the portal, the catalogue."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation

from regulars.billing import catalogue, gateway, plans, services
from regulars.billing.models import Call, Subscription
from regulars.errors import Invalid
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from tests.billing.paying import DAY, START, Payer


def test_a_chain_pays_for_its_stores_and_everything_is_open(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=3)

    row = payer.row
    assert (row.status, row.state, row.plan, row.quantity) == ("active", "paid", "start", 3)
    assert (row.interval, row.currency, row.monthly_minor) == ("month", "CNY", 3 * 19_900)
    assert row.period_ends_at is not None
    assert payer.totals() == [3 * 19_900]
    assert payer.access == "full"
    assert Chain.objects.get(pk=payer.chain.id).plan == "start"


def test_the_days_of_the_trial_that_are_left_stay_free(aurum: ChainInfo, stripe: Any) -> None:
    catalogue.sync(now=START)
    payer = Payer.of(aurum, stripe, trial_days=12)

    payer.subscribed(stores=2)

    assert (payer.row.status, payer.row.period_ends_at) == ("trialing", START + 12 * DAY)
    assert payer.totals() == [0]
    assert payer.to(START + 12 * DAY + timedelta(hours=2)).row.status == "active"
    assert payer.totals() == [0, 2 * 19_900]


def test_the_same_wish_gets_the_same_session_and_another_closes_it(payer: Payer) -> None:
    first, again = payer.link(plan="start"), payer.link(plan="start")
    other = payer.link(plan="chain")

    sessions = payer.client.checkout.sessions.list({"customer": payer.customer}).data
    assert first == again
    assert {each.id: each.status for each in sessions} == {
        first.session: "expired",
        other.session: "open",
    }


def test_who_subscribes_already_cannot_subscribe_again(payer: Payer) -> None:
    payer.subscribed()

    with pytest.raises(services.AlreadySubscribed):
        payer.link()

    assert len(payer.subscriptions()) == 1


def test_a_customer_is_made_when_somebody_first_wants_to_pay(aurum: ChainInfo, stripe: Any) -> None:
    catalogue.sync(now=START)
    payer = Payer.of(aurum, stripe)
    Subscription.objects.filter(chain_id=aurum.id).update(customer="")

    payer.link()
    payer.link(plan="group")

    made = [each for each in stripe.customers.list().data if each.id != payer.customer]
    assert [each.metadata.chain for each in made] == [str(aurum.id)]
    assert payer.row.customer == made[0].id


@pytest.mark.parametrize("wish", [{"plan": "free"}, {"interval": "week"}])
def test_a_wish_that_is_not_on_offer_is_refused(payer: Payer, wish: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        payer.link(**wish)  # type: ignore[arg-type]


def test_the_portal_opens_for_who_has_a_customer(payer: Payer) -> None:
    url = services.portal(chain=payer.chain, return_url="http://aurum.localhost/", now=START)

    assert url.startswith(payer.link().url.split("/c/")[0])


def test_plans_are_at_stripe_once_and_a_new_amount_takes_the_name_of_the_old(
    payer: Payer, stripe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert catalogue.missing() == []
    key = plans.lookup_key("start", "month", "CNY")
    before = gateway.price(key)
    dearer = {**plans.PLANS["start"].monthly, "CNY": 21_900}
    monkeypatch.setitem(vars(plans.PLANS["start"]), "monthly", dearer)

    says = [step.says for step in catalogue.sync(now=START)]

    found = gateway.price(key)
    assert says == [f"price {key} at 21900", f"archive price {key} ({before})"]
    assert stripe.prices.retrieve(found).unit_amount == 21_900
    assert not stripe.prices.retrieve(before).active
    assert catalogue.missing() == []


def test_without_a_key_of_stripe_nothing_is_asked(payer: Payer) -> None:
    with override_settings(STRIPE_API_KEY=""), pytest.raises(gateway.Away):
        payer.link()


def test_every_call_is_written_down_with_its_answer(payer: Payer) -> None:
    link = payer.link()

    call = Call.objects.get(verb="checkout")
    assert (call.state, call.chain_id, call.attempts) == ("done", payer.chain.id, 1)
    assert call.answer is not None
    assert call.answer["id"] == link.session


def test_checkout_speaks_the_language_of_who_reads(payer: Payer) -> None:
    with translation.override("en"):
        link = payer.link()

    assert payer.client.checkout.sessions.retrieve(link.session).locale == "en"


def test_products_have_one_name_for_every_language(payer: Payer) -> None:
    assert payer.client.products.retrieve("regulars-start").name == "Regulars Start · 起步版"


def test_a_subscription_that_ended_unheard_is_known_once_somebody_asks(payer: Payer) -> None:
    payer.subscribed()
    payer.client.subscriptions.cancel(payer.row.subscription)

    with pytest.raises(services.NotSubscribed):
        services.change(chain=payer.chain, plan="group", interval="month", now=payer.now)

    assert payer.row.status == "canceled"
