"""The complaints of the benchmark: made in the database, as many open ones whatever the age."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from regulars.audit import Actor
from regulars.complaints.models import Case
from regulars.staff.models import Assignment, Role, Staff
from regulars.stores.models import Region, Store
from tests.benchmarks import filling
from tests.factories import people

STORES: Final = 200
_REGIONS: Final = 4
_GUIDES: Final = 2  # of a store

# What is closed was raised and closed over three years. What is open are the last ones that came,
# and a twentieth of them older ones that nobody could settle; an eighth is late. Numbers need no
# check digit here: nobody reads them aloud.
_ROWS: Final = """
INSERT INTO complaints_case (number, customer_id, name, phone, email, language, store_id, owner_id,
  raised, template, title, severity, wall_clock, answers, product_code, product_name, batch, cause,
  state, round, satisfied, ended, open_items, reply_due_at, look_at, urgent_at, warned, escalated,
  cost_minor, version, opened_at, paused_at, closed_at)
SELECT lpad(n::text, 12, '0'), customer, '', '', '', '', s.id,
  (%(guides)s::uuid[])[1 + place * %(of_store)s + h %% %(of_store)s],
  (array['counter', 'phone', 'timeline', 'message', 'web'])[1 + h %% 5], '',
  (array['A stone fell out', 'The clasp broke', 'It came late', 'The colour faded',
    'The wrong size was delivered', 'Nobody called back'])[1 + (h / 7) %% 6] || ', ' || n,
  (array['low', 'medium', 'high', 'urgent'])[1 + (h / 5) %% 4], false, '{}',
  'P' || h %% 900, 'Product ' || h %% 900, '', '',
  CASE WHEN is_open THEN (array['heard', 'apologised', 'investigating', 'proposed', 'agreed',
    'done', 'asked'])[1 + (h / 3) %% 7] ELSE 'closed' END,
  CASE WHEN h %% 20 = 0 THEN 2 ELSE 1 END, CASE WHEN NOT is_open THEN true END,
  CASE WHEN is_open THEN '' ELSE 'satisfied' END, CASE WHEN is_open THEN 5 ELSE 0 END,
  CASE WHEN is_open AND NOT paused THEN due END, CASE WHEN is_open AND NOT paused THEN asleep END,
  CASE WHEN is_open AND NOT paused THEN due ELSE timestamptz '2999-01-01 00:00+00' END,
  0, 0, 0, 3, CASE WHEN is_open THEN due - interval '8 hours' ELSE over - interval '2 days' END,
  CASE WHEN is_open AND paused THEN %(now)s::timestamptz END, CASE WHEN NOT is_open THEN over END
FROM (
  SELECT n, h, h %% 9 = 4 AS paused,
    n > %(total)s - %(open)s * 19 / 20 OR n %% (%(total)s * 20 / %(open)s) = 0 AS is_open,
    (random() * (%(stores)s - 1))::int AS place,
    %(now)s::timestamptz + (random() * 48 - 6) * interval '1 hour' AS due,
    %(now)s::timestamptz + interval '10 years' AS asleep,
    %(now)s::timestamptz - random() * interval '3 years' AS over,
    CASE WHEN h %% 3 > 0 THEN (%(customers)s::uuid[])[1 + h %% %(known)s] END AS customer
  FROM (SELECT n, hashtext(n::text) & 2147483647 AS h FROM generate_series(1, %(total)s) AS n) AS x
) AS drawn
JOIN (SELECT id, row_number() OVER (ORDER BY code) - 1 AS of_place FROM stores_store
  WHERE code LIKE 'b%%') AS s ON s.of_place = drawn.place"""
_CUSTOMERS: Final = """
INSERT INTO customers_customer (state, name, pinyin, initials, tokens, phone, member_code, gender,
  age_band, email, address, language, time_zone, profile, extra, home_store_id, owner_id)
SELECT 'active', 'Customer ' || n, '', '', '{}', '+861390' || lpad(n::text, 7, '0'), 'B' || n, '',
  '', '', '{}', 'en', '', '{}', '{}', (%(stores)s::uuid[])[1 + n %% cardinality(%(stores)s)],
  (%(guides)s::uuid[])[1 + n %% cardinality(%(guides)s)]
FROM generate_series(1, %(count)s) AS n RETURNING id"""


@dataclass(frozen=True)
class Cast:
    """Who asks: head office, a region, a store, a guide."""

    office: Actor
    region: Actor
    manager: Actor
    guide: Actor

    @property
    def everybody(self) -> dict[str, Actor]:
        """Return each with a name."""
        return {
            "head office": self.office,
            "a region manager": self.region,
            "a store manager": self.manager,
            "a guide": self.guide,
        }


def fill(total: int, *, still_open: int, customers: int, stores: int, now: datetime) -> Cast:
    """Make stores and people, and complaints of which as many are open as is said."""
    regions = [
        people.region(code=f"b{n}", name=f"Region {n}") for n in range(min(_REGIONS, stores))
    ]
    Store.objects.bulk_create(
        Store(
            code=f"b{n:04}", name=f"Store {n}", region=regions[n % len(regions)],
            time_zone="Asia/Shanghai",
        )
        for n in range(stores)
    )  # fmt: skip
    places = list(Store.objects.filter(code__startswith="b").order_by("code"))
    Staff.objects.bulk_create(
        Staff(name=f"Guide {n:05}", home_store=places[n // _GUIDES])
        for n in range(_GUIDES * stores)
    )
    guides = list(Staff.objects.filter(name__startswith="Guide ").order_by("name"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        given = {"stores": [s.pk for s in places], "guides": [g.pk for g in guides]}
        with filling.indexed_afterwards("customers_customer"):
            cursor.execute(_CUSTOMERS, {**given, "count": customers})
            known = [row[0] for row in cursor.fetchall()]
        with filling.indexed_afterwards("complaints_case"):
            cursor.execute(
                _ROWS,
                {
                    "total": total, "open": still_open, "stores": stores, "now": now,
                    "guides": given["guides"], "of_store": _GUIDES, "customers": known,
                    "known": customers,
                },
            )  # fmt: skip
    settle()
    return _cast(places[0], regions[0], guides[0])


def settle() -> None:
    """Leave the tables as autovacuum would, which is off here."""
    with filling.owner() as cursor:
        cursor.execute("VACUUM ANALYZE complaints_case, customers_customer")
        cursor.execute("ANALYZE staff_staff, staff_assignment, stores_store")


def _cast(store: Store, region: Region, guide: Staff) -> Cast:
    Assignment.objects.create(staff=guide, store=store)
    some = Case.objects.exclude(state="closed").filter(store=store).order_by("pk")[:5]
    Case.objects.filter(pk__in=some.values("pk")).update(owner=guide)
    office = people.staff(name="Dora", role=Role.HEAD_OFFICE)
    above = people.staff(name="Rita", role=Role.REGION_MANAGER, regions=(region,))
    manager = people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(store,))
    return Cast(*(people.actor(each) for each in (office, above, manager, guide)))
