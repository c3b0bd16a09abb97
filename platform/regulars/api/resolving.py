"""From the words of a till (codes, numbers, phones) to the ids that services take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy

from regulars import audit
from regulars.customers import lookups, naming
from regulars.customers import selectors as customers
from regulars.customers.selectors import Card, matching
from regulars.errors import Invalid, NotFound
from regulars.staff import selectors as staff
from regulars.staff.models import Staff
from regulars.tenancy import context, statements

_STORE: Final = "(SELECT id FROM stores_store WHERE code = %s)"
_STORE_OF_ID: Final = "(SELECT id FROM stores_store WHERE id = %s::uuid)"
_GUIDE: Final = "(SELECT id FROM staff_staff WHERE number = %s)"
_GUIDE_OF_ID: Final = "(SELECT id FROM staff_staff WHERE id = %s::uuid)"
_EXTERNAL: Final = matching.by_number(source="%s", number="%s")
_CARD: Final = matching.by_number(source="'card'", number="%s")
_CODE: Final = matching.by_code("%s")
_PHONE: Final = matching.by_phone("%s")
_NO_STORE: Final = gettext_lazy("No store of this key has this code or id.")
_NO_GUIDE: Final = gettext_lazy("Nobody here has this number.")
_NO_CUSTOMER: Final = gettext_lazy("We know no such customer. Create them first.")


def store_id(word: str, *, actor: audit.Actor, at_till: bool = False) -> UUID:
    """Return the store's id by id or code; Invalid for one that is not there or is not the key's.

    `at_till`: for what a till writes, which may be more than the key reads (`Actor.serves`). In
    one statement: callers write the id down, and a reference to nothing would fail at the end.
    """
    known = _as_id(word)
    found: UUID | None = _asked((_STORE_OF_ID, (str(known),)) if known else (_STORE, (word,)))[0]
    if found is None or not (actor.serves(found) if at_till else actor.scope.covers(found)):
        raise Invalid(fields={"store": [_NO_STORE]})
    return found


def guide_id(word: str | None) -> UUID | None:
    """Return the guide's id by id or number, in one statement; Invalid for nobody."""
    if not word:
        return None
    known = _as_id(word)
    found: UUID | None = _asked((_GUIDE_OF_ID, (str(known),)) if known else (_GUIDE, (word,)))[0]
    if found is None:
        raise Invalid(fields={"guide": [_NO_GUIDE]})
    return found


def acting_for(word: str, *, actor: audit.Actor) -> audit.Actor:
    """Return a key that acts in the name of somebody who works where it may act.

    What is done is theirs, with the rights and the stores of the key; the audit names both. Invalid
    for anybody else.
    """
    found = _as_id(word) or _asked((_GUIDE, (word,)))[0]
    people = staff.visible(actor.scope).filter(state=Staff.State.ACTIVE)
    person = people.filter(pk=found).first() if found is not None else None
    if person is None:
        raise Invalid(fields={"guide": [_NO_GUIDE]})
    return replace(
        actor, kind=audit.ActorKind.STAFF, id=person.pk, name=f"{person.name} ({actor.name})"
    )


def customer_id(reference: Mapping[str, Any], *, actor: audit.Actor) -> UUID:
    """Return the customer a body names; the survivor of a merge. Invalid for nobody we know."""
    found = UUID(str(reference["id"])) if "id" in reference else None
    if found is None:
        asked = _customer(reference, field="customer")
        found = _asked(asked)[0]
        if found is None:
            if "phone" in reference:
                lookups.count(actor=actor, number=asked[1][0])
            raise Invalid(fields={"customer": [_NO_CUSTOMER]})
    try:
        return customers.get(actor=actor, customer_id=found).pk
    except NotFound:
        raise Invalid(fields={"customer": [_NO_CUSTOMER]}) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """Where, by whom and to whom a till says it sold."""

    store_id: UUID
    guide_id: UUID | None
    customer_id: UUID | None


def meant(body: Mapping[str, Any], *, actor: audit.Actor, within: str = "") -> Meant:
    """Return the ids behind `store`, `guide` and `customer` of a body, in at most one statement.

    Merged customers are followed; of several who share a phone, the one changed last is meant. An
    id of a guide or customer is checked by the service. Invalid at the member for one nobody
    answers to, or a store the key may not see.
    """
    store, guide = body["store"], body.get("guide") or ""
    reference = body.get("customer") or {}
    store_id, guide_id = _as_id(store), _as_id(guide)
    customer_id = UUID(str(reference["id"])) if "id" in reference else None
    asked: dict[str, tuple[str, tuple[str, ...]]] = {}
    if store_id is None:
        asked["store"] = (_STORE, (store,))
    if guide and guide_id is None:
        asked["guide"] = (_GUIDE, (guide,))
    if reference and customer_id is None:
        asked["customer"] = _customer(reference, field=f"{within}customer")
    if asked:
        found = dict(zip(asked, _asked(*asked.values()), strict=True))
        store_id = found.get("store", store_id)
        guide_id = found.get("guide", guide_id)
        customer_id = found.get("customer", customer_id)
    if store_id is None or not actor.serves(store_id):
        raise Invalid(fields={f"{within}store": [_NO_STORE]})
    if reference and customer_id is None:
        if "phone" in reference:
            lookups.count(actor=actor, number=asked["customer"][1][0])
        raise Invalid(fields={f"{within}customer": [_NO_CUSTOMER]})
    if guide and guide_id is None:
        raise Invalid(fields={f"{within}guide": [_NO_GUIDE]})
    return Meant(store_id=store_id, guide_id=guide_id, customer_id=customer_id)


def _asked(*parts: tuple[str, tuple[str, ...]]) -> tuple[Any, ...]:
    sql = "SELECT " + ", ".join(part for part, _values in parts)
    row = statements.one(sql, tuple(value for _part, values in parts for value in values))
    assert row is not None  # noqa: S101  (a row of values is one row)
    return row


def _customer(reference: Mapping[str, Any], *, field: str) -> tuple[str, tuple[str, ...]]:
    """Return SQL for the customer a reference means, and its values."""
    if "external" in reference:
        return _EXTERNAL, tuple(reference["external"])
    if "card" in reference:
        return _CARD, (naming.clean_code(reference["card"]),)
    if "member_code" in reference:
        return _CODE, (naming.clean_code(reference["member_code"]),)
    phone = _phone(reference["phone"], field=field)
    return _PHONE, (phone, phone)


def _phone(text: str, *, field: str) -> str:
    try:
        return naming.clean_phone(text, region=context.current().country) or ""
    except naming.BadPhone as error:
        raise Invalid(fields={f"{field}.phone": [str(error)]}) from error


def cards(reference: Mapping[str, Any], *, actor: audit.Actor) -> list[Card]:
    """Return the counter cards of everybody with exactly this number; see `recognise`."""
    if "id" in reference:
        try:
            return [customers.card(actor=actor, customer_id=UUID(str(reference["id"])))]
        except NotFound:
            return []
    if "external" in reference:
        source, number = reference["external"]
        return customers.recognise(actor=actor, identity=(source, number))
    if "card" in reference:
        return customers.recognise(actor=actor, card=reference["card"])
    if "member_code" in reference:
        return customers.recognise(actor=actor, member_code=reference["member_code"])
    phone = _phone(reference["phone"], field="customer")
    return customers.recognise(actor=actor, phone=phone)


def _as_id(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
