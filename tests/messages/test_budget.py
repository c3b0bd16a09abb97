"""The contact budget is one, over channels, stores and people (C1; scenarios/clocks.md 5 to 8)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM
from regulars.customers import services as customers
from regulars.customers.models import Customer
from regulars.errors import Forbidden, NotFound
from regulars.messages import refusals, services
from regulars.messages.models import Contact
from regulars.messages.selectors import asking
from regulars.messages.services import by_hand
from regulars.messages.services.budgeting import BudgetRefused
from regulars.staff.models import Role
from tests.factories import people
from tests.factories.contacts import budget, contacts, draft, limits, person, reserve
from tests.factories.customers import NOW

pytestmark = pytest.mark.usefixtures("inside_aurum")
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
TICK = timedelta(microseconds=1)


@pytest.fixture
def carol() -> Customer:
    """A customer who was contacted on three days of the last week, as often as it may be."""
    budget()
    made = person()
    for days in (5, 4, 3):
        reserve(made, now=NOW - days * DAY)
    return made


def refused(whom: Customer, **facts: Any) -> refusals.ContactRefused:
    with pytest.raises(refusals.ContactRefused) as caught:
        reserve(whom, **facts)
    return caught.value


def test_5_a_fourth_greeting_in_a_week_is_refused_until_the_first_is_a_week_old(
    carol: Customer,
) -> None:
    error = refused(carol)

    assert isinstance(error, refusals.BudgetUsedUp)
    assert error.possible_at == NOW + 2 * DAY
    assert error.retry_after == 2 * 86_400
    assert "possible again" in str(error).lower()


def test_5_the_window_is_half_open(carol: Customer) -> None:
    free = NOW + 2 * DAY

    assert refused(carol, now=free - TICK).possible_at == free
    assert reserve(carol, now=free)


def test_6_a_budget_used_up_by_texts_of_one_store_stops_a_call_of_another(carol: Customer) -> None:
    other = people.store(code="B", name="B")
    bob = people.staff(name="Bob", role=Role.STORE_MANAGER, stores=(other,))

    error = refused(
        carol, channel="call", purpose="care", staff_id=bob.pk, store_id=other.pk, now=NOW
    )

    assert isinstance(error, refusals.BudgetUsedUp)


def test_6_texts_of_store_a_use_up_what_staff_of_store_b_would_sell_with() -> None:
    budget()
    carol = person(promotions="welcome")
    here, there = people.store(code="A", name="A"), people.store(code="B", name="B")
    bob = people.staff(name="Bob", stores=(there,))
    for days in (5, 4, 3):
        reserve(carol, store_id=here.pk, now=NOW - days * DAY)

    error = refused(carol, channel="call", purpose="selling", staff_id=bob.pk, store_id=there.pk)

    assert isinstance(error, refusals.BudgetUsedUp)
    assert error.possible_at == NOW + 2 * DAY
    assert reserve(person(promotions="welcome"), channel="call", purpose="selling")


@pytest.mark.parametrize("occasion", ["receipt", "code", "complaint"])
def test_7_service_passes_is_recorded_and_uses_no_allowance(carol: Customer, occasion: str) -> None:
    reserve(carol, purpose="service", occasion=occasion)

    (row,) = Contact.objects.filter(customer=carol, purpose="service")
    assert (row.occasion, row.uses_allowance, row.flagged) == (occasion, False, False)
    assert reserve(carol, now=NOW + 2 * DAY), "the service message moved nothing"


def test_7_service_passes_by_night_and_whatever_the_customer_wishes(carol: Customer) -> None:
    budget(limits=limits(0), quiet=["00:00", "23:59:59"])
    customers.consent(
        actor=SYSTEM, customer_id=carol.pk, purpose="care", given=False, how="spoken", now=NOW
    )

    assert reserve(carol, purpose="service")


def test_7a_dialling_is_refused_and_a_call_already_made_is_kept_and_flagged(
    carol: Customer,
) -> None:
    with pytest.raises(refusals.BudgetUsedUp):
        reserve(carol, channel="call")

    row = services.log(actor=SYSTEM, draft=draft(carol, channel="call", text="OK"), now=NOW)

    assert (row.state, row.flagged, row.uses_allowance) == ("logged", True, True)
    assert refused(carol, now=NOW + 2 * DAY).possible_at == NOW + 3 * DAY, "it counts"


def test_a_call_logged_within_the_budget_is_not_flagged() -> None:
    budget()
    carol = person()

    row = services.log(actor=SYSTEM, draft=draft(carol, channel="call"), now=NOW)

    assert not row.flagged


def test_the_same_call_is_logged_once() -> None:
    carol = person()
    told = draft(carol, channel="call", key="form 1")

    first = services.log(actor=SYSTEM, draft=told, now=NOW)

    assert services.log(actor=SYSTEM, draft=told, now=NOW).pk == first.pk


def test_a_text_message_cannot_be_logged_to_get_around_the_budget(carol: Customer) -> None:
    with pytest.raises(by_hand.NotByHand):
        services.log(actor=SYSTEM, draft=draft(carol), now=NOW)


def test_a_call_that_was_reserved_and_not_made_gives_its_allowance_back() -> None:
    budget(limits=limits(1))
    carol = person()
    call = reserve(carol, channel="call")

    services.cancel(actor=SYSTEM, contact_id=call, now=NOW)

    assert reserve(carol, channel="call")


@pytest.mark.parametrize(("reached", "state"), [(True, "delivered"), (False, "failed")])
def test_only_a_call_that_reached_the_customer_uses_the_allowance(
    reached: bool, state: str
) -> None:
    budget(limits=limits(1))
    carol = person()
    call = reserve(carol, channel="call")

    services.conclude(actor=SYSTEM, contact_id=call, reached=reached, text="happy", now=NOW)

    (row,) = contacts(carol)
    assert (row.state, row.text, row.uses_allowance) == (state, "happy", reached)


def test_what_was_concluded_is_not_cancelled() -> None:
    carol = person()
    call = reserve(carol, channel="call")
    services.conclude(actor=SYSTEM, contact_id=call, reached=True, now=NOW)

    with pytest.raises(refusals.NotLikeThis):
        services.cancel(actor=SYSTEM, contact_id=call, now=NOW)


def test_the_same_key_is_the_same_contact() -> None:
    carol = person()

    assert reserve(carol, key="task 1:step 2") == reserve(carol, key="task 1:step 2")
    assert len(contacts(carol)) == 1


def test_a_contact_planned_ahead_keeps_its_place() -> None:
    budget(limits=limits(2))
    carol = person()
    reserve(carol, at=NOW + 3 * DAY)
    reserve(carol, at=NOW + 5 * DAY)

    assert refused(carol).possible_at == NOW + 10 * DAY
    assert reserve(carol, now=NOW - 2 * DAY - TICK), "a window of its own"


def test_selling_has_a_limit_of_its_own_within_that_for_all() -> None:
    budget(limits=[*limits(3), *limits(1, purpose="selling")])
    carol = person(promotions="welcome")
    reserve(carol, purpose="selling", now=NOW - DAY)

    assert refused(carol, purpose="selling").possible_at == NOW + 6 * DAY
    assert reserve(carol)


def test_two_contacts_keep_their_distance_in_both_directions() -> None:
    budget(distance=60)
    carol = person()
    reserve(carol, at=NOW + timedelta(minutes=30))

    error = refused(carol)

    assert isinstance(error, refusals.TooSoon)
    assert error.possible_at == NOW + timedelta(minutes=90)
    assert reserve(carol, now=NOW - timedelta(minutes=30))


def test_the_home_stores_budget_holds_everywhere_then_its_regions_then_the_chains() -> None:
    east = people.region(code="e")
    home = people.store(code="H", region=east)
    other = people.store(code="O", region=east)
    budget(limits=limits(3))
    budget(limits=limits(2), region_id=east.pk)
    budget(limits=limits(1), store_id=home.pk)
    allowed = {}

    for name, store in (("home", home), ("region", other), ("chain", None)):
        whom = person(store=store)
        rows = [draft(whom, store_id=other.pk, at=NOW + day * DAY) for day in range(5)]
        outcomes = services.reserve_many(actor=SYSTEM, drafts=rows, now=NOW)
        allowed[name] = sum(each.contact_id is not None for each in outcomes)

    assert allowed == {"home": 1, "region": 2, "chain": 3}


def test_a_budget_of_a_store_changes_only_what_it_says() -> None:
    home = people.store(code="H")
    budget(distance=60)
    services.set_budget(actor=SYSTEM, body={"limits": limits(9)}, now=NOW, store_id=home.pk)
    carol = person(store=home)
    reserve(carol)

    assert isinstance(refused(carol), refusals.TooSoon)


def test_a_tier_may_have_more() -> None:
    budget(limits=limits(1), tiers={"gold": {"limits": limits(2)}})
    carol = person()
    reserve(carol, now=NOW - DAY)

    assert reserve(carol, tier="gold")
    assert isinstance(refused(carol, tier="silver"), refusals.BudgetUsedUp)


def test_a_limit_of_none_is_never_possible() -> None:
    budget(limits=limits(0, purpose="selling"))
    carol = person(promotions="welcome")

    error = refused(carol, purpose="selling")

    assert (error.possible_at, error.retry_after) == (None, None)


def test_asking_reserves_nothing_and_says_the_same(carol: Customer) -> None:
    dave = person()
    questions = [
        asking.Question(customer_id=each.pk, purpose="care", channel="sms", at=NOW)
        for each in (carol, dave)
    ]

    no, yes = asking.possible(actor=SYSTEM, questions=questions)

    assert no == refusals.Refusal(why="budget", possible_at=NOW + 2 * DAY)
    assert yes is None
    assert len(contacts(dave)) == 0


def test_a_batch_reserves_what_it_may_in_constant_statements(carol: Customer) -> None:
    free = [person() for _ in range(30)]
    without = person(phone=None)

    def ask(*whom: Customer) -> tuple[list[services.Outcome], int]:
        drafts = [draft(each, key=f"b:{each.pk}") for each in whom]
        with CaptureQueriesContext(connection) as queries:
            found = services.reserve_many(actor=SYSTEM, drafts=drafts, now=NOW)
        return found, len(queries)

    (_two, few) = ask(carol, free[0])
    outcomes, many = ask(carol, without, *free)

    assert many == few
    assert outcomes[0].refusal == refusals.Refusal(why="budget", possible_at=NOW + 2 * DAY)
    assert outcomes[1].refusal == refusals.Refusal(why="address")
    assert outcomes[2].repeated
    assert all(each.contact_id and not each.repeated for each in outcomes[3:])


def test_what_is_no_budget_is_refused_by_its_place() -> None:
    with pytest.raises(BudgetRefused) as caught:
        services.set_budget(
            actor=SYSTEM,
            body={
                "limits": [{"purpose": "care", "days": 0, "most": 1}],
                "distance": -1,
                "quiet": ["21:00"],
                "tiers": {"gold": {"distance": "long"}},
                "often": True,
            },
            now=NOW,
        )

    assert set(caught.value.fields) == {
        "limits",
        "distance",
        "quiet",
        "tiers.gold.distance",
        "body",
    }


def test_only_who_manages_rules_changes_the_budget() -> None:
    guide = people.actor(people.staff(name="Gina"))

    with pytest.raises(Forbidden):
        services.set_budget(actor=guide, body={}, now=NOW)


def test_a_guide_contacts_no_customer_they_may_not_see() -> None:
    store = people.store(code="G")
    guide = people.actor(people.staff(name="Gina", stores=(store,)))
    stranger = person()

    assert isinstance(refused(stranger, actor=guide), refusals.NobodyThere)
    with pytest.raises(NotFound):
        services.log(actor=guide, draft=draft(stranger, channel="call"), now=NOW)


def test_what_is_reserved_for_a_time_that_has_passed_counts_from_now(carol: Customer) -> None:
    assert refused(carol, at=NOW - 30 * DAY).possible_at == NOW + 2 * DAY


def test_a_guide_says_how_a_call_to_their_own_customer_went_and_not_of_others() -> None:
    store = people.store(code="G")
    gina = people.staff(name="Gina", stores=(store,))
    guide = people.actor(gina)
    call = reserve(person(store=store, owner=gina), channel="call", actor=guide)
    other = reserve(person(), channel="call")

    services.conclude(actor=guide, contact_id=call, reached=True, now=NOW)

    assert Contact.objects.get(pk=call).staff == gina
    with pytest.raises(NotFound):
        services.conclude(actor=guide, contact_id=other, reached=True, now=NOW)
