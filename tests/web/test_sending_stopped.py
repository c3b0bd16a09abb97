"""The list of addresses not to be used: looked up by typing, put on, and coming back."""

import pytest
from django.core.cache import cache

from regulars.customers.models import Consent, Identity
from regulars.messages import refusals
from regulars.messages.models import Suppression
from regulars.messages.services import suppressing
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.contacts import budget, person, reserve
from tests.factories.customers import NOW
from tests.factories.headoffice import text_of
from tests.factories.visitors import Visitor
from tests.isolation.cast import entered

PHONE = {"channel": "sms", "address": "138 0013 8000"}


@pytest.fixture
def office(inside_aurum: ChainInfo) -> Visitor:
    cache.clear()
    budget(limits=[])
    return entered(people.owner(), inside_aurum)


def test_an_address_is_looked_up_put_on_and_found(office: Visitor) -> None:
    before = text_of(office.post("/settings/stopped/", PHONE))
    office.post("/settings/stopped/add/", PHONE)
    after = text_of(office.post("/settings/stopped/", PHONE))

    assert "It is not on the list." in before
    assert "its owner told somebody of the shop" in after
    assert "13800138000" not in str(Suppression.objects.values_list())


def test_whoever_comes_back_is_written_to_again_with_their_consent(office: Visitor) -> None:
    carol = person(phone="+8613800138000")
    office.post("/settings/stopped/add/", PHONE)
    with pytest.raises(refusals.Suppressed):
        reserve(carol)

    office.post("/settings/stopped/back/", {**PHONE, "purposes": ["care"], "how": "spoken"})

    assert reserve(carol)
    row = Consent.objects.get(customer=carol)
    assert (row.purpose, row.channel, row.given, row.how) == ("care", "sms", True, "spoken")
    assert row.by_id == people.owner().pk


def test_a_stranger_who_comes_back_makes_nobody(office: Visitor) -> None:
    office.post("/settings/stopped/add/", PHONE)

    office.post("/settings/stopped/back/", {**PHONE, "purposes": ["care"], "how": "spoken"})

    assert not Suppression.objects.exists()
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"channel": "sms", "address": "12"}, {"channel": "email", "address": "carol"}]
)
def test_what_is_no_address_is_refused(office: Visitor, wrong: dict[str, str]) -> None:
    assert office.post("/settings/stopped/", wrong).status_code == 422
    office.post("/settings/stopped/add/", wrong)
    assert not Suppression.objects.exists()


def test_looking_up_has_an_end(office: Visitor) -> None:
    answers = [office.post("/settings/stopped/", PHONE).status_code for _ in range(61)]

    assert (answers[0], answers[-1]) == (200, 429)


def test_an_analyst_may_not(inside_aurum: ChainInfo) -> None:
    ann = people.staff(name="Ann", role=Role.ANALYST)

    assert entered(ann, inside_aurum).post("/settings/stopped/").status_code == 403


@pytest.fixture
def shop(office: Visitor) -> Store:
    return people.store(code="e1")


@pytest.fixture
def bob(shop: Store) -> Staff:
    return people.staff(name="Bob", stores=(shop,))


@pytest.fixture
def guide(bob: Staff, inside_aurum: ChainInfo) -> Visitor:
    return entered(bob, inside_aurum)


def stopped(reason: str = "unsubscribed", *, phone: str = "+8613800138000") -> None:
    suppressing.suppress(channel="sms", address=phone, reason=reason, now=NOW)


AGREED = {**PHONE, "purposes": ["care"], "how": "spoken"}


@pytest.mark.parametrize("reason", ["unsubscribed", "bounced", "replied", "by-hand"])
def test_a_guide_lifts_nothing_of_a_colleagues_customer(
    guide: Visitor, shop: Store, reason: str
) -> None:
    person(phone="+8613800138000", store=shop, owner=people.staff(name="Amy", stores=(shop,)))
    stopped(reason)

    answer = guide.post("/settings/stopped/back/", AGREED, follow=True)

    assert "one of your own customers" in text_of(answer)
    assert Suppression.objects.get().reason == reason
    assert not Consent.objects.exists()


def test_nor_of_strangers_nor_of_a_number_that_several_share(
    guide: Visitor, shop: Store, bob: Staff
) -> None:
    stopped()
    guide.post("/settings/stopped/back/", AGREED)
    carol = person(phone="+8613800138000", store=shop, owner=bob)
    Identity.objects.create(customer=person(), source="phone", number=str(carol.phone))
    guide.post("/settings/stopped/back/", AGREED)

    assert Suppression.objects.exists()


def test_a_guide_puts_no_address_of_others_on_the_list(guide: Visitor, shop: Store) -> None:
    person(phone="+8613800138000", store=shop, owner=people.staff(name="Amy", stores=(shop,)))

    guide.post("/settings/stopped/add/", PHONE)
    guide.post("/settings/stopped/add/", {"channel": "email", "address": "x@customer.example"})

    assert not Suppression.objects.exists()


def test_a_guide_changes_it_for_their_own_customer(guide: Visitor, shop: Store, bob: Staff) -> None:
    carol = person(phone="+8613800138000", store=shop, owner=bob)

    guide.post("/settings/stopped/add/", PHONE)
    assert Suppression.objects.exists()
    guide.post("/settings/stopped/back/", AGREED)

    assert not Suppression.objects.exists()
    assert Consent.objects.get(customer=carol).given


def test_a_pin_is_not_enough_to_lift_it(guide: Visitor, shop: Store, bob: Staff) -> None:
    person(phone="+8613800138000", store=shop, owner=bob)
    stopped()
    session = guide.session
    session["by_pin"] = True
    session.save()

    answer = guide.post("/settings/stopped/back/", AGREED)

    assert answer.status_code == 403
    assert Suppression.objects.exists()


def test_changing_the_list_has_an_end(office: Visitor) -> None:
    answers = [office.post("/settings/stopped/back/", AGREED).status_code for _ in range(21)]

    assert (answers[0], answers[-2], answers[-1]) == (302, 302, 429)
