"""What makes good is booked once: points in the ledger, money by the return (Q6)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from regulars.audit import Actor, ActorKind, Scope
from regulars.complaints.models import Case, Remedy
from regulars.complaints.services import remedies
from regulars.complaints.services.remedies import AlreadyDecided, RemedyRefused, Wish
from regulars.errors import NotFound
from regulars.points import selectors as balances
from regulars.points.models import Lot, Posting
from regulars.purchases.models import Purchase
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.usecases import compensate, earning
from tests import mortals
from tests.factories import complaints
from tests.factories.complaints import Cast
from tests.factories.customers import NOW
from tests.mortals import Says

CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def approved(cast: Cast, case: Case | None = None, **wish: Any) -> Remedy:
    case = case or complaints.case(cast)
    facts = {"kind": "points", "label": "Sorry", **wish}
    if facts["kind"] == "points":
        facts.setdefault("points", 300)
    return remedies.ask(
        actor=cast.office, case_id=case.pk, wish=Wish(**facts), now=NOW, key=str(uuid4())
    )


def booked(cast: Cast, *, kind: str = "return", **facts: Any) -> UUID:
    row = Purchase.objects.create(
        **{"store": cast.store, "customer": cast.customer, "kind": kind, "occurred_at": NOW,
           "business_day": NOW.date(), "number": str(uuid4())[:8], "gross_minor": 0,
           "paid_minor": 0, **facts}
    )  # fmt: skip
    return row.pk


def carry_out(cast: Cast, remedy: Remedy, **facts: Any) -> Remedy:
    return compensate.carry_out(actor=cast.office, remedy_id=remedy.pk, now=NOW, **facts)


def test_points_go_through_the_ledger_once_and_run_out_as_the_rules_say(cast: Cast) -> None:
    remedy = approved(cast, amount_minor=500)
    done = carry_out(cast, remedy)

    with pytest.raises(AlreadyDecided):
        carry_out(cast, remedy)

    posting = Posting.objects.get()
    assert (done.state, done.posting_id) == ("done", posting.pk)
    assert (posting.key, posting.amount) == (compensate.key_of(remedy.pk), 300)
    assert Lot.objects.get().expires_at == earning.expires_at(NOW.date())
    assert Case.objects.get().cost_minor == 500
    assert balances.balance(customer_id=cast.customer.pk, now=NOW).available == 300


def test_points_need_an_account(cast: Cast) -> None:
    case = complaints.case(cast, by=CUSTOMER, raised="web", customer_id=None)

    with pytest.raises(RemedyRefused, match="marked"):
        carry_out(cast, approved(cast, case))

    assert Posting.objects.count() == 0


def test_points_are_given_by_the_ledger_alone(cast: Cast) -> None:
    remedy = approved(cast)

    with pytest.raises(RemedyRefused):
        remedies.carry_out(actor=cast.office, remedy_id=remedy.pk, now=NOW)


def test_what_was_not_approved_is_not_carried_out(cast: Cast) -> None:
    case = complaints.case(cast)
    wish = Wish(kind="points", points=300)
    remedy = remedies.ask(actor=cast.guide, case_id=case.pk, wish=wish, now=NOW, key="r")

    with pytest.raises(AlreadyDecided):
        carry_out(cast, remedy)

    assert Posting.objects.count() == 0


def test_a_refund_is_the_return_it_was_booked_as(cast: Cast) -> None:
    remedy = approved(cast, kind="refund", amount_minor=9_900)
    returned = booked(cast)

    done = carry_out(cast, remedy, purchase_id=returned)

    assert (done.state, done.purchase_id) == ("done", returned)
    assert Case.objects.get().cost_minor == 9_900
    assert Posting.objects.count() == 0


@pytest.mark.parametrize("wrong", ["none", "unknown", "a sale", "of another", "voided", "taken"])
def test_only_the_customers_own_return_is_linked_and_once(cast: Cast, wrong: str) -> None:
    remedy = approved(cast, kind="refund", amount_minor=9_900)
    returned = booked(cast)
    purchase_id: UUID | None = {"none": None, "unknown": uuid4()}.get(wrong, returned)
    if wrong == "a sale":
        purchase_id = booked(cast, kind="sale")
    if wrong == "of another":
        purchase_id = booked(cast, customer=None)
    if wrong == "voided":
        booked(cast, kind="void", original_id=returned)
    if wrong == "taken":
        carry_out(cast, approved(cast, kind="refund"), purchase_id=returned)
    before = Case.objects.get(pk=remedy.case_id).cost_minor

    with pytest.raises(RemedyRefused):
        carry_out(cast, remedy, purchase_id=purchase_id)

    assert Case.objects.get(pk=remedy.case_id).cost_minor == before


def test_an_exchange_is_either_half_of_it(cast: Cast) -> None:
    halves = [booked(cast, kind=kind, pair_id=uuid4()) for kind in ("return", "sale")]

    for half in halves:
        assert carry_out(cast, approved(cast, kind="exchange"), purchase_id=half).state == "done"


def test_a_gift_has_no_purchase(cast: Cast) -> None:
    with pytest.raises(RemedyRefused):
        carry_out(cast, approved(cast, kind="gift"), purchase_id=booked(cast))


def test_another_stores_manager_carries_nothing_out(cast: Cast) -> None:
    stranger = replace(cast, office=cast.stranger)
    remedy = approved(cast)

    with pytest.raises(NotFound):
        carry_out(stranger, remedy)


def dying(says: Says, office: Actor, remedy_id: UUID) -> None:
    """Carry a remedy out and be killed after the points, before the complaint."""
    chain = directory.find("aurum")
    assert chain is not None

    def slowly(**_facts: object) -> Remedy:
        says("posted")
        raise AssertionError("killed before")

    before = remedies.carry_out
    remedies.carry_out = slowly
    with context.inside(chain):
        try:
            compensate.carry_out(actor=office, remedy_id=remedy_id, now=NOW + timedelta(days=1))
        finally:
            remedies.carry_out = before


def test_killed_between_points_and_complaint_nothing_is_doubled(own_database: str) -> None:
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        cast = complaints.cast()
        remedy = approved(cast, amount_minor=500)
    with mortals.at_work(dying, cast.office, remedy.pk) as mortal:
        assert mortal.hear() == "posted"
        mortal.kill()

    with context.inside(chain):
        assert (Posting.objects.count(), Case.objects.get().cost_minor) == (0, 0)
        carry_out(cast, remedy)

        assert (Posting.objects.count(), Case.objects.get().cost_minor) == (1, 500)
        assert balances.balance(customer_id=cast.customer.pk, now=NOW).available == 300
