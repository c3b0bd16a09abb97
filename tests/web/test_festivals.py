"""Holidays of sun and moon, and seasons, are seen coming: on Today, and by who writes to many."""

from datetime import date, timedelta
from typing import Any

import pytest

from regulars.customers import calendar
from regulars.tenancy.context import ChainInfo
from regulars.web.texts import festivals
from tests.factories.visitors import signed_in

_MOON = calendar.to_solar(year=2090, month=8, day=15)
assert _MOON is not None
MOON = _MOON


@pytest.fixture
def _addresses(inside_aurum: ChainInfo, settings: Any) -> None:
    """Let addresses be those of a chain, as they are while a page is made."""
    settings.ROOT_URLCONF = settings.CHAIN_URLCONF


def coming(first: str, days: int, language: str = "en") -> list[tuple[str, str, bool]]:
    found = festivals.coming(
        today=date.fromisoformat(first), ahead=timedelta(days=days), language=language
    )
    return [(str(each.on), str(each.label), each.is_off) for each in found]


@pytest.mark.usefixtures("_addresses")
def test_days_of_sun_and_moon_and_changes_of_season_come_in_order() -> None:
    assert coming("2026-09-20", 12) == [
        ("2026-09-25", "Mid-Autumn", True), ("2026-10-01", "National Day", True),
    ]  # fmt: skip
    assert ("2026-02-04", "Beginning of spring", False) in coming("2026-02-01", 5)
    assert ("2026-02-17", "Spring Festival", True) in coming("2026-02-10", 10)


@pytest.mark.usefixtures("_addresses")
def test_a_day_leads_to_its_words_where_there_are_any() -> None:
    found = festivals.coming(today=date(2026, 9, 20), ahead=timedelta(days=6), language="en")

    assert found[0].words_url == "/messages/words/?occasion=mid-autumn"


def test_a_batch_for_such_a_day_begins_with_its_words_and_its_morning(
    inside_aurum: ChainInfo, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOCAL = True
    office = signed_in()
    real = festivals.coming

    def from_september(*, today: date, ahead: timedelta, language: str) -> list[festivals.Festival]:
        return real(today=MOON - timedelta(days=10), ahead=ahead, language=language)

    monkeypatch.setattr(festivals, "coming", from_september)

    page = office.get("/messages/batches/new/?day=mid-autumn").content.decode()

    assert "?day=mid-autumn" in page
    assert f'value="{MOON}T10:00"' in page
    assert "Mid-Autumn 2090" in page
    chosen = page.partition("selected")[0].rpartition("<option")[2]
    assert "mid-autumn" in chosen


def test_todays_page_shows_them(inside_aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    real = festivals.coming
    monkeypatch.setattr(
        festivals, "coming",
        lambda *, today, ahead, language: real(
            today=MOON - timedelta(days=3), ahead=ahead, language=language
        ),
    )  # fmt: skip

    page = signed_in().get("/today/").content.decode()

    assert "Mid-Autumn" in page
    assert "/messages/words/?occasion=mid-autumn" in page
