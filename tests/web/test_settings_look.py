"""The page of a chain's name and colour."""

from typing import Any

import pytest
from django.core.cache import cache

from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from tests.factories import people
from tests.factories.visitors import Visitor, signed_in

FORM = {"name": "Aurum & Töchter", "pick": "#b3125f", "accent": ""}


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


def look(chain: ChainInfo) -> tuple[str, str]:
    row = Chain.objects.get(pk=chain.id)
    return row.name, row.accent


def test_name_and_colour_are_on_the_next_page(
    inside_aurum: ChainInfo, django_capture_on_commit_callbacks: Any
) -> None:
    client = signed_in()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/settings/look/", FORM)
    page = client.get(answer["Location"]).content.decode()

    assert look(inside_aurum) == ("Aurum & Töchter", "#b3125f")
    assert "--accent-light:#b3125f" in page
    assert "Aurum &amp; Töchter" in page


def test_a_colour_of_ones_own_is_taken_as_it_was_written(inside_aurum: ChainInfo) -> None:
    signed_in().post("/settings/look/", FORM | {"pick": "own", "accent": "123456"})

    assert look(inside_aurum)[1] == "#123456"


def test_our_own_colour_is_kept_as_none(inside_aurum: ChainInfo) -> None:
    Chain.objects.filter(pk=inside_aurum.id).update(accent="#123456")

    signed_in().post("/settings/look/", FORM | {"pick": "#0b6e5f"})

    assert look(inside_aurum)[1] == ""


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"pick": "own", "accent": "#f2d94e"}, "accent"),
        ({"pick": "own", "accent": "red"}, "accent"),
        ({"pick": "own", "accent": ""}, "accent"),
        ({"pick": "#f2d94e"}, "pick"),
        ({"name": ""}, "name"),
        ({"name": "a\u202eb"}, "name"),
    ],
)
def test_a_fault_stands_at_its_field_and_nothing_is_saved(
    inside_aurum: ChainInfo, changes: dict[str, str], member: str
) -> None:
    before = look(inside_aurum)

    answer: Any = signed_in().post("/settings/look/", FORM | changes)

    assert answer.status_code == 422
    assert member in answer.context["form"].errors
    assert look(inside_aurum) == before


def test_the_suggested_colour_is_one_button_away(inside_aurum: ChainInfo) -> None:
    client = signed_in()
    refused: Any = client.post("/settings/look/", FORM | {"pick": "own", "accent": "#f2d94e"})
    nearest = refused.context["shown"].light

    client.post("/settings/look/", FORM | {"pick": "own", "accent": "#f2d94e", "take": nearest})

    assert f'value="{nearest}"' in refused.content.decode()
    assert look(inside_aurum)[1] == nearest


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"pick": "#b3125f"}, "Easy to read"),
        ({"pick": "own", "accent": "#f2d94e"}, "too pale"),
        ({"pick": "own", "accent": "#f2"}, "six digits"),
        ({"pick": "own", "accent": '"><script>'}, "six digits"),
        ({}, "six digits"),
    ],
)
def test_the_sample_says_whether_a_colour_can_be_read(query: dict[str, str], words: str) -> None:
    answer = signed_in().get("/settings/look/sample/", query)

    assert words in answer.content.decode()
    assert "<script>" not in answer.content.decode()


def test_the_page_has_no_style_attribute() -> None:
    assert ' style="' not in signed_in().get("/settings/look/").content.decode()


@pytest.mark.parametrize("path", ["/settings/look/", "/settings/look/sample/"])
def test_a_store_manager_is_not_let_in(path: str) -> None:
    people.staff(
        name="Mei",
        role=Role.STORE_MANAGER,
        email="mei@aurum.example",
        stores=(people.first_store(),),
    )
    client = signed_in(email="mei@aurum.example")

    assert client.get(path).status_code == 403
    assert "/settings/look/" not in client.get("/settings/").content.decode()


def test_a_stranger_is_led_to_the_sign_in_page() -> None:
    assert Visitor().get("/settings/look/").status_code == 302
