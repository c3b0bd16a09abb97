"""What a chain that has nothing yet shows its owner first."""

import pytest

from regulars.staff.models import Role
from tests.factories import people
from tests.factories.customers import customer
from tests.factories.visitors import Visitor, signed_in

pytestmark = pytest.mark.django_db


def somebody(role: Role) -> Visitor:
    people.staff(email="somebody@aurum.example", role=role)
    return signed_in(email="somebody@aurum.example")


def test_the_owner_of_an_empty_chain_is_led_to_the_first_steps(inside_aurum: None) -> None:
    client = somebody(Role.OWNER)

    response = client.get("/")
    page = client.get("/first-steps/")

    assert response["Location"] == "/first-steps/"
    assert b"/imports/new/" in page.content
    assert b"/stores/" in page.content


def test_once_somebody_is_known_the_first_page_is_the_first_place(inside_aurum: None) -> None:
    client = somebody(Role.OWNER)
    customer(name="陈美玲")

    assert client.get("/")["Location"] != "/first-steps/"


def test_a_guide_has_other_things_to_do(inside_aurum: None) -> None:
    client = somebody(Role.GUIDE)

    assert client.get("/")["Location"] != "/first-steps/"
    assert client.get("/first-steps/").status_code == 403
