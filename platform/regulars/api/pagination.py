"""Keyset pages: a cursor says where the last page ended; row 900,000 is as near as row 1."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from regulars import moments
from regulars.errors import Invalid
from regulars.tenancy import statements

DEFAULT: Final = 50
MOST: Final = 200
_MOMENT: Final = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class CursorRefused(Invalid):
    """The cursor, limit or modified_since of a list cannot be understood"""

    code = "cursor-refused"
    sentence = _("Take `cursor` as the last page gave it, and a `limit` from 1 to 200.")


@dataclass(frozen=True, slots=True)
class Page[T]:
    """One page and the cursor of the next, if there is one."""

    rows: Sequence[T]
    next: str | None

    def as_body(self, show: Callable[[T], Any]) -> dict[str, Any]:
        """Return what a list endpoint answers."""
        return {"data": [show(row) for row in self.rows], "next": self.next}


def page[M: Model](request: Request, rows: QuerySet[M], *, modified: str | None = None) -> Page[M]:
    """Return one page of rows by id, or, given `modified_since`, by the column that says when.

    One query whatever the page. Raises CursorRefused.
    """
    rows, limit, by_change = _narrowed(request, rows, modified)
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    last = found[limit - 1]
    moment = getattr(last, modified) if modified and by_change else None
    return Page(found[:limit], encode(moment, last.pk))


def answer[M: Model](
    request: Request, rows: QuerySet[M], columns: Mapping[str, str], *, modified: str | None = None
) -> HttpResponse:
    """Answer with the same page of some columns, as JSON that PostgreSQL writes.

    `columns` says under which name each is answered, the key as ``id``. To make objects of rows
    and text of these again takes several times as long. Raises CursorRefused.
    """
    rows, limit, by_change = _narrowed(request, rows, modified)
    page_of = rows.values_list(*columns.values())[: limit + 1]
    inner, values = page_of.query.sql_with_params()
    moment = f'page."{modified}"' if modified and by_change else "NULL::timestamptz"
    # Written out only once the page is cut: before a sort that would be done for every row.
    shown = _text(rows.model, tuple(columns.items()))
    sql = f"SELECT {shown}, page.id, {moment} FROM ({inner}) AS page"  # noqa: S608
    found = statements.every(sql, values)
    following = None
    if len(found) > limit:
        _shown, row_id, changed = found[limit - 1]
        following = encode(changed, row_id)
    body = {"data": [msgspec.Raw(row[0]) for row in found[:limit]], "next": following}
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")


@cache
def _text(model: type[Model], columns: tuple[tuple[str, str], ...]) -> str:
    """Return SQL for a row of `page` as a JSON object; moments are in UTC, as everywhere."""
    members = []
    for name, column in columns:
        source = f'page."{column}"'
        if isinstance(model._meta.get_field(column), DateTimeField):
            source = f"to_char({source} AT TIME ZONE 'UTC', '{_MOMENT}')"
        members.append(f"'{name}', {source}")
    return f"json_build_object({', '.join(members)})::text"


def _narrowed[M: Model](
    request: Request, rows: QuerySet[M], modified: str | None
) -> tuple[QuerySet[M], int, bool]:
    """Return what lies behind the cursor in order, how many make a page, and if by change."""
    limit = _limit(request)
    since = _moment(request) if modified else None
    after = _after(request)
    if modified and since is not None:
        rows = rows.filter(**{f"{modified}__gte": since}).order_by(modified, "id")
        if after is not None:
            moment, row_id = after
            rows = rows.filter(
                Q(**{f"{modified}__gt": moment}) | Q(**{modified: moment, "id__gt": row_id})
            )
    else:
        rows = rows.order_by("id")
        if after is not None:
            rows = rows.filter(id__gt=after[1])
    return rows, limit, since is not None


def asked(request: Request) -> tuple[int, UUID | None]:
    """Return (limit, id the last page ended with) for lists that page by themselves."""
    after = _after(request)
    return _limit(request), after[1] if after else None


def marked(request: Request) -> tuple[int, tuple[datetime, UUID] | None]:
    """Return (limit, when and where the last page ended) for lists in an order of their own.

    Raises CursorRefused, also for a cursor of another kind of list.
    """
    after = _after(request)
    if after is None:
        return _limit(request), None
    moment, row_id = after
    if moment is None:
        raise CursorRefused
    return _limit(request), (moment, row_id)


def encode(moment: datetime | None, row_id: UUID) -> str:
    """Return an opaque cursor."""
    packed = msgspec.msgpack.encode((moment, row_id))
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _after(request: Request) -> tuple[datetime | None, UUID] | None:
    text = request.query_params.get("cursor")
    if not text:
        return None
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        moment, row_id = msgspec.msgpack.decode(packed, type=tuple[datetime | None, UUID])
        return moment and moments.in_utc(moment), row_id
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise CursorRefused from error


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(DEFAULT))
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise CursorRefused
    return int(text)


def _moment(request: Request) -> datetime | None:
    text = request.query_params.get("modified_since")
    if not text:
        return None
    try:
        return moments.read(text.replace(" ", "+"))
    except ValueError as error:
        raise CursorRefused(
            _("Write modified_since with a time zone: 2026-11-21T10:00:00+08:00.")
        ) from error
