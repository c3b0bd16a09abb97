"""What providers call: believed only with their proof, kept once, answered as they want it."""

import json
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.messages.gateways import chosen
from regulars.messages.models import Contact, Suppression
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.web.sending import callbacks
from tests.factories.contacts import budget, person, reserve
from tests.factories.customers import NOW
from tests.messages.gateways import test_sealed as weixin

SECRET = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo) -> None:
    cache.clear()
    budget(limits=[])


def choose(slot: str, provider: str, **values: str) -> None:
    chosen.choose(actor=SYSTEM, slot=slot, provider=provider, values=values, now=NOW)


def aliyun(proof: str = "hush") -> None:
    choose("sms", "aliyun", key_id="K", key_secret="S", callback_secret=proof)


def called(path: str, body: object, chain: str = "aurum", **headers: str) -> Any:
    client = Client(enforce_csrf_checks=True, headers={"host": f"{chain}.localhost", **headers})
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    before = context.current()
    try:
        return client.post(path, text, content_type="application/json")
    finally:
        context.activate(before)


def sent(customer: Customer, *, provider: str = "aliyun", channel: str = "sms") -> Contact:
    pk = reserve(customer, purpose="service", channel=channel, address=customer.phone or "")
    row = Contact.objects.get(pk=pk)
    row.state, row.provider = "sending", provider
    row.save(update_fields=["state", "provider"])
    Contact.objects.filter(pk=pk).update(state="accepted", provider_id="9^0")
    return row


def report(row: Contact, *, success: bool = True) -> list[dict[str, Any]]:
    return [
        {
            "biz_id": "9^0",
            "success": success,
            "err_code": "DELIVERED" if success else "UNKNOWN",
            "report_time": "2026-11-21 10:00:05",
            "out_id": row.pk.hex,
            "phone_number": "13800138000",
        }
    ]


def states() -> list[str]:
    return list(Contact.objects.order_by("pk").values_list("state", flat=True))


def test_a_receipt_is_kept_however_often_it_comes_and_answered_as_the_provider_wants() -> None:
    aliyun()
    row = sent(person())

    answers = [called("/callbacks/sms/aliyun/?secret=hush", report(row)) for _ in range(3)]

    assert states() == ["delivered"]
    assert {each.status_code for each in answers} == {200}
    assert json.loads(answers[0].content) == {"code": 0, "msg": "OK"}


def test_a_receipt_out_of_order_takes_nothing_back() -> None:
    aliyun()
    row = sent(person())

    for success in (True, False):
        called("/callbacks/sms/aliyun/?secret=hush", report(row, success=success))

    assert states() == ["delivered"]


@pytest.mark.parametrize("word", ["TD", "退订"])
def test_a_word_to_stop_that_comes_in_stops(word: str) -> None:
    aliyun()
    carol = person()
    told = {
        "phone_number": (carol.phone or "").removeprefix("+86"),
        "send_time": "2026-11-21 10:00:05",
        "content": word,
        "dest_code": "1069",
        "sequence_id": 1,
    }

    answer = called("/callbacks/sms/aliyun/?secret=hush", [told])
    called("/callbacks/sms/aliyun/?secret=hush", [told])

    assert answer.status_code == 200
    assert Contact.objects.filter(direction="in", customer=carol).count() == 1
    assert Suppression.objects.get().reason == "replied"


def test_without_its_proof_nothing_is_believed_and_nothing_is_told(bloom: ChainInfo) -> None:
    row = sent(person())
    with context.inside(bloom):
        aliyun("theirs")
    not_chosen = called("/callbacks/sms/aliyun/?secret=hush", report(row))
    aliyun()

    answers = [
        not_chosen,
        called("/callbacks/sms/aliyun/", report(row)),
        called("/callbacks/sms/aliyun/?secret=", report(row)),
        called("/callbacks/sms/aliyun/?secret=theirs", report(row)),
        called("/callbacks/sms/tencent/?secret=hush", report(row)),
        called("/callbacks/wechat/wechat/?secret=hush", report(row)),
        called("/callbacks/sms/local/", report(row)),
    ]

    assert {(each.status_code, each.content) for each in answers} == {(403, b"")}
    assert states() == ["accepted"]


