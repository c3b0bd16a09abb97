"""A sale is recorded: the fact, the customer's standing and the points, in one statement.

Two statements in the usual case, whatever the number of lines: one reads the scene, one writes
everything. The rules run in between and hold no lock. A repeat is answered from the scene.

Where the outcome hangs on more than that (a customer's first purchase, points that must wait) the
sale is written under the customer's lock, in a transaction of its own and with a statement more
for each of these.

Idempotent by source and number: a repeat with the same content gets the same answer, another
content NumberTaken. No audit entry is written: the fact is append-only and names its actor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import registry
from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.customers import services as customers
from regulars.errors import Conflict, Forbidden
from regulars.outbox import services as outbox
from regulars.points import selectors as balances
from regulars.points import tiers
from regulars.points import writing as ledger_writing
from regulars.purchases import selectors, settling, writing
from regulars.purchases.drafts import PurchaseDraft
from regulars.purchases.models import Purchase
from regulars.purchases.settling import DoesNotAddUp, Settled
from regulars.purchases.writing import Fact
from regulars.tenancy import statements
from regulars.tenancy.identifiers import new_id
from regulars.usecases import award_purchase, earning, till
from regulars.usecases.earning import Earned, Told
from regulars.usecases.till import Scene

_FUTURE: Final = timedelta(days=1)  # clocks of tills go wrong, but not by more
_WRITE: Final = statements.squeezed(f"""
WITH {writing.GIVEN}, {writing.FACT}, {ledger_writing.AWARD}
SELECT (SELECT purchase_id FROM number), (SELECT available - debt FROM account)""")  # noqa: S608


class NumberTaken(Conflict):
    """The till's number stands for another purchase already."""

    code = "receipt-number-taken"
    sentence = gettext_lazy(
        "The receipt number %(number)s of %(source)s stands for another purchase already."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the till tells the customer. Points are whole, money is in minor units.

    `balance` is None for an anonymous sale, whose `points_status` is "none"; "pending" points
    are computed later. `repeated` says that this number was recorded before.
    """

    purchase_id: UUID
    number: str
    customer_id: UUID | None
    business_day: date
    gross_minor: int
    discount_minor: int
    rounding_minor: int
    paid_minor: int
    points: int
    balance: int | None
    awards: tuple[Told, ...]
    tier: str | None
    points_status: str
    repeated: bool = False

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each rule that gave points."""
        return tuple(award.sentence for award in self.awards)


def record(
    *,
    draft: PurchaseDraft,
    actor: Actor,
    now: datetime,
    language: str | None = None,
    pair_id: UUID | None = None,
    purchase_id: UUID | None = None,
) -> Recorded:
    """Record a sale and answer with what it earned.

    Raises DoesNotAddUp with every fault by field, NumberTaken, Forbidden. `pair_id` is the other
    half of an exchange, which also names the sale's own key before it is written.
    """
    may_record(actor, draft.store_id)
    spoken = earning.language(language)
    settled = settled_for(draft, now=now, language=spoken)
    digest = _digest(draft, settled)
    scene = _scene(draft, now)
    if scene.known is not None:
        return _again(draft, scene, settled, digest, now, spoken)
    scene.refuse_if_closed(now=now)
    earned = earning.earn(settled, scene) if _is_plain(draft, scene) else None
    fact = _fact(
        draft, settled, scene, digest, actor, earned=earned, key=purchase_id, pair_id=pair_id
    )
    if earned is not None and not earned.fault:
        books = _write(fact)
    else:
        books, fact, scene, earned = _write_carefully(draft, fact, now, fault=earned)
    if books is _NOT_NEW:  # somebody sent the same in this very moment
        return _again(draft, _scene(draft, now), settled, digest, now, spoken)
    return _answer(fact, scene, earned, books, now, spoken)


def may_record(actor: Actor, store_id: UUID) -> None:
    """Raise Forbidden unless the actor may record purchases in this store."""
    require(actor, "purchases.record")
    if not actor.serves(store_id):
        raise Forbidden(_("You can only record purchases of your own stores."))


def settled_for(draft: PurchaseDraft, *, now: datetime, language: str) -> Settled:
    """Check everything of a draft that needs no database. Raises DoesNotAddUp."""
    faults: settling.Faults = {}
    settling.check_texts(
        {"source": (draft.source, 40, True), "number": (draft.number, 80, True)}, faults
    )
    check_time(draft.occurred_at, now, faults)
    try:
        settled = settling.settle(draft, vertical=registry.vertical(), language=language)
    except DoesNotAddUp as refusal:
        raise DoesNotAddUp(fields={**refusal.fields, **faults}) from None
    if faults:
        raise DoesNotAddUp(fields=faults)
    return settled


def check_time(occurred_at: datetime, now: datetime, faults: settling.Faults) -> None:
    """Note a fault when a fact claims to be of the future, or of no known zone."""
    if occurred_at.tzinfo is None:
        faults["occurred_at"] = [_("The time must say its time zone.")]
    elif occurred_at > now + _FUTURE:
        faults["occurred_at"] = [_("The time lies in the future: check the clock of the till.")]


_NOT_NEW: Final = object()


def _scene(draft: PurchaseDraft, now: datetime) -> Scene:
    return till.read(
        store_id=draft.store_id,
        guide_id=draft.guide_id,
        customer_id=draft.customer_id,
        occurred_at=draft.occurred_at,
        now=now,
        numbered=(draft.source.strip(), draft.number.strip()),
    )


def _is_plain(draft: PurchaseDraft, scene: Scene) -> bool:
    """Say whether nothing that happens at the same moment could change what is written."""
    buyer = scene.buyer
    if buyer is None:
        return True
    matters = earning.purchases_that_matter(registry.vertical())
    return buyer.purchases > matters and not _claims(draft, scene)


def _claims(draft: PurchaseDraft, scene: Scene) -> bool:
    """Say whether this sale gives the customer a home store or an owner (C7)."""
    buyer = scene.buyer
    return buyer is not None and (
        buyer.home_store_id is None or (buyer.owner_id is None and draft.guide_id is not None)
    )


def _write(fact: Fact) -> Any:
    """Write everything; return the balance in the books (None: untouched), or _NOT_NEW."""
    row = statements.one(_WRITE, (writing.document(fact),))
    return _NOT_NEW if row is None or row[0] is None else row[1]


@transaction.atomic
def _write_carefully(
    draft: PurchaseDraft, fact: Fact, now: datetime, *, fault: Earned | None
) -> tuple[Any, Fact, Scene, Earned]:
    """Write under the customer's lock, after looking again at what may have changed before it.

    With a `fault` the vertical's functions failed a moment ago and are not asked a second time.
    """
    if draft.customer_id is not None:
        till.lock(draft.customer_id)
    scene = _scene(draft, now)
    buyer = scene.buyer
    earned = fault or earning.earn(fact.settled, scene)
    fact = replace(
        fact,
        customer_id=buyer.id if buyer else None,
        points=earned.points,
        reasons=earned.reasons,
        expires_at=_expires_at(earned, fact.business_day),
    )
    books = _write(fact)
    if books is not _NOT_NEW and buyer is not None:
        if earned.fault:
            outbox.enqueue(
                handler=award_purchase.HANDLER,
                payload={"purchase_id": str(fact.id)},
                key=award_purchase.key_of(fact.id),
            )
        if _claims(draft, scene):
            customers.claim(
                customer_id=buyer.id,
                owner_id=fact.guide_id,
                home_store_id=fact.store_id,
                now=now,
            )
    return books, fact, scene, earned


def _fact(
    draft: PurchaseDraft,
    settled: Settled,
    scene: Scene,
    digest: bytes,
    actor: Actor,
    *,
    earned: Earned | None,
    key: UUID | None,
    pair_id: UUID | None,
) -> Fact:
    return Fact(
        id=key or new_id(),
        kind=Purchase.Kind.SALE,
        settled=settled,
        store_id=draft.store_id,
        source=draft.source.strip(),
        number=draft.number.strip(),
        digest=digest,
        occurred_at=draft.occurred_at,
        business_day=scene.business_day,
        customer_id=scene.buyer.id if scene.buyer else None,
        guide_id=draft.guide_id,
        actor_id=actor.id,
        pair_id=pair_id,
        points=earned.points if earned else 0,
        reasons=earned.reasons if earned else (),
        expires_at=_expires_at(earned, scene.business_day),
    )


def _expires_at(earned: Earned | None, day: date) -> datetime | None:
    return earning.expires_at(day) if earned and earned.points else None


def _digest(draft: PurchaseDraft, settled: Settled) -> bytes:
    return settling.digest(
        str(draft.store_id),
        draft.occurred_at.timestamp(),
        draft.customer_id and str(draft.customer_id),
        draft.guide_id and str(draft.guide_id),
        settled.rounding_minor,
        [(each.means, each.amount_minor) for each in settled.payments],
        settled.extra,
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
            for line in settled.lines
        ],
    )


