"""The worked examples for calendars (9, 10, 11), from the file to the list of the day."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from regulars.customers import services
from regulars.followups.occasions import selectors
from regulars.followups.occasions.selectors import Wanted
from tests.factories import customers
from tests.followups.conftest import Cast, keep

MOON = {"lunar": True}
LEAP = {"lunar": True, "leap_month": True}
MARCH = "03-01"


@pytest.mark.parametrize(
    ("day", "policy", "today", "expected"),
    [
        ({"month": 2, "day": 29}, "", "2027-01-01", "2027-02-28"),
        ({"month": 2, "day": 29}, MARCH, "2027-01-01", "2027-03-01"),
        ({"month": 2, "day": 29}, MARCH, "2028-01-01", "2028-02-29"),
        ({"month": 8, "day": 15, **MOON}, "", "2026-01-01", "2026-09-25"),
        ({"month": 8, "day": 15, **MOON}, "", "2026-09-26", "2027-09-15"),
        ({"month": 6, "day": 1, **LEAP}, "", "2026-01-01", "2026-07-14"),  # 2026 has no leap sixth
        ({"month": 6, "day": 1, **LEAP}, "", "2025-01-01", "2025-07-25"),  # 2025 has one
        ({"month": 12, "day": 30, **MOON}, "", "2026-01-01", "2026-02-16"),  # 29 days that year
    ],
)
def test_the_day_is_on_the_list_of_that_day(
    cast: Cast,
    policies: dict[str, object],
    day: dict[str, Any],
    policy: str,
    today: str,
    expected: str,
) -> None:
    policies["customers.leap-day-birthday"] = policy or "02-28"
    now = datetime.combine(
        date.fromisoformat(today), datetime.min.time(), ZoneInfo("Asia/Shanghai")
    )
    keep(customers.customer(), **day, now=now)
    services.advance_occasions(now=now)

    on = date.fromisoformat(expected)
    found = selectors.page(actor=cast.alice, wanted=Wanted(first=on, last=on)).occasions
    assert [each.kind for each in found] == ["customer.birthday"]
