"""What a row becomes: typed, not yet looked up, not yet decided upon."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from regulars.imports.values.birthdays import Birthday


class CustomerDraft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one row says of a customer. None, or an empty collection, says nothing.

    Stores and guides are named as the file names them: by number or name. Amounts are minor units.
    """

    line: int
    id: str | None = None
    external_number: str | None = None
    member_code: str | None = None
    card: str | None = None
    name: str | None = None
    phone: str | None = None
    """E.164."""
    email: str | None = None
    gender: Literal["female", "male", "other"] | None = None
    birthday: Birthday | None = None
    lunar_birthday: Birthday | None = None
    age_band: str | None = None
    address: dict[str, str] = {}
    """Of province, city, district, line and postcode those that are known."""
    home_store: str | None = None
    owner: str | None = None
    joined_at: datetime | None = None
    """UTC."""
    tags: tuple[str, ...] = ()
    note: str | None = None
    opening_points: int | None = None
    opening_principal_minor: int | None = None
    opening_bonus_minor: int | None = None
    events: dict[str, Birthday] = {}
    """By kind: wedding, anniversary, child-birthday, moving."""
    profile: dict[str, Any] = {}
    """The deep answers (P3) by key; cleaned by the kit where the chain declares the question."""
    consents: dict[str, bool] = {}
    """By purpose, with its channel where it is for one only: ``selling``, ``selling.sms``."""
    extra: dict[str, Any] = {}
    """The vertical's fields, cleaned by the kit."""


class PurchaseLineDraft(msgspec.Struct, frozen=True, gc=False):
    """What one row says of one line of a receipt.

    The lines of a receipt may be scattered over the file. What groups them is `source` and
    `number`; that is left to the staging tables, as are the checks over all lines of a receipt.
    In a return, quantity and amounts are negative or zero. Amounts are minor units, and
    ``gross_minor - discount_minor == paid_minor``.
    """

    line: int
    source: str
    number: str
    kind: Literal["sale", "return"]
    occurred_at: datetime
    """UTC."""
    store: str
    quantity: Decimal
    gross_minor: int
    discount_minor: int
    paid_minor: int
    guide: str | None = None
    customer_id: str | None = None
    customer_number: str | None = None
    customer_code: str | None = None
    customer_card: str | None = None
    customer_phone: str | None = None
    """E.164."""
    customer_name: str | None = None
    payment: str | None = None
    """``cash``, ``wechat``, ``alipay``, ``card``, ``transfer``, ``platform``, or as it came."""
    rounding_minor: int | None = None
    """Of the whole receipt, repeated on each of its lines."""
    original_number: str | None = None
    original_position: int | None = None
    position: int | None = None
    """None: the order in the file decides."""
    product_code: str | None = None
    product_name: str | None = None
    category: str | None = None
    extra: dict[str, Any] = {}
    """The vertical's fields of the purchase."""
    line_extra: dict[str, Any] = {}
    """The vertical's fields of the line."""
