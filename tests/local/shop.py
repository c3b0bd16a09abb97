"""A chain with customers and keys for four tills and an office, opened in a product that runs.

    python -m tests.local.shop SUBDOMAIN    (in the environment of `regulars status -o env`)

prints what they need as JSON.
"""

import json
import sys
from datetime import UTC, datetime

import django

if __name__ == "__main__":
    django.setup()

from regulars import audit
from regulars.api import keys
from regulars.api.scopes import SCOPES
from regulars.tenancy import context
from tests.factories import people, purchases
from tests.prepared import PASSWORD, sign_up

TILLS = 4
PER_TILL = 5


def open_shop(subdomain: str) -> dict[str, object]:
    """Sign a jeweller up; each till gets a key and customers of its own, and all share one."""
    now = datetime.now(UTC)
    chain = sign_up(company="Kept 金店", subdomain=subdomain, vertical="jewelry", now=now)
    with context.inside(chain):
        shared = str(purchases.customer(name="Everybody's").id)

        def key(name: str, *scopes: str) -> str:
            made = keys.create(
                actor=audit.SYSTEM, name=name, scopes=list(scopes), store_id=None, now=now
            )
            return made.secret

        tills = [
            {
                "key": key(f"Till {n}", "till"),
                "customers": [
                    shared,
                    *(str(purchases.customer(name=f"C{n}-{m}").id) for m in range(PER_TILL)),
                ],
            }
            for n in range(TILLS)
        ]
        return {
            "subdomain": subdomain,
            "schema": chain.schema_name,
            "store": people.first_store().code,
            "tills": tills,
            "offices": [key(f"Office {n}", *SCOPES) for n in range(TILLS)],
            "sign_in": {"login": f"alice@{subdomain}.example", "password": PASSWORD},
        }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(open_shop(sys.argv[1])))
