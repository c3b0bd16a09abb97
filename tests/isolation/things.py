"""One of every thing that has an address, in a chain."""

from uuid import UUID

from regulars import audit
from regulars.api import keys
from regulars.api.scopes import SCOPES
from regulars.customers.models import Identity, LifeEvent, Note, Possession
from regulars.imports.models import Import
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories import customers, people, purchases
from tests.prepared import NOW

# Which thing a part of an address names; an address with a part that is not here is a fault.
NAMED_BY = {
    "customer_id": "customer",
    "event_id": "event",
    "identity_id": "identity",
    "import_id": "import",
    "key_id": "key",
    "note_id": "note",
    "possession_id": "possession",
    "purchase_id": "purchase",
    "region_id": "region",
    "staff_id": "staff",
    "store_id": "store",
}
INVITED = {"team/<uuid:staff_id>/resend/", "team/<uuid:staff_id>/withdraw/"}
PLAIN = {"customers": "customer", "counter": "purchase"}  # what `pk` means under these


def kind_of(route: str, part: str) -> str:
    """Return which thing a part of this address names; raises KeyError for an unknown one."""
    if route in INVITED:
        return "invited"
    return PLAIN[route.partition("/")[0]] if part == "pk" else NAMED_BY[part]


def make(chain: ChainInfo) -> dict[str, UUID]:
    """Make one of each in the chain, and return their ids."""
    with context.inside(chain):
        one = customers.customer(name="Carol", store=people.first_store(), owner=people.owner())
        rows = {
            "identity": Identity(customer=one, source="card", number="C-1"),
            "event": LifeEvent(customer=one, kind="birthday", month=5, day=20),
            "note": Note(customer=one, text="likes tea"),
            "possession": Possession(customer=one, kind="ring", title="Ring"),
            "region": people.region(),
            "store": people.store(),
            "staff": people.staff(name="Bob", stores=(people.first_store(),)),
            "invited": people.staff(name="Dora", email="dora@x.example", state="invited"),
            "import": Import(kind="customers", name="May", file_name="may.csv", file_bytes=1),
        }
        for row in rows.values():
            row.save()
        key = keys.create(
            actor=audit.SYSTEM, name="till", scopes=list(SCOPES), store_id=None, now=NOW
        )
        sold = purchases.sale(customer=one)
        ids = {name: UUID(str(row.pk)) for name, row in rows.items()}
        return ids | {"customer": one.id, "key": key.key.id, "purchase": sold.purchase_id}
