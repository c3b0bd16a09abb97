"""Figures as the page shows them: words, numbers, changes, lines, and how each is counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from regulars.insights.periods import Days, Step
from regulars.insights.selectors.figures import Figures
from regulars.insights.selectors.overviews import Compared, Overview, Point
from regulars.web import money
from regulars.web.headoffice.looks import Look

DEFINITIONS: Final[dict[str, str | Promise]] = {
    "sales": gettext_lazy(
        "What customers paid, after discounts and rounding. A return is taken off on the day it "
        "comes back. Days are those of each store's own time zone."
    ),
    "purchases": gettext_lazy(
        "Receipts of sales. A return does not take one off; an import that was undone does."
    ),
    "basket": gettext_lazy("Sales divided by purchases."),
    "buyers": gettext_lazy(
        "Customers we know by name, phone or card who bought at least once in the period: each "
        "once, however often and in how many of these stores they came."
    ),
    "new": gettext_lazy("Buyers whose first purchase ever in the stores shown lies in the period."),
    "returning": gettext_lazy("Buyers who had bought in the stores shown before the period began."),
    "repeat": gettext_lazy("Buyers with two or more purchases in the period, divided by buyers."),
    "held": gettext_lazy(
        "Points that customers hold at the end of the period, less what they owe. Of a store or "
        "region: the points that it gave and that are not used yet."
    ),
    "known": gettext_lazy("Purchases by customers we know, divided by all purchases."),
    "returns": gettext_lazy("Receipts of goods that came back, on the day they came back."),
    "shared": gettext_lazy("Buyers who bought in more than one of the stores shown, each once."),
    "top": gettext_lazy("Buyers by what they paid in the period, less what they brought back."),
}

_FITS: Final = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One figure of the page."""

    key: str
    label: str
    value: str
    delta: str
    compare: str
    spark: list[float]
    href: str
    definition: str
    tone: str = ""  # of the change; empty: more is good
    exact: str = ""  # where the value is shortened
    more: tuple[tuple[str, str], ...] = ()  # what else belongs to it: words and address


def shown(found: Overview, look: Look, *, currency: str) -> list[Shown]:
    """Return the figures of a place in the order of the page."""
    now, before = found.figures.now, found.figures.before
    writer = _Writer(found=found, look=look, currency=currency)
    return [
        writer.money("sales", _("Sales"), lambda f: f.sales_minor, more=writer.returns()),
        writer.count("purchases", _("Purchases"), lambda f: f.purchases),
        writer.money(
            "basket", _("Average basket"), lambda f: f.average_basket_minor, rows="purchases"
        ),
        writer.held(found.figures),
        writer.count("buyers", _("Buyers"), lambda f: f.buyers),
        writer.count("new", _("New buyers"), lambda f: f.new_buyers),
        writer.count("returning", _("Returning"), lambda f: f.returning_buyers),
        writer.rate("repeat", _("Repeat rate"), now.repeat_rate, before and before.repeat_rate),
    ]


@dataclass(frozen=True, kw_only=True)
class _Writer:
    found: Overview
    look: Look
    currency: str

    def money(
        self,
        key: str,
        label: str,
        of: Callable[[Figures], int | None],
        *,
        rows: str = "",
        more: tuple[tuple[str, str], ...] = (),
    ) -> Shown:
        now = of(self.found.figures.now)
        exact = "" if now is None else money.money(now, self.currency)
        return self._figure(key, label, of, rows=rows, write=self._short, exact=exact, more=more)

    def count(self, key: str, label: str, of: Callable[[Figures], int]) -> Shown:
        return self._figure(key, label, of, write=short_count)

    def returns(self) -> tuple[tuple[str, str], ...]:
        """Return what was taken off sales, as words that lead to the returns."""
        now = self.found.figures.now
        if not now.returns:
            return ()
        paid = money.money(now.refunded_minor, self.currency)
        words = _("Returns taken off: %(count)s, %(paid)s") % {
            "count": money.count(now.returns),
            "paid": paid,
        }
        return ((words, self.look.rows("returns")),)

    def rate(self, key: str, label: str, now: float | None, before: float | None) -> Shown:
        # Nobody comes twice on a day: a line of days would say nothing.
        points = [] if self.found.step == "day" else self.found.series
        return Shown(
            key=key,
            label=label,
            value=_percent(now),
            delta=_points_of(now, before),
            compare=_before(None if before is None else _percent(before)),
            spark=[each.figures.repeat_rate or 0.0 for each in points],
            href=self.look.rows("repeat"),
            definition=str(DEFINITIONS[key]),
        )

    def held(self, figures: Compared) -> Shown:
        before = figures.held_before
        level = figures.held - sum(each.figures.points for each in self.found.series)
        spark = []
        for point in self.found.series:
            level += point.figures.points
            spark.append(float(level))
        return Shown(
            key="held",
            label=_("Points held"),
            value=short_count(figures.held),
            delta=money.change(figures.held, before),
            compare=_before(None if before is None else short_count(before)),
            spark=spark,
            href=self.look.rows("held"),
            definition=str(DEFINITIONS["held"]),
            tone="quiet",
            exact=money.count(figures.held),
        )

    def _figure(
        self,
        key: str,
        label: str,
        of: Callable[[Figures], int | None],
        *,
        write: Callable[[int], str],
        rows: str = "",
        exact: str = "",
        more: tuple[tuple[str, str], ...] = (),
    ) -> Shown:
        now = of(self.found.figures.now)
        before = of(self.found.figures.before) if self.found.figures.before else None
        return Shown(
            key=key,
            label=label,
            value="—" if now is None else write(now),
            delta="" if now is None else money.change(now, before),
            compare=_before(None if before is None else write(before)),
            spark=[float(of(each.figures) or 0) for each in self.found.series],
            href=self.look.rows(rows or key),
            definition=str(DEFINITIONS[key]),
            exact=exact,
            more=more,
        )

    def _short(self, minor: int) -> str:
        return short_money(minor, self.currency)