def test_another_chains_messages_are_not_settled_here(bloom: ChainInfo) -> None:
    aliyun()
    row = sent(person())
    with context.inside(bloom):
        aliyun("theirs")

    answer = called("/callbacks/sms/aliyun/?secret=theirs", report(row), chain="bloom")

    assert answer.status_code == 200
    assert states() == ["accepted"]


@pytest.mark.parametrize("path", ["/callbacks/sms/pigeon/", "/callbacks/smoke/aliyun/"])
def test_what_there_is_not_is_not_found(path: str) -> None:
    assert called(path, []).status_code == 404


def test_a_body_without_end_is_not_read() -> None:
    aliyun()

    answer = called("/callbacks/sms/aliyun/?secret=hush", b"x" * (callbacks.LONGEST + 1))

    assert answer.status_code == 413


def test_what_cannot_be_read_is_said_to_be() -> None:
    aliyun()

    assert called("/callbacks/sms/aliyun/?secret=hush", "{not json").status_code == 400


def test_whoever_guesses_secrets_is_told_to_wait() -> None:
    aliyun()
    row = sent(person())
    tries = [called(f"/callbacks/sms/aliyun/?secret={n}", report(row)) for n in range(32)]

    assert tries[0].status_code == 403
    assert tries[-1].status_code == 429
    assert int(tries[-1]["Retry-After"]) > 0
    assert called("/callbacks/sms/aliyun/?secret=hush", report(row)).status_code == 200


def test_a_server_without_the_providers_package_asks_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose("sms", "twilio", account="AC1", token="T", sender="+15550001")
    monkeypatch.setitem(__import__("sys").modules, "twilio.request_validator", None)

    answer = called("/callbacks/sms/twilio/", "")

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_a_new_address_is_confirmed_to_wechat_and_followers_are_heard() -> None:
    choose("wechat", "wechat", app_id="wx1", app_secret="S", token="hush", aes_key=weixin.AES_KEY)
    now = timezone.now()
    request = weixin.called(weixin.WRITTEN, at=now)
    query = "&".join(f"{key}={value}" for key, value in request.query.items())

    first = called(f"/callbacks/wechat/wechat/?{query}", request.body)
    again = called(f"/callbacks/wechat/wechat/?{query}", request.body)

    assert (first.status_code, first.content, again.content) == (200, b"success", b"success")
    (row,) = Contact.objects.filter(direction="in")
    assert (row.channel, row.text) == ("wechat", "你好")


def test_ones_own_system_reports_with_the_signature_of_standard_webhooks() -> None:
    choose("webhook", "webhook", url="https://crm.example", secrets=SECRET)
    carol = person()
    row = sent(carol, provider="webhook", channel="webhook")
    body = json.dumps({"type": "message.delivered", "data": {"key": row.pk.hex}})
    at = datetime.now(UTC)
    headers = {
        "webhook-id": "m1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("m1", at, body),
    }

    forged = called("/callbacks/webhook/webhook/", body + " ", **headers)
    told = called("/callbacks/webhook/webhook/", body, **headers)

    assert (forged.status_code, told.status_code, told.content) == (403, 204, b"")
    assert states() == ["delivered"]


def test_twilio_signs_the_address_it_calls_and_names_our_key_in_it() -> None:
    choose("sms", "twilio", account="AC1", token="T", sender="+15550001")
    row = sent(person(), provider="twilio")
    path = f"/callbacks/sms/twilio/?key={row.pk.hex}"
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+8613800138000"}
    validator = import_module("twilio.request_validator").RequestValidator("T")  # untyped
    signed = validator.compute_signature(f"http://aurum.localhost{path}", form)

    forged = called(path, urlencode(form), **{"x-twilio-signature": "x"})
    told = called(path, urlencode(form), **{"x-twilio-signature": signed})

    assert (forged.status_code, told.status_code) == (403, 200)
    assert (told.content, told["Content-Type"]) == (b"<Response/>", "application/xml")
    assert states() == ["delivered"]
