"""Raw mail posted to us: delivery reports, complaints, replies, and answers of machines."""

from datetime import UTC, datetime
from textwrap import dedent

import pytest

from regulars.messages.gateways import smtp
from regulars.messages.gateways.contract import Forged, Unreadable
from tests.factories import providers
from tests.factories.providers import KEY

GATEWAY = smtp.Gateway(
    host="mail.example", port=25, sender="hello@mail.example", callback_secret="hush"
)


def report(action: str = "failed", status: str = "5.1.1", *, envelope: str = KEY) -> bytes:
    known = f"Original-Envelope-Id: {envelope}\n" if envelope else ""
    return (
        dedent("""\
        From: MAILER-DAEMON@mx.example
        To: bounces+from-the-address@mail.example
        Date: Sat, 21 Nov 2026 01:59:00 +0000
        Content-Type: multipart/report; report-type=delivery-status; boundary=B
        MIME-Version: 1.0

        --B
        Content-Type: text/plain

        It did not work.
        --B
        Content-Type: message/delivery-status

        {known}Reporting-MTA: dns; mx.example

        Original-Recipient: rfc822;li@customer.example
        Final-Recipient: rfc822;li@other.example
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; 550 no such user

        --B
        Content-Type: text/rfc822-headers

        Message-ID: <from-the-mail@mail.example>
        Subject: hello

        --B--
        """)
        .replace("{known}", known)
        .replace("{action}", action)
        .replace("{status}", status)
        .encode()
    )


@pytest.mark.parametrize(
    ("action", "status", "state", "reason", "gone"),
    [
        ("failed", "5.1.1", "failed", "address-wrong", True),
        ("failed", "5.2.1", "failed", "address-wrong", True),
        ("failed", "5.2.2", "failed", "mailbox-full", False),
        ("failed", "5.7.1", "failed", "text-refused", False),
        ("failed", "4.4.7", "failed", "unreachable", False),
        ("delayed", "4.4.1", "accepted", "", False),
        ("delivered", "2.0.0", "delivered", "", False),
        ("Relayed", "2.0.0", "accepted", "", False),
    ],
)
def test_a_report_says_what_became_of_a_message(
    action: str, status: str, state: str, reason: str, gone: bool
) -> None:
    (receipt,) = GATEWAY.receipts(providers.callback(report(action, status)))

    assert (receipt.key, receipt.provider_id) == (KEY, KEY)
    assert (receipt.state, receipt.reason, receipt.gone) == (state, reason, gone)
    assert receipt.to == "li@customer.example"
    assert receipt.at == datetime(2026, 11, 21, 1, 59, tzinfo=UTC)
    assert receipt.detail == f"{status} 550 no such user"


def test_our_key_is_found_wherever_the_other_side_left_it() -> None:
    mail = report(envelope="")
    address = mail.replace(b"Message-ID: <from-the-mail@mail.example>\n", b"")
    nowhere = address.replace(b"bounces+from-the-address@", b"bounces@")

    keys = [
        [each.key for each in GATEWAY.receipts(providers.callback(raw))]
        for raw in (mail, address, nowhere)
    ]

    assert keys == [["from-the-mail"], ["from-the-address"], []]


COMPLAINT = (
    b"From: fbl@big.example\nTo: hello@mail.example\nMIME-Version: 1.0\n"
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=B\n\n"
    b"--B\nContent-Type: text/plain\n\nSpam.\n--B\nContent-Type: message/feedback-report\n\n"
    b"Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n\n--B\nContent-Type: message/rfc822\n\n"
    b"Message-ID: <" + KEY.encode() + b"@mail.example>\nSubject: x\n\nHello\n--B--\n"
)


def test_who_calls_it_spam_gets_no_more() -> None:
    (receipt,) = GATEWAY.receipts(providers.callback(COMPLAINT))

    assert (receipt.key, receipt.state) == (KEY, "delivered")
    assert (receipt.reason, receipt.gone) == ("opted-out", True)


REPLY = (
    "From: =?utf-8?b?5p2O5aWz5aOr?= <li@customer.example>\nTo: hello@mail.example\n"
    "Message-ID: <r1@customer.example>\nDate: Sat, 21 Nov 2026 01:00:00 +0000\n"
    "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n{more}\n谢谢小陈！\n"
)


def test_what_a_person_answers_comes_in() -> None:
    request = providers.callback(REPLY.replace("{more}", "").encode())

    (inbound,) = GATEWAY.inbound(request)

    assert (inbound.sender, inbound.text.strip()) == ("li@customer.example", "谢谢小陈！")
    assert inbound.provider_id == "r1"
    assert GATEWAY.receipts(request) == ()
    assert GATEWAY.reply(request).status == 204


@pytest.mark.parametrize("charset", ["tf-8", "utf\0"])
def test_an_answer_in_letters_nobody_knows_comes_in_as_far_as_it_is_readable(charset: str) -> None:
    mail = REPLY.replace("{more}", "").replace("utf-8\n", f"{charset}\n").encode()

    (inbound,) = GATEWAY.inbound(providers.callback(mail))

    assert inbound.text.strip() == "谢谢小陈！"


@pytest.mark.parametrize("header", ["Auto-Submitted: auto-replied\n", "Precedence: bulk\n"])
def test_what_a_machine_answers_does_not(header: str) -> None:
    request = providers.callback(REPLY.replace("{more}", header).encode())

    assert GATEWAY.inbound(request) == ()


def test_reports_and_complaints_are_no_replies() -> None:
    assert GATEWAY.inbound(providers.callback(report())) == ()
    assert GATEWAY.inbound(providers.callback(COMPLAINT)) == ()


def test_nobody_but_our_mail_server_is_believed() -> None:
    stranger = providers.callback(report(), query={"secret": "guess"})
    ours = providers.callback(report(), query={}, headers={"x-callback-secret": "hush"})

    for read in (GATEWAY.receipts, GATEWAY.inbound, GATEWAY.reply):
        with pytest.raises(Forged):
            read(stranger)
    assert len(GATEWAY.receipts(ours)) == 1


@pytest.mark.parametrize("raw", [b"", b"\n\nhello", b"\x00\xff"])
def test_what_is_no_mail_is_said_so(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        GATEWAY.receipts(providers.callback(raw))
