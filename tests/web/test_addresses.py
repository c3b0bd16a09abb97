"""Whatever somebody writes into an address, a page answers."""

import pytest

from tests.factories import customers
from tests.factories.visitors import Visitor, signed_in

pytestmark = pytest.mark.usefixtures("inside_aurum")
PAGES = (
    "/customers/?q=", "/counter/?q=", "/counter/receipts/?number=", "/complaints/new/?q=",
    "/team/?q=", "/stores/?q=", "/settings/texts/people/?q=", "/settings/budget/?q=",
)  # fmt: skip


@pytest.fixture
def owner() -> Visitor:
    return signed_in()


def test_nul_in_what_is_looked_for_breaks_nothing(owner: Visitor) -> None:
    assert [page for page in PAGES if owner.get(f"{page}a%00").status_code != 200] == []


def test_what_is_looked_for_is_found_as_if_nobody_had_written_it(owner: Visitor) -> None:
    customers.customer(name="Carol")

    for written in ("Car%00ol", "Car%0%000ol"):
        assert "Carol" in owner.get(f"/customers/?q={written}").content.decode()
