"""Values written so that they are read as the same again."""

from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from regulars.imports.values import birthdays, dates
from regulars.imports.values import words as texts
from regulars.imports.writing import words

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize("hour", [4, 5, 6, 7])
def test_moments_are_told_apart_where_the_clock_goes_back(hour: int) -> None:
    at = datetime(2026, 11, 1, hour, 30, tzinfo=UTC)

    written = str(words.moment(at, zone=NEW_YORK))

    assert dates.moment(zone=NEW_YORK)(written) == at


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
@pytest.mark.parametrize(
    "day",
    [
        birthdays.Birthday(2, 29),
        birthdays.Birthday(3, 5, 1990),
        birthdays.Birthday(8, 30, lunar=True),
        birthdays.Birthday(8, 15, 1990, lunar=True),
        birthdays.Birthday(6, 3, 2025, lunar=True, leap=True),
        birthdays.Birthday(6, 3, lunar=True, leap=True),
    ],
)
def test_days_of_the_year_are_read_as_they_were(day: birthdays.Birthday, language: str) -> None:
    written = words.yearly(**day._asdict(), language=language)

    assert birthdays.birthday()(str(written)) == day


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
@pytest.mark.parametrize("means", ["cash", "wechat", "alipay", "card", "transfer", "platform"])
def test_means_of_payment_are_read_as_they_were(means: str, language: str) -> None:
    written = words.means(means, language=language)

    assert cast(str, texts.payment(limit=40)(written)) == means
