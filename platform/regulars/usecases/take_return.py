"""Goods come back: the fact, the money, and the points in proportion.

Against the original by line and quantity, never more than was bought: the original's number is
locked, so two returns of one purchase look at what is left one after the other. Without an
original nothing is known of points, so none are taken. Idempotent by source and number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import registry
from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.errors import Conflict, NotFound
from regulars.points import returning, sentences
from regulars.points import selectors as balances
from regulars.points.returning import Undone
from regulars.purchases import selectors, settling, writing
from regulars.purchases.drafts import PurchaseDraft, ReturnDraft
from regulars.purchases.models import Purchase
from regulars.purchases.settling import DoesNotAddUp
from regulars.purchases.writing import Fact
from regulars.tenancy.identifiers import new_id
from regulars.usecases import award_purchase, earning, returned_goods, returned_points, till
from regulars.usecases.record_purchase import NumberTaken, check_time, may_record
from regulars.usecases.returned_goods import Part, Settle


class NoOriginal(NotFound):
    """The purchase that is to be returned is not known, or its import was undone."""

    code = "original-not-found"
    sentence = gettext_lazy("We know no purchase with this receipt number.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    """One line that came back; the amount is what was given back for it."""

    line_id: UUID | None
    position: int
    quantity: Decimal
    paid_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What the till tells the customer.

    `paid_minor` is negative: money given back. `points` is 0 or negative: taken back;
    `given_back` are spent points that came back. `balance` is None for an anonymous return.
    """

    purchase_id: UUID
    number: str
    original_id: UUID | None
    customer_id: UUID | None
    business_day: date
    paid_minor: int
    lines: tuple[ReturnedLine, ...]
    points: int
    given_back: int
    balance: int | None
    sentences: tuple[str, ...]
    points_status: str
    repeated: bool = False


@transaction.atomic
def take_return(
    *,
    draft: ReturnDraft,
    actor: Actor,
    now: datetime,
    language: str | None = None,
    settle: Settle | None = None,
    return_id: UUID | None = None,
    pair_id: UUID | None = None,
) -> Returned:
    """Record a return. A constant number of statements, whatever the number of lines.

    Raises ReturnTooMuch, NoOriginal, NumberTaken, DoesNotAddUp, Forbidden. An exchange passes
    `settle` (from what is given back to payments) and the keys of both halves.
    """
    _check(draft, actor, now)
    spoken = earning.language(language)
    digest = _digest(draft)
    if draft.without_original:
        return _loose(draft, digest, actor, now, spoken)
    original = _locked_original(draft)
    if known := _repeat(draft, digest):
        return _told(known, now, spoken)
    lines = selectors.returnable(original.id)
    parts = returned_goods.parts_of(draft, lines)
    settled = returned_goods.given_back(parts, original, draft, settle)
    scene = _scene(draft, now)
    fact = Fact(
        id=return_id or new_id(),
        kind=Purchase.Kind.RETURN,
        settled=settled,
        store_id=draft.store_id,
        source=draft.source.strip(),
        number=draft.number.strip(),
        digest=digest,
        occurred_at=draft.occurred_at,
        business_day=scene.business_day,
        customer_id=original.customer_id,
        guide_id=draft.guide_id,
        actor_id=actor.id,
        original_id=original.id,
        original_lines={index: part.line_id for index, part in enumerate(parts, start=1)},
        pair_id=pair_id,
        reason=draft.reason.strip(),
    )
    if not writing.write(fact):
        raise NumberTaken(number=draft.number, source=draft.source)
    undone = Undone()
    if original.customer is not None and original.customer.state == "active":
        undone = returned_points.undo(
            original=original,
            return_id=fact.id,
            parts=parts,
            paid_back_before=sum(line.paid_minor for line in lines),
            store_id=draft.store_id,
            actor=actor,
            now=now,
        )
    return _answer(fact, parts, undone, now, spoken)


def _check(draft: ReturnDraft, actor: Actor, now: datetime) -> None:
    may_record(actor, draft.store_id)
    faults: settling.Faults = {}
    settling.check_texts(
        {
            "source": (draft.source, 40, True),
            "number": (draft.number, 80, True),
            "reason": (draft.reason, 120, False),
        },
        faults,
    )
    check_time(draft.occurred_at, now, faults)
    named = [draft.original_id is not None, draft.original is not None, draft.without_original]
    if sum(map(bool, named)) != 1:
        faults["original"] = [_("Name the purchase that is returned, or the goods without one.")]
    if faults:
        raise DoesNotAddUp(fields=faults)


def _locked_original(draft: ReturnDraft) -> Purchase:
    """Return the original with its customer, under lock. Three statements."""
    sales = Purchase.objects.filter(kind=Purchase.Kind.SALE).select_related("customer")
    if draft.original_id is not None:
        found = sales.filter(pk=draft.original_id).first()
    else:
        source, number = draft.original or ("", "")
        known = selectors.numbered(source=source.strip(), number=number.strip())
        found = known.purchase if known and known.purchase.kind == Purchase.Kind.SALE else None
    if found is None or not till.lock_for_return(found):
        raise NoOriginal
    original = sales.get(pk=found.pk)
    if original.customer_id != found.customer_id:
        raise Conflict  # merged in this very moment: the caller looks again
    return original


