"""Opens a chain for the HTTP benchmark and makes its calls in this process.

``python -m tests.benchmarks.http_alone NAME CUSTOMERS CALLS`` with the environment of a running
product prints the chain and what was found, as JSON.
"""

import json
import sys
import time
from dataclasses import asdict
from typing import Any, Final

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars import audit
from regulars.api import keys
from regulars.customers.models import Customer
from regulars.tenancy import context, directory
from tests.benchmarks import calling, filling, http_profile, measuring
from tests.benchmarks.http_shop import CALLS, CLIENTS, GOOD, Shop
from tests.factories import people
from tests.prepared import sign_up

_NAMES: Final = ("王伟", "李娜", "张敏", "刘洋", "陈静")
_FILL: Final = """
INSERT INTO customers_customer (state, name, pinyin, initials, tokens, gender, age_band, phone,
  email, address, language, time_zone, home_store_id, owner_id, profile, extra)
SELECT 'active', name || n, reading || n, letters || n, ARRAY[letters, left(name, 2)], '', '',
  '+86138' || lpad(n::text, 8, '0'), '', '{}', '', '', (SELECT id FROM stores_store LIMIT 1),
  (SELECT id FROM staff_staff LIMIT 1), '{}', '{}'
FROM (SELECT n, (%s::text[])[1 + n %% 5] AS name,
  (ARRAY['wangwei', 'lina', 'zhangmin', 'liuyang', 'chenjing'])[1 + n %% 5] AS reading,
  (ARRAY['ww', 'ln', 'zm', 'ly', 'cj'])[1 + n %% 5] AS letters
  FROM generate_series(1, %s) AS n) AS drawn"""


def opened(label: str, *, customers: int, is_new: bool = True) -> Shop:
    """Fill a chain, a new one unless it is there; the port of the product stands in its host."""
    now = timezone.now()
    if is_new:
        sign_up(company=label, subdomain=label, vertical="jewelry", now=now)
    chain = directory.find(label)
    if chain is None:
        raise LookupError(f"There is no chain {label!r}.")
    host = f"{label}.{settings.BASE_DOMAIN}"
    with context.inside(chain):
        with connection.cursor() as cursor:
            cursor.execute(_FILL, [list(_NAMES), customers])
        made = [
            keys.create(
                actor=audit.SYSTEM, name=f"T{n}", scopes=["till"], store_id=None, now=now
            ).secret
            for n in range(CLIENTS)
        ]
        visitor = Client(headers={"host": host})
        visitor.force_login(people.owner(), backend=settings.AUTHENTICATION_BACKENDS[0])
        known = Customer.objects.order_by("id").values_list("id", flat=True)[:200]
        return Shop(
            host=host,
            store=people.first_store().code,
            cookie=visitor.cookies[settings.SESSION_COOKIE_NAME].OutputString(attrs=[]),
            secrets=made,
            customers=[str(each) for each in known],
        )


def in_process(shop: Shop, name: str, *, calls: int, run: str) -> list[float]:
    """Make a call so many times through the WSGI application; return how long each took."""
    application, took = get_wsgi_application(), []
    for number in range(calls):
        path, query, body, headers = CALLS[name](shop, number, run)
        asked = calling.request(shop.host, path, query=query, body=body, headers=headers)
        begin = time.perf_counter()
        status, answer = calling.call(application, asked)
        took.append(time.perf_counter() - begin)
        if status != GOOD[name]:
            raise RuntimeError(f"{name} was answered with {status}: {answer[:300]!r}")
    return took


def statements(shop: Shop, name: str) -> int:
    """Return how many statements a warm call sends to the database."""
    with CaptureQueriesContext(connection) as asked:
        in_process(shop, name, calls=1, run=f"counted-{name}")
    return len(asked)


def main(label: str, customers: int, calls: int) -> None:
    """Open the chain, warm it, time the calls, and see where their time goes."""
    found: dict[str, Any] = {}
    shop = opened(label, customers=customers)
    with measuring.inside(label), filling.owner() as cursor:
        cursor.execute("ANALYZE customers_customer, api_key")
    for name in CALLS:
        in_process(shop, name, calls=max(220, calls // 4), run=f"warm-{name}")
        found[name] = in_process(shop, name, calls=calls, run=f"alone-{name}")
        found[f"{name} statements"] = statements(shop, name)
        with http_profile.watched(name) as spent:
            in_process(shop, name, calls=calls, run=f"watched-{name}")
        found[f"{name} spent"] = spent
    sys.stdout.write(json.dumps({"shop": asdict(shop), **found}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
