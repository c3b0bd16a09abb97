"""Points bind like money, and nobody has a hand in what they get themselves (Q6)."""

from typing import Any
from uuid import uuid4

import pytest

from regulars.audit import SYSTEM, Actor
from regulars.complaints import services
from regulars.complaints.models import Case, Remedy
from regulars.complaints.services import remedies, weighing
from regulars.complaints.services.remedies import NotYours, RemedyRefused, Wish
from regulars.customers.models import Identity
from regulars.points.models import Posting
from regulars.registry import services as registry
from regulars.staff.models import Staff
from regulars.tenancy.context import ChainInfo
from regulars.usecases import compensate
from tests.factories import complaints, customers
from tests.factories.complaints import Cast
from tests.factories.customers import NOW


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def wanted(case: Case, by: Actor, **wish: Any) -> Remedy:
    facts = {"kind": "points", "label": "Sorry", **wish}
    return remedies.ask(actor=by, case_id=case.pk, wish=Wish(**facts), now=NOW, key=str(uuid4()))


class TestPoints:
    """A point is worth 0.1 in the jeweller's rules; two approve above 2,000."""

    @pytest.mark.parametrize(("points", "state"), [(20_000, "approved"), (20_001, "asked")])
    def test_two_people_approve_points_above_the_limit(
        self, cast: Cast, points: int, state: str
    ) -> None:
        remedy = wanted(complaints.case(cast), cast.manager, points=points)

        assert (remedy.state, remedy.approved_by_id) == (state, cast.manager.id)

    def test_points_and_money_count_together(self, cast: Cast) -> None:
        case = complaints.case(cast)
        wanted(case, cast.manager, points=15_000)

        assert wanted(case, cast.manager, kind="refund", amount_minor=500_00).state == "approved"
        assert wanted(case, cast.manager, kind="refund", amount_minor=1).state == "asked"

    def test_a_low_cost_named_with_points_does_not_lessen_them(self, cast: Cast) -> None:
        remedy = wanted(complaints.case(cast), cast.manager, points=20_001, amount_minor=1)

        assert remedy.state == "asked"

    def test_where_the_chain_sets_no_limit_one_person_is_enough(self, cast: Cast) -> None:
        registry.set_policy(actor=SYSTEM, key="complaints.two-approve-above", value=None, now=NOW)

        assert wanted(complaints.case(cast), cast.manager, points=20_001).state == "approved"

    def test_what_the_kind_does_not_name_is_head_offices_to_decide(self, cast: Cast) -> None:
        case = complaints.case(cast, template="loose-stone", is_short=True)

        remedy = wanted(case, cast.manager, points=50)  # it names points on top alone

        assert (remedy.state, remedy.approval) == ("asked", "head-office")
        with pytest.raises(NotYours):
            remedies.approve(actor=cast.region, remedy_id=remedy.pk, now=NOW)
        assert remedies.approve(actor=cast.office, remedy_id=remedy.pk, now=NOW).state == (
            "approved"
        )

    def test_one_manager_does_not_give_fortunes_alone(self, cast: Cast) -> None:
        case = complaints.case(cast, template="loose-stone", is_short=True)

        for goodwill in (False, True):
            remedy = wanted(case, cast.manager, points=5_000_000, goodwill=goodwill)
            assert remedy.state == "asked"
            with pytest.raises(remedies.AlreadyDecided):
                compensate.carry_out(actor=cast.manager, remedy_id=remedy.pk, now=NOW)

        assert Posting.objects.count() == 0

    @pytest.mark.parametrize(
        "wish",
        [
            {"points": weighing.MOST_POINTS + 1},
            {"points": 10**20},
            {"kind": "refund", "amount_minor": 10**20},
        ],
    )
    def test_more_than_anybody_gives_is_refused_with_a_sentence(
        self, cast: Cast, wish: dict[str, Any]
    ) -> None:
        with pytest.raises(RemedyRefused) as caught:
            wanted(complaints.case(cast), cast.office, **wish)

        assert caught.value.fields


class TestTheirOwn:
    """Whoever asked or approved is looked at too, and again when it is carried out."""

    @pytest.fixture
    def remedy(self, cast: Cast) -> Remedy:
        """Approved by Mona for somebody nobody knows yet."""
        Staff.objects.filter(name="Mona").update(email="mona@aurum.example")
        case = complaints.case(cast, by=cast.manager, customer_id=None)
        return wanted(case, cast.manager, points=100)

    def mona(self, cast: Cast, **facts: Any) -> Any:
        return customers.customer(store=cast.store, **facts)

    def test_to_attach_oneself_refuses_what_one_asked_for(self, cast: Cast, remedy: Remedy) -> None:
        other = wanted(remedy.case, cast.office, points=100)
        me = self.mona(cast, email="Mona@aurum.example")

        services.attach(
            actor=cast.manager, case_id=remedy.case_id, customer_id=me.pk, now=NOW, key="a"
        )

        remedy.refresh_from_db()
        other.refresh_from_db()
        assert (remedy.state, other.state) == ("refused", "approved")
        assert remedy.reason
        assert complaints.steps(remedy.case)[-1] == "remedy-refused"

    @pytest.mark.parametrize("known", ["email", "phone", "identity", "written"])
    def test_nobody_carries_out_what_the_customer_approved(
        self, cast: Cast, remedy: Remedy, known: str
    ) -> None:
        Staff.objects.filter(name="Mona").update(phone="138 0013 8000")
        me = self.mona(cast, phone="+8613800138000" if known == "phone" else customers.phone())
        if known == "email":
            Staff.objects.filter(name="Mona").update(email=me.email or "m@a.example")
            type(me).objects.filter(pk=me.pk).update(email=me.email or "m@a.example")
        if known == "identity":
            Identity.objects.create(customer=me, source="phone", number="+8613800138000")
        written = "+8613800138000" if known == "written" else ""
        Case.objects.filter(pk=remedy.case_id).update(customer=me, phone=written)

        with pytest.raises(NotYours, match="Refuse it"):
            compensate.carry_out(actor=cast.office, remedy_id=remedy.pk, now=NOW)
        assert Posting.objects.count() == 0

        refused = remedies.refuse(
            actor=cast.office, remedy_id=remedy.pk, reason="Their own", now=NOW
        )
        assert refused.state == "refused"

    def test_nobody_approves_what_the_customer_asked_for(self, cast: Cast) -> None:
        Staff.objects.filter(name="Gina").update(email="gina@aurum.example")
        case = complaints.case(cast, customer_id=None)
        remedy = wanted(case, cast.guide, points=100)
        me = self.mona(cast, email="gina@aurum.example")
        Case.objects.filter(pk=case.pk).update(customer=me)

        with pytest.raises(NotYours, match="Refuse it"):
            remedies.approve(actor=cast.manager, remedy_id=remedy.pk, now=NOW)

    def test_what_others_approved_is_not_refused_afterwards(
        self, cast: Cast, remedy: Remedy
    ) -> None:
        with pytest.raises(remedies.AlreadyDecided):
            remedies.refuse(actor=cast.office, remedy_id=remedy.pk, reason="No", now=NOW)
