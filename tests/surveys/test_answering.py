"""Answering: one tap is an answer, it may be amended for a while, and counts once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from regulars.outbox.models import Job
from regulars.staff.models import Role
from regulars.surveys import links, services
from regulars.surveys.models import Invitation
from regulars.surveys.services import (
    AMENDED,
    BoughtElsewhere,
    LinkOver,
    NoSuchLink,
    NotAnswered,
    answering,
    asking,
)
from regulars.surveys.services.answering import AT_THE_TABLET, at_tablet
from regulars.tenancy.identifiers import new_id
from regulars.usecases import ask_customers
from tests.factories import people, purchases, surveys
from tests.factories.customers import NOW
from tests.surveys.conftest import Shop

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
State = Invitation.State


@pytest.fixture
def asked(shop: Shop) -> Invitation:
    return surveys.asked(customer=shop.carol, survey="after-purchase", store_id=shop.store.pk)


def say(row: Invitation, now: Any = NOW, **given: object) -> Invitation:
    return services.answer(token=links.token("invitation", row.pk), given=given, now=now)


def test_a_tap_is_an_answer_and_more_may_be_said(asked: Invitation) -> None:
    first = say(asked, recommend="9")
    assert (first.state, first.answers, first.answered_at) == ("answered", {"recommend": 9}, NOW)

    more = say(asked, NOW + MINUTE, piece="5", words=" Lovely. ")

    assert more.answers == {"recommend": 9, "piece": 5, "words": "Lovely."}
    assert (more.answered_at, more.amended_at) == (NOW, NOW + MINUTE)


def test_the_same_answer_again_changes_nothing(asked: Invitation) -> None:
    say(asked, recommend="9")

    assert say(asked, NOW + DAY, recommend="9").amended_at is None


def test_an_answer_may_be_changed_for_a_while_and_not_later(asked: Invitation) -> None:
    say(asked, recommend="9")

    assert say(asked, NOW + AMENDED, recommend="4").answers == {"recommend": 4}
    with pytest.raises(LinkOver):
        say(asked, NOW + AMENDED + MINUTE, recommend="9")


def test_a_link_expires(asked: Invitation) -> None:
    with pytest.raises(LinkOver):
        say(asked, NOW + asking.OPEN + MINUTE, recommend="9")


@pytest.mark.parametrize(
    "given", [{}, {"recommend": "11"}, {"recommend": "x"}, {"piece": "5"}, {"unknown": "1"}]
)
def test_what_is_no_answer_is_refused(asked: Invitation, given: dict[str, str]) -> None:
    with pytest.raises(NotAnswered):
        say(asked, **given)

    asked.refresh_from_db()
    assert (asked.state, asked.answers) == (State.ASKED, {})


@pytest.mark.parametrize("state", [State.WAITING, State.LEFT_OUT])
def test_what_was_not_asked_has_no_link(shop: Shop, state: str) -> None:
    row = surveys.asked(customer=shop.carol, state=state, asked_at=None, due_at=NOW, why="lately")

    with pytest.raises(NoSuchLink):
        say(row, overall="5")


def test_a_made_up_link_leads_nowhere(asked: Invitation) -> None:
    for token in ("x", links.token("invitation", new_id()), links.token("tablet", asked.pk)):
        with pytest.raises(NoSuchLink):
            services.answer(token=token, given={"recommend": "9"}, now=NOW)


def test_a_receipt_asks_without_a_message_and_then_no_message_does(shop: Shop) -> None:
    sold = purchases.sale(customer=shop.carol, store_id=shop.store.pk)
    ask_customers.find(since=NOW - DAY, now=NOW)
    token = links.token("purchase", sold.purchase_id)

    row = services.answer(token=token, given={"recommend": "10"}, now=NOW + MINUTE)

    assert (row.way, row.customer_id, row.purchase_id) == (
        "receipt", shop.carol.pk, sold.purchase_id
    )  # fmt: skip
    assert Invitation.objects.count() == 1
    assert ask_customers.ask_due(now=NOW + 10 * DAY) == 0
    assert services.answer(token=token, given={"recommend": "1"}, now=NOW + DAY).pk == row.pk


def test_a_receipt_of_nobody_is_answered_by_nobody(shop: Shop) -> None:
    sold = purchases.sale(store_id=shop.store.pk)

    row = services.answer(
        token=links.token("purchase", sold.purchase_id), given={"recommend": "7"}, now=NOW
    )

    assert (row.customer_id, row.store_id) == (None, shop.store.pk)


def test_an_old_receipt_asks_nothing_any_more(shop: Shop) -> None:
    sold = purchases.sale(store_id=shop.store.pk)
    token = links.token("purchase", sold.purchase_id)

    with pytest.raises(LinkOver):
        services.answer(token=token, given={"recommend": "7"}, now=NOW + asking.OPEN + DAY)


def at_counter(shop: Shop, now: Any = NOW, **given: Any) -> Invitation:
    facts = {"once": given.pop("once", uuid4()), "answer_id": given.pop("answer_id", None)}
    return at_tablet(store_id=shop.store.pk, given=given, now=now, **facts)


def test_a_tablet_asks_nobody_in_particular(shop: Shop) -> None:
    one = at_counter(shop, recommend="9")
    other = at_counter(shop, recommend="3")

    assert one.pk != other.pk
    assert (one.customer_id, one.purchase_id, one.way) == (None, None, "tablet")


def test_a_double_tap_at_the_tablet_is_one_answer(shop: Shop) -> None:
    once = uuid4()

    assert (
        at_counter(shop, recommend="9", once=once).pk
        == at_counter(shop, recommend="9", once=once).pk
    )
    assert Invitation.objects.count() == 1


def test_a_page_that_stayed_is_answered_by_the_next_customer_as_well(shop: Shop) -> None:
    once = uuid4()

    answers = [
        at_counter(shop, NOW + minutes * MINUTE, recommend=mark, once=once)
        for minutes, mark in ((0, "9"), (0.1, "9"), (2, "3"), (2.1, "4"), (9, "10"))
    ]

    first, tapped, second, changed, third = (each.pk for each in answers)
    assert (first, second) == (tapped, changed)
    assert len({first, second, third}) == 3
    given = Invitation.objects.order_by("answered_at").values_list("answers", flat=True)
    assert list(given) == [{"recommend": 9}, {"recommend": 4}, {"recommend": 10}]


def test_a_second_tap_after_a_lost_answer_is_about_the_same_receipt(shop: Shop) -> None:
    sold = purchases.sale(customer=shop.carol, store_id=shop.store.pk)
    services.hand_tablet(
        actor=shop.guide, purchase_id=sold.purchase_id, store_id=shop.store.pk, now=NOW
    )
    once = uuid4()

    first = at_counter(shop, NOW, recommend="8", once=once)
    again = at_counter(shop, NOW + MINUTE / 6, recommend="8", once=once)

    assert first.pk == again.pk
    assert Invitation.objects.count() == 1


def test_the_tablet_asks_about_the_receipt_that_was_handed_to_it(shop: Shop) -> None:
    sold = purchases.sale(customer=shop.carol, store_id=shop.store.pk)
    services.hand_tablet(
        actor=shop.guide, purchase_id=sold.purchase_id, store_id=shop.store.pk, now=NOW
    )

    first = at_counter(shop, NOW + MINUTE, recommend="8")
    second = at_counter(shop, NOW + 2 * MINUTE, recommend="2")

    assert (first.customer_id, first.purchase_id) == (shop.carol.pk, sold.purchase_id)
    assert second.customer_id is None  # the next customer is another


def test_a_receipt_handed_over_long_ago_is_not_the_next_customers(shop: Shop) -> None:
    sold = purchases.sale(customer=shop.carol, store_id=shop.store.pk)
    services.hand_tablet(
        actor=shop.guide, purchase_id=sold.purchase_id, store_id=shop.store.pk, now=NOW
    )

    assert at_counter(shop, NOW + AT_THE_TABLET + MINUTE, recommend="8").customer_id is None


def test_more_is_said_at_the_tablet_for_minutes_only_and_in_its_own_store(shop: Shop) -> None:
    row = at_counter(shop, recommend="9")

    more = at_counter(shop, NOW + MINUTE, piece="5", answer_id=row.pk)
    assert more.answers == {"recommend": 9, "piece": 5}
    with pytest.raises(NoSuchLink):
        at_counter(shop, NOW + AT_THE_TABLET + MINUTE, piece="1", answer_id=row.pk)
    with pytest.raises(NoSuchLink):
        at_tablet(store_id=new_id(), given={"piece": "1"}, now=NOW, once=uuid4(), answer_id=row.pk)
    by_message = surveys.answered(customer=shop.carol, store_id=shop.store.pk)
    with pytest.raises(NoSuchLink):
        at_counter(shop, NOW, recommend="0", answer_id=by_message.pk)


def test_a_tablet_goes_on_only_with_what_nobody_has_finished(shop: Shop) -> None:
    def goes_on(store_id: Any = None, now: Any = NOW) -> bool:
        store_id = store_id or shop.store.pk
        return services.unfinished_at(store_id, row.pk, now=now) is not None

    row = at_counter(shop, recommend="9")

    assert goes_on(now=NOW + AT_THE_TABLET)
    assert not goes_on(now=NOW + AT_THE_TABLET + MINUTE)
    assert not goes_on(new_id())
    at_counter(shop, NOW + MINUTE, words="Lovely.", answer_id=row.pk)
    assert not goes_on()
    row = surveys.answered(customer=shop.carol, store_id=shop.store.pk)  # by message
    assert not goes_on()


def test_whoever_goes_back_on_a_tablet_takes_nobodys_words_away(shop: Shop) -> None:
    row = at_counter(shop, recommend="9")
    at_counter(shop, words="Lovely.", price="5", answer_id=row.pk)

    again = at_counter(shop, NOW + MINUTE, words="", price="", answer_id=row.pk)

    assert again.answers == {"recommend": 9, "words": "Lovely.", "price": 5}


def test_no_link_leads_to_what_was_answered_on_the_tablet(shop: Shop) -> None:
    sold = purchases.sale(customer=shop.carol, store_id=shop.store.pk)
    services.hand_tablet(
        actor=shop.guide, purchase_id=sold.purchase_id, store_id=shop.store.pk, now=NOW
    )
    handed, nobodys = at_counter(shop, recommend="8"), at_counter(shop, recommend="2")
    receipt = links.token("purchase", sold.purchase_id)

    assert services.opened(links.token("invitation", handed.pk), now=NOW).is_over
    assert services.opened(receipt, now=NOW).is_over
    with pytest.raises(NoSuchLink):
        services.opened(links.token("invitation", nobodys.pk), now=NOW)
    with pytest.raises(LinkOver):
        services.answer(token=receipt, given={"recommend": "0"}, now=NOW)
    with pytest.raises(NoSuchLink):
        say(nobodys, recommend="0")


def test_what_was_handed_over_in_vain_is_answered_by_its_link_and_may_be_changed(
    shop: Shop,
) -> None:
    sold = purchases.sale(customer=shop.carol, store_id=shop.store.pk)
    services.hand_tablet(
        actor=shop.guide, purchase_id=sold.purchase_id, store_id=shop.store.pk, now=NOW
    )
    receipt = links.token("purchase", sold.purchase_id)

    first = services.answer(token=receipt, given={"recommend": "9"}, now=NOW)
    changed = services.answer(token=receipt, given={"recommend": "4"}, now=NOW + DAY)

    assert first.way == Invitation.Way.RECEIPT
    assert changed.answers == {"recommend": 4}


def test_a_receipt_of_another_store_is_neither_handed_over_nor_becomes_this_stores(
    shop: Shop,
) -> None:
    there = people.store(code="e7")
    sold = purchases.sale(customer=shop.carol, store_id=there.pk)
    both = people.staff(name="Bo", role=Role.STORE_MANAGER, stores=(shop.store, there))
    given: dict[str, Any] = {"purchase_id": sold.purchase_id, "now": NOW}

    with pytest.raises(NoSuchLink):
        services.hand_tablet(actor=shop.guide, store_id=shop.store.pk, **given)
    with pytest.raises(BoughtElsewhere):
        services.hand_tablet(actor=people.actor(both), store_id=shop.store.pk, **given)

    assert not Invitation.objects.exists()
    services.hand_tablet(actor=people.actor(both), store_id=there.pk, **given)
    assert Invitation.objects.get().store_id == there.pk


def test_what_was_answered_is_not_handed_to_the_tablet_again(shop: Shop) -> None:
    sold = purchases.sale(customer=shop.carol, store_id=shop.store.pk)
    services.answer(
        token=links.token("purchase", sold.purchase_id), given={"recommend": "9"}, now=NOW
    )

    with pytest.raises(LinkOver):
        services.hand_tablet(
            actor=shop.guide, purchase_id=sold.purchase_id, store_id=shop.store.pk, now=NOW
        )


def test_an_unhappy_answer_asks_for_somebody_to_be_told_in_minutes(asked: Invitation) -> None:
    say(asked, recommend="3")
    assert not Job.objects.filter(handler=answering.UNHAPPY).exists()

    say(asked, NOW + MINUTE, words="I waited half an hour.")

    job = Job.objects.get(handler=answering.UNHAPPY)
    assert job.payload == {"invitation": str(asked.pk)}
    assert job.due_at == NOW + 6 * MINUTE
