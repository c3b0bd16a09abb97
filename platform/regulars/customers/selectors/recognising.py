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
from regulars.customers.models import Customer, Identity, Note
from regulars.customers.selectors import visibility
from regulars.customers.selectors.rows import FIELDS, Listed
from regulars.errors import Forbidden, NotFound
from regulars.tenancy import context

CARD: Final = "card"
PHONE: Final = "phone"
_MOST: Final = 20  # one phone may serve a family


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What anybody in the chain may know of a customer who stands before them.

    Balance, tier and open complaints belong to other domains: pages add them by `id`.
    `in_scope` says whether this person may open the profile.
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


def recognise(
    *,
    actor: Actor,
    phone: str = "",
    member_code: str = "",
    card: str = "",
    identity: tuple[str, str] | None = None,
) -> list[Card]:
    """Return the customers with exactly this number; several may share a phone. Two statements.

    `phone` is E.164, `identity` is (source, number) of another system. Each counts as a look-up.
    Raises Forbidden and lookups.TooManyLookups.
    """
    _may_recognise(actor)
    people = Customer.objects.exclude(state=Customer.State.ERASED)
    wanted: list[QuerySet[Customer]] = []
    numbers: list[tuple[str, str]] = [identity] if identity else []
    if phone:
        # The index is on the number turned round, for the sake of tails.
        wanted.append(people.annotate(tail=Reverse("phone")).filter(tail=phone[::-1]))
        numbers.append((PHONE, phone))
    if member_code:
        wanted.append(people.filter(member_code=naming.clean_code(member_code)))
    if card:
        numbers.append((CARD, naming.clean_code(card)))
    for source, number in numbers:
        of_number = Identity.objects.filter(source=source, number=number)
        wanted.append(people.filter(pk__in=of_number.values("customer_id")))
    found = cards(actor=actor, customers=_survivors(wanted))
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
    found = cards(actor=actor, customers=_survivors([Customer.objects.filter(pk=customer_id)]))
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


def cards(*, actor: Actor, customers: QuerySet[Customer]) -> list[Card]:
    """Return the counter cards of some customers, in two statements."""
    found = [Listed(*row) for row in customers.values_list(*FIELDS)[:_MOST]]
    warnings: dict[UUID, list[str]] = {}
    warned = Note.objects.filter(customer__in=[row.id for row in found], is_warning=True)
    for customer_id, text in warned.order_by("id").values_list("customer_id", "text"):
        warnings.setdefault(customer_id, []).append(text)
    reach = visibility.reaches(actor.scope)
    may_open = allows(actor, "customers.view")
    return [
        Card(
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
            warnings=tuple(warnings.get(row.id, ())),
            in_scope=may_open and reach(row.owner_id, row.home_store_id),
        )
        for row in found
    ]


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
