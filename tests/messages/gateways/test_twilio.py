"""Twilio: what its official client puts on the wire, its signed callbacks, what can be asked."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from regulars.messages.gateways import twilio
from regulars.messages.gateways.contract import Absent, Forged, NotDone, Received, Refused, TryLater
from tests.factories import providers
from tests.factories.providers import KEY, NOW, Behaviour, Told

pytestmark = providers.OFFICIAL_PACKAGES
HOOK = "https://aurum.example/hooks/messages/sms-abroad"


def gateway(url: str = "", sender: str = "+15550001") -> twilio.Gateway:
    return twilio.Gateway(
        account="AC1", token="shop-secret", sender=sender, callback=HOOK, endpoint=url, timeout=2
    )


def outgoing(**changes: Any) -> Any:
    values = {
        "to": "+14155550100",
        "language": "en",
        "signature": "Aurum",
        "text": "Happy birthday",
    }
    return providers.outgoing(**{**values, **changes})


def saying(value: object, status: int = 200) -> Behaviour:
    told = Told(status, json.dumps(value).encode(), {"content-type": "application/json"})
    return lambda seen: told


def called(form: dict[str, str], *, by: str = "shop-secret", url: str = "") -> Received:
    """Sign a callback as https://www.twilio.com/docs/usage/webhooks/webhooks-security says."""
    url = url or f"{HOOK}?key={KEY}"
    text = url + "".join(name + form[name] for name in sorted(form))
    signature = hmac.new(by.encode(), text.encode(), hashlib.sha1).digest()
    return providers.callback(
        urlencode(form).encode(), url=url, query={"key": KEY},
        headers={"x-twilio-signature": base64.b64encode(signature).decode()},
    )  # fmt: skip


def test_the_client_sends_text_sender_and_a_callback_with_our_key() -> None:
    with providers.running(saying({"sid": "SM9", "num_segments": "1"}, 201)) as provider:
        accepted = gateway(provider.url).send(outgoing(text="Happy birthday, Ms Li"), now=NOW)

    (seen,) = provider.seen
    credentials = base64.b64encode(b"AC1:shop-secret").decode()
    assert (accepted.provider_id, accepted.parts) == ("SM9", 1)
    assert (seen.method, seen.path) == ("POST", "/2010-04-01/Accounts/AC1/Messages.json")
    assert seen.headers["authorization"] == f"Basic {credentials}"
    assert seen.form == {
        "To": "+14155550100", "From": "+15550001", "Body": "Aurum: Happy birthday, Ms Li",
        "StatusCallback": f"{HOOK}?key={KEY}",
    }  # fmt: skip


def test_a_messaging_service_is_named_as_one() -> None:
    with providers.running(saying({"sid": "SM9"}, 201)) as provider:
        gateway(provider.url, sender="MG77").send(outgoing(), now=NOW)

    assert provider.seen[0].form["MessagingServiceSid"] == "MG77"
    assert "From" not in provider.seen[0].form


@pytest.mark.parametrize(
    ("status", "code", "raised", "ours"),
    [
        (400, 21211, Refused, "address-wrong"),
        (400, 21610, Refused, "opted-out"),
        (400, 21617, Refused, "too-long"),
        (400, 99999, Refused, "refused"),
        (401, 20003, TryLater, "credentials-wrong"),
        (400, 21611, TryLater, "rate"),
        (429, 99999, TryLater, "rate"),
    ],
)
def test_each_code_says_whether_it_was_sent(
    status: int, code: int, raised: type[NotDone], ours: str
) -> None:
    answer = saying({"code": code, "message": "To +14155550100", "status": status}, status)
    with providers.running(answer) as provider, pytest.raises(raised) as caught:
        gateway(provider.url).send(outgoing(), now=NOW)

    assert caught.value.code == ours
    assert "415" not in caught.value.detail


def test_a_signed_status_is_believed() -> None:
    form = {"MessageSid": "SM9", "MessageStatus": "undelivered", "ErrorCode": "30005",
            "To": "+14155550100", "From": "+15550001", "AccountSid": "AC1"}  # fmt: skip

    (receipt,) = gateway().receipts(called(form))

    assert (receipt.provider_id, receipt.key, receipt.state) == ("SM9", KEY, "failed")
    assert (receipt.reason, receipt.gone) == ("address-wrong", True)
    assert gateway().reply(called(form)).body == "<Response/>"


