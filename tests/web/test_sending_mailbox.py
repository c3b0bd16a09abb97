"""The mailbox of a laptop: a phone with what was sent to it, on which one writes back."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from regulars.messages.models import Contact, Suppression
from regulars.messages.services import sending
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.web import mailbox
from tests.factories.contacts import budget, person, reserve


@pytest.fixture
def phone(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> str:
    """A customer's phone on which two messages stand; returns the address of the newer."""
    settings.LOCAL, settings.SMTP_URL, settings.MAILBOX_DIR = True, "", tmp_path
    budget(limits=[])
    carol = person()
    for text in ("Your ring is ready", "We close at six"):
        sending.send(contact_id=reserve(carol, purpose="service", text=text))
    return mailbox.kept(tmp_path)[0].url


def asked(path: str, data: dict[str, str] | None = None) -> Any:
    """Ask on the public site, and go on in the chain."""
    client, here = Client(headers={"host": "localhost"}), context.current()
    client.cookies["language"] = "en"
    try:
        return client.get(path) if data is None else client.post(path, data)
    finally:
        context.activate(here)


def test_a_phone_shows_everything_that_was_sent_to_it(phone: str) -> None:
    page = asked(phone).content.decode()

    assert "Your ring is ready" in page
    assert "We close at six" in page


def test_the_customer_writes_back_and_the_chain_hears_it(phone: str) -> None:
    answer = asked(f"{phone}answer/", {"text": "几点开门？"})

    assert answer.status_code == 302
    (row,) = Contact.objects.filter(direction="in")
    assert (row.text, row.state, row.customer_id) == (
        "几点开门？",
        "received",
        Contact.objects.filter(direction="out")[0].customer_id,
    )
    assert "几点开门？" in asked(phone).content.decode()
    assert "几点开门？" not in asked("/mailbox/").content.decode()


def test_a_word_to_stop_counts_here_too(phone: str) -> None:
    asked(f"{phone}answer/", {"text": "TD"})

    assert Suppression.objects.get().reason == "replied"


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_is_no_answer(phone: str, text: str) -> None:
    asked(f"{phone}answer/", {"text": text})

    assert not Contact.objects.filter(direction="in").exists()


def test_a_server_takes_no_such_answers(phone: str, settings: Any) -> None:
    settings.LOCAL = False

    assert asked(f"{phone}answer/", {"text": "hello"}).status_code == 404
    assert asked("/mailbox/nobody/answer/", {"text": "hello"}).status_code == 404
