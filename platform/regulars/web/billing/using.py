"""How much of its plan a chain uses: stores counted now, the rest as it was counted last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.billing import entitlements, selectors
from regulars.billing.entitlements import NEAR, Share, Usage
from regulars.billing.selectors import Overage
from regulars.tenancy.context import current
from regulars.usecases import subscribe

WORDS: Final[Mapping[str, str | Promise]] = {
    "stores": _("Open stores"),
    "members": _("Members"),
    "messages": _("Messages this month"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """How much of one allowance is used; `allowed` None is without limit, `used` None unknown."""

    what: str
    used: int | None
    allowed: int | None

    @property
    def label(self) -> str:
        """Name what is allowed."""
        return str(WORDS[self.what])

    @property
    def tone(self) -> str:
        """Say whether it comes near its end, or is at it."""
        if self.allowed is None or self.used is None:
            return "good"
        percent = Share(what=self.what, used=self.used, allowed=self.allowed).percent
        return "bad" if percent > NEAR[1] else "warning" if percent >= NEAR[0] else "good"


@dataclass(frozen=True, kw_only=True)
class Used:
    """What is used of each allowance, and what messages beyond it cost so far."""

    usage: Usage
    lines: tuple[Line, ...]
    beyond: Overage | None


def of_chain(now: datetime) -> Used:
    """Return what the chain of the current block uses of its plan; four statements."""
    chain = current()
    allowed, found = entitlements.of(chain), subscribe.usage(now)
    is_counted = found.measured_at is not None
    return Used(
        usage=found,
        lines=(
            Line(what="stores", used=found.stores, allowed=allowed.stores),
            Line(
                what="members",
                used=found.members if is_counted else None,
                allowed=allowed.members,
            ),
            Line(
                what="messages",
                used=found.messages if is_counted else None,
                allowed=allowed.messages,
            ),
        ),
        beyond=selectors.overage(chain, month=timezone.localdate(now).replace(day=1)),
    )
