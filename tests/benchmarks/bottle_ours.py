"""Our side of B11: customers with a sale each, and the jobs as a till and head office ask them."""

import json
from datetime import date, timedelta
from itertools import count
from typing import Any, Final

from django.db import connection
from django.test import Client
from django.utils import timezone

from regulars import audit
from regulars.api import keys, pagination
from regulars.api.scopes import SCOPES
from regulars.customers.models import Customer
from regulars.insights.periods import Days
from regulars.insights.services import folding, keeping
from regulars.staff.models import Staff
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.benchmarks import filling, search_rows

_BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
_SALES: Final = """
INSERT INTO purchases_purchase (kind, counts, store_id, customer_id, source, number, occurred_at,
  business_day, gross_minor, paid_minor, discount_minor, rounding_minor, units, payments, extra)
SELECT 'sale', 1, home_store_id, id, 'bench', n::text, now() - n % 365 * interval '1 day',
  %(today)s::date - (n % 365)::int, n % 5000 + 1, n % 5000 + 1, 0, 0, 1, '[]', '{}'
FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM customers_customer) AS numbered;
INSERT INTO purchases_standing (customer_id, purchases, returns, paid_minor, discount_minor,
  first_at, last_at, last_store_id)
SELECT customer_id, 1, 0, paid_minor, 0, occurred_at, occurred_at, store_id
FROM purchases_purchase WHERE source = 'bench'"""


class Ours:
    """A chain asked by a till with its key, and by a signed-in owner."""

    def __init__(self, chain: ChainInfo, customers: int) -> None:
        """Fill the chain; call it, and every job, inside it."""
        self.chain = chain
        search_rows.fill(customers)
        self.today = timezone.localdate(timezone=chain.zone)
        with filling.indexed_afterwards("purchases_purchase"), connection.cursor() as cursor:
            cursor.execute(_SALES.replace("n % ", "n %% "), {"today": self.today})
        folding.fold(now=timezone.now())
        month, before = month_until(self.today)
        keeping.keep(periods=[month, before, month.until, before.until], today=self.today)
        with filling.owner() as cursor:
            cursor.execute("ANALYZE")
        host = f"{chain.subdomain}.localhost"
        key = keys.create(
            actor=audit.SYSTEM, name="B11", scopes=list(SCOPES), store_id=None, now=timezone.now()
        )
        self.till = Client(headers={"host": host, "authorization": f"Bearer {key.secret}"})
        self.person = Client(headers={"host": host})
        self.person.force_login(Staff.objects.get(name="Alice"), backend=_BACKEND)
        self._numbers = count(1)

    def cursor_before(self, row: int) -> str:
        """Return the cursor that a caller who has read so many rows holds."""
        last = Customer.objects.order_by("id").values_list("id", flat=True)[row - 1]
        return pagination.encode(None, last)

    def list(self, *, limit: int, cursor: str = "") -> Any:
        """Return a page of customers."""
        query: dict[str, Any] = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        return self._checked(self.till.get("/api/v1/customers", query)).json()

    def page(self) -> str:
        """Return the whole page of the list, as a person opens it."""
        return str(self._checked(self.person.get("/customers/")).content.decode())

    def search(self, *, text: str) -> str:
        """Return the rows the list is narrowed to by what somebody types."""
        return self._part("/customers/", text)

    def palette(self, *, text: str) -> str:
        """Return what the search in the head of every page offers."""
        return self._part("/search/", text)

    def create(self) -> Any:
        """Create a customer nobody knows yet."""
        number = next(self._numbers)
        body = {"name": "王小明", "phone": f"139{number:08}", "address": {"city": "上海"},
                "email": f"new{number}@example.com"}  # fmt: skip
        answer = self.till.post(
            "/api/v1/customers",
            json.dumps(body),
            content_type="application/json",
            headers={"idempotency-key": f"b11-{number}"},
        )
        return self._checked(answer, 201).json()

    def dashboard(self) -> str:
        """Return head office's page."""
        return str(self._checked(self.person.get("/insights/")).content.decode())

    def _part(self, path: str, text: str) -> str:
        answer = self.person.get(path, {"q": text}, headers={"hx-request": "true"})
        return str(self._checked(answer).content.decode())

    def _checked(self, answer: Any, status: int = 200) -> Any:
        context.activate(self.chain)  # a request leaves no chain behind
        if answer.status_code != status:
            raise RuntimeError(f"{answer.status_code}: {answer.content[:500]!r}")
        return answer


def month_until(today: date) -> tuple[Days, Days]:
    """Return the thirty days the page shows unless asked, and those before."""
    first = today - timedelta(days=29)
    return Days(first, today), Days(first - timedelta(days=30), first - timedelta(days=1))
