"""Recognising the person at the counter: by full phone, member code, card or external number.

Any member of staff may, in the whole chain: what comes back is the counter card, not the profile.
Records that were merged lead to the customer they became part of.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Reverse

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.customers import lookups, naming
from regulars.customers.models import Customer, Identity
from regulars.customers.selectors import rows, visibility
from regulars.customers.selectors.rows import Listed
from regulars.errors import Forbidden, NotFound
from regulars.tenancy import context, statements

CARD: Final = "card"
PHONE: Final = "phone"
_MOST: Final = 20  # one phone may serve a family
# Statements are written out and stay prepared: a search asks who answers to it at every key.
_SURVIVOR: Final = "coalesce(p.merged_into_id, p.id)"
_BY_IDENTITY: Final = (
    "p.state <> 'erased' AND p.id IN "
    "(SELECT i.customer_id FROM customers_identity i WHERE i.source = %s AND i.number = %s)"
)
_CARDS: Final = f"""
SELECT ARRAY(SELECT n.text FROM customers_note n
   WHERE n.customer_id = c.id AND n.is_warning ORDER BY n.id), {rows.COLUMNS}
FROM {rows.SOURCE} WHERE c.state = 'active'"""  # noqa: S608  (texts of ours alone)
_FIRST: Final = f"ORDER BY c.id LIMIT {_MOST}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What anybody in the chain may know of a customer who stands before them.

    Balance, tier and open complaints belong to other domains: pages add them by `id`.
    `in_scope` says whether this person may open the profile. Of a customer whom a franchise keeps
    to itself (`is_withheld`, H4) there is no more than that they are one, and what to book on.
    """

    id: UUID
    name: str
    gender: str
    phone: str | None  # E.164; show it masked unless `phone_open`
    phone_open: bool
    member_code: str | None
    owner_id: UUID | None
    owner_name: str
    home_store_id: UUID | None
    store_name: str
    warnings: tuple[str, ...]
    in_scope: bool
    is_withheld: bool = False


def recognise(
    *,
    actor: Actor,
    phone: str = "",
    member_code: str = "",
    card: str = "",
    identity: tuple[str, str] | None = None,
) -> list[Card]:
    """Return the customers with exactly this number; several may share a phone. One statement.

    `phone` is E.164, `identity` is (source, number) of another system. Each counts as a look-up.
    Raises Forbidden and lookups.TooManyLookups.
    """
    _may_recognise(actor)
    ways: list[str] = []
    values: list[str] = []
    numbers: list[tuple[str, str]] = [identity] if identity else []
    if phone:
        # The index is on the number turned round, for the sake of tails.
        ways.append("p.state <> 'erased' AND reverse(p.phone) = %s")
        values.append(phone[::-1])
        numbers.append((PHONE, phone))
    if member_code:
        ways.append("p.state <> 'erased' AND p.member_code = %s")
        values.append(naming.clean_code(member_code))
    if card:
        numbers.append((CARD, naming.clean_code(card)))
    for pair in numbers:
        ways.append(_BY_IDENTITY)
        values += pair
    found = _cards(actor, _survivor_ids(ways), values) if ways else []
    if phone or found:
        number = phone or member_code or card or "\t".join(identity or ())
        lookups.count(actor=actor, number=number)
    return found


def anything(*, actor: Actor, text: str, region: str) -> list[Card]:
    """Return the customers with exactly this phone, member code or card, whichever it is.

    Raises what `recognise` raises.
    """
    _may_recognise(actor)
    code = naming.clean_code(text)
    if not code:
        return []
    try:
        phone = naming.clean_phone(text, region=region) or ""
    except naming.BadPhone:
        phone = ""
    return recognise(actor=actor, phone=phone, member_code=code, card=code)


def card(*, actor: Actor, customer_id: UUID) -> Card:
    """Return the counter card of a customer who was recognised before. Raises NotFound."""
    _may_recognise(actor)
    found = _cards(actor, _survivor_ids(["p.id = %s"]), [customer_id])
    if not found:
        raise NotFound
    return found[0]


