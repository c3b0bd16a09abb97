"""What a till, a page or a file says of a sale or a return, before anything is checked.

Plain frozen types. Money is in minor units of the chain's currency; quantities are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ONE: Final = Decimal(1)

# Other means are kept as they come; these have a name people know.
MEANS: Final[Mapping[str, str | Promise]] = {
    "cash": _("Cash"),
    "wechat": _("WeChat Pay"),
    "alipay": _("Alipay"),
    "card": _("Bank card"),
    "transfer": _("Bank transfer"),
    "platform": _("Delivery platform"),
    "other": _("Other"),
}
EXCHANGE: Final = "exchange"  # the value of goods handed back, used up by the other half
# Kept for the ledger: only a verb of the ledger may take these from a customer.
OF_THE_LEDGER: Final = frozenset({"points", "principal", "bonus"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """One position: `gross_minor` for the whole line before discounts, not for one piece."""

    gross_minor: int
    quantity: Decimal = ONE
    discount_minor: int = 0
    category: str = ""
    product_code: str = ""
    product_name: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDraft:
    """Money that changed hands by one means."""

    means: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseDraft:
    """A sale. `gross − discount − rounding = paid`.

    `discount_minor` is the whole receipt's; None means the sum of the lines' own, and what
    exceeds that sum is spread over the lines by largest remainder. `rounding_minor` (抹零) is
    negative when the till rounded up. `paid_minor` is checked when it is given.
    """

    store_id: UUID
    source: str
    number: str
    occurred_at: datetime
    lines: tuple[LineDraft, ...]
    customer_id: UUID | None = None
    guide_id: UUID | None = None
    discount_minor: int | None = None
    rounding_minor: int = 0
    paid_minor: int | None = None
    payments: tuple[PaymentDraft, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    """How much of which line comes back; the line by its key or its position from 1."""

    quantity: Decimal
    line_id: UUID | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDraft:
    """Goods that come back.

    Of a known purchase (`original_id`, or `original` as source and number): `lines`, or all that
    is left when there are none. Otherwise `without_original`, which takes back no points.
    `payments` are positive amounts given back.
    """

    store_id: UUID
    source: str
    number: str
    occurred_at: datetime
    original_id: UUID | None = None
    original: tuple[str, str] | None = None
    lines: tuple[ReturnLine, ...] = ()
    guide_id: UUID | None = None
    payments: tuple[PaymentDraft, ...] = ()
    reason: str = ""
    without_original: tuple[LineDraft, ...] = ()
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeDraft:
    """A return and a sale in one; `payments` settle the difference and the halves carry none."""

    returned: ReturnDraft
    sale: PurchaseDraft
    payments: tuple[PaymentDraft, ...] = ()
