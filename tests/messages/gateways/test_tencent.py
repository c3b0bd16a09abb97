"""Tencent Cloud: what its official client puts on the wire, what its codes mean, its callbacks."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regulars.messages.gateways import tencent
from regulars.messages.gateways.contract import (
    Absent,
    Draft,
    Forged,
    NotDone,
    Refused,
    TryLater,
    Uncertain,
)
from tests.factories import providers
from tests.factories.providers import KEY, NOW, Behaviour, Seen, Told, outgoing

pytestmark = providers.OFFICIAL_PACKAGES


def gateway(url: str = "") -> tencent.Gateway:
    return tencent.Gateway(
        secret_id="AKIDz8", secret_key="shop-secret", app_id="1400006666",
        callback_secret="hush", endpoint=url, timeout=2,
    )  # fmt: skip


def saying(**response: Any) -> Behaviour:
    body = json.dumps({"Response": {**response, "RequestId": "R"}}).encode()
    return lambda seen: Told(200, body, {"content-type": "application/json"})


def status(code: str = "Ok", **changes: Any) -> dict[str, Any]:
    return {"Code": code, "Message": "说明", "SerialNo": "5000:1045", "Fee": 1, **changes}


def signed_by(secret: str, seen: Seen) -> str:
    """Sign a request as TC3-HMAC-SHA256, https://cloud.tencent.com/document/api/382/52072."""
    headers = f"content-type:{seen.headers['content-type']}\nhost:{seen.headers['host']}\n"
    body = hashlib.sha256(seen.body).hexdigest()
    canonical = f"POST\n/\n\n{headers}\ncontent-type;host\n{body}"
    at = seen.headers["x-tc-timestamp"]
    day = f"{datetime.fromtimestamp(int(at), UTC):%Y-%m-%d}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"TC3-HMAC-SHA256\n{at}\n{day}/sms/tc3_request\n{digest}"
    key = f"TC3{secret}".encode()
    for part in (day, "sms", "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def test_the_client_sends_variables_in_order_and_our_key_signed_with_the_secret() -> None:
    with providers.running(saying(SendStatusSet=[status(Fee=2)])) as provider:
        accepted = gateway(provider.url).send(outgoing(template="1110"), now=NOW)

    (seen,) = provider.seen
    assert (accepted.provider_id, accepted.parts) == ("5000:1045", 2)
    assert (seen.headers["x-tc-action"], seen.headers["x-tc-version"]) == ("SendSms", "2021-01-11")
    assert json.loads(seen.body) == {
        "PhoneNumberSet": ["+8613800138000"], "SmsSdkAppId": "1400006666", "TemplateId": "1110",
        "SignName": "金石", "TemplateParamSet": ["李女士", "小陈"], "SessionContext": KEY,
    }  # fmt: skip
    assert seen.headers["authorization"].endswith(f"Signature={signed_by('shop-secret', seen)}")


@pytest.mark.parametrize(
    ("code", "raised", "ours"),
    [
        ("FailedOperation.PhoneNumberInBlacklist", Refused, "opted-out"),
        ("FailedOperation.TemplateUnapprovedOrNotExist", Refused, "template-wrong"),
        ("FailedOperation.SignatureIncorrectOrUnapproved", Refused, "signature-wrong"),
        ("InvalidParameterValue.IncorrectPhoneNumber", Refused, "address-wrong"),
        ("InvalidParameterValue.ContentLengthLimit", Refused, "too-long"),
        ("LimitExceeded.PhoneNumberDailyLimit", Refused, "person-limit"),
        ("FailedOperation.MarketingSendTimeConstraint", TryLater, "hours"),
        ("FailedOperation.InsufficientBalanceInSmsPackage", TryLater, "money"),
        ("LimitExceeded.PhoneNumberThirtySecondLimit", TryLater, "person-limit"),
        ("InternalError.Timeout", Uncertain, "silent"),
        ("InternalError.SendAndRecvFail", Uncertain, "silent"),
        ("FailedOperation.NeverSeen", Refused, "refused"),
    ],
)
def test_each_code_of_a_phone_says_whether_it_was_sent(
    code: str, raised: type[NotDone], ours: str
) -> None:
    answer = saying(SendStatusSet=[status(code, SerialNo="")])
    with providers.running(answer) as provider, pytest.raises(raised) as caught:
        gateway(provider.url).send(outgoing(), now=NOW)

    assert caught.value.code == ours


@pytest.mark.parametrize(
    ("code", "raised", "ours"),
    [
        ("AuthFailure.SignatureFailure", TryLater, "credentials-wrong"),
        ("UnauthorizedOperation.ServiceSuspendDueToArrears", TryLater, "money"),
        ("UnauthorizedOperation.SdkAppIdIsDisabled", TryLater, "account-blocked"),
        ("InternalError", Uncertain, "silent"),
        ("InvalidParameter", Refused, "refused"),
    ],
)
def test_each_code_of_a_whole_request(code: str, raised: type[NotDone], ours: str) -> None:
    answer = saying(Error={"Code": code, "Message": "m"})
    with providers.running(answer) as provider, pytest.raises(raised) as caught:
        gateway(provider.url).send(outgoing(), now=NOW)

    assert caught.value.code == ours


def test_callbacks_are_read_and_repetitions_look_alike() -> None:
    report = {
        "user_receive_time": "2026-11-21 10:00:05", "nationcode": "86", "mobile": "13800138000",
        "report_status": "FAIL", "errmsg": "BLACK", "description": "黑名单", "sid": "5000:1045",
    }  # fmt: skip
    reply = {
        "extend": "", "mobile": "13800138000", "nationcode": "86", "sign": "金石", "text": "退订",
        "time": 1795250460,
    }  # fmt: skip
    reports = providers.callback(json.dumps([report]).encode())
    replies = providers.callback(json.dumps(reply).encode())

    (receipt,) = gateway().receipts(reports)
    (inbound,) = gateway().inbound(replies)

    assert (receipt.state, receipt.provider_id, receipt.to) == (
        "failed", "5000:1045", "+8613800138000",
    )  # fmt: skip
    assert (receipt.reason, receipt.gone) == ("opted-out", True)
    assert receipt.at == datetime(2026, 11, 21, 2, 0, 5, tzinfo=UTC)
    assert (inbound.sender, inbound.text) == ("+8613800138000", "退订")
    assert gateway().inbound(replies) == (inbound,)
    assert (gateway().receipts(replies), gateway().inbound(reports)) == ((), ())
    assert json.loads(gateway().reply(reports).body) == {"result": 0, "errmsg": "OK"}


def test_without_our_secret_nothing_is_believed() -> None:
    request = providers.callback(b"[]", query={"secret": "wrong"})

    for read in (gateway().receipts, gateway().inbound, gateway().reply):
        with pytest.raises(Forged):
            read(request)


def pulled(**changes: Any) -> Behaviour:
    entry = {
        "SerialNo": "5000:1045", "ReportStatus": "SUCCESS", "Description": "DELIVRD",
        "UserReceiveTime": 1795250405, "PhoneNumber": "+8613800138000", "SessionContext": KEY,
        **changes,
    }  # fmt: skip
    return saying(PullSmsSendStatusSet=[entry])


def test_a_status_is_found_by_our_key_or_by_the_serial_number() -> None:
    later = NOW + timedelta(minutes=20)
    with providers.running(pulled()) as provider:
        asked = gateway(provider.url)
        by_key = asked.resolve(outgoing(), since=NOW, now=later)
        provider.answers = pulled(SessionContext="")
        by_serial = asked.resolve(outgoing(), since=NOW, now=later, provider_id="5000:1045")
        neither = asked.resolve(outgoing(), since=NOW, now=later)

    assert by_key is not None
    assert not isinstance(by_key, Absent)
    assert (by_key.state, by_key.provider_id, by_key.key) == ("delivered", "5000:1045", KEY)
    assert by_serial == by_key
    assert neither is None  # a carrier that has not reported says nothing about sending
    assert json.loads(provider.seen[0].body)["BeginTime"] == int(NOW.timestamp())


def test_a_template_is_submitted_with_numbered_places_and_followed() -> None:
    draft = Draft(
        name="生日问候", text="${name}您好，${guide}祝您生日快乐。拒收请回复R", purpose="care",
        remark="会员生日",
    )  # fmt: skip
    with providers.running(saying(AddTemplateStatus={"TemplateId": "1110"})) as provider:
        template = gateway(provider.url).submit(draft)
        provider.answers = saying(
            DescribeTemplateStatusSet=[
                {"TemplateId": 1110, "StatusCode": -1, "ReviewReply": "缺少退订方式"}
            ]
        )
        approval = gateway(provider.url).approval(template)

    assert json.loads(provider.seen[0].body) == {
        "TemplateName": "生日问候", "TemplateContent": "{1}您好，{2}祝您生日快乐。拒收请回复R",
        "SmsType": 1, "International": 0, "Remark": "会员生日",
    }  # fmt: skip
    assert (approval.state, approval.reason) == ("rejected", "缺少退订方式")
