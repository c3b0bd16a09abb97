"""The earlier values of customers who were there before an import, where they are still its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from regulars.audit import ActorKind
from regulars.customers.models import LifeEvent, Note
from regulars.customers.services import bulk
from regulars.imports.contract import Job
from regulars.imports.loading.customers_comparing import COLUMNS, PARTS, restored
from regulars.points.ledger import read_json
from regulars.tenancy import statements

_ADDED: Final = frozenset({"numbers", "days", "consents", "note", "openings"})
_KEPT: Final = (
    "SELECT c.id, {} FROM customers_customer c WHERE c.id = ANY(%s) AND c.state = 'active'"
)
_OBJECT: Final = ", ".join(f"'{column}', c.{column}" for column in (*COLUMNS, *PARTS))
_READ: Final = _KEPT.format(f"json_build_object({_OBJECT})")
_CONSENTS: Final = """
SELECT DISTINCT ON (customer_id, purpose, channel) customer_id, purpose, channel, given, how
FROM customers_consent WHERE customer_id = ANY(%s)
ORDER BY customer_id, purpose, channel, at DESC, id DESC"""

type Rows = Sequence[tuple[Any, ...]]
"""Customer, before, after, as `imports_change` keeps them."""


def restore(rows: Rows, *, job: Job, now: datetime) -> Counter[str]:
    """Give the values back; counts ``restored`` and ``kept_values``. The customers are locked."""
    found = {pk: (plain(before), plain(after)) for pk, before, after in rows}
    kept = {pk: read_json(each) for pk, each in statements.every(_READ, (list(found),))}
    counts: Counter[str] = Counter({"restored": 0, "kept_values": 0})
    rewritten = {}
    for pk, columns in kept.items():
        before, after = found[pk]
        ours = {name: value for name, value in after.items() if name not in _ADDED}
        still = {name: before[name] for name, value in ours.items() if _is(columns, name, value)}
        rewritten[pk] = restored(columns, still)
        counts["kept_values" if len(still) < len(ours) else "restored"] += 1
    counts["kept_values"] += len(found) - len(kept)
    taken = _taken_codes(rewritten, kept)
    for pk in taken:
        rewritten[pk]["member_code"] = kept[pk]["member_code"]
    counts.update({"kept_values": len(taken), "restored": -len(taken)})
    bulk.rewrite(rows=rewritten, now=now)
    here = {pk: found[pk] for pk in kept}
    bulk.detach(
        (pk, *pair) for pk, (_b, after) in here.items() for pair in after.get("numbers", ())
    )
    notes = [after["note"] for _before, after in here.values() if after.get("note")]
    Note.objects.filter(pk__in=notes).delete()
    _restore_days(here, now=now)
    _restore_consents(here, job=job, now=now)
    return counts


def plain(value: Any) -> dict[str, Any]:
    """Return JSON as a dictionary, however the connection read it."""
    return dict(read_json(value))


def _is(columns: Mapping[str, Any], name: str, value: Any) -> bool:
    part, _dot, key = name.partition(".")
    now_is = columns[part].get(key) if key else columns[name]
    if name == "joined_at":
        return datetime.fromisoformat(now_is) == datetime.fromisoformat(value)
    return bool(now_is == value)


def _taken_codes(rows: Mapping[UUID, Mapping[str, Any]], kept: Mapping[UUID, Any]) -> list[UUID]:
    """Return the customers whose earlier member code somebody else has by now."""
    wanted = {
        columns["member_code"]: pk
        for pk, columns in rows.items()
        if columns["member_code"] and columns["member_code"] != kept[pk]["member_code"]
    }
    return [wanted[code] for code in bulk.codes_of_others(wanted)]


def _restore_days(here: Mapping[UUID, Any], *, now: datetime) -> None:
    """Remove the days that were added, and turn back those that were replaced, if still ours."""
    added: dict[UUID, dict[str, Any]] = {}
    earlier: dict[UUID, tuple[UUID, dict[str, Any] | None]] = {}
    for pk, (before, after) in here.items():
        for day, was in zip(after.get("days", ()), before.get("days", ()), strict=True):
            added[UUID(day["id"])] = day
            earlier[UUID(day["id"])] = (pk, was)
    still = [
        row.pk
        for row in LifeEvent.objects.filter(pk__in=list(added))
        if row.customer_id == earlier[row.pk][0] and _is_day(row, added[row.pk])
    ]
    LifeEvent.objects.filter(pk__in=[pk for pk in still if earlier[pk][1] is None]).delete()
    back = [(earlier[pk][0], was) for pk in still if (was := earlier[pk][1]) is not None]
    bulk.set_days(back, now=now)


def _is_day(row: LifeEvent, day: Mapping[str, Any]) -> bool:
    has = (row.kind, row.year, row.month, row.day, row.lunar, row.leap_month)
    names = ("kind", "year", "month", "day", "lunar", "leap")
    return has == tuple(day[name] for name in names)


def _restore_consents(here: Mapping[UUID, Any], *, job: Job, now: datetime) -> None:
    """Say again what was said before the import; a yes that only the import brought becomes a no.

    Consents are never removed, so this is the safe side of not knowing.
    """
    newest = {
        (pk, purpose, channel): (given, how)
        for pk, purpose, channel, given, how in statements.every(_CONSENTS, (list(here),))
    }
    said = []
    for pk, (_before, after) in here.items():
        for each in after.get("consents", ()):
            place = (pk, each["purpose"], each["channel"])
            earlier = bool(each["was"])
            if newest.get(place) == (each["given"], "import") and earlier != each["given"]:
                said.append((pk, {**each, "given": earlier}))
    by_id = job.actor.id if job.actor.kind == ActorKind.STAFF else None
    bulk.consent(said, by_id=by_id, now=now)
