"""Making a customer, and changing the basic file."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.customers import naming, questions, search_terms
from regulars.customers.models import Customer, Identity
from regulars.customers.selectors import recognising
from regulars.customers.services import identities as numbers
from regulars.customers.services.writing import ValuesRefused, locked, refuse
from regulars.errors import Conflict, Invalid
from regulars.kit import fields
from regulars.outbox import services as outbox
from regulars.tenancy import context

ADDRESS_PARTS: Final = ("province", "city", "district", "line", "postcode")
COLUMNS: Final = (
    "name",
    "phone",
    "member_code",
    "gender",
    "age_band",
    "email",
    "address",
    "language",
    "time_zone",
)
_SHORT: Final = {"age_band": 10, "language": 10, "time_zone": 64, "member_code": 40}


class NothingToKnowThemBy(Invalid):
    """A customer needs a name, a phone, a code or a number of another system."""

    code = "nothing-to-know-them-by"
    sentence = _("Write at least a name, a phone number or a member code.")


class PhoneKnown(Conflict):
    """Somebody with this phone is there already; `customer_ids` says who."""

    code = "phone-known"
    sentence = _("A customer with this phone number is there already. Is it the same person?")

    def __init__(self, customer_ids: Iterable[UUID]) -> None:
        self.customer_ids = tuple(customer_ids)
        super().__init__(fields={"phone": [self.sentence]})


class CodeTaken(Conflict):
    """Another customer has this member code."""

    code = "member-code-taken"
    sentence = _("This member code belongs to another customer.")


@transaction.atomic
def create(
    *,
    actor: Actor,
    now: datetime,
    values: Mapping[str, Any],
    identities: Iterable[tuple[str, str]] = (),
    extra: Mapping[str, object] | None = None,
    home_store_id: UUID | None = None,
    owner_id: UUID | None = None,
    same_phone_is_fine: bool = False,
    language: str = "",
) -> Customer:
    """Make a customer of a name and a phone, or of whatever there is (P1). Returns the row.

    `values` are of COLUMNS; the phone may be written as people write it. Who makes a customer on
    their own list becomes the owner. Raises NothingToKnowThemBy, PhoneKnown (unless
    `same_phone_is_fine`: a family may share one), CodeTaken, identities.NumberTaken, ValuesRefused.
    """
    require(actor, "customers.edit")
    numbers_given = tuple(identities)
    cleaned = _cleaned(values)
    named = cleaned.get("name") or cleaned.get("phone") or cleaned.get("member_code")
    if not named and not numbers_given:
        raise NothingToKnowThemBy
    kept = _extra(extra or {}, language=language)
    _check_phone(actor, cleaned.get("phone"), anyway=same_phone_is_fine)
    _check_code(cleaned.get("member_code"))
    own_store, own_owner = _places(actor)
    customer = Customer(
        **cleaned,
        extra=kept,
        owner_id=owner_id or own_owner,
        home_store_id=home_store_id or own_store,
        joined_at=now,
        created_at=now,
        changed_at=now,
    )
    _index(customer)
    with _codes_are_unique():
        Customer.objects.bulk_create([customer])  # one statement that answers with the key
    numbers.attach(customer_id=customer.pk, numbers=numbers_given)
    audit.record(
        actor=actor,
        action="customer.created",
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
    )
    return customer


@transaction.atomic
def update(
    *,
    actor: Actor,
    customer_id: UUID,
    values: Mapping[str, Any],
    now: datetime,
    same_phone_is_fine: bool = False,
    unchanged_since: datetime | None = None,
) -> Customer:
    """Change the given COLUMNS and no others; an empty value clears one. Returns the row.

    Raises what `create` raises, and writing.ChangedMeanwhile.
    """
    customer = locked(actor=actor, customer_id=customer_id, unchanged_since=unchanged_since)
    cleaned = _cleaned(values)
    if cleaned.get("phone") != customer.phone:
        anyway = same_phone_is_fine or "phone" not in cleaned
        _check_phone(actor, cleaned.get("phone"), anyway=anyway, other_than=customer.pk)
    _check_code(cleaned.get("member_code"), other_than=customer.pk)
    changed = [key for key, value in cleaned.items() if getattr(customer, key) != value]
    if not changed:
        return customer
    for key in changed:
        setattr(customer, key, cleaned[key])
    named = customer.name or customer.phone or customer.member_code
    if not named and not Identity.objects.filter(customer=customer).exists():
        raise NothingToKnowThemBy
    _index(customer)
    customer.changed_at = now
    with _codes_are_unique():
        customer.save(update_fields=[*changed, "pinyin", "initials", "tokens", "changed_at"])
    audit.record(
        actor=actor,
        action="customer.changed",
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
        data={"columns": sorted(changed)},  # which, not what: the audit outlives an erasure
    )
    return customer


@transaction.atomic
def reveal_phone(*, actor: Actor, customer_id: UUID, now: datetime) -> str:
    """Return a phone in E.164 that is shown masked otherwise, and write down who asked.

    Empty when there is none. Raises Forbidden, NotFound.
    """
    customer = locked(actor=actor, customer_id=customer_id, permission="customers.reveal-phone")
    audit.record(
        actor=actor,
        action="customer.phone-revealed",
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
    )
    return customer.phone or ""


@transaction.atomic
def reveal_email(*, actor: Actor, customer_id: UUID, now: datetime) -> str:
    """Return an e-mail address to somebody who may not open the page it stands on.

    Written down like a phone that is revealed. Empty when there is none. Raises Forbidden,
    NotFound.
    """
    customer = locked(actor=actor, customer_id=customer_id, permission="customers.reveal-phone")
    if customer.email:
        audit.record(
            actor=actor,
            action="customer.email-revealed",
            object_kind="customer",
            object_id=customer.pk,
            store_id=customer.home_store_id,
        )
    return customer.email


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the values into the form they are stored in. Raises ValuesRefused and its like."""
    strange = set(values) - set(COLUMNS)
    if strange:
        raise ValuesRefused(fields={key: [_("There is no such value.")] for key in strange})
    cleaned: dict[str, Any] = dict(values)
    if "name" in cleaned:
        cleaned["name"] = naming.clean_name(str(cleaned["name"] or ""))
    if "phone" in cleaned:
        region = context.current().country
        cleaned["phone"] = naming.clean_phone(str(cleaned["phone"] or ""), region=region)
    if "member_code" in cleaned:
        cleaned["member_code"] = naming.clean_code(str(cleaned["member_code"] or "")) or None
    if "address" in cleaned:
        cleaned["address"] = _address(cleaned["address"])
    for key in ("gender", "age_band", "email", "language", "time_zone"):
        if key in cleaned:
            cleaned[key] = str(cleaned[key] or "").strip()
    _check_forms(cleaned)
    return cleaned


