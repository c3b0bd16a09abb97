"""The webhook: signed as Standard Webhooks, never into our own network, and what comes back."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from regulars.messages.gateways import webhook, wire
from regulars.messages.gateways.contract import (
    Forged,
    NotDone,
    Received,
    Refused,
    TryLater,
    Uncertain,
    Unreadable,
)
from tests.factories import providers
from tests.factories.providers import KEY, NOW, Told

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def gateway(url: str, *, public_only: bool = False) -> webhook.Gateway:
    return webhook.Gateway(url=url, secrets=f"{NEW} {OLD}", public_only=public_only, timeout=2)


def outgoing() -> Any:
    return providers.outgoing(channel="webhook", to="0193d0c2-7a41-7b1e-8000-00000000cafe")


def test_a_message_is_signed_with_every_secret_so_that_one_can_be_replaced() -> None:
    with providers.running(lambda seen: Told(202)) as provider:
        accepted = gateway(f"{provider.url}/in?shop=1").send(outgoing(), now=NOW)

    (seen,) = provider.seen
    assert accepted.provider_id == KEY
    assert (seen.path, seen.query) == ("/in", {"shop": "1"})
    assert seen.headers["webhook-id"] == KEY
    assert seen.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    body = seen.body.decode()
    assert seen.headers["webhook-signature"].split() == [
        Webhook(each).sign(KEY, NOW, body) for each in (NEW, OLD)
    ]
    event = json.loads(body)
    assert (event["type"], event["data"]["text"]) == (
        "message.outgoing", "李女士，生日快乐！小陈 138",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "raised", "code"),
    [
        (400, Refused, "refused"),
        (422, Refused, "refused"),
        (410, TryLater, "account-blocked"),
        (401, TryLater, "credentials-wrong"),
        (302, TryLater, "credentials-wrong"),
        (503, Uncertain, "silent"),
    ],
)
def test_each_status_says_whether_it_was_taken(
    status: int, raised: type[NotDone], code: str
) -> None:
    with (
        providers.running(lambda seen: Told(status, headers={"location": "/x"})) as provider,
        pytest.raises(raised) as caught,
    ):
        gateway(provider.url).send(outgoing(), now=NOW)

    assert caught.value.code == code
    assert len(provider.seen) == 1


def test_a_busy_system_says_when_to_come_back() -> None:
    told = Told(429, headers={"retry-after": "90"})
    with providers.running(lambda seen: told) as provider, pytest.raises(TryLater) as caught:
        gateway(provider.url).send(outgoing(), now=NOW)

    assert caught.value.after == timedelta(seconds=90)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.8", "169.254.169.254", "localhost"])
def test_an_address_inside_our_own_network_is_never_called(host: str) -> None:
    with pytest.raises(Refused) as caught:
        gateway(f"http://{host}/in", public_only=True).send(outgoing(), now=NOW)

    assert caught.value.code == "address-wrong"


def test_an_answer_that_never_ends_is_cut_off() -> None:
    endless = Told(200, b"x" * (3 * 1024 * 1024))
    with providers.running(lambda seen: endless) as provider:
        answer = wire.call("GET", provider.url)

    assert 1024 * 1024 < len(answer.body) < 2 * 1024 * 1024


@pytest.mark.parametrize("url", ["ftp://a.example/", "a.example", ""])
def test_what_is_no_address_concerns_the_whole_account(url: str) -> None:
    with pytest.raises(TryLater) as caught:
        gateway(url).send(outgoing(), now=NOW)

    assert caught.value.code == "credentials-wrong"


def called(event: object, *, by: str = OLD, at: datetime = NOW, **headers: str) -> Received:
    body = json.dumps(event, ensure_ascii=False)
    given = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": f"v1a,xyz {Webhook(by).sign('evt_1', at, body)}",
        **headers,
    }
    return providers.callback(body.encode(), headers=given, query={})


def test_a_system_reports_back() -> None:
    there = called({"type": "message.delivered", "data": {"key": KEY}})
    lost = called(
        {"type": "message.failed", "data": {"key": KEY, "reason": "opted-out", "detail": "STOP"}}
    )
    written = called({"type": "message.received", "data": {"from": "c-1", "text": "在吗"}}, by=NEW)
    hook = gateway("https://a.example/")

    (delivered,) = hook.receipts(there)
    (failed,) = hook.receipts(lost)
    (inbound,) = hook.inbound(written)

    assert (delivered.key, delivered.state, delivered.reason) == (KEY, "delivered", "")
    assert (failed.state, failed.reason, failed.gone) == ("failed", "opted-out", True)
    assert (inbound.sender, inbound.text, inbound.provider_id) == ("c-1", "在吗", "evt_1")
    assert (hook.receipts(written), hook.inbound(there)) == ((), ())
    assert hook.reply(there).status == 204


@pytest.mark.parametrize(
    "how",
    [
        {"by": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"at": NOW - timedelta(minutes=11)},
        {"at": NOW + timedelta(minutes=11)},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "nonsense"},
        {"webhook-timestamp": "nan"},
        {"webhook-id": "evt_2"},
    ],
    ids=str,
)
def test_what_is_not_signed_now_by_a_secret_of_ours_is_not_believed(how: dict[str, Any]) -> None:
    hook = gateway("https://a.example/")
    request = called({"type": "message.delivered", "data": {"key": KEY}}, **how)

    for read in (hook.receipts, hook.inbound, hook.reply):
        with pytest.raises(Forged):
            read(request)


@pytest.mark.parametrize("event", [[], {"type": "message.delivered"}, "x", {"type": 1, "data": 2}])
def test_what_is_no_event_is_said_so(event: object) -> None:
    with pytest.raises(Unreadable):
        gateway("https://a.example/").receipts(called(event))


@pytest.mark.parametrize("secret", ["whsec_!", "whsec_", "whsec_c2hvcnQ=", "hunter2"])
def test_a_secret_that_is_none_is_refused_at_once(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        webhook.Gateway(url="https://a.example/", secrets=secret)