def resolve(
    *,
    customer_id: UUID | None = None,
    phone: str | None = None,
    member_code: str | None = None,
    source: str | None = None,
    number: str | None = None,
) -> UUID | None:
    """Return the active customer meant by exactly one of these ways, or None.

    The phone is read with the chain's country; of several who share it, the one who changed last
    is meant. For programs: it asks for no permission. Raises naming.BadPhone.
    """
    people = Customer.objects.exclude(state=Customer.State.ERASED)
    if customer_id is not None:
        wanted = people.filter(pk=customer_id)
    elif phone is not None:
        written = naming.clean_phone(phone, region=context.current().country) or ""
        wanted = people.annotate(tail=Reverse("phone")).filter(tail=written[::-1])
        further = Identity.objects.filter(source=PHONE, number=written).values("customer_id")
        found = _survivors([wanted, people.filter(pk__in=further)])
        return found.order_by("-changed_at").values_list("pk", flat=True).first()
    elif member_code is not None:
        wanted = people.filter(member_code=naming.clean_code(member_code))
    else:
        named = Identity.objects.filter(source=source or "", number=number or "")
        wanted = people.filter(pk__in=named.values("customer_id"))
    return _survivors([wanted]).values_list("pk", flat=True).first()


def by_identities(numbers: Collection[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Return the customers behind external (source, number) pairs, merged ones followed."""
    if not numbers:
        return {}
    wanted = Q()
    for source in {source for source, _number in numbers}:
        of_source = [number for each, number in numbers if each == source]
        wanted |= Q(source=source, number__in=of_source)
    rows = Identity.objects.filter(wanted).exclude(customer__state=Customer.State.ERASED)
    followed = rows.annotate(survivor=Coalesce("customer__merged_into", "customer"))
    found = followed.values_list("source", "number", "survivor")
    return {(source, number): survivor for source, number, survivor in found}


def same_phone(*, actor: Actor, phone: str, other_than: UUID | None = None) -> list[Card]:
    """Return who has this number already, for the warning before a second record is made."""
    found = recognise(actor=actor, phone=phone)
    return [each for each in found if each.id != other_than]


def _cards(actor: Actor, which: str, values: Sequence[object]) -> list[Card]:
    """Return the counter cards of active customers, their keys given by SQL: one statement."""
    found = statements.every(f"{_CARDS} AND c.id IN ({which}) {_FIRST}", values)
    reach = visibility.reaches(actor.scope)
    may_open = allows(actor, "customers.view")
    return [
        Card(
            id=row.id,
            name="",
            gender="",
            phone=None,
            phone_open=False,
            member_code=row.member_code,
            owner_id=None,
            owner_name="",
            home_store_id=row.home_store_id,
            store_name=row.store_name or "",
            warnings=(),
            in_scope=False,
            is_withheld=True,
        )
        if visibility.is_withheld(actor.scope, row.home_store_id)
        else Card(
            id=row.id,
            name=row.name,
            gender=row.gender,
            phone=row.phone,
            phone_open=visibility.may_read_phone(actor, row.owner_id),
            member_code=row.member_code,
            owner_id=row.owner_id,
            owner_name=row.owner_name or "",
            home_store_id=row.home_store_id,
            store_name=row.store_name or "",
            warnings=tuple(warnings),
            in_scope=may_open and reach(row.owner_id, row.home_store_id),
        )
        for warnings, row in ((each[0], Listed(*each[1:])) for each in found)
    ]


def _survivor_ids(ways: Sequence[str]) -> str:
    """Return who the found records belong to now. A union: each part uses its own index."""
    return " UNION ".join(f"SELECT {_SURVIVOR} FROM customers_customer p WHERE {w}" for w in ways)  # noqa: S608


def _survivors(wanted: Sequence[QuerySet[Customer]]) -> QuerySet[Customer]:
    """Return who the found records belong to now. A union, so that each part uses its own index."""
    active = Customer.objects.filter(state=Customer.State.ACTIVE).order_by("pk")
    if not wanted:
        return active.none()
    ids = [each.order_by().values_list(Coalesce("merged_into", "pk")) for each in wanted]
    return active.filter(pk__in=ids[0].union(*ids[1:]) if ids[1:] else ids[0])


def _may_recognise(actor: Actor) -> None:
    if not (allows(actor, "purchases.record") or allows(actor, "customers.view")):
        raise Forbidden
