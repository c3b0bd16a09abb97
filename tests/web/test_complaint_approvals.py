"""What colleagues ask for to make good waits on a page for whoever may decide it."""

import pytest

from regulars.complaints.models import Remedy
from regulars.complaints.services import remedies
from regulars.complaints.services.remedies import Wish
from regulars.customers.models import Customer
from regulars.staff.models import Staff
from tests.factories import people
from tests.factories.customers import NOW
from tests.factories.visitors import Visitor
from tests.web.test_complaint_case import bob, carol, guide, manager, mona, page, raised

__all__ = ["bob", "carol", "guide", "manager", "mona"]
pytestmark = pytest.mark.usefixtures("inside_aurum")


def test_approvals_show_who_asks_what_and_why_and_are_decided_there(
    guide: Visitor, manager: Visitor, bob: Staff, carol: Customer
) -> None:
    case = raised(bob, carol)
    asked = [
        remedies.ask(
            actor=people.actor(bob), case_id=case.pk, now=NOW, key=f"k{number}",
            wish=Wish(kind="gift", label=label, amount_minor=99_900, goodwill=True),
        )
        for number, label in enumerate(("A big box", "A bigger box"))
    ]  # fmt: skip
    assert guide.get("/complaints/approvals/").status_code == 403

    told = manager.get("/complaints/approvals/").content.decode()
    for words in ("A big box", "A bigger box", "Bob", "¥999", "Carol", "Store manager"):
        assert words in told
    manager.post(f"/complaints/approvals/{asked[0].pk}/approve/", {"from": "list"})
    without = manager.post(f"/complaints/approvals/{asked[1].pk}/refuse/", {"from": "list"})
    assert without["Location"] == "/complaints/approvals/"
    assert Remedy.objects.get(pk=asked[1].pk).state == "asked"  # a refusal needs its reason
    manager.post(f"/complaints/approvals/{asked[1].pk}/refuse/", {"reason": "Too big"})

    states = dict(Remedy.objects.values_list("label", "state"))
    assert states == {"A big box": "approved", "A bigger box": "refused"}
    assert "Nothing waits for you" in manager.get("/complaints/approvals/").content.decode()


def test_nobody_approves_what_they_asked_for(guide: Visitor, bob: Staff, carol: Customer) -> None:
    case = raised(bob, carol)
    row = remedies.ask(
        actor=people.actor(bob), case_id=case.pk, now=NOW, key="k",
        wish=Wish(kind="gift", label="A big box", amount_minor=99_900, goodwill=True),
    )  # fmt: skip
    assert "/approve/" not in page(guide, case)

    guide.post(f"/complaints/approvals/{row.pk}/approve/")

    assert Remedy.objects.get(pk=row.pk).state == "asked"
