"""Handing goods over: the checklist at the counter, the card that goes home with them (C11)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babel import dates
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import registry
from regulars.audit import Actor, ActorKind
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.errors import Conflict, Forbidden, Invalid, NotFound
from regulars.followups import handing
from regulars.followups.models import Handover
from regulars.kit import Check
from regulars.kit import Handover as Declared
from regulars.kit.labels import language_of
from regulars.purchases import selectors as purchases
from regulars.purchases.models import Purchase
from regulars.staff.models import Staff
from regulars.stores import selectors as stores
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.usecases import timeline
from regulars.usecases.timeline import Before, Event


class NothingToHandOver(Conflict):
    """What is handed over are goods that were sold and not taken out again."""

    code = "nothing-to-hand-over"
    sentence = gettext_lazy("Only goods of a sale are handed over. Look at the receipt again.")


class NoSuchItem(Invalid):
    """The checklist has no such item."""

    code = "no-such-item"
    sentence = gettext_lazy("This checklist has changed. Open it again, then tick what was done.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to see to."""

    key: str
    text: str
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """A checklist in the reader's language; `at` and `by` say who last left it so."""

    key: str
    title: str
    items: tuple[Item, ...]
    at: datetime | None
    by: str

    @property
    def done(self) -> int:
        """How many items were seen to."""
        return sum(item.is_done for item in self.items)

    @property
    def is_complete(self) -> bool:
        """Say whether nothing is left."""
        return self.done == len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the customer takes home, in their language (a tag of Django's)."""

    language: str
    store: Store
    guide: Staff | None
    day: str
    products: tuple[str, ...]
    advice: tuple[tuple[str, str], ...]  # title, words

    @property
    def phone(self) -> str:
        """Whom to ring: the shop, else the guide; empty if neither has a number."""
        return self.store.phone or (self.guide.phone if self.guide else "")


def opened(purchase_id: UUID) -> Purchase:
    """Return a purchase with all that is needed here, in two statements. Raises NotFound.

    Whoever works at a counter may open any receipt, as they may take any return.
    """
    rows = purchases.with_lines(Purchase.objects.filter(pk=purchase_id))
    found = rows.select_related("customer__owner").first()
    if found is None:
        raise NotFound
    return found


def checklists(purchase: Purchase, *, language: str) -> list[Checklist]:
    """Return the checklists of a sale with what was seen to so far; one statement."""
    if purchase.kind != Purchase.Kind.SALE:
        return []
    known = handing.of_purchase(purchase.pk)
    return [
        _checklist(each, known.get(each.key), language)
        for each in handing.for_purchase(purchase, also=known)
    ]


@transaction.atomic
def hand_over(
    *,
    actor: Actor,
    purchase_id: UUID,
    store_id: UUID,
    done: Mapping[str, Collection[str]],
    now: datetime,
) -> Purchase:
    """Write down what was seen to when goods were handed over in a store; `done` is by checklist.

    What was ticked is replaced, so sending the same twice is the same as once. Raises Forbidden,
    NotFound, NothingToHandOver, NoSuchItem.
    """
    require(actor, "purchases.record")
    if not stores.visible(actor.scope).filter(pk=store_id).exists():
        raise Forbidden
    purchase = opened(purchase_id)
    if purchase.kind != Purchase.Kind.SALE or purchases.is_voided(purchase.pk):
        raise NothingToHandOver
    known = handing.of_purchase(purchase.pk)
    fitting = {each.key: each for each in handing.for_purchase(purchase, also=known)}
    for key, items in done.items():
        if key not in fitting or set(items) - {each.key for each in fitting[key].steps}:
            raise NoSuchItem
    by_id = actor.id if actor.kind is ActorKind.STAFF else None
    changed = handing.keep(purchase=purchase, done=done, by_id=by_id, store_id=store_id, now=now)
    if changed:
        audit.record(
            actor=actor,
            action="goods.handed-over",
            object_kind="purchase",
            object_id=purchase.pk,
            store_id=store_id,
            data={"done": {key: sorted(done[key]) for key in changed}},
        )
    return purchase


def card_of(purchase: Purchase) -> Card:
    """Return what goes home with the goods, in the customer's language; one statement.

    The guide is who sold them, else who handed them over, else whose customer it is. Raises
    NothingToHandOver.
    """
    if purchase.kind != Purchase.Kind.SALE:
        raise NothingToHandOver
    known = handing.of_purchase(purchase.pk)
    customer = purchase.customer
    language = language_of((customer and customer.language) or context.current().language)
    owner = customer.owner if customer else None
    people = [purchase.guide, *(row.by for row in known.values()), owner]
    names = [each.product_name or each.product_code for each in purchase.lines.all()]
    return Card(
        language=language.lower(),
        store=purchase.store,
        guide=next((each for each in people if each is not None and each.is_active), None),
        day=dates.format_date(purchase.business_day, "long", locale=language.replace("-", "_")),
        products=tuple(dict.fromkeys(name for name in names if name)),
        advice=tuple(
            (each.title.text(language), each.advice.text(language))
            for each in handing.for_purchase(purchase, also=known)
        ),
    )


@timeline.source("handovers")
def _handed_over(
    customer_id: UUID, before: Before | None, limit: int, language: str
) -> Iterable[Event]:
    """Tell of the checklists that were gone through with a customer."""
    rows = Handover.objects.filter(customer_id=customer_id).exclude(done=[])
    if before is not None:
        rows = rows.filter(before.holds("at"))
    declared = {each.key: each for each in registry.vertical().handovers}
    for row in rows.select_related("by", "store").order_by("-at", "-id")[:limit]:
        known = declared.get(row.handover)
        title = known.title.text(language) if known else row.handover
        of = len(_shown(known, row)) if known else len(row.done)
        with translation.override(language):
            seen = _("%(done)s of %(of)s seen to") % {"done": len(row.done), "of": of}
            heading = _("Goods handed over")
        yield Event(
            kind="handovers",
            at=row.at,
            id=row.id,
            title=heading,
            details=(f"{title} · {seen}",),
            where=row.store.name,
            who=row.by.name if row.by else "",
            data={"purchase": row.purchase_id},
        )


def _checklist(declared: Declared, row: Handover | None, language: str) -> Checklist:
    done = set(row.done) if row else set()
    return Checklist(
        key=declared.key,
        title=declared.title.text(language),
        items=tuple(
            Item(key=each.key, text=each.label.text(language), is_done=each.key in done)
            for each in _shown(declared, row)
        ),
        at=row.at if row else None,
        by=row.by.name if row and row.by else "",
    )


def _shown(declared: Declared, row: Handover | None) -> list[Check]:
    """Return the items of a checklist: retired ones only where they were seen to."""
    done = set(row.done) if row else set()
    return [each for each in declared.steps if not each.retired or each.key in done]
