"""The well-known test cards behave as they are known to."""

from typing import Any

import pytest
import stripe

from regulars.local.stripe import cards
from tests.simulated_stripe import Shop

REFUSED = [
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
]


def pay(client: Any, card: str, **more: Any) -> Any:
    call = {"amount": 2_900, "currency": "usd", "payment_method": card, "confirm": True, **more}
    return client.payment_intents.create(call)


@pytest.mark.parametrize(
    "card", [f"pm_card_{c.alias}" for c in cards.CARDS
             if c.alias and not c.declines and c.asks == "never"],
)  # fmt: skip
def test_a_good_card_pays(client: Any, card: str) -> None:
    paid = pay(client, card, expand=["latest_charge"])

    assert (paid.status, paid.amount_received, paid.latest_charge.paid) == (
        "succeeded",
        2_900,
        True,
    )


@pytest.mark.parametrize(("card", "code", "decline"), REFUSED)
def test_a_bad_card_is_refused_with_its_code_and_the_attempt_is_kept(
    client: Any, card: str, code: str, decline: str | None
) -> None:
    with pytest.raises(stripe.CardError) as refused:
        pay(client, card)

    error = refused.value.error
    assert error is not None
    assert (refused.value.http_status, error.code, getattr(error, "decline_code", None)) == (
        402,
        code,
        decline,
    )
    kept = client.payment_intents.list().data[0]
    assert (kept.status, kept.last_payment_error.code) == ("requires_payment_method", code)
    assert client.charges.list().data[0].status == "failed"


def test_a_bad_card_is_not_kept_but_one_that_fails_later_is(shop: Shop) -> None:
    customer = shop.customer(None)

    with pytest.raises(stripe.CardError):
        shop.client.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id})
    kept = shop.client.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": customer.id}
    )

    assert kept.customer == customer.id
    with pytest.raises(stripe.CardError):
        pay(shop.client, kept.id, customer=customer.id)


def test_a_card_that_asks_for_3d_secure_waits_for_its_holder(client: Any) -> None:
    waiting = pay(client, "pm_card_threeDSecure2Required", return_url="https://aurum.example/back")

    assert waiting.status == "requires_action"
    assert waiting.next_action.type == "redirect_to_url"
    assert waiting.next_action.redirect_to_url.return_url == "https://aurum.example/back"


def test_without_its_holder_such_a_card_is_refused(client: Any) -> None:
    with pytest.raises(stripe.CardError) as refused:
        pay(client, "pm_card_authenticationRequired", off_session=True)

    assert refused.value.code == "authentication_required"


def test_numbers_are_checked(client: Any) -> None:
    for number, code in (("4242424242424241", "incorrect_number"),
                         ("4929000000006", "card_declined")):  # fmt: skip
        with pytest.raises(stripe.CardError) as refused:
            client.payment_methods.create(
                {"type": "card", "card": {"number": number, "exp_month": 1, "exp_year": 2040}}
            )
        assert refused.value.code == code
    with pytest.raises(stripe.CardError) as expired:
        client.payment_methods.create(
            {"type": "card",
             "card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2020}}
        )  # fmt: skip
    assert expired.value.code == "invalid_expiry_year"


def test_a_setup_intent_keeps_a_card_for_later(shop: Shop) -> None:
    customer = shop.customer(None)

    kept = shop.client.setup_intents.create(
        {"customer": customer.id, "payment_method": "pm_card_visa", "confirm": True}
    )
    waiting = shop.client.setup_intents.create(
        {"customer": customer.id, "payment_method": "pm_card_authenticationRequired",
         "confirm": True}
    )  # fmt: skip

    assert (kept.status, waiting.status) == ("succeeded", "requires_action")
    found = shop.client.customers.payment_methods.list(customer.id).data
    assert [each.id for each in found] == [kept.payment_method]
    with pytest.raises(stripe.CardError):
        shop.client.setup_intents.create(
            {"customer": customer.id, "payment_method": "pm_card_visa_chargeDeclined",
             "confirm": True}
        )  # fmt: skip
