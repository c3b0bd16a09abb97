"""What the two calls of the HTTP benchmark are made of; nothing here needs Django."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

CLIENTS: Final = 8
_READINGS: Final = ("wangwei", "lina", "zhangmin", "liuyang", "chenjing")


@dataclass(frozen=True)
class Shop:
    """What a client needs to know."""

    host: str
    store: str
    cookie: str
    secrets: list[str]
    customers: list[str]


type Headers = Mapping[str, str]
type Asked = tuple[str, str, bytes | None, Headers]
type Call = Callable[[Shop, int, str], Asked]


def sale(shop: Shop, number: int, run: str) -> Asked:
    """Return path, query, body and headers of a till's call: three lines, a known customer."""
    lines = [{"category": "gold", "product_code": f"A{n}", "gross_minor": 128_000} for n in "123"]
    body = {
        "store": shop.store,
        "number": f"{run}-{number}",
        "occurred_at": "2026-11-21T10:00:00+08:00",
        "customer": {"id": shop.customers[number % len(shop.customers)]},
        "lines": lines,
        "payments": [{"means": "cash", "amount_minor": 384_000}],
    }
    secret = shop.secrets[number % len(shop.secrets)]
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": f"{run}-{number}"}
    return "/api/v1/purchases", "", json.dumps(body).encode(), headers


def search(shop: Shop, number: int, run: str) -> Asked:
    """Return the search that runs while somebody types, by reading and number."""
    query = f"q={_READINGS[number % 5]}{number % 97}&run={run}"
    return "/search/", query, None, {"hx-request": "true", "cookie": shop.cookie}


CALLS: Final[dict[str, Call]] = {"till": sale, "search": search}
GOOD: Final = {"till": 201, "search": 200}
