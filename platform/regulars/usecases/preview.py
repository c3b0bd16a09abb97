"""What a sale would come to and earn, computed by the code that records it; writes nothing."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from regulars.audit import Actor
from regulars.points import selectors as balances
from regulars.purchases.drafts import PurchaseDraft
from regulars.usecases import earning, till
from regulars.usecases.earning import Told
from regulars.usecases.record_purchase import may_record, settled_for


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewLine:
    """A line with its share of discount and rounding, and the points it would earn."""

    gross_minor: int
    discount_minor: int
    paid_minor: int
    category: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The answer of `record_purchase.record`, before it happens."""

    customer_id: UUID | None
    business_day: date
    gross_minor: int
    discount_minor: int
    rounding_minor: int
    paid_minor: int
    lines: tuple[PreviewLine, ...]
    points: int
    balance: int | None
    balance_after: int | None
    awards: tuple[Told, ...]
    tier: str | None
    points_status: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each rule that would give points."""
        return tuple(award.sentence for award in self.awards)


def preview(
    *, draft: PurchaseDraft, actor: Actor, now: datetime, language: str | None = None
) -> Preview:
    """Compute a sale in one statement. `source` and `number` may be empty.

    Raises what recording raises, NumberTaken excepted.
    """
    may_record(actor, draft.store_id)
    spoken = earning.language(language)
    numbered = replace(draft, source=draft.source or "preview", number=draft.number or "preview")
    settled = settled_for(numbered, now=now, language=spoken)
    scene = till.read(
        store_id=draft.store_id,
        guide_id=draft.guide_id,
        customer_id=draft.customer_id,
        occurred_at=draft.occurred_at,
        now=now,
    )
    scene.refuse_if_closed(now=now)
    earned = earning.earn(settled, scene)
    buyer, balance = scene.buyer, scene.balance
    if buyer is not None and not scene.is_swept:
        balance = balances.balance(customer_id=buyer.id, now=now).balance
    tier = scene.tier(more_minor=settled.paid_minor)
    return Preview(
        customer_id=buyer.id if buyer else None,
        business_day=scene.business_day,
        gross_minor=settled.gross_minor,
        discount_minor=settled.discount_minor,
        rounding_minor=settled.rounding_minor,
        paid_minor=settled.paid_minor,
        lines=tuple(
            PreviewLine(
                gross_minor=line.gross_minor,
                discount_minor=line.discount_minor,
                paid_minor=line.paid_minor,
                category=line.category,
                points=points,
            )
            for line, points in zip(settled.lines, earned.by_line, strict=True)
        ),
        points=earned.points,
        balance=balance,
        balance_after=None if balance is None else balance + earned.points,
        awards=earning.told(earned.reasons, language=spoken),
        tier=tier.key if tier else None,
        points_status="none" if buyer is None else "pending" if earned.fault else "posted",
    )
