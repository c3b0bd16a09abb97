"""Aliyun: what its official client puts on the wire, what its codes mean, its pushes."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from regulars.messages.gateways import aliyun
from regulars.messages.gateways.contract import (
    Absent,
    Draft,
    Forged,
    NotDone,
    Refused,
    TryLater,
    Uncertain,
    Unreadable,
)
from tests.factories import providers
from tests.factories.providers import KEY, NOW, Behaviour, Seen, Told, outgoing

pytestmark = providers.OFFICIAL_PACKAGES


def gateway(url: str = "") -> aliyun.Gateway:
    return aliyun.Gateway(
        key_id="LTAI5t", key_secret="shop-secret", callback_secret="hush", endpoint=url, timeout=2
    )


def saying(value: object, status: int = 200) -> Behaviour:
    told = Told(status, json.dumps(value).encode(), {"content-type": "application/json"})
    return lambda seen: told


def signed_by(secret: str, seen: Seen) -> str:
    """Sign a request as ACS3-HMAC-SHA256 says, https://help.aliyun.com/document_detail/315526.html."""
    listed = seen.headers["authorization"].split("SignedHeaders=")[1].split(",")[0]
    query = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}"
        for name, value in sorted(seen.query.items())
    )
    headers = "".join(f"{name}:{seen.headers[name].strip()}\n" for name in listed.split(";"))
    canonical = "\n".join(
        (seen.method, seen.path, query, headers, listed, hashlib.sha256(seen.body).hexdigest())
    )
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def test_the_client_sends_template_variables_and_our_key_signed_with_the_secret() -> None:
    with providers.running(saying({"Code": "OK", "BizId": "900619746936498440^0"})) as provider:
        accepted = gateway(provider.url).send(outgoing(text="生" * 70), now=NOW)

    (seen,) = provider.seen
    assert (accepted.provider_id, accepted.parts) == ("900619746936498440^0", 2)
    assert (seen.method, seen.headers["x-acs-action"]) == ("POST", "SendSms")
    assert seen.headers["x-acs-version"] == "2017-05-25"
    assert seen.query["PhoneNumbers"] == "13800138000"
    assert (seen.query["SignName"], seen.query["TemplateCode"]) == ("金石", "SMS_1")
    assert json.loads(seen.query["TemplateParam"]) == {"name": "李女士", "guide": "小陈"}
    assert seen.query["OutId"] == KEY
    assert seen.headers["authorization"].endswith(f"Signature={signed_by('shop-secret', seen)}")


def test_a_phone_abroad_goes_without_its_plus() -> None:
    with providers.running(saying({"Code": "OK", "BizId": "9^0"})) as provider:
        gateway(provider.url).send(outgoing(to="+85261234567"), now=NOW)

    assert provider.seen[0].query["PhoneNumbers"] == "85261234567"


@pytest.mark.parametrize(
    ("code", "raised", "ours"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", Refused, "address-wrong"),
        ("isv.SMS_TEMPLATE_ILLEGAL", Refused, "template-wrong"),
        ("isv.SMS_SIGNATURE_ILLEGAL", Refused, "signature-wrong"),
        ("isv.BLACK_KEY_CONTROL_LIMIT", Refused, "text-refused"),
        ("isv.TEMPLATE_MISSING_PARAMETERS", Refused, "variables-wrong"),
        ("isv.BUSINESS_LIMIT_CONTROL", Refused, "person-limit"),
        ("isv.SOMETHING_NEW", Refused, "refused"),
        ("isv.AMOUNT_NOT_ENOUGH", TryLater, "money"),
        ("isv.OUT_OF_SERVICE", TryLater, "money"),
        ("isp.RAM_PERMISSION_DENY", TryLater, "credentials-wrong"),
        ("isp.SYSTEM_ERROR", Uncertain, "silent"),
    ],
)
def test_each_code_says_whether_it_was_sent(code: str, raised: type[NotDone], ours: str) -> None:
    with (
        providers.running(saying({"Code": code, "Message": "不行", "RequestId": "R"})) as provider,
        pytest.raises(raised) as caught,
    ):
        gateway(provider.url).send(outgoing(), now=NOW)

    assert caught.value.code == ours
    assert caught.value.detail == f"{code} 不行"


