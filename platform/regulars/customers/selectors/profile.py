"""One customer's file, and the one question that is worth asking next (P1)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.customers import consents, questions
from regulars.customers.models import Consent, Customer, Identity, LifeEvent, Note, Possession
from regulars.kit.labels import Label
from regulars.kit.schema import Field

PROVENANCE: Final = "field."  # before a vertical's field in `Customer.profile`
type Sort = Literal["basic", "field", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """A question of the basic file, of the vertical (`field`), or of the deep one (`answer`)."""

    sort: Sort
    key: str
    label: Label | str | Promise
    field: Field | None = None
    suggestions: tuple[Label, ...] = ()


# (key, words, purchases made before it is worth asking)
_BASIC: Final[tuple[tuple[str, str | Promise, int], ...]] = (
    ("name", _("Name"), 0),
    ("phone", _("Phone"), 0),
    ("birthday", _("Birthday"), 0),
    ("gender", _("Gender"), 0),
    ("city", _("City"), 1),
    ("email", _("E-mail"), 3),
)


def next_question(
    customer: Customer,
    *,
    purchases: int,
    event_kinds: Collection[str],
    consented: frozenset[str] = frozenset(),
) -> Next | None:
    """Return the one missing thing that fits the moment, or None when nothing is worth asking.

    `purchases` made so far decide what is not yet worth asking; what the customer declined is not
    asked again. Sensitive things are asked only after the customer agreed to it (`consented`).
    """
    for after, question in sorted(_all(), key=lambda each: each[0]):
        if after > purchases:
            return None
        if question.field and question.field.sensitive and question.key not in consented:
            continue
        if not _is_known(customer, question, event_kinds):
            return question
    return None


def _all() -> Iterator[tuple[int, Next]]:
    """Yield (purchases before, question): basic ones, then the vertical's, then deep ones."""
    for key, words, after in _BASIC:
        yield after, Next(sort="basic", key=key, label=words)
    for field in questions.extra_fields():
        if field.ask_after is not None:
            yield field.ask_after, Next(sort="field", key=field.key, label=field.label, field=field)
    for each in questions.questions():
        if each.field.ask_after is not None:
            yield (
                each.field.ask_after,
                Next(
                    sort="answer",
                    key=each.key,
                    label=each.field.label,
                    field=each.field,
                    suggestions=each.suggestions,
                ),
            )


def _is_known(customer: Customer, question: Next, event_kinds: Collection[str]) -> bool:
    provenance = question.key if question.sort == "answer" else f"{PROVENANCE}{question.key}"
    if provenance in customer.profile:  # answered, or declined
        return True
    match question.sort, question.key:
        case "field", key:
            return key in customer.extra
        case "basic", "birthday":
            return LifeEvent.Kind.BIRTHDAY in event_kinds
        case "basic", "city":
            return bool(customer.address.get("city"))
        case "basic", key:
            return bool(getattr(customer, key))
    return False


def find_question(key: str) -> Next | None:
    """Return the question of this key that the current chain asks, whenever it asks it."""
    basic = {each: words for each, words, _after in _BASIC}
    if key in basic:
        return Next(sort="basic", key=key, label=basic[key])
    for field in questions.extra_fields():
        if field.key == key:
            return Next(sort="field", key=key, label=field.label, field=field)
    for each in questions.questions():
        if each.key == key:
            label = each.field.label
            return Next(
                sort="answer", key=key, label=label, field=each.field, suggestions=each.suggestions
            )
    return None


def consents_of(customer_id: UUID) -> consents.Standing:
    """Return what the customer agreed to, as it stands now."""
    return consents.Standing(Consent.objects.filter(customer=customer_id))


def life_events(customer_id: UUID) -> QuerySet[LifeEvent]:
    """Return the days that matter, the next first."""
    return LifeEvent.objects.filter(customer=customer_id).order_by("next_on", "id")


def possessions(customer_id: UUID) -> QuerySet[Possession]:
    """Return what the customer has, what has ended last, the newest first."""
    return Possession.objects.filter(customer=customer_id).order_by("ended_on", "-id")


def identities(customer_id: UUID) -> QuerySet[Identity]:
    """Return cards, further phones and external numbers."""
    return Identity.objects.filter(customer=customer_id).order_by("source", "number")


def notes(customer_id: UUID) -> QuerySet[Note]:
    """Return the notes with their authors, the newest first."""
    return Note.objects.filter(customer=customer_id).select_related("author").order_by("-id")


def absorbed(customer_id: UUID) -> list[tuple[UUID, str, str | None, Any]]:
    """Return (id, name, code, merge) of the records merged into this one, the latest first."""
    rows = Customer.objects.filter(merged_into=customer_id).order_by("-pk")
    return list(rows.values_list("pk", "name", "member_code", "merge"))
