"""The period of a promise is counted in days of the shop, not of the server."""

from datetime import UTC, date, datetime, timedelta

import pytest

from regulars.complaints.services import remedies
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints
from tests.factories.complaints import HOUR

MIDNIGHT = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)  # in Shanghai the 22nd begins


@pytest.mark.parametrize(("hours", "approval"), [(-1, "guide"), (1, "store-manager")])
def test_the_period_ends_with_the_day_of_the_store(
    inside_aurum: ChainInfo, hours: int, approval: str
) -> None:
    cast = complaints.cast()
    case = complaints.case(cast, template="loose-stone", is_short=True)
    lasts = max(each.within or 0 for each in remedies.grants(case, "repair", goodwill=False))
    case.bought_on = date(2026, 11, 21) - timedelta(days=lasts)
    case.save()
    wish, at = remedies.Wish(kind="repair", label="Set anew"), MIDNIGHT + hours * HOUR

    remedy = remedies.ask(actor=cast.guide, case_id=case.pk, wish=wish, now=at, key="r")

    assert remedy.approval == approval
