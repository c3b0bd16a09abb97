"""API keys in the settings: made, shown once, revoked; by head office alone."""

import re

import pytest
from django.core.cache import cache

from regulars.api.models import Key
from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till
from tests.factories import people
from tests.factories.visitors import signed_in

FORM = {"name": "Tills", "scopes": ["till", "stores.read"], "store": ""}


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


def test_a_new_key_is_shown_once_and_works() -> None:
    client = signed_in()
    page = client.post("/settings/keys/new/", FORM).content.decode()
    found = re.search(r"rk_\w{8}_\w{32}", page)

    assert found is not None
    assert Till("aurum.localhost", found[0]).get("stores").status_code == 200
    assert found[0] not in client.get("/settings/keys/").content.decode()


def test_a_revoked_key_is_listed_apart() -> None:
    client = signed_in()
    client.post("/settings/keys/new/", FORM)
    key = Key.objects.get()

    answer = client.post(f"/settings/keys/{key.pk}/revoke/")

    assert answer.status_code == 302
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert client.get("/settings/keys/").status_code == 200


def test_a_key_needs_a_name_and_something_it_may_do() -> None:
    answer = signed_in().post("/settings/keys/new/", {"name": "", "scopes": []})

    assert answer.status_code == 422
    assert not Key.objects.exists()


@pytest.mark.parametrize("role", [Role.GUIDE, Role.STORE_MANAGER, Role.ANALYST])
def test_others_may_not_see_keys(role: Role) -> None:
    people.staff(name="Bob", role=role, stores=(people.first_store(),), email="b@aurum.example")
    client = signed_in(email="b@aurum.example")

    assert client.get("/settings/keys/").status_code == 403
    assert client.post("/settings/keys/new/", FORM).status_code == 403


def test_an_empty_list_says_what_keys_are_for() -> None:
    page = signed_in().get("/settings/keys/").content.decode()

    assert "/settings/keys/new/" in page
