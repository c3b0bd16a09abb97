"""A digest is kept with each receipt number: the same receipt must always have the same one."""

from decimal import Decimal
from uuid import UUID

from regulars.purchases import settling

STORE = UUID("01a20238-0000-7000-8000-000000000000")


def test_the_digest_of_a_receipt_stays_what_it_was() -> None:
    line = (Decimal("1.500"), 100, 0, "gold", "A1", "戒指", {"series": "Dawn", "weight": 1.25})

    found = settling.digest(STORE, 1.5, None, STORE, 7, [("cash", 100)], {"channel": "web"}, [line])

    assert found.hex() == "4a95ba25413959e79f44bb767948fed8"


def test_a_key_counts_the_same_as_its_text() -> None:
    assert settling.digest(STORE, None) == settling.digest(str(STORE), None)
