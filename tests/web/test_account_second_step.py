"""Two-step sign-in: optional, by an app's code or a recovery code, its secret encrypted."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client, override_settings

from regulars.tenancy import secrecy
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.visitors import Visitor, is_in, sign_in


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


def code_for(secret: str, *, steps: int = 0) -> str:
    """Return what an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def turn_on(client: Client) -> str:
    """Turn the second step on and return the secret; the password is asked for once more."""
    client.post("/account/reauthenticate/", {"password": people.PASSWORD})
    page = client.get("/account/2fa/totp/activate/")
    secret = str(page.context["form"].secret)
    client.post("/account/2fa/totp/activate/", {"code": code_for(secret)})
    return secret


@pytest.fixture
def alice() -> tuple[Client, str]:
    """A browser of Alice's that turned the second step on, and her secret."""
    client = Visitor()
    sign_in(client)
    return client, turn_on(client)


def test_the_password_alone_no_longer_opens(alice: tuple[Client, str]) -> None:
    client = Visitor()

    response = sign_in(client)

    assert response["Location"] == "/account/2fa/authenticate/"
    assert not is_in(client)


def test_password_and_code_open(alice: tuple[Client, str]) -> None:
    client = Visitor()
    sign_in(client)

    client.post("/account/2fa/authenticate/", {"code": code_for(alice[1], steps=1)})

    assert is_in(client)


def test_a_recovery_code_opens_once(alice: tuple[Client, str]) -> None:
    page = alice[0].get("/account/2fa/codes/")
    code = page.context["unused_codes"][0]
    first, second = Visitor(), Visitor()

    sign_in(first)
    first.post("/account/2fa/authenticate/", {"code": code})
    sign_in(second)
    second.post("/account/2fa/authenticate/", {"code": code})

    assert len(page.context["unused_codes"]) == 10
    assert is_in(first)
    assert not is_in(second)


def test_a_wrong_code_opens_nothing(alice: tuple[Client, str]) -> None:
    client = Visitor()
    sign_in(client)

    response = client.post("/account/2fa/authenticate/", {"code": "000000"})

    assert "wrong or was used" in response.content.decode()
    assert not is_in(client)


def test_the_secret_is_not_readable_in_the_database(alice: tuple[Client, str]) -> None:
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP)

    assert alice[1] not in str(kept.data)


def test_a_secret_written_under_an_earlier_key_can_still_be_read() -> None:
    with override_settings(SECRET_KEY="old", SECRET_KEY_FALLBACKS=[]):
        kept = secrecy.box("purpose").encrypt(b"secret")

    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]):
        assert secrecy.box("purpose").decrypt(kept) == b"secret"


def test_every_page_of_the_second_step_renders(alice: tuple[Client, str]) -> None:
    pages = [
        "/account/2fa/",
        "/account/2fa/totp/deactivate/",
        "/account/2fa/codes/",
        "/account/2fa/codes/generate/",
        "/account/2fa/codes/download/",
        "/account/password/change/",
    ]

    assert [alice[0].get(page).status_code for page in pages] == [200] * len(pages)


def test_turning_off_asks_for_the_password_again_after_a_while(
    alice: tuple[Client, str], monkeypatch: Any
) -> None:
    later = time.time() + 3600
    monkeypatch.setattr("allauth.account.internal.flows.reauthentication.time.time", lambda: later)

    response = alice[0].post("/account/2fa/totp/deactivate/")

    assert "/reauthenticate/" in response["Location"]
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()
    assert alice[0].get("/account/reauthenticate/").status_code == 200


def test_turned_off_the_password_is_enough_again(alice: tuple[Client, str]) -> None:
    alice[0].post("/account/2fa/totp/deactivate/")
    client = Visitor()

    sign_in(client)

    assert is_in(client)
    assert people.owner().email


def test_a_code_of_the_app_does_for_proving_again_who_one_is(alice: tuple[Client, str]) -> None:
    page = alice[0].get("/account/2fa/reauthenticate/")
    answer = alice[0].post("/account/2fa/reauthenticate/", {"code": code_for(alice[1], steps=1)})

    assert page.status_code == 200
    assert answer.status_code == 302


def test_new_recovery_codes_replace_the_old_ones(alice: tuple[Client, str]) -> None:
    before = alice[0].get("/account/2fa/codes/").context["unused_codes"]

    alice[0].post("/account/2fa/codes/generate/")

    after = alice[0].get("/account/2fa/codes/").context["unused_codes"]
    assert set(before).isdisjoint(after)
