"""Set-based writing for files: the same rules as one by one, some thousand rows at a time.

The caller asks for the permission, locks the customers first (`lock`) and writes one entry of the
audit for all of them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from regulars.customers import search_terms
from regulars.customers.models import Consent, Customer, Identity, LifeEvent, Note
from regulars.customers.services.days import occasion
from regulars.tenancy import context, statements

_EMPTY: Final[dict[str, Any]] = {
    "member_code": None,
    "phone": None,
    **dict.fromkeys(("name", "pinyin", "initials", "gender", "age_band", "email"), ""),
    **dict.fromkeys(("language", "time_zone"), ""),
    "owner": None,
    "home_store": None,
}
_LOCK: Final = """
SELECT id FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"""
_REWRITE: Final = """
UPDATE customers_customer c SET
  name = coalesce(d.name, ''), pinyin = d.pinyin, initials = d.initials, tokens = d.tokens,
  phone = d.phone, member_code = d.member_code, email = coalesce(d.email, ''),
  gender = coalesce(d.gender, ''), age_band = coalesce(d.age_band, ''),
  home_store_id = d.home_store_id, owner_id = d.owner_id, joined_at = d.joined_at,
  address = d.address, profile = d.profile, extra = d.extra, changed_at = %s
FROM json_to_recordset(%s::json) AS d(
  id uuid, name text, pinyin text, initials text, tokens text[], phone text, member_code text,
  email text, gender text, age_band text, home_store_id uuid, owner_id uuid,
  joined_at timestamptz, address jsonb, profile jsonb, extra jsonb)
WHERE c.id = d.id"""


def lock(*, ids: Iterable[UUID]) -> None:
    """Lock customers in key order, until the transaction ends."""
    statements.every(_LOCK, (sorted(set(ids)),))


def occasions(days: Iterable[Any], *, now: datetime) -> dict[Any, date | None]:
    """Return when each (lunar, leap month, month, day) comes next, seen from the chain's today."""
    today = now.astimezone(context.current().zone).date()
    return {day: occasion(*day, today=today) for day in days}


def codes_of_others(wanted: Mapping[str, UUID]) -> set[str]:
    """Return the member codes that somebody else has than the customer who is to have them."""
    rows = Customer.objects.filter(member_code__in=list(wanted)).values_list("member_code", "pk")
    return {str(code) for code, pk in rows if code and wanted[code] != pk}


def numbers_of_others(wanted: Mapping[tuple[str, str], UUID]) -> set[tuple[str, str]]:
    """Return the (source, number) that somebody else has than the customer to have them."""
    rows = Identity.objects.filter(
        source__in={source for source, _number in wanted},
        number__in=[number for _source, number in wanted],
    ).values_list("source", "number", "customer_id")
    return {(s, n) for s, n, pk in rows if wanted.get((s, n), pk) != pk}


def rewrite(*, rows: Mapping[UUID, Mapping[str, Any]], now: datetime) -> None:
    """Write every column of some customers, by column; the search finds them as they are now.

    Raises IntegrityError for a member code somebody took in this very moment.
    """
    documents = []
    for pk, columns in rows.items():
        terms = search_terms.of(columns["name"] or "", columns["phone"])
        documents.append({**columns, **terms._asdict(), "id": str(pk)})
    if documents:
        statements.run(_REWRITE, (now, json.dumps(documents, ensure_ascii=False)))


def attach(numbers: Iterable[tuple[UUID, str, str]]) -> None:
    """Attach (customer, source, number). Raises IntegrityError for one that was just taken."""
    Identity.objects.bulk_create(
        [Identity(customer_id=pk, source=source, number=number) for pk, source, number in numbers]
    )


def detach(numbers: Iterable[tuple[UUID, str, str]]) -> None:
    """Take numbers off again, as far as they are still these customers'."""
    wanted = set(numbers)
    rows = Identity.objects.filter(
        customer__in={pk for pk, _source, _number in wanted},
        number__in=[number for _pk, _source, number in wanted],
    ).values_list("pk", "customer_id", "source", "number")
    gone = [pk for pk, customer, source, number in rows if (customer, source, number) in wanted]
    Identity.objects.filter(pk__in=gone).delete()


def set_days(days: Sequence[tuple[UUID, Mapping[str, Any]]], *, now: datetime) -> None:
    """Write days (kind, year, month, day, lunar, leap) by their `id`; known ones change."""
    nexts = occasions({_when(day) for _pk, day in days}, now=now)
    rows = []
    for pk, day in days:
        next_on = nexts[_when(day)]
        is_next = next_on is not None and (day["year"] or 0) <= next_on.year
        row = LifeEvent(
            id=UUID(day["id"]),
            customer_id=pk,
            kind=day["kind"],
            year=day["year"],
            month=day["month"],
            day=day["day"],
            lunar=day["lunar"],
            leap_month=day["leap"],
            next_on=next_on if is_next else None,
        )
        rows.append(row)
    LifeEvent.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["year", "month", "day", "lunar", "leap_month", "next_on"],
    )


def consent(
    said: Sequence[tuple[UUID, Mapping[str, Any]]], *, by_id: UUID | None, now: datetime
) -> None:
    """Write down purpose, channel and given; a no to keeping a day takes the day away."""
    Consent.objects.bulk_create(
        Consent(
            customer_id=pk,
            purpose=each["purpose"],
            channel=each["channel"],
            given=each["given"],
            how="import",
            by_id=by_id,
            at=now,
        )
        for pk, each in said
    )
    for pk, each in said:
        sort, _dot, kind = each["purpose"].partition(".")
        if sort == "event" and not each["given"]:
            LifeEvent.objects.filter(customer=pk, kind=kind).delete()


def add_notes(notes: Iterable[tuple[UUID, UUID, str]], *, now: datetime) -> None:
    """Add notes of nobody here: (key, customer, text)."""
    Note.objects.bulk_create(
        Note(id=key, customer_id=pk, text=text, at=now) for key, pk, text in notes
    )


def remove(*, ids: Sequence[UUID]) -> int:
    """Remove customers as if they had never been there; return how many there were.

    Only those whom nothing refers to but their numbers, days and notes: the database refuses
    others when the transaction ends.
    """
    _remove_children(ids)
    rows = Customer.objects.filter(pk__in=ids)
    return rows._raw_delete(rows.db)


def blank(*, ids: Sequence[UUID], now: datetime) -> int:
    """Empty customers whom facts refer to that are never removed; return how many.

    Nothing of them is kept, and their codes and numbers are free. Consents and postings stay: they
    name nobody.
    """
    _remove_children(ids)
    return Customer.objects.filter(pk__in=ids).update(
        **_EMPTY,
        tokens=[],
        address={},
        profile={},
        extra={},
        state=Customer.State.ERASED,
        changed_at=now,
    )


def _remove_children(ids: Sequence[UUID]) -> None:
    for model in (Identity, LifeEvent, Note):
        rows = model._default_manager.filter(customer__in=ids)
        rows._raw_delete(rows.db)


def _when(day: Mapping[str, Any]) -> tuple[bool, bool, int, int]:
    return day["lunar"], day["leap"], day["month"], day["day"]
