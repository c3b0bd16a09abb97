"""What customers of a demo chain answered: of their own sales, and always the same."""

from datetime import timedelta

from regulars.local.demo import satisfaction
from regulars.surveys import declared
from regulars.surveys.models import Invitation
from regulars.tenancy.context import ChainInfo
from tests.factories import purchases
from tests.factories.customers import NOW

LATER = NOW + timedelta(days=80)


def answered() -> list[tuple[int, dict[str, object]]]:
    """Write it, and return who answered what."""
    satisfaction.answer(now=LATER)
    rows = Invitation.objects.filter(state="answered").select_related("customer")
    found = [(int(row.customer.name), row.answers) for row in rows if row.customer]
    return sorted(found, key=lambda each: each[0])


def test_customers_of_a_demo_chain_have_answered(inside_aurum: ChainInfo) -> None:
    for n in range(40):
        purchases.sale(
            customer=purchases.customer(name=str(n)), occurred_at=NOW - timedelta(days=n % 9)
        )

    found = answered()

    assert len(found) > 4
    survey = declared.find("after-purchase")
    assert survey is not None
    bounds = {each.key: each.scale for each in survey.questions if each.kind == "rating"}
    for _who, answers in found:
        assert "recommend" in answers
        assert all(low <= answers.get(key, low) <= high for key, (low, high) in bounds.items())  # type: ignore[operator]
    Invitation.objects.all().delete()
    assert answered() == found