@pytest.mark.parametrize(("status", "count"), [("queued", 0), ("sent", 0), ("delivered", 1)])
def test_what_is_on_its_way_is_no_news(status: str, count: int) -> None:
    form = {"MessageSid": "SM9", "MessageStatus": status}

    assert len(gateway().receipts(called(form))) == count


def test_a_message_comes_in_with_its_pictures() -> None:
    form = {"MessageSid": "SM5", "From": "+14155550100", "To": "+15550001", "Body": "STOP",
            "NumMedia": "1", "MediaUrl0": "https://m.example/1", "MediaContentType0": "image/png",
            }  # fmt: skip

    (inbound,) = gateway().inbound(called(form))

    assert (inbound.sender, inbound.text, inbound.provider_id) == ("+14155550100", "STOP", "SM5")
    assert [(each.kind, each.reference) for each in inbound.media] == [
        ("image/png", "https://m.example/1")
    ]
    assert gateway().receipts(called(form)) == ()


def test_what_is_not_signed_for_this_address_is_not_believed() -> None:
    form = {"MessageSid": "SM9", "MessageStatus": "delivered"}
    true = called(form)
    forgeries = [
        called(form, by="another"),
        Received(method="POST", url=true.url, query=true.query, body=true.body, at=NOW),
        Received(
            method="POST", url=true.url.replace(KEY, "other"), headers=true.headers,
            body=true.body, at=NOW,
        ),
        Received(
            method="POST", url=true.url, headers=true.headers, at=NOW,
            body=true.body.replace(b"delivered", b"failed"),
        ),
    ]  # fmt: skip

    for forged in forgeries:
        for read in (gateway().receipts, gateway().inbound, gateway().reply):
            with pytest.raises(Forged):
                read(forged)


def listed(*messages: dict[str, Any]) -> Behaviour:
    return saying({"messages": list(messages), "page": 0, "page_size": 50, "next_page_uri": None})


def message(**changes: Any) -> dict[str, Any]:
    return {
        "sid": "SM9", "body": "Aurum: Happy birthday", "to": "+14155550100", "status": "delivered",
        "date_created": "Sat, 21 Nov 2026 02:00:01 +0000", "error_code": None,
        "date_updated": "Sat, 21 Nov 2026 02:00:05 +0000", **changes,
    }  # fmt: skip


def test_an_uncertain_message_is_told_by_its_text_unless_two_are_alike() -> None:
    old = message(sid="SM1", date_created="Sat, 21 Nov 2026 01:00:00 +0000")
    later = NOW + timedelta(minutes=11)
    with providers.running(listed(message(), old, message(sid="SM2", body="Hi"))) as provider:
        asked = gateway(provider.url)
        found = asked.resolve(outgoing(), since=NOW, now=later)
        provider.answers = listed(message(), message(sid="SM3"))
        alike = asked.resolve(outgoing(), since=NOW, now=later)
        provider.answers = listed(old)
        absent = asked.resolve(outgoing(), since=NOW, now=later)
        too_soon = asked.resolve(outgoing(), since=NOW, now=NOW + timedelta(minutes=1))

    assert found is not None
    assert not isinstance(found, Absent)
    assert (found.provider_id, found.state, found.key) == ("SM9", "delivered", KEY)
    assert found.at == datetime(2026, 11, 21, 2, 0, 5, tzinfo=UTC)
    assert (alike, absent, too_soon) == (None, Absent(), None)
    assert provider.seen[0].query["To"] == "+14155550100"


def test_a_known_message_is_fetched() -> None:
    with providers.running(saying(message(status="failed", error_code=30007))) as provider:
        found = gateway(provider.url).resolve(outgoing(), since=NOW, now=NOW, provider_id="SM9")

    assert found is not None
    assert not isinstance(found, Absent)
    assert (found.state, found.reason) == ("failed", "text-refused")
    assert provider.seen[0].path.endswith("/Messages/SM9.json")


def test_asking_fails_without_ever_being_uncertain() -> None:
    with (
        providers.running(lambda seen: providers.HANG_UP) as provider,
        pytest.raises(TryLater),
    ):
        gateway(provider.url).resolve(outgoing(), since=NOW, now=NOW)


def test_the_package_logs_no_phone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with providers.running(listed(message())) as provider:
        gateway(provider.url).resolve(outgoing(), since=NOW, now=NOW)

    assert "4155550100" not in caplog.text