def _repeat(draft: ReturnDraft, digest: bytes) -> Purchase | None:
    """Return what stands under the return's number already; NumberTaken if it is something else."""
    known = selectors.numbered(source=draft.source.strip(), number=draft.number.strip())
    if known is None:
        return None
    if known.digest != digest:
        raise NumberTaken(number=draft.number, source=draft.source)
    return known.purchase


def _scene(draft: ReturnDraft, now: datetime) -> till.Scene:
    found = till.read(
        store_id=draft.store_id,
        guide_id=draft.guide_id,
        customer_id=draft.customer_id,
        occurred_at=draft.occurred_at,
        now=now,
    )
    found.refuse_if_closed(now=now)
    return found


def _loose(
    draft: ReturnDraft, digest: bytes, actor: Actor, now: datetime, language: str
) -> Returned:
    """Record goods that come back without a receipt: money back, points untouched."""
    require(actor, "purchases.return-without-original")
    if known := _repeat(draft, digest):
        return _told(known, now, language)
    sale = PurchaseDraft(
        store_id=draft.store_id,
        source=draft.source,
        number=draft.number,
        occurred_at=draft.occurred_at,
        lines=draft.without_original,
        payments=draft.payments,
    )
    scene = _scene(draft, now)
    settled = settling.settle(sale, vertical=registry.vertical(), language=language)
    fact = Fact(
        id=new_id(),
        kind=Purchase.Kind.RETURN,
        settled=returned_goods.negated(settled),
        store_id=draft.store_id,
        source=draft.source.strip(),
        number=draft.number.strip(),
        digest=digest,
        occurred_at=draft.occurred_at,
        business_day=scene.business_day,
        customer_id=scene.buyer.id if scene.buyer else None,
        guide_id=draft.guide_id,
        actor_id=actor.id,
        reason=draft.reason.strip(),
    )
    if not writing.write(fact):
        known = _repeat(draft, digest)
        if known is None:
            raise Conflict
        return _told(known, now, language)
    return _answer(fact, (), Undone(), now, language)


def _answer(
    fact: Fact, parts: Sequence[Part], undone: Undone, now: datetime, language: str
) -> Returned:
    settled = fact.settled
    lines = tuple(
        ReturnedLine(
            line_id=parts[index].line_id if parts else None,
            position=parts[index].position if parts else line.position,
            quantity=-line.quantity,
            paid_minor=-line.paid_minor,
        )
        for index, line in enumerate(settled.lines)
    )
    return Returned(
        purchase_id=fact.id,
        number=fact.number,
        original_id=fact.original_id,
        customer_id=fact.customer_id,
        business_day=fact.business_day,
        paid_minor=settled.paid_minor,
        lines=lines,
        points=undone.taken.amount if undone.taken else 0,
        given_back=undone.given.amount if undone.given else 0,
        balance=_balance(fact.customer_id, now),
        sentences=_sentences(undone, language),
        points_status=_status(fact.customer_id, fact.original_id),
    )


def _told(purchase: Purchase, now: datetime, language: str) -> Returned:
    """Answer a repeat from the books."""
    undone = returning.posted_for(purchase.id)
    originals = {
        each.line.id: each.line.position
        for each in (selectors.returnable(purchase.original_id) if purchase.original_id else ())
    }
    lines = purchase.lines.order_by("position")
    return Returned(
        purchase_id=purchase.id,
        number=purchase.number,
        original_id=purchase.original_id,
        customer_id=purchase.customer_id,
        business_day=purchase.business_day,
        paid_minor=purchase.paid_minor,
        lines=tuple(
            ReturnedLine(
                line_id=line.original_line_id,
                position=originals.get(line.original_line_id or line.id, line.position),
                quantity=-line.quantity,
                paid_minor=-line.paid_minor,
            )
            for line in lines
        ),
        points=undone.taken.amount if undone.taken else 0,
        given_back=undone.given.amount if undone.given else 0,
        balance=_balance(purchase.customer_id, now),
        sentences=_sentences(undone, language),
        points_status=_status(purchase.customer_id, purchase.original_id),
        repeated=True,
    )


def _balance(customer_id: UUID | None, now: datetime) -> int | None:
    if customer_id is None:
        return None
    return balances.balance(customer_id=customer_id, now=now).balance


def _status(customer_id: UUID | None, original_id: UUID | None) -> str:
    if customer_id is None:
        return "none"
    waits = original_id is not None and award_purchase.is_waiting(original_id)
    return "pending" if waits else "posted"


def _sentences(undone: Undone, language: str) -> tuple[str, ...]:
    whys = {"return-takes-back": undone.taken, "return-gives-back": undone.given}
    return tuple(
        sentences.one({"why": why}, vertical=registry.vertical(), language=language)
        for why, posted in whys.items()
        if posted is not None and posted.amount
    )


def _digest(draft: ReturnDraft) -> bytes:
    return settling.digest(
        draft.store_id,
        draft.occurred_at.timestamp(),
        draft.original_id,
        draft.original,
        draft.guide_id,
        draft.reason,
        draft.customer_id,
        [(line.line_id, line.position, line.quantity) for line in draft.lines],
        [(each.means, each.amount_minor) for each in draft.payments],
        [
            (
                line.quantity,
                line.gross_minor,
                line.discount_minor,
                line.category,
                line.product_code,
                line.product_name,
                line.extra,
            )
            for line in draft.without_original
        ],
    )
