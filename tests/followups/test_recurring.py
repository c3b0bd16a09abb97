"""When a date comes next: rules in Python, and the same rules as the database works them out."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.customers.calendar import LeapDay
from regulars.customers.models import Customer, Possession
from regulars.followups.models import Occasion
from regulars.followups.occasions import keeping, recurring
from regulars.followups.occasions.recurring import Rule, StateRule
from regulars.kit import Where
from tests import counts
from tests.followups.conftest import Cast

HALF_YEARLY = Rule(kind="k", owner="ring", since="acquired-on", months=6, repeats=True)
YEARLY = Rule(kind="k", owner="", since="engaged", months=12, repeats=True, yearly=True)
ENDS = Rule(kind="k", owner="ring", since="until", days=-30)
TABLE = Rule(kind="k", owner="table", since="day", months=12, days=-30, repeats=True)
THREE_WEEKS = Rule(kind="k", owner="course", since="last", days=21, repeats=True)


@pytest.mark.parametrize(
    ("rule", "base", "today", "expected"),
    [
        (HALF_YEARLY, "2026-01-10", "2026-01-10", "2026-07-10"),
        (HALF_YEARLY, "2026-01-10", "2026-07-10", "2026-07-10"),
        (HALF_YEARLY, "2026-01-10", "2026-07-11", "2027-01-10"),
        (HALF_YEARLY, "2026-08-31", "2026-11-21", "2027-02-28"),  # no 31st: the month's last day
        (HALF_YEARLY, "2026-08-31", "2027-03-01", "2027-08-31"),  # and the 31st again
        (HALF_YEARLY, "2028-01-01", "2026-11-21", "2028-07-01"),  # bought in the time to come
        (YEARLY, "2020-05-20", "2026-11-21", "2027-05-20"),
        (YEARLY, "2027-05-20", "2026-11-21", "2027-05-20"),  # the day itself is the first
        (YEARLY, "2024-02-29", "2026-11-21", "2027-02-28"),
        (YEARLY, "2024-02-29", "2027-03-01", "2028-02-29"),
        (ENDS, "2027-01-31", "2026-11-21", "2027-01-01"),
        (ENDS, "2026-12-01", "2026-11-21", "2026-11-01"),  # late, but not too late
        (ENDS, "2026-11-01", "2026-11-21", None),
        (TABLE, "2025-12-31", "2026-11-21", "2026-12-01"),
        (TABLE, "2025-12-31", "2026-12-02", "2027-12-01"),  # a year later, not eleven months
        (THREE_WEEKS, "2026-11-01", "2026-11-21", "2026-11-22"),
        (THREE_WEEKS, "2026-11-01", "2026-11-23", "2026-12-13"),
    ],
)
def test_a_rule_s_next_day(rule: Rule, base: str, today: str, expected: str | None) -> None:
    found = recurring.next_on(rule, date.fromisoformat(base), today=date.fromisoformat(today))

    assert found == (expected and date.fromisoformat(expected))


def test_a_yearly_29_february_follows_the_chain_s_policy() -> None:
    leap = date(2024, 2, 29)

    def next_on(today: date) -> date | None:
        return recurring.next_on(YEARLY, leap, today=today, leap_day="03-01")

    assert next_on(date(2026, 11, 21)) == date(2027, 3, 1)
    assert next_on(date(2027, 3, 1)) == date(2027, 3, 1)
    assert next_on(date(2027, 3, 2)) == date(2028, 2, 29)


def test_a_state_is_due_while_it_holds() -> None:
    low = StateRule(
        kind="k",
        owner="course",
        where=(
            Where(fact="possession.left", op="at-most", value=1),
            Where(fact="possession.left", op="at-least", value=1),
        ),
    )

    assert [low.holds({"left": left}) for left in (0, 1, 1.0, 2)] == [False, True, True, False]
    assert not low.holds({})


RULES = st.one_of(
    st.builds(lambda days: Rule(kind="k", owner="o", since="d", days=days), st.integers(-400, 400)),
    st.builds(
        lambda months, days: Rule(
            kind="k", owner="o", since="d", months=months, days=days, repeats=True
        ),
        st.integers(1, 40),
        st.integers(-60, 60),
    ),
    st.builds(
        lambda days: Rule(kind="k", owner="o", since="d", days=days, repeats=True),
        st.integers(1, 400),
    ),
    st.just(Rule(kind="k", owner="o", since="d", months=12, repeats=True, yearly=True)),
)
DAYS = st.one_of(
    st.dates(date(1930, 1, 1), date(2060, 12, 31)),
    st.builds(date, st.integers(1930, 2060).map(lambda y: y - y % 4), st.just(2), st.just(29)),
)


@given(rule=RULES, base=DAYS, today=DAYS)
def test_what_repeats_is_never_past_nor_more_than_a_period_away(
    rule: Rule, base: date, today: date
) -> None:
    found = recurring.next_on(rule, base, today=today)

    if rule.repeats:
        assert found is not None
        assert found >= today
        period = timedelta(days=31 * rule.months + (0 if rule.months else rule.days) + 3)
        assert found < max(today, base + timedelta(days=rule.days)) + 2 * period
    elif found is not None:
        assert found >= today - timedelta(days=recurring.KEPT_DAYS)


CASES = st.lists(st.tuples(RULES, DAYS), min_size=12, max_size=12)


@pytest.mark.proof("random rules and dates, worked out by Python and by the database")
def test_the_database_works_out_the_same_days(
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    policies: dict[str, object],
    record_property: counts.Note,
) -> None:
    rounds = counts.of(12, proof=400)
    person = Customer(name="王小明", home_store=cast.north)
    person.save(force_insert=True)
    seen = 0

    def one_round(cases: list[tuple[Rule, date]], today: date, leap_day: LeapDay) -> None:
        nonlocal seen
        rules = [
            Rule(**{**_parts(rule), "kind": f"k{n}", "owner": f"o{n}", "since": "d"})
            for n, (rule, _base) in enumerate(cases)
        ]
        monkeypatch.setattr(recurring, "rules", lambda: tuple(rules))
        policies["customers.leap-day-birthday"] = leap_day
        Possession.objects.all().delete()
        Possession.objects.bulk_create(
            Possession(customer=person, kind=f"o{n}", extra={"d": base.isoformat()})
            for n, (_rule, base) in enumerate(cases)
        )
        now = datetime.combine(today, time(12), ZoneInfo("Asia/Shanghai"))

        keeping.refresh_all(now=now)

        expected = {
            rule.kind: recurring.next_on(rule, base, today=today, leap_day=leap_day)
            for rule, (_rule, base) in zip(rules, cases, strict=True)
        }
        found = dict(Occasion.objects.values_list("kind", "next_on"))
        assert found == {kind: on for kind, on in expected.items() if on is not None}
        seen += len(cases)

    _try(rounds, one_round)
    record_property("found", f"{seen} rules alike")


def _try(rounds: int, one_round: Any) -> None:
    tried = given(cases=CASES, today=DAYS, leap_day=st.sampled_from(["02-28", "03-01"]))(one_round)
    settings(
        max_examples=rounds, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )(tried)()


def _parts(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in rule.__dataclass_fields__}


def test_a_text_that_is_no_day_is_no_occasion(cast: Cast) -> None:
    person = Customer(name="李雷", extra={"move-in": "2026-13-45", "engaged": "someday"})
    person.save(force_insert=True)

    keeping.refresh_all(now=datetime(2026, 11, 21, tzinfo=ZoneInfo("Asia/Shanghai")))

    assert not Occasion.objects.exists()
