"""The days of the benchmark of occasions: drawn in the database, by sun and moon."""

from typing import Final

from django.db import connection

from tests.benchmarks import filling, search_rows

# Seven in ten have a birthday, a quarter of those by the moon and some of these in a leap month;
# three in ten a wedding day. Days of the sun include 29 February, those of the moon the 30th.
_EVENTS: Final = """
INSERT INTO customers_lifeevent (customer_id, kind, label, year, month, day, lunar, leap_month)
SELECT id, kind, '', 1950 + (random() * 55)::int, CASE WHEN lunar THEN 1 + (random() * 11)::int
    ELSE extract(month FROM day)::int END,
  CASE WHEN lunar THEN 1 + (random() * 29)::int ELSE extract(day FROM day)::int END,
  lunar, lunar AND random() < 0.02
FROM (
  SELECT c.id, k.kind, k.kind = 'birthday' AND random() < 0.25 AS lunar,
    '2024-01-01'::date + (random() * 365)::int AS day
  FROM customers_customer c, (VALUES ('birthday', 0.7), ('wedding', 0.3)) AS k(kind, share)
  WHERE (hashtext(c.id || k.kind) & 1023) < 1024 * k.share) AS drawn"""
_THINGS: Final = """
INSERT INTO customers_possession (customer_id, kind, title, extra, acquired_on)
SELECT id, (array['ring', 'necklace'])[1 + (random() < 0.4)::int], 'Ring', '{}',
  %s::date - (random() * 2000)::int
FROM customers_customer WHERE random() < 0.4"""
_FILES: Final = """
UPDATE customers_customer SET extra = jsonb_build_object('engagement-day',
  ('2000-01-01'::date + (random() * 9500)::int)::text)
WHERE ('x' || right(id::text, 2))::bit(8)::int < 50"""


def fill(customers: int, today: str) -> None:
    """Make customers with days, things with reminders, and dates in their files."""
    search_rows.fill(customers)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_EVENTS)
        cursor.execute(_THINGS, [today])
        cursor.execute(_FILES)
    settle()


def settle() -> None:
    """Leave the tables as autovacuum would, which is off here."""
    with filling.owner() as cursor:
        cursor.execute(
            "VACUUM ANALYZE customers_lifeevent, customers_possession, customers_customer, "
            "followups_occasion"
        )
