"""The pages of a changed e-mail address, from the account page to the sign-in with the new one."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from regulars.staff.models import Staff
from regulars.tenancy import membership
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.visitors import Visitor, is_in, sign_in, signed_in

ALICE, NEW = "alice@aurum.example", "alice@lin.example"
FORM = {"email": NEW, "password": people.PASSWORD}


@pytest.fixture(autouse=True)
def _alice_in_english(inside_aurum: ChainInfo) -> None:
    cache.clear()
    mail.outbox.clear()
    membership.remember(email=ALICE, chain_id=inside_aurum.id)
    Staff.objects.filter(email=ALICE).update(language="en")


def link_of(client: Client) -> str:
    """Ask for the new address and return the path of the link in the mail."""
    assert client.post("/me/address/", FORM).status_code == 302
    found = re.search(r"http://aurum\.localhost(/me/address/\S+/)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def test_from_the_wish_to_the_sign_in_with_the_new_address() -> None:
    link = link_of(signed_in())
    elsewhere = Visitor()

    looked = elsewhere.get(link)
    assert Staff.objects.get(name="Alice").email == ALICE, "looking changes nothing"
    changed = elsewhere.post(link)

    assert NEW in looked.content.decode()
    assert changed["Location"] == "/account/login/"
    sign_in(elsewhere, email=NEW)
    assert is_in(elsewhere)
    old = Visitor()
    sign_in(old, email=ALICE)
    assert not is_in(old)


def test_the_old_address_is_warned_and_only_the_new_one_gets_the_link() -> None:
    link = link_of(signed_in())

    [notice, confirmation] = mail.outbox
    assert (notice.to, confirmation.to) == ([ALICE], [NEW])
    assert link not in str(notice.body)
    assert NEW in str(notice.body)
    assert "Hello Alice" in str(notice.body)


def test_a_double_click_says_the_same_twice() -> None:
    client = signed_in()
    link = link_of(client)

    first, second, looked = client.post(link), client.post(link), client.get(link)

    assert [each["Location"] for each in (first, second, looked)] == ["/me/"] * 3
    assert NEW in client.get("/me/").content.decode()


def test_the_chain_is_found_by_the_new_address_and_no_longer_by_the_old() -> None:
    client = signed_in()
    client.post(link_of(client))
    mail.outbox.clear()
    visitor = Client(headers={"host": "localhost"})
    visitor.cookies["language"] = "en"

    visitor.post("/which-chain/", {"email": NEW})
    visitor.post("/which-chain/", {"email": ALICE})

    assert "http://aurum.localhost/" in str(mail.outbox[0].body)
    assert "aurum.localhost" not in str(mail.outbox[1].body)


def test_a_forgotten_password_is_sent_to_the_new_address_only_once_confirmed() -> None:
    client = signed_in()
    link = link_of(client)
    mail.outbox.clear()

    Visitor().post("/account/password/reset/", {"email": NEW})
    assert mail.outbox == []
    client.post(link)
    Visitor().post("/account/password/reset/", {"email": NEW})

    assert [message.to for message in mail.outbox] == [[NEW]]


def test_a_link_opened_at_another_chains_host_does_nothing(bloom: ChainInfo) -> None:
    link = link_of(signed_in())

    answer = Visitor("bloom").post(link)

    assert answer.status_code == 404
    assert "no longer counts" in answer.content.decode()
    assert Staff.objects.get(name="Alice").email == ALICE


@pytest.mark.parametrize(
    ("changes", "member"), [({"password": "wrong password"}, "password"), ({"email": "x"}, "email")]
)
def test_a_fault_stands_at_its_field_and_no_mail_is_sent(
    changes: dict[str, str], member: str
) -> None:
    answer: Any = signed_in().post("/me/address/", FORM | changes)

    assert answer.status_code == 422
    assert member in answer.context["form"].errors
    assert mail.outbox == []


def test_guessing_the_password_here_is_slowed_down() -> None:
    client = signed_in()
    for _wrong in range(5):
        client.post("/me/address/", FORM | {"password": "wrong password"})

    answer = client.post("/me/address/", FORM)

    assert answer.status_code == 429
    assert mail.outbox == []


def test_a_wish_is_shown_and_can_be_withdrawn() -> None:
    client = signed_in()
    link = link_of(client)

    assert NEW in client.get("/me/address/").content.decode()
    client.post("/me/address/withdraw/")

    assert NEW not in client.get("/me/address/", follow=True).content.decode()
    assert client.post(link).status_code == 404


def test_a_mail_server_that_is_away_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_message: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("regulars.web.mail.send", unreachable)

    answer = signed_in().post("/me/address/", FORM)

    assert answer.status_code == 503
    assert "could not be sent" in answer.content.decode()


def test_who_came_by_pin_cannot_open_the_page() -> None:
    client = signed_in()
    session = client.session
    session["by_pin"] = True
    session.save()

    assert client.get("/me/address/").status_code == 403