def _address(raw: Any) -> dict[str, str]:
    """Keep the known parts of an address that are not empty."""
    if not isinstance(raw, Mapping):
        raise ValuesRefused(fields={"address": [_("An address has parts, such as city and line.")]})
    parts = {key: " ".join(str(raw.get(key) or "").split())[:200] for key in ADDRESS_PARTS}
    return {key: part for key, part in parts.items() if part}


def _check_forms(cleaned: Mapping[str, Any]) -> None:
    faults: dict[str, list[Any]] = {}
    if cleaned.get("gender") and cleaned["gender"] not in Customer.Gender.values:
        faults["gender"] = [_("Choose one of the genders offered, or none.")]
    for key, most in _SHORT.items():
        if len(cleaned.get(key) or "") > most:
            faults[key] = [_("This is too long.")]
    if cleaned.get("email"):
        try:
            validate_email(cleaned["email"])
        except ValidationError:
            faults["email"] = [_("This is not an e-mail address.")]
    if faults:
        raise ValuesRefused(fields=faults)


def _check_phone(
    actor: Actor, phone: str | None, *, anyway: bool, other_than: UUID | None = None
) -> None:
    """Refuse a phone that somebody has. Two tills at once wait for each other."""
    if not phone or anyway:
        return
    with outbox.in_order(f"customers.phone:{phone}"):
        known = recognising.same_phone(actor=actor, phone=phone, other_than=other_than)
    if known:
        raise PhoneKnown(card.id for card in known)


def _check_code(code: str | None, *, other_than: UUID | None = None) -> None:
    if not code:
        return
    holder = Customer.objects.filter(member_code=code).values_list("pk", flat=True).first()
    if holder is not None and holder != other_than:
        raise CodeTaken(fields={"member_code": [CodeTaken.sentence]})


@contextmanager
def _codes_are_unique() -> Iterator[None]:
    """Turn the database's refusal, when two write one code at once, into a sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "customer_member_code" in str(error):
            raise CodeTaken(fields={"member_code": [CodeTaken.sentence]}) from error
        raise


def _extra(raw: Mapping[str, object], *, language: str) -> dict[str, fields.Value]:
    """Clean the vertical's values; none is required before the person is known at all (P1)."""
    kept, faults = fields.clean(
        questions.extra_fields(),
        raw,
        language=language or context.current().language,
        partial=True,
    )
    refuse(faults, prefix="extra")
    return {key: value for key, value in kept.items() if value is not None}


def _places(actor: Actor) -> tuple[UUID | None, UUID | None]:
    """Return the home store and the owner that follow from who is making the customer."""
    stores = actor.scope.store_ids
    store = next(iter(stores)) if len(stores) == 1 else None
    return store, actor.scope.own_customers_of


def _index(customer: Customer) -> None:
    terms = search_terms.of(customer.name, customer.phone)
    customer.pinyin, customer.initials, customer.tokens = terms