def short_money(minor: int, currency: str) -> str:
    """Write money so that it fits a card: without cents above a thousand, dense above millions."""
    amount = abs(money.major(minor, currency))
    if amount >= _FITS:
        return money.money_dense(minor, currency, language=get_language() or "")
    return money.money(minor, currency, cents=False if amount >= 1000 else None)


def short_count(number: int) -> str:
    """Write a number so that it fits a card."""
    if abs(number) >= _FITS:
        return money.count_dense(number, language=get_language() or "")
    return money.count(number)


def sales_chart(found: Overview) -> dict[str, Any]:
    """Return sales over time, the comparison in grey."""
    values = [point.figures.sales_minor for point in found.series]
    series: list[dict[str, Any]] = [{"name": _span(found.days), "values": values}]
    if found.compare:
        before = [point.figures.sales_minor for point in found.series_before]
        series.append(
            {"name": _span(found.compare), "values": _fitted(before, found.series), "muted": True}
        )
    return {"kind": "line", "labels": labels(found), "series": series}


def buyers_chart(found: Overview) -> dict[str, Any]:
    """Return new and returning buyers of each step."""
    new = [point.figures.new_buyers for point in found.series]
    returning = [point.figures.returning_buyers for point in found.series]
    return {
        "kind": "bar" if len(found.series) <= 62 else "line",
        "labels": labels(found),
        "series": [
            {"name": _("Returning"), "values": returning},
            {"name": _("New buyers"), "values": new},
        ],
    }


def labels(found: Overview) -> list[str]:
    """Return what stands under each step: the day, a week's Monday, the month."""
    return [label(point.days, found.step) for point in found.series]


def titles() -> dict[str, str]:
    """Return what the rows behind each figure are called."""
    return {
        "sales": _("Purchases and returns"),
        "purchases": _("Purchases"),
        "returns": _("Returns"),
        "buyers": _("Buyers"),
        "new": _("New buyers"),
        "returning": _("Returning buyers"),
        "repeat": _("Buyers with two or more purchases"),
        "shared": _("Buyers of several stores"),
        "top": _("Top customers"),
        "held": _("Customers who hold points"),
    }


def totals(kind: str, found: Compared, *, currency: str) -> str:
    """Return what the rows behind a figure add up to, as the figure says it; empty: not kept."""
    now = found.now
    said = {
        "sales": lambda: money.money(now.sales_minor, currency),
        "purchases": lambda: money.count(now.purchases),
        "returns": lambda: money.count(now.returns),
        "buyers": lambda: money.count(now.buyers),
        "top": lambda: money.count(now.buyers),
        "new": lambda: money.count(now.new_buyers),
        "returning": lambda: money.count(now.returning_buyers),
        "repeat": lambda: money.count(now.repeat_buyers),
        "held": lambda: money.count(found.held),
    }
    return said[kind]() if kind in said else ""


def step_name(step: Step) -> str:
    """Return what one step of a chart is."""
    return {
        "day": pgettext("column", "Day"),
        "week": _("Week from"),
        "month": pgettext("column", "Month"),
    }[step]


def label(days: Days, step: Step) -> str:
    """Return what stands under one step of time: the day, a week's Monday, the month."""
    on = days.first
    is_chinese = (get_language() or "").startswith("zh")
    if step == "month":
        return f"{on.year}年{on.month}月" if is_chinese else f"{on:%b %Y}"
    return f"{on.month}月{on.day}日" if is_chinese else f"{on.day} {on:%b}"


def _span(days: Days) -> str:
    if days.first == days.last:
        return days.first.isoformat()
    return f"{days.first.isoformat()} – {days.last.isoformat()}"


def _fitted(values: Sequence[int], to: Sequence[Point]) -> list[int | None]:
    """Make a comparison as long as what it is compared with; February may be shorter."""
    cut: list[int | None] = list(values[: len(to)])
    return cut + [None] * (len(to) - len(cut))


def _percent(share: float | None) -> str:
    return "—" if share is None else money.percent(share)


def _points_of(now: float | None, before: float | None) -> str:
    """Write the change of a share in percentage points."""
    if now is None or before is None:
        return ""
    change = round((now - before) * 100, 1)
    sign = "+" if change > 0 else money.MINUS if change < 0 else ""
    return _("%(change)s points") % {"change": f"{sign}{abs(change):.1f}"}


def _before(text: str | None) -> str:
    return "" if text is None else _("before: %(figure)s") % {"figure": text}