def _answer(
    fact: Fact, scene: Scene, earned: Earned, books: Any, now: datetime, language: str
) -> Recorded:
    settled, buyer = fact.settled, scene.buyer
    balance = scene.balance if books is None else books
    if buyer is not None and not scene.is_swept:
        balance = balances.balance(customer_id=buyer.id, now=now).balance
    tier = scene.tier(more_minor=settled.paid_minor)
    return Recorded(
        purchase_id=fact.id,
        number=fact.number,
        customer_id=fact.customer_id,
        business_day=fact.business_day,
        gross_minor=settled.gross_minor,
        discount_minor=settled.discount_minor,
        rounding_minor=settled.rounding_minor,
        paid_minor=settled.paid_minor,
        points=earned.points,
        balance=balance,
        awards=earning.told(earned.reasons, language=language),
        tier=tier.key if tier else None,
        points_status="none" if buyer is None else "pending" if earned.fault else "posted",
    )


def _again(
    draft: PurchaseDraft,
    scene: Scene,
    settled: Settled,
    digest: bytes,
    now: datetime,
    language: str,
) -> Recorded:
    """Answer a repeat as it was answered first, with the balance of now.

    The scene says it all unless the points wait, some have expired, or the customer is another.
    """
    known, buyer = scene.known, scene.buyer
    is_same = known is not None and (known.digest, known.kind, known.customer_id) == (
        digest.hex(), Purchase.Kind.SALE, buyer and buyer.id
    )  # fmt: skip
    if known is None or not is_same or not scene.is_swept or (buyer and known.points is None):
        return _looked_up(draft, digest, now, language)
    tier = scene.tier()
    return Recorded(
        purchase_id=known.purchase_id,
        number=draft.number.strip(),
        customer_id=known.customer_id,
        business_day=known.business_day,
        gross_minor=settled.gross_minor,
        discount_minor=settled.discount_minor,
        rounding_minor=settled.rounding_minor,
        paid_minor=settled.paid_minor,
        points=known.points or 0,
        balance=scene.balance,
        awards=earning.told(known.reasons, language=language),
        tier=tier.key if tier else None,
        points_status="posted" if buyer else "none",
        repeated=True,
    )


