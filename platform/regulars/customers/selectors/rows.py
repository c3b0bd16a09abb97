"""One customer as lists and search results show them: a few columns, read without models."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID


class Listed(NamedTuple):
    """A row of a list. The phone is in full: `visibility.may_read_phone` says who may see it."""

    id: UUID
    name: str
    gender: str
    phone: str | None
    member_code: str | None
    owner_id: UUID | None
    owner_name: str | None
    home_store_id: UUID | None
    store_name: str | None
    pinyin: str
    joined_at: datetime
    changed_at: datetime


FIELDS: Final = (
    "pk",
    "name",
    "gender",
    "phone",
    "member_code",
    "owner_id",
    "owner__name",
    "home_store_id",
    "home_store__name",
    "pinyin",
    "joined_at",
    "changed_at",
)

# The same in SQL: `c` is the customer, `o` the owner, `s` the home store.
COLUMNS: Final = (
    "c.id, c.name, c.gender, c.phone, c.member_code, c.owner_id, o.name, c.home_store_id, s.name, "
    "c.pinyin, c.joined_at, c.changed_at"
)
SOURCE: Final = (
    "customers_customer c LEFT JOIN staff_staff o ON o.id = c.owner_id "
    "LEFT JOIN stores_store s ON s.id = c.home_store_id"
)
