"""E-mail: the letter as it goes out, and at which step of SMTP it is sent, refused or uncertain."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.messages.gateways import letters, smtp
from regulars.messages.gateways.contract import Outgoing, Refused, TryLater, Uncertain
from tests.factories import mail_servers, providers
from tests.factories.mail_servers import HANG_UP, SILENCE
from tests.factories.providers import KEY, NOW

SENDER = "Regulars <hello@mail.example>"


def gateway(port: int, **changes: Any) -> smtp.Gateway:
    values: dict[str, Any] = {
        "host": "127.0.0.1", "port": port, "sender": SENDER, "security": "none", "timeout": 0.5,
    }  # fmt: skip
    return smtp.Gateway(**{**values, **changes})


def outgoing(**changes: Any) -> Outgoing:
    values = {
        "to": "li@customer.example", "channel": "email", "subject": "李女士，生日快乐",
        "text": "生日快乐！\n.\n小陈", "html": "<p>生日快乐！</p>",
        "unsubscribe": "https://aurum.example/u/abc",
    }  # fmt: skip
    return providers.outgoing(**{**values, **changes})


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw.replace(b"\r\n..", b"\r\n."), policy=default)


def test_a_letter_goes_out_in_plain_text_and_html_with_one_click_unsubscribing() -> None:
    with mail_servers.running() as (server, port):
        accepted = gateway(port, reply_to="shop@aurum.example").send(outgoing(), now=NOW)

    letter = read(server.texts[0])
    plain, html = letter.iter_parts()
    assert accepted.provider_id == KEY
    assert letter["Message-ID"] == f"<{KEY}@mail.example>"
    assert str(letter["From"]) == "金石 <hello@mail.example>"
    assert (letter["To"], letter["Reply-To"]) == ("li@customer.example", "shop@aurum.example")
    assert letter["Subject"] == "李女士，生日快乐"
    assert letter["List-Unsubscribe"] == "<https://aurum.example/u/abc>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "zh-hans"
    assert letter.get_content_type() == "multipart/alternative"
    assert plain.get_content().splitlines() == ["生日快乐！", ".", "小陈"]
    assert html.get_content().strip() == "<p>生日快乐！</p>"
    assert server.texts[0].isascii()


def test_the_envelope_asks_for_failures_with_our_key() -> None:
    with mail_servers.running() as (server, port):
        gateway(port, bounces_to="bounces@mail.example").send(outgoing(), now=NOW)

    assert f"mail from:<bounces+{KEY}@mail.example> RET=HDRS ENVID={KEY}" in server.commands
    assert (
        "rcpt to:<li@customer.example> NOTIFY=FAILURE ORCPT=rfc822;li@customer.example"
        in server.commands
    )


def test_a_server_without_such_notices_is_not_asked_for_them() -> None:
    with mail_servers.running(EHLO="250 mail.example") as (server, port):
        gateway(port).send(outgoing(html="", unsubscribe=""), now=NOW)

    letter = read(server.texts[0])
    assert "mail from:<hello@mail.example>" in server.commands
    assert letter.get_content_type() == "text/plain"
    assert letter["List-Unsubscribe"] is None


@pytest.mark.parametrize("field", ["to", "subject", "signature", "unsubscribe", "key"])
@pytest.mark.parametrize("sign", ["\n", "\r", "\x00", "\u2028", "\x85"])
def test_a_header_cannot_begin_another(field: str, sign: str) -> None:
    value = f"a{sign}Bcc: all@customer.example"

    with pytest.raises(Refused) as caught:
        gateway(1).send(outgoing(**{field: value}), now=NOW)

    assert caught.value.code == "header-unsafe"


@settings(max_examples=40)
@given(subject=st.text(max_size=60), name=st.text(max_size=30))
def test_whatever_stands_in_subject_and_name_there_is_one_recipient(
    subject: str, name: str
) -> None:
    try:
        letter = letters.letter(
            outgoing(subject=subject, signature=name), sender=SENDER, reply_to="", now=NOW
        )
    except Refused:
        return
    parsed = message_from_bytes(letter.as_bytes(), policy=default)

    assert [address.addr_spec for address in parsed["To"].addresses] == ["li@customer.example"]
    assert [address.addr_spec for address in parsed["From"].addresses] == ["hello@mail.example"]
    assert set(parsed.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted",
        "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
    }  # fmt: skip


@pytest.mark.parametrize(
    "to",
    ["", "li", "li@", "@a.example", "a@b@c", "a@x.example,b@y.example", "<a@x.example>", "李@x"],
)
def test_what_is_not_one_address_is_refused(to: str) -> None:
    with pytest.raises(Refused) as caught:
        gateway(1).send(outgoing(to=to), now=NOW)

    assert caught.value.code == "address-wrong"


def test_a_chinese_domain_is_written_in_ascii() -> None:
    with mail_servers.running() as (server, port):
        gateway(port).send(outgoing(to="li@例子.example"), now=NOW)

    assert any("rcpt to:<li@xn--fsqu00a.example>" in command for command in server.commands)


@pytest.mark.parametrize(
    ("answers", "raised", "code"),
    [
        ({"RCPT": "550 5.1.1 no such user"}, Refused, "address-wrong"),
        ({"RCPT": "550 no such user"}, Refused, "address-wrong"),
        ({"RCPT": "552 5.2.2 over quota"}, Refused, "mailbox-full"),
        ({"RCPT": "554 5.7.1 blocked"}, Refused, "text-refused"),
        ({"RCPT": "450 4.7.1 greylisted"}, TryLater, "rate"),
        ({"RCPT": "451 later"}, TryLater, "rate"),
        ({"MAIL": "553 5.1.8 sender unknown"}, TryLater, "credentials-wrong"),
        ({"MAIL": "421 closing"}, TryLater, "rate"),
        ({"DATA": "451 4.3.0 later"}, TryLater, "away"),
        ({"DATA": HANG_UP}, TryLater, "away"),
        ({"RCPT": SILENCE}, TryLater, "away"),
        ({"EHLO": HANG_UP}, TryLater, "away"),
        ({"END": "250 2.0.0 queued"}, None, ""),
        ({"END": "554 5.7.1 spam"}, Refused, "text-refused"),
        ({"END": "452 4.3.1 disk full"}, TryLater, "away"),
        ({"END": HANG_UP}, Uncertain, "silent"),
        ({"END": SILENCE}, Uncertain, "silent"),
        ({"END": "what?"}, Uncertain, "nonsense"),
    ],
    ids=str,
)
def test_each_step_says_whether_it_was_sent(
    answers: dict[str, str], raised: type[Exception] | None, code: str
) -> None:
    with mail_servers.running(**answers) as (server, port):
        try:
            gateway(port).send(outgoing(), now=NOW)
            outcome = None
        except (Refused, TryLater, Uncertain) as error:
            outcome = error

    assert type(outcome) is (raised or type(None))
    assert getattr(outcome, "code", "") == code
    assert len(server.texts) == ("END" in answers)


def test_a_wrong_password_concerns_the_whole_account() -> None:
    with (
        mail_servers.running(EHLO="250-mail.example\r\n250 AUTH PLAIN", AUTH="535 5.7.8 wrong") as (
            _,
            port,
        ),
        pytest.raises(TryLater) as caught,
    ):
        gateway(port, username="shop", password="wrong").send(outgoing(), now=NOW)

    assert caught.value.code == "credentials-wrong"
    assert "wrong" not in caught.value.detail


def test_where_no_mail_server_listens_nothing_was_sent() -> None:
    port = urlsplit(providers.closed_port()).port

    with pytest.raises(TryLater) as caught:
        gateway(port or 1).send(outgoing(), now=NOW)

    assert caught.value.code == "away"
