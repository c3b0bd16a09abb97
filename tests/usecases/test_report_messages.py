"""Every night billing is told what a chain sent, month by month of its own calendar."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from regulars.billing import metering
from regulars.messages.selectors import sent
from regulars.outbox import schedule
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from regulars.usecases import report_messages


@pytest.fixture
def told(aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch) -> list[tuple[date, int]]:
    """Return what billing is told, where each day before a span's end has one message."""
    found: list[tuple[date, int]] = []

    def tell(*, chain: ChainInfo, month: date, sent: int, now: datetime) -> None:
        assert chain.id == aurum.id
        found.append((month, sent))

    def count(*, since: datetime, until: datetime) -> int:
        return (until - since).days

    monkeypatch.setattr(metering, "tell", tell)
    monkeypatch.setattr(sent, "count", count)
    Chain.objects.filter(pk=aurum.id).update(is_demo=False)
    return found


def report(now: datetime, chain: Any) -> None:
    with context.inside(Chain.objects.get(pk=chain.id)):
        report_messages.report(now=now)


def test_the_month_is_that_of_the_chain(told: list[tuple[date, int]], aurum: ChainInfo) -> None:
    report(datetime(2026, 3, 20, tzinfo=UTC), aurum)
    report(datetime(2026, 4, 30, 17, tzinfo=UTC), aurum)  # the first of May in Shanghai

    assert told == [(date(2026, 3, 1), 31), (date(2026, 4, 1), 30), (date(2026, 5, 1), 31)]


def test_last_month_is_counted_again_for_three_days(
    told: list[tuple[date, int]], aurum: ChainInfo
) -> None:
    report(datetime(2026, 4, 3, tzinfo=UTC), aurum)
    report(datetime(2026, 4, 4, tzinfo=UTC), aurum)

    assert [month for month, _ in told] == [date(2026, 3, 1), date(2026, 4, 1), date(2026, 4, 1)]


def test_a_demo_is_billed_nothing(told: list[tuple[date, int]], aurum: ChainInfo) -> None:
    Chain.objects.filter(pk=aurum.id).update(is_demo=True)

    report(datetime(2026, 4, 20, tzinfo=UTC), aurum)

    assert told == []


def test_it_is_done_every_night(aurum: ChainInfo) -> None:
    at_night = datetime(2026, 3, 20, 20, tzinfo=UTC)

    due = [name for name, _key in schedule.due(zone=aurum.zone, now=at_night)]

    assert "billing.messages" in due
