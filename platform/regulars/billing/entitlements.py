"""What a chain may have and do: read from the chain itself, without asking anybody (S3)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from regulars.billing import plans
from regulars.billing.standing import Access
from regulars.tenancy.context import ChainInfo

NEAR: Final = (80, 100)
"""Percent of an allowance at which the owner is told."""
IMPORTS_UP_TO: Final = 120
"""Percent of the members of a plan up to which files may bring new ones in."""
_OPEN: Final = (Access.FULL, Access.READ_ONLY, Access.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much a chain has: open stores, members, messages of this month.

    `measured_at` is when members and messages were counted, None: never yet.
    """

    stores: int = 0
    members: int = 0
    messages: int = 0
    measured_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlements:
    """What the plan allows (None: without limit), and what is open now.

    Whatever stands here, a till records what was sold until the workspace is closed, and data can
    be taken out for ever. A demo has no limits: nobody could buy more for it.
    """

    plan: plans.Plan
    access: Access
    is_demo: bool = False

    @property
    def stores(self) -> int | None:
        """How many stores may be open."""
        return None if self.is_demo else self.plan.stores

    @property
    def members(self) -> int | None:
        """How many customers may be kept."""
        return None if self.is_demo else self.plan.members

    @property
    def most_imported(self) -> int | None:
        """How many customers there may be after an import; tills and people go beyond."""
        return None if self.members is None else self.members * IMPORTS_UP_TO // 100

    @property
    def messages(self) -> int | None:
        """How many messages a month are included."""
        return None if self.is_demo else self.plan.messages

    @property
    def may_change(self) -> bool:
        """Whether people may write."""
        return self.access is Access.FULL

    @property
    def may_record(self) -> bool:
        """Whether tills may record."""
        return self.access in _OPEN

    @property
    def goes_by_itself(self) -> bool:
        """Whether messages are sent and tasks begun by the clock."""
        return self.access in (Access.FULL, Access.READ_ONLY)

    @property
    def sends_batches(self) -> bool:
        """Whether messages to many are sent."""
        return self.access is Access.FULL

    @property
    def is_open(self) -> bool:
        """Whether more is open than data, bills and one's own account."""
        return self.access in _OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of one allowance is used."""

    what: str
    used: int
    allowed: int

    @property
    def percent(self) -> int:
        """Whole percent, rounded down; what is used of nothing is 100."""
        return self.used * 100 // self.allowed if self.allowed else 100


def of(chain: ChainInfo) -> Entitlements:
    """Return what a chain may have and do; asks nobody."""
    return Entitlements(
        plan=plans.of(chain.plan), access=Access(chain.access), is_demo=chain.is_demo
    )


def shares(plan: plans.Plan, usage: Usage) -> list[Share]:
    """Return how much of each allowance with a limit is used."""
    pairs = (
        ("stores", usage.stores, plan.stores),
        ("members", usage.members, plan.members),
        ("messages", usage.messages, plan.messages),
    )
    return [
        Share(what=what, used=used, allowed=allowed)
        for what, used, allowed in pairs
        if allowed is not None
    ]


def near(plan: plans.Plan, usage: Usage) -> list[tuple[str, int]]:
    """Return which allowances are near their end: what, and the last step of NEAR reached."""
    return [
        (share.what, max(step for step in NEAR if share.percent >= step))
        for share in shares(plan, usage)
        if share.percent >= NEAR[0]
    ]


def what_no_longer_fits(plan: str, usage: Usage) -> list[Share]:
    """Return what a chain has more of than a plan allows: it stays, and no more can be added."""
    return [each for each in shares(plans.of(plan), usage) if each.used > each.allowed]