def _looked_up(draft: PurchaseDraft, digest: bytes, now: datetime, language: str) -> Recorded:
    """Answer a repeat from the books. Raises NumberTaken where the number means something else."""
    known = selectors.numbered(source=draft.source.strip(), number=draft.number.strip())
    if known is None:
        raise Conflict  # the customer was merged or erased in this very moment
    kept = known.digest
    fits = known.purchase.kind == Purchase.Kind.SALE and (
        bytes(kept) == digest if kept is not None else _fits(known.purchase, draft, now)
    )
    if not fits:
        raise NumberTaken(number=draft.number, source=draft.source)
    return recorded(known.purchase, now=now, language=language)


def _fits(purchase: Purchase, draft: PurchaseDraft, now: datetime) -> bool:
    """Compare with a purchase that came in a file, of which no digest was kept."""
    settled = settled_for(draft, now=now, language="en")
    return (purchase.store_id, purchase.paid_minor, purchase.occurred_at) == (
        draft.store_id,
        settled.paid_minor,
        draft.occurred_at,
    )


def recorded(purchase: Purchase, *, now: datetime, language: str) -> Recorded:
    """Return what was answered for a purchase that is there, read from the books."""
    posting = balances.award_of(purchase.id)
    reasons: tuple[Mapping[str, Any], ...] = tuple(posting.reasons) if posting else ()
    customer_id = purchase.customer_id
    status, balance, tier = "none", None, None
    if customer_id is not None:
        waits = posting is None and award_purchase.is_waiting(purchase.id)
        status = "pending" if waits else "posted"
        balance = balances.balance(customer_id=customer_id, now=now).balance
        tier = tiers.of(customer_id, now=now)
    return Recorded(
        purchase_id=purchase.id,
        number=purchase.number,
        customer_id=customer_id,
        business_day=purchase.business_day,
        gross_minor=purchase.gross_minor,
        discount_minor=purchase.discount_minor,
        rounding_minor=purchase.rounding_minor,
        paid_minor=purchase.paid_minor,
        points=posting.amount if posting else 0,
        balance=balance,
        awards=earning.told(reasons, language=language),
        tier=tier.key if tier else None,
        points_status=status,
        repeated=True,
    )
