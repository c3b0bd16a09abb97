"""What a customer agreed to, per purpose and channel (P5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from regulars.customers import consents, selectors, services
from regulars.customers.models import Consent, Customer
from regulars.errors import Invalid
from tests.customers.conftest import Cast
from tests.factories import customers


def say(cast: Cast, customer: Customer, *, given: bool, minute: int = 0, **facts: Any) -> Consent:
    """Write down a yes or a no."""
    values = {"purpose": "selling", "how": "spoken", **facts}
    return services.consent(
        actor=cast.alice,
        customer_id=customer.pk,
        given=given,
        now=customers.NOW + timedelta(minutes=minute),
        **values,
    )


def test_who_was_never_asked_neither_agreed_nor_refused(cast: Cast) -> None:
    standing = selectors.consents_of(customers.customer().pk)

    assert standing.given("selling", "sms") is None
    assert standing.newest() == []


def test_the_newest_word_holds(cast: Cast) -> None:
    made = customers.customer()
    say(cast, made, given=True, minute=1)
    say(cast, made, given=False, minute=2, channel="sms")

    standing = selectors.consents_of(made.pk)

    assert standing.given("selling", "sms") is False
    assert standing.given("selling", "call") is True
    assert standing.given("care", "call") is None
    say(cast, made, given=True, minute=3)  # to all channels, later than the refusal of one
    assert selectors.consents_of(made.pk).given("selling", "sms") is True


def test_a_consent_says_who_wrote_it_and_how_it_was_given(cast: Cast) -> None:
    row = say(cast, customers.customer(), given=True, how="form", text_version="2026-01")

    assert (row.by_id, row.how, row.text_version) == (cast.alice.id, "form", "2026-01")


@pytest.mark.parametrize(
    "facts",
    [
        {"purpose": "world-peace"},
        {"channel": "pigeon"},
        {"purpose": "profile", "channel": "sms"},
        {"how": "guessed"},
    ],
)
def test_what_is_no_consent_is_refused(cast: Cast, facts: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        say(cast, customers.customer(), given=True, **facts)  # type: ignore[arg-type]

    assert not Consent.objects.exists()


def test_what_was_agreed_cannot_be_rewritten(cast: Cast) -> None:
    row = say(cast, customers.customer(), given=True)

    with pytest.raises(ProgrammingError), transaction.atomic():
        Consent.objects.filter(pk=row.pk).update(given=False)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Consent.objects.filter(pk=row.pk).delete()


def test_every_purpose_that_is_asked_by_channel_is_a_purpose() -> None:
    assert set(consents.CHANNEL_PURPOSES) <= set(consents.PURPOSES)
