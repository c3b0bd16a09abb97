"""What makes good, on a complaint's page: no more than anybody gives, and nobody's own."""

import pytest

from regulars.complaints.models import Case, Remedy
from regulars.staff.models import Role
from tests.factories import customers, people
from tests.factories.visitors import signed_in
from tests.web.test_complaint_case import do, page, raised

pytestmark = pytest.mark.usefixtures("inside_aurum")


@pytest.mark.parametrize("act", ["remedy", "propose"])
def test_more_points_than_anybody_gives_are_refused_with_a_sentence(act: str) -> None:
    here = people.first_store()
    people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(here,), email="mona@aurum.example")
    manager = signed_in(email="mona@aurum.example")
    case = raised(None)
    given = {"what": "remedy-points", "points": str(10**20)}
    if act == "propose":
        for step, words in (("apologise", {}), ("investigate", {"promised_at": "2031-01-01T10:00"}),
                            ("find", {"cause": "setting", "since": "2026-11-01"})):  # fmt: skip
            do(manager, case, step, text="Words", **words)
        given = {"text": "OK?", "offer-goodwill-points": "on", "cost-goodwill-points": "1" * 20}

    answer = do(manager, case, act, **given)

    assert answer.status_code == 422
    assert "10000000 points" in answer.content.decode()
    assert not Remedy.objects.exists()


def test_what_the_customer_approved_themselves_can_only_be_refused() -> None:
    here = people.first_store()
    bob = people.staff(name="Bob", stores=(here,))
    carol = customers.customer(name="Carol", phone=customers.phone(), store=here, owner=bob)
    case = raised(bob, None)
    people.staff(name="Hugo", role=Role.HEAD_OFFICE, email="hugo@aurum.example")
    hugo = signed_in(email="hugo@aurum.example")
    do(hugo, case, "remedy", what="goodwill-points", points="20")
    type(carol).objects.filter(pk=carol.pk).update(email="hugo@aurum.example")
    Case.objects.filter(pk=case.pk).update(customer=carol)
    remedy = Remedy.objects.get()
    people.staff(name="Olga", role=Role.OWNER, email="olga@aurum.example")
    olga = signed_in(email="olga@aurum.example")

    shown = page(olga, case)

    assert f"/complaints/approvals/{remedy.pk}/carry-out/" not in shown
    assert f"/complaints/approvals/{remedy.pk}/approve/" not in shown
    olga.post(f"/complaints/approvals/{remedy.pk}/refuse/", {"reason": "Their own"})
    remedy.refresh_from_db()
    assert remedy.state == "refused"
