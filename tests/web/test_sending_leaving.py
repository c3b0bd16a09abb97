"""The way out of letters: nothing by opening it, one press is enough, and nobody is named."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client

from regulars.customers.models import Consent, Customer
from regulars.messages import refusals
from regulars.messages.models import Contact, Suppression
from regulars.messages.services import leaving, receiving, sending
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories.contacts import budget, person, reserve
from tests.factories.visitors import Visitor


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo) -> None:
    cache.clear()
    budget(limits=[])


@pytest.fixture
def carol() -> Customer:
    return person(name="Carol Fisher", email="carol@customer.example")


def letter(to: Customer, **facts: Any) -> UUID:
    return reserve(to, channel="email", subject="Hello", **{"language": "en", **facts})


def way_out(contact_id: UUID) -> str:
    return leaving.link(Contact.objects.get(pk=contact_id)).partition(".localhost:8000")[2]


def test_opening_the_link_changes_nothing_and_names_nobody(carol: Customer) -> None:
    path = way_out(letter(carol))

    answer = Visitor().get(path)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "No more, please" in text
    assert "Carol" not in text
    assert "carol@" not in text
    assert not Suppression.objects.exists()
    assert not Consent.objects.exists()


def test_one_press_stops_it_without_cookies_and_twice_is_once(carol: Customer) -> None:
    path = way_out(letter(carol))
    program = Client(enforce_csrf_checks=True, headers={"host": "aurum.localhost"})
    here = context.current()

    answers = [program.post(path, {"List-Unsubscribe": "One-Click"}) for _ in range(2)]

    context.activate(here)
    assert {each.status_code for each in answers} == {200}
    with pytest.raises(refusals.NotWished):
        letter(carol)
    assert Consent.objects.filter(customer=carol, given=False).count() == 3


@pytest.mark.parametrize("token", ["x", "0" * 32, "0" * 32 + ":abc"])
def test_a_link_that_is_none_says_the_same_to_all(token: str) -> None:
    answers = [Visitor().get(f"/leave/{token}/"), Visitor().post(f"/leave/{token}/")]

    assert {each.status_code for each in answers} == {404}


def test_guessing_has_an_end_and_keeps_nobody_with_a_link_from_leaving(carol: Customer) -> None:
    path, reader = way_out(letter(carol)), Visitor()

    opened = [reader.get(path).status_code for _ in range(61)]
    guessed = [reader.get("/leave/x/").status_code for _ in range(61)]

    assert set(opened) == {200}
    assert (guessed[0], guessed[-2], guessed[-1]) == (404, 404, 429)
    assert reader.post(path).status_code == 200
    assert Suppression.objects.exists()


def test_a_link_of_another_chain_is_none_here(carol: Customer, bloom: ChainInfo) -> None:
    path = way_out(letter(carol))

    assert Visitor("bloom").get(path).status_code == 404


def test_an_erased_customers_link_answers_as_any_other(carol: Customer) -> None:
    contact_id = letter(carol)
    path = way_out(contact_id)
    Contact.objects.filter(pk=contact_id).update(address="")

    assert Visitor().post(path).status_code == 200
    assert not Suppression.objects.exists()


def test_the_page_speaks_the_language_of_the_letter_unless_its_reader_chose_one(
    carol: Customer,
) -> None:
    path = way_out(letter(carol, language="zh-Hant"))
    reader = Visitor()
    del reader.cookies["language"]

    assert reader.get(path)["Content-Language"] == "zh-hant"
    reader.cookies["language"] = "en"
    assert reader.get(path)["Content-Language"] == "en"


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> Path:
    settings.LOCAL, settings.SMTP_URL, settings.MAILBOX_DIR = True, "", tmp_path
    settings.PUBLIC_URL = "https://regulars.example"
    settings.BASE_DOMAIN = "regulars.example"
    return tmp_path


def test_a_letter_carries_its_way_out_in_its_head_and_at_its_end(
    carol: Customer, mailbox: Path
) -> None:
    contact_id = letter(carol)

    sending.send(contact_id=contact_id)

    (file,) = mailbox.iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    link = f"https://aurum.regulars.example/leave/{receiving.unsubscribe_token(contact_id)}/"
    assert str(mail["List-Unsubscribe"]).replace(" ", "") == f"<{link}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in mail.get_content()
    assert Contact.objects.get(pk=contact_id).text == "中秋快乐"


def test_a_receipt_carries_none(carol: Customer, mailbox: Path) -> None:
    sending.send(contact_id=letter(carol, purpose="service"))

    (file,) = mailbox.iterdir()
    assert b"List-Unsubscribe" not in file.read_bytes()
