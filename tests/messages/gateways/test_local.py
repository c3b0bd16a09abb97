"""The gateway of a laptop: nothing leaves, the mailbox page shows it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from regulars.messages.gateways import lengths, local
from regulars.messages.gateways.contract import Absent, Channel, Unreadable
from regulars.web import mailbox
from tests.factories import providers
from tests.factories.providers import KEY, NOW, outgoing

LATER = NOW + timedelta(minutes=1)


def gateway(folder: Path, channel: Channel = "sms") -> local.Gateway:
    return local.Gateway(
        folder=folder / "mailbox", channel=channel, sender="R <hello@mail.example>"
    )


def test_the_mailbox_shows_text_messages_and_mails_together(
    tmp_path: Path, client: Client, settings: Any
) -> None:
    settings.LOCAL, settings.SMTP_URL, settings.MAILBOX_DIR = True, "", tmp_path / "mailbox"
    gateway(tmp_path).send(outgoing(), now=NOW)
    gateway(tmp_path, "email").send(
        outgoing(channel="email", to="li@customer.example", subject="生日快乐"), now=LATER
    )

    mail, message = mailbox.kept(tmp_path / "mailbox")
    page = client.get("/mailbox/", HTTP_HOST="localhost").content.decode()
    one = client.get(message.url, HTTP_HOST="localhost").content.decode()

    assert (mail.subject, mail.to, mail.channel) == ("生日快乐", "li@customer.example", "")
    assert (message.to, message.text) == ("+8613800138000", "【金石】李女士，生日快乐！小陈 138")
    assert (message.at, mail.at) == (NOW, LATER)
    assert "+8613800138000" in page
    assert "生日快乐！小陈 138" in one


def test_a_message_sent_again_is_the_same_message(tmp_path: Path) -> None:
    for _ in range(2):
        accepted = gateway(tmp_path).send(outgoing(text="好" * 80), now=NOW)

    assert (accepted.provider_id, accepted.parts) == (KEY, 2)
    assert len(mailbox.kept(tmp_path / "mailbox")) == 1


def test_what_became_of_a_message_can_be_asked(tmp_path: Path) -> None:
    before = gateway(tmp_path).resolve(outgoing(), since=NOW, now=LATER)
    gateway(tmp_path).send(outgoing(), now=NOW)
    after = gateway(tmp_path).resolve(outgoing(), since=NOW, now=LATER)

    assert before == Absent()
    assert after is not None
    assert not isinstance(after, Absent)
    assert (after.state, after.key) == ("delivered", KEY)


def test_receipts_and_replies_can_be_tried_by_hand(tmp_path: Path) -> None:
    lost = providers.callback(json.dumps({"key": KEY, "state": "failed"}).encode())
    reply = providers.callback(
        json.dumps({"from": "+8613800138000", "text": "TD", "id": "1"}).encode()
    )

    (receipt,) = gateway(tmp_path).receipts(lost)
    (inbound,) = gateway(tmp_path).inbound(reply)

    assert (receipt.key, receipt.state, receipt.reason) == (KEY, "failed", "unreachable")
    assert (inbound.sender, inbound.text, inbound.provider_id) == ("+8613800138000", "TD", "1")
    assert gateway(tmp_path).receipts(reply) == ()
    assert gateway(tmp_path).inbound(lost) == ()
    with pytest.raises(Unreadable):
        gateway(tmp_path).inbound(providers.callback(b"[]"))


@pytest.mark.parametrize(
    ("changes", "whole", "parts"),
    [
        ({"text": "好" * 66}, "【金石】" + "好" * 66, 1),
        ({"text": "好" * 67}, "【金石】" + "好" * 67, 2),
        (
            {"to": "+14155550100", "language": "en", "signature": "Aurum", "text": "a" * 153},
            "Aurum: " + "a" * 153,
            1,
        ),
        ({"to": "+14155550100", "signature": "", "text": "a" * 161}, "a" * 161, 2),
    ],
)
def test_the_signature_counts_in_the_length(changes: Any, whole: str, parts: int) -> None:
    message = outgoing(**changes)

    assert (lengths.whole(message), lengths.parts(message)) == (whole, parts)