@pytest.mark.parametrize(
    ("status", "code", "raised", "ours"),
    [
        (404, "InvalidAccessKeyId.NotFound", TryLater, "credentials-wrong"),
        (400, "SignatureDoesNotMatch", TryLater, "credentials-wrong"),
        (400, "Throttling.User", TryLater, "rate"),
        (400, "SignatureNonceUsed", Uncertain, "silent"),
        (503, "ServiceUnavailable", Uncertain, "silent"),
        (500, "Never.Seen", Uncertain, "silent"),
        (400, "Never.Seen", Refused, "refused"),
    ],
)
def test_errors_of_the_interface_itself(
    status: int, code: str, raised: type[NotDone], ours: str
) -> None:
    answer = {"Code": code, "Message": "", "RequestId": "R"}
    with (
        providers.running(saying(answer, status)) as provider,
        pytest.raises(raised) as caught,
    ):
        gateway(provider.url).send(outgoing(), now=NOW)

    assert caught.value.code == ours
    assert len(provider.seen) == 1


def test_without_a_template_nothing_is_asked() -> None:
    with pytest.raises(Refused) as caught:
        gateway(providers.closed_port()).send(outgoing(template=""), now=NOW)

    assert caught.value.code == "template-wrong"


REPORT = {
    "phone_number": "13800138000", "send_time": "2026-11-21 10:00:00",
    "report_time": "2026-11-21 10:00:05", "success": True, "err_code": "DELIVERED",
    "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "9^0", "out_id": KEY,
}  # fmt: skip


def test_a_push_of_reports_is_read_in_beijing_time() -> None:
    lost = {**REPORT, "success": False, "err_code": "MK:0001", "biz_id": "8^0"}
    black = {**REPORT, "success": "false", "err_code": "MOBILE_IN_BLACK", "biz_id": "7^0"}
    body = json.dumps([REPORT, lost, black]).encode()

    there, gone, refused = gateway().receipts(providers.callback(body))

    assert (there.state, there.provider_id, there.key) == ("delivered", "9^0", KEY)
    assert there.at == datetime(2026, 11, 21, 2, 0, 5, tzinfo=UTC)
    assert there.to == "+8613800138000"
    assert (gone.state, gone.reason, gone.detail, gone.gone) == (
        "failed", "unreachable", "MK:0001", False,
    )  # fmt: skip
    assert (refused.reason, refused.gone) == ("opted-out", True)


def test_a_push_of_replies_is_no_receipt_and_the_other_way_round() -> None:
    reply = {
        "phone_number": "13800138000", "send_time": "2026-11-21 10:01:00", "content": "TD",
        "sign_name": "金石", "dest_code": "123456", "sequence_id": 1234567890,
    }  # fmt: skip
    replies = providers.callback(json.dumps([reply]).encode())
    reports = providers.callback(json.dumps([REPORT]).encode())

    (inbound,) = gateway().inbound(replies)

    assert (inbound.sender, inbound.text, inbound.to) == ("+8613800138000", "TD", "123456")
    assert inbound.provider_id == "1234567890"
    assert gateway().receipts(replies) == ()
    assert gateway().inbound(reports) == ()
    assert json.loads(gateway().reply(reports).body) == {"code": 0, "msg": "OK"}


@pytest.mark.parametrize("query", [{}, {"secret": ""}, {"secret": "hushed"}, {"secret": "Hush"}])
def test_without_our_secret_nothing_is_believed(query: dict[str, str]) -> None:
    request = providers.callback(json.dumps([REPORT]).encode(), query=query)

    for read in (gateway().receipts, gateway().inbound, gateway().reply):
        with pytest.raises(Forged):
            read(request)


def test_an_empty_secret_of_ours_lets_nobody_in() -> None:
    careless = aliyun.Gateway(key_id="K", key_secret="S", callback_secret="")

    with pytest.raises(Forged):
        careless.receipts(providers.callback(b"[]", query={"secret": ""}))


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'[{"biz_id": "9", "report_time": "?"}]'])
def test_what_is_no_report_is_said_so(body: bytes) -> None:
    with pytest.raises(Unreadable):
        gateway().receipts(providers.callback(body))


