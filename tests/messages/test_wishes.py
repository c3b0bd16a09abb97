"""The customer's own wish comes first (C2, P5)."""

from typing import Any

import pytest

from regulars.audit import SYSTEM
from regulars.customers import services as customers
from regulars.customers.models import Customer
from regulars.messages import refusals
from regulars.messages.models import Suppression
from regulars.messages.suppression import digest
from regulars.tenancy.context import ChainInfo
from tests.factories.contacts import budget, person, reserve
from tests.factories.customers import NOW


@pytest.fixture(autouse=True)
def _wide_budget(inside_aurum: ChainInfo) -> None:
    budget(limits=[])


def says(customer: Customer, purpose: str, given: bool, *, channel: str = "") -> None:
    customers.consent(
        actor=SYSTEM,
        customer_id=customer.pk,
        purpose=purpose,
        channel=channel,
        given=given,
        how="spoken",
        now=NOW,
    )


def may(customer: Customer, **facts: Any) -> bool:
    try:
        reserve(customer, **facts)
    except refusals.NotWished:
        return False
    return True


def test_care_is_for_everybody_who_did_not_refuse_it() -> None:
    silent, willing, unwilling = person(), person(), person()
    says(willing, "care", True)
    says(unwilling, "care", False)

    assert [may(each) for each in (silent, willing, unwilling)] == [True, True, False]


@pytest.mark.parametrize(
    ("attitude", "consent", "allowed"),
    [
        ("", None, False),
        ("neutral", None, False),
        ("welcome", None, True),
        ("unwelcome", None, False),
        ("", True, True),
        ("neutral", True, True),
        ("unwelcome", True, False),
        ("welcome", False, False),
    ],
)
def test_selling_is_for_those_who_welcome_it(
    attitude: str, consent: bool | None, allowed: bool
) -> None:
    carol = person(promotions=attitude)
    if consent is not None:
        says(carol, "selling", consent)

    assert may(carol, purpose="selling") is allowed


def test_a_no_to_one_channel_leaves_the_others() -> None:
    carol = person()
    says(carol, "care", False, channel="sms")

    assert not may(carol, channel="sms")
    assert may(carol, channel="call")


def test_wecom_is_asked_for_with_wechat() -> None:
    carol = person()
    says(carol, "care", False, channel="wechat")

    assert not may(carol, channel="wecom")


def test_a_survey_is_care_and_heeds_a_no_to_surveys() -> None:
    carol = person()
    says(carol, "survey", False)

    assert not may(carol, wish="survey")
    assert may(carol)


def test_an_address_that_came_back_is_not_used_again_for_anything() -> None:
    carol = person()
    assert carol.phone
    Suppression.objects.create(channel="sms", digest=digest(carol.phone), reason="bounced", at=NOW)

    with pytest.raises(refusals.Suppressed):
        reserve(carol)
    assert may(carol, channel="call")


def test_without_an_address_nothing_is_reserved() -> None:
    with pytest.raises(refusals.NoAddress):
        reserve(person(), channel="email")
