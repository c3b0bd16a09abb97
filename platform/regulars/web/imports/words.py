"""What an import's plain data are called on a page: states, phases, counts, values."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.imports.columns.attributes import Subject
from regulars.imports.models import Import
from regulars.imports.values.birthdays import Birthday
from regulars.web import money as amounts

State = Import.State

TONES: Final[Mapping[str, str]] = {
    State.UPLOADED: "warning",
    State.CHECKING: "info",
    State.CHECKED: "warning",
    State.LOADING: "info",
    State.DONE: "good",
    State.FAILED: "bad",
    State.UNDOING: "info",
    State.UNDONE: "quiet",
}

PHASES: Final[Mapping[str, str | Promise]] = {
    "": _("Waiting for its turn"),
    "looking": _("Looking at the file"),
    "reading": _("Reading the rows"),
    "matching": _("Comparing with what is here"),
    "rejected": _("Writing the file of rejected rows"),
    "writing": _("Bringing the rows in"),
    "undoing": _("Taking everything back"),
}

STEPS: Final = (_("File"), _("Columns"), _("Check"), _("Bring in"))

_COUNTS: Final[Mapping[str, str | Promise]] = {
    "new": pgettext_lazy("rows", "New"),
    "changed": pgettext_lazy("rows", "Changed"),
    "purchases": _("Purchases"),
    "lines": pgettext_lazy("number of", "Lines"),
    "same": _("Already here, left as they are"),
    "rejected": _("Rejected rows"),
    "refused": _("Refused since the check"),
    "returns": _("Returns"),
    "anonymous": _("Without a customer"),
    "customers": _("New customers"),
    "customers_new": _("New customers"),
    "stores": _("Stores opened"),
    "points": _("Points given"),
    "points_opening": _("Opening points"),
    "doubtful": _("Perhaps the same as somebody known"),
    "blank": _("Empty rows"),
    "stopped": _("Steps done when it was stopped"),
}
_UNDONE: Final[Mapping[str, str | Promise]] = {
    "purchases": _("Purchases voided"),
    "points": _("Points taken back"),
    "customers": _("Customers removed"),
    "removed": _("Customers removed"),
    "restored": _("Customers put back as they were"),
    "kept": _("Kept because they were used since"),
    "kept_purchases": _("Of those: they bought"),
    "kept_points": _("Of those: their points moved"),
    "kept_possessions": _("Of those: somebody wrote down what they own"),
    "kept_contacts": _("Of those: somebody contacted them, or they wrote to us"),
    "kept_follow_ups": _("Of those: they were followed up"),
    "kept_gifts": _("Of those: they were given something"),
    "kept_notes": _("Of those: somebody left a note"),
    "kept_changed": _("Of those: they were changed"),
    "kept_merged": _("Of those: they were merged"),
    "kept_values": _("Kept because somebody changed them since"),
}


class Count(NamedTuple):
    """A number with its name."""

    key: str
    label: str
    number: int


def undone(data: Mapping[str, Any]) -> list[Count]:
    """Name what was taken back, and what was kept and why."""
    return _named(data, _UNDONE, frozenset())


def counts(data: Mapping[str, Any], *, leave_out: Iterable[str] = ()) -> list[Count]:
    """Name the counts that are known here and not zero, in the order of the names."""
    return _named(data, _COUNTS, frozenset(leave_out))


def _named(
    data: Mapping[str, Any], names: Mapping[str, str | Promise], left_out: frozenset[str]
) -> list[Count]:
    return [
        Count(key, str(label), int(data[key]))
        for key, label in names.items()
        if key not in left_out and isinstance(data.get(key), int) and data[key]
    ]


def summary(row: Import) -> str:
    """Say in a few words what became of an import, for the list."""
    source = row.counts if row.state in {State.DONE, State.UNDONE} else row.preview
    parts = [
        f"{each.label} {amounts.count(each.number)}"
        for each in counts(source)
        if each.key in {"new", "changed", "purchases", "same", "rejected"}
    ]
    return " · ".join(parts)


def confidence(score: float) -> tuple[str, str]:
    """Return a word and a tone for how sure a guess is."""
    if score >= 0.9:
        return str(_("sure")), "good"
    if score >= 0.7:
        return str(_("likely")), "info"
    return str(_("please check")), "warning"


def value(raw: Any, reads: str, currency: str) -> str:
    """Write a value as it was understood."""
    if raw is None or raw == "" or raw == ():
        return ""
    if isinstance(raw, bool):
        return str(_("yes") if raw else _("no"))
    if reads == "money":
        return amounts.money(int(raw), currency)
    if isinstance(raw, Birthday):
        return _birthday(raw)
    if isinstance(raw, datetime):
        return f"{timezone.localtime(raw):%Y-%m-%d %H:%M}"
    if isinstance(raw, date):
        return raw.isoformat()
    if isinstance(raw, Decimal):
        return f"{raw.normalize():f}"
    if isinstance(raw, list | tuple | set | frozenset):
        return "、".join(str(each) for each in raw)
    return _WORDS.get((reads, str(raw)), str(raw)) if isinstance(raw, str) else str(raw)


_WORDS: Final[Mapping[tuple[str, str], Any]] = {
    ("gender", "female"): _("female"),
    ("gender", "male"): _("male"),
    ("gender", "other"): _("other"),
    ("sale_or_return", "sale"): _("sale"),
    ("sale_or_return", "return"): _("return"),
}


def _birthday(day: Birthday) -> str:
    year = f"{day.year}-" if day.year else ""
    plain = f"{year}{day.month:02}-{day.day:02}"
    if not day.lunar:
        return plain
    return str(_("%(day)s by the moon")) % {"day": plain}


def is_customers(row: Import) -> bool:
    """Tell whether the file holds customers."""
    return row.kind == Subject.CUSTOMERS
