"""What people type into phones, amounts and periods."""

from datetime import date

import pytest
from django import forms as django_forms
from django.core.exceptions import ValidationError

from regulars.errors import Invalid
from regulars.web import forms, periods

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("138 0013 8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+852 5123-4567", "+85251234567"),
        ("010-6552 9988", "+861065529988"),
        ("", ""),
    ],
)
def test_a_phone_is_kept_as_e164_however_it_was_typed(typed: str, number: str) -> None:
    assert forms.PhoneField(required=False).clean(typed) == number


@pytest.mark.parametrize("typed", ["12", "not a phone", "+999999999999999999"])
def test_what_is_no_phone_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        forms.PhoneField().clean(typed)


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("1,280.50", 128_050),
        ("¥1280", 128_000),
        ("１２８０．５", 128_050),
        (" 12 ", 1_200),
        ("0", 0),
        ("", None),
    ],
)
def test_an_amount_becomes_minor_units_exactly(typed: str, minor: int | None) -> None:
    assert forms.MoneyField(currency="CNY", required=False).clean(typed) == minor


@pytest.mark.parametrize("typed", ["1.234", "-5", "12abc", "NaN", "Infinity", "1e30", "1.2.3"])
def test_an_impossible_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        forms.MoneyField(currency="CNY").clean(typed)


def test_a_stored_amount_is_shown_as_it_would_be_typed() -> None:
    assert forms.MoneyField(currency="CNY").prepare_value(128_050) == "1280.50"
    assert forms.MoneyField(currency="JPY").prepare_value(500) == "500"


class _Form(forms.Form):
    name = django_forms.CharField()


def test_a_refusal_stands_at_the_field_it_names_or_above_the_form() -> None:
    form = _Form({"name": "x"})
    form.is_valid()

    form.refuse(Invalid(fields={"name": ["Too short."]}))
    form.refuse(Invalid("Not today."))

    assert form.errors["name"] == ["Too short."]
    assert form.non_field_errors() == ["Not today."]


@pytest.mark.parametrize(
    ("asked", "start", "end", "compare_start", "compare_end"),
    [
        ({}, "2026-10-23", "2026-11-21", "2026-09-23", "2026-10-22"),
        ({"period": "today"}, "2026-11-21", "2026-11-21", "2026-11-20", "2026-11-20"),
        ({"period": "month"}, "2026-11-01", "2026-11-21", "2026-10-01", "2026-10-21"),
        ({"period": "quarter"}, "2026-10-01", "2026-11-21", "2026-07-01", "2026-08-21"),
        ({"period": "year"}, "2026-01-01", "2026-11-21", "2025-01-01", "2025-11-21"),
        (
            {"period": "7d", "compare": "year"},
            "2026-11-15",
            "2026-11-21",
            "2025-11-15",
            "2025-11-21",
        ),
        (
            {"period": "custom", "start": "2026-02-01", "end": "2026-02-28"},
            "2026-02-01",
            "2026-02-28",
            "2026-01-04",
            "2026-01-31",
        ),
    ],
)
def test_a_period_brings_the_one_it_is_compared_with(
    asked: dict[str, str], start: str, end: str, compare_start: str, compare_end: str
) -> None:
    chosen = periods.PeriodForm(asked, today=TODAY).chosen

    days = (chosen.start, chosen.end, chosen.compare_start, chosen.compare_end)
    assert [str(each) for each in days] == [start, end, compare_start, compare_end]


def test_a_month_is_compared_with_a_shorter_one_up_to_its_end() -> None:
    chosen = periods.PeriodForm({"period": "month"}, today=date(2026, 3, 31)).chosen

    assert (str(chosen.compare_start), str(chosen.compare_end)) == ("2026-02-01", "2026-02-28")


@pytest.mark.parametrize(
    "asked",
    [
        {"period": "nonsense"},
        {"period": "custom"},
        {"period": "custom", "start": "2026-03-01", "end": "2026-02-01"},
        {"period": "custom", "start": "1000-01-01", "end": "2026-02-01"},
        {"period": "custom", "start": "yesterday", "end": "2026-02-01"},
    ],
)
def test_a_period_that_makes_no_sense_says_so_and_shows_thirty_days(asked: dict[str, str]) -> None:
    form = periods.PeriodForm(asked, today=TODAY)

    assert form.errors
    assert (form.chosen.preset, form.chosen.days) == ("30d", 30)


def test_without_comparison_there_is_none() -> None:
    chosen = periods.PeriodForm({"compare": "none"}, today=TODAY).chosen

    assert chosen.compare_start is None
    assert chosen.compare_end is None