def details(**changes: Any) -> dict[str, Any]:
    entry = {
        "OutId": KEY, "SendStatus": 3, "PhoneNum": "13800138000", "ErrCode": "DELIVERED",
        "SendDate": "2026-11-21 10:00:00", "ReceiveDate": "2026-11-21 10:00:05", **changes,
    }  # fmt: skip
    return {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [entry]}, "TotalCount": "1"}


@pytest.mark.parametrize(("status", "state"), [(1, "accepted"), (2, "failed"), (3, "delivered")])
def test_an_uncertain_message_is_found_again_by_our_key(status: int, state: str) -> None:
    with providers.running(saying(details(SendStatus=status))) as provider:
        receipt = gateway(provider.url).resolve(
            outgoing(), since=NOW, now=NOW + timedelta(seconds=30)
        )

    assert receipt is not None
    assert not isinstance(receipt, Absent)
    assert (receipt.state, receipt.key) == (state, KEY)
    assert provider.seen[0].query["SendDate"] == "20261121"


def test_a_message_that_is_not_listed_is_absent_once_it_has_settled() -> None:
    other = saying(details(OutId="another"))
    with providers.running(other) as provider:
        asked = gateway(provider.url)
        soon = asked.resolve(outgoing(), since=NOW, now=NOW + timedelta(minutes=1))
        later = asked.resolve(outgoing(), since=NOW, now=NOW + timedelta(minutes=11))
        too_late = asked.resolve(outgoing(), since=NOW, now=NOW + timedelta(days=31))

    assert soon is None
    assert later == Absent()
    assert too_late is None


def test_asking_around_midnight_looks_at_both_days_of_beijing() -> None:
    since = datetime(2026, 11, 21, 15, 59, tzinfo=UTC)
    with providers.running(saying(details(OutId="another"))) as provider:
        gateway(provider.url).resolve(outgoing(), since=since, now=since + timedelta(minutes=2))

    assert [seen.query["SendDate"] for seen in provider.seen] == ["20261121", "20261122"]


def test_asking_fails_without_ever_being_uncertain() -> None:
    with (
        providers.running(lambda seen: providers.HANG_UP) as provider,
        pytest.raises(TryLater),
    ):
        gateway(provider.url).resolve(outgoing(), since=NOW, now=NOW)


DRAFT = Draft(
    name="生日问候", text="${name}，生日快乐！${guide}敬上，拒收请回复R", purpose="care",
    remark="会员生日", signature="金石", kinds=(("name", "nickname"), ("guide", "person")),
)  # fmt: skip


def test_a_template_is_submitted_with_what_its_places_hold() -> None:
    with providers.running(saying({"Code": "OK", "TemplateCode": "SMS_77"})) as provider:
        template = gateway(provider.url).submit(DRAFT)

    sent = provider.seen[0].query
    assert template == "SMS_77"
    assert provider.seen[0].headers["x-acs-action"] == "CreateSmsTemplate"
    assert sent["TemplateContent"] == DRAFT.text
    assert json.loads(sent["TemplateRule"]) == {"name": "user_nick", "guide": "name"}
    assert sent["TemplateType"] == "2"  # a birthday greeting is promotion to Aliyun
    assert sent["RelatedSignName"] == "金石"


@pytest.mark.parametrize(
    ("status", "state"),
    [("0", "pending"), ("1", "approved"), ("2", "rejected"), ("10", "rejected"), ("?", "unknown")],
)
def test_how_far_a_template_is(status: str, state: str) -> None:
    answer = {"Code": "OK", "TemplateStatus": status, "AuditInfo": {"RejectInfo": "变量过多"}}
    with providers.running(saying(answer)) as provider:
        approval = gateway(provider.url).approval("SMS_77")

    assert (approval.state, approval.reason) == (state, "变量过多")
    assert provider.seen[0].query["TemplateCode"] == "SMS_77"
