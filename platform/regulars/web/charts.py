"""A chart as two things: what the script draws, and the table a person reads and copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from regulars.web import money as amounts

KINDS = ("line", "bar", "curve", "scatter")
UNITS = ("count", "money", "percent")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """``payload`` goes into a JSON block; ``names`` and ``rows`` make the table behind."""

    payload: dict[str, Any]
    names: list[str]
    rows: list[tuple[str, list[str]]]


def parts(data: dict[str, Any], *, unit: str, currency: str, language: str) -> Parts:
    """Check a chart's dict and prepare both readings. Raises ValueError naming the fault.

    ``data`` is ``{"kind", "labels", "series": [{"name", "values", "muted"}]}``; money is in minor
    units, a percentage a share of 1, ``None`` a gap.
    """
    kind, labels, series = data.get("kind", "line"), data["labels"], data["series"]
    if kind not in KINDS or unit not in UNITS:
        raise ValueError(f"A chart is one of {KINDS} in one of {UNITS}, not {kind!r} in {unit!r}.")
    for one in series:
        if len(one["values"]) != len(labels):
            raise ValueError(f"The series {one['name']!r} has another length than its labels.")
    return Parts(
        payload={
            "kind": kind,
            "labels": [str(label) for label in labels],
            "series": [{**one, "values": [_plain(v) for v in one["values"]]} for one in series],
            "unit": unit,
            "symbol": amounts.symbol(currency) if unit == "money" else "",
            "places": amounts.exponent(currency) if unit == "money" else 0,
            "language": language,
        },
        names=[str(one["name"]) for one in series],
        rows=[
            (str(label), [_cell(one["values"][n], unit, currency) for one in series])
            for n, label in enumerate(labels)
        ],
    )


def spark_points(
    values: Sequence[float], *, width: float, height: float
) -> list[tuple[float, float]]:
    """Return the points of a sparkline in a box with its origin at the top left."""
    if len(values) < 2:
        return []
    numbers = [float(value) for value in values]
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1.0
    step = width / (len(numbers) - 1)
    return [(n * step, height - (value - low) / span * height) for n, value in enumerate(numbers)]


def _plain(value: float | Decimal | None) -> float | int | None:
    return float(value) if isinstance(value, Decimal) else value


def _cell(value: float | Decimal | None, unit: str, currency: str) -> str:
    if value is None:
        return "—"
    if unit == "money":
        return amounts.money(int(value), currency)
    if unit == "percent":
        return amounts.percent(float(value))
    return amounts.count(int(value))
