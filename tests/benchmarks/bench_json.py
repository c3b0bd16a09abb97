"""A page of customers as the API answers it, against DRF's ModelSerializer and json_agg (B10)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from django.db import connection
from django.http import HttpRequest, QueryDict
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from regulars.api import pagination
from regulars.api.customers import COLUMNS
from regulars.audit import SYSTEM
from regulars.customers import selectors
from regulars.customers.models import Customer
from regulars.tenancy import statements
from tests.benchmarks import filling, measuring
from tests.benchmarks.measuring import Reach, Report

TITLE: Final = "100 customers as JSON"
_PAGE: Final = 100
_FILL: Final = """
INSERT INTO customers_customer (state, name, pinyin, initials, tokens, gender, age_band, phone,
  member_code, email, address, language, time_zone, home_store_id, owner_id, profile, extra)
SELECT 'active', '顾客' || n, '', '', '{}', CASE WHEN n %% 3 = 0 THEN 'male' ELSE 'female' END, '',
  '+86138' || lpad(n::text, 8, '0'), 'M' || n, 'c' || n || '@example.com',
  jsonb_build_object('province', '上海', 'city', '上海', 'line', '南京路 ' || n), 'zh-hans', '',
  (SELECT id FROM stores_store ORDER BY id LIMIT 1), (SELECT id FROM staff_staff ORDER BY id
  LIMIT 1), '{}',
  jsonb_build_object('ring_size', n %% 30, 'metals', jsonb_build_array('gold', 'pt'))
FROM generate_series(1, %s) AS n"""
_IN_SQL: Final = statements.squeezed("""
SELECT json_agg(t)::text FROM (
  SELECT id, name, phone, member_code, gender, email, address, language,
    home_store_id AS store_id, owner_id AS guide_id, extra, joined_at, changed_at
  FROM customers_customer WHERE state = 'active' ORDER BY id LIMIT %s) AS t""")


@dataclass(frozen=True)
class Size:
    """How many customers there are, how many pages one run makes, and how many pairs there are."""

    customers: int
    pages: int
    pairs: int


FULL: Final = Size(customers=10_000, pages=40, pairs=25)
SMALL: Final = Size(customers=150, pages=1, pairs=3)


class _Textbook(serializers.ModelSerializer[Customer]):
    """The same members as DRF makes them of a model."""

    store_id = serializers.UUIDField(source="home_store_id")
    guide_id = serializers.UUIDField(source="owner_id")

    class Meta:
        model = Customer
        fields: ClassVar[list[str]] = list(COLUMNS)


def measure(report: Report, size: Size) -> None:
    """Hold the three texts against one another, then time how long each takes to make."""
    with measuring.inside():
        with connection.cursor() as cursor:
            cursor.execute(_FILL, [size.customers])
        with filling.owner() as cursor:
            cursor.execute("ANALYZE customers_customer")
        _check(report)
        sides: dict[str, Callable[[], object]] = {
            name: _repeated(make, size.pages)
            for name, make in (("ours", _ours), ("drf", _drf), ("sql", _sql))
        }
        for side in sides.values():
            side()
        drf = measuring.paired(sides["ours"], sides["drf"], pairs=size.pairs)
        sql = measuring.paired(sides["ours"], sides["sql"], pairs=size.pairs)
        took = sorted(measuring.took(sides["ours"]) / size.pages for _ in range(size.pairs))
    report.ratio("DRF's ModelSerializer ÷ ours", drf, Reach(at_least=3))
    report.ratio("ours ÷ json_agg", [1 / each for each in sql], Reach(at_most=3))
    report.figure("ours, a page", took[len(took) // 2] * 1000, unit=" ms")


def _check(report: Report) -> None:
    with CaptureQueriesContext(connection) as sent:
        ours = _told(_ours())
    assert len(ours) == _PAGE
    assert ours == _told(_drf()) == _told(_sql())
    report.check("all three texts say the same of the same 100 customers")
    report.figure("statements of a page", len(sent), reach=Reach(at_most=1))
    report.figure("bytes of a page", len(_ours()), unit=" B")


def _told(text: bytes) -> list[dict[str, Any]]:
    """Return the customers in a text, with moments as moments: each writes its own zone."""
    found = json.loads(text)
    rows: list[dict[str, Any]] = found["data"] if isinstance(found, dict) else found
    times = ("joined_at", "changed_at")
    return [{**row, **{name: datetime.fromisoformat(row[name]) for name in times}} for row in rows]


def _ours() -> bytes:
    asked = HttpRequest()
    asked.GET = QueryDict(f"limit={_PAGE}")
    rows = selectors.visible(SYSTEM)
    return pagination.answer(Request(asked), rows, COLUMNS, modified="changed_at").content


def _drf() -> bytes:
    """Return what a textbook view renders; it reads no column that it does not show."""
    rows = Customer.objects.filter(state=Customer.State.ACTIVE).order_by("id")
    rows = rows.only(*COLUMNS.values())[: _PAGE + 1]
    found = list(rows)
    shown = _Textbook(found[:_PAGE], many=True).data
    text: bytes = JSONRenderer().render({"data": shown, "next": str(found[_PAGE - 1].pk)})
    return text


def _sql() -> bytes:
    row = statements.one(_IN_SQL, (_PAGE,))
    assert row is not None
    return str(row[0]).encode()


def _repeated(make: Callable[[], bytes], times: int) -> Callable[[], None]:
    def work() -> None:
        for _ in range(times):
            make()

    return work
