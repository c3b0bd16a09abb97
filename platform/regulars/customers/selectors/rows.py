"""One customer as lists and search results show them: a few columns, read without models."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from django.db import connection

from regulars.audit import Scope
from regulars.tenancy import statements

type Run = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]


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


def running(scope: Scope) -> Run:
    """Return how statements about a scope are run: prepared where one plan serves all of them.

    A plan for "some stores" serves neither one store nor a hundred: those are planned anew.
    """
    is_alike = scope.everything or scope.own_customers_of is not None
    return statements.every if is_alike else anew


def anew(sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Run a statement that is planned for its values."""
    with connection.cursor() as cursor:
        cursor.execute(sql, cast(Sequence[Any], values))
        return list(cursor.fetchall())
