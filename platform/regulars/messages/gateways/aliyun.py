"""Text messages through Aliyun and its official package ``alibabacloud-dysmsapi20170525``.

SendSms and what it says of time-outs (look at the receipt before sending again; there is no
idempotency): https://help.aliyun.com/document_detail/55284.html. Codes:
https://help.aliyun.com/document_detail/101346.html. Receipts and replies by HTTP batch push
(SmsReport, SmsUp): https://help.aliyun.com/document_detail/101508.html. Aliyun signs no push, so
the address it is given holds a secret. Our key travels as ``OutId`` and comes back in receipts and
in QuerySendDetails. Templates: https://help.aliyun.com/document_detail/2806243.html.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from regulars.messages.gateways import (
    carriers,
    extras,
    faults,
    lengths,
    places,
    proof,
    pushes,
    requested,
)
from regulars.messages.gateways.contract import (
    Absent,
    Accepted,
    Approval,
    Draft,
    Inbound,
    NotDone,
    Outgoing,
    Progress,
    Rate,
    Receipt,
    Received,
    Refused,
    Reply,
    State,
)

_EXTRA: Final = "aliyun"
_PACKAGE: Final = "alibabacloud_dysmsapi20170525"
_SETTLED: Final = timedelta(minutes=10)
_KEPT: Final = timedelta(days=30)  # QuerySendDetails answers no further back
_PAGE: Final = 50

_TABLE: Final[faults.Table] = {
    "isv.OUT_OF_SERVICE": faults.of_account("money"),
    "isv.AMOUNT_NOT_ENOUGH": faults.of_account("money"),
    "isv.BILLING_DEDUCTION_ERROR": faults.of_account("money"),
    "isv.PRODUCT_UNSUBSCRIBE": faults.of_account("account-blocked"),
    "isv.PRODUCT_UN_SUBSCRIPT": faults.of_account("account-blocked"),
    "isv.ACCOUNT_NOT_EXISTS": faults.of_account("account-blocked"),
    "isv.ACCOUNT_ABNORMAL": faults.of_account("account-blocked"),
    "isv.DAY_LIMIT_CONTROL": faults.later("rate", minutes=60),
    "isv.MONTH_LIMIT_CONTROL": faults.of_account("account-blocked"),
    "isv.BUSINESS_LIMIT_CONTROL": faults.refused("person-limit"),
    "isv.SMS_TEMPLATE_ILLEGAL": faults.refused("template-wrong"),
    "isv.SMS_TEST_TEMPLATE_LIMIT": faults.refused("template-wrong"),
    "isv.SMS_SIGNATURE_ILLEGAL": faults.refused("signature-wrong"),
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": faults.refused("signature-wrong"),
    "isv.SMS_SIGN_ILLEGAL": faults.refused("signature-wrong"),
    "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT": faults.refused("signature-wrong"),
    "isv.MOBILE_NUMBER_ILLEGAL": faults.refused("address-wrong"),
    "isv.MOBILE_COUNT_OVER_LIMIT": faults.refused("address-wrong"),
    "isv.TEMPLATE_MISSING_PARAMETERS": faults.refused("variables-wrong"),
    "isv.TEMPLATE_PARAMS_ILLEGAL": faults.refused("variables-wrong"),
    "isv.INVALID_JSON_PARAM": faults.refused("variables-wrong"),
    "isv.PARAM_LENGTH_LIMIT": faults.refused("variables-wrong"),
    "isv.PARAM_NOT_SUPPORT_URL": faults.refused("variables-wrong"),
    "isv.BLACK_KEY_CONTROL_LIMIT": faults.refused("text-refused"),
    "isv.SMS_CONTENT_ILLEGAL": faults.refused("text-refused"),
    "isv.SMS_OVER_LIMIT": faults.refused("too-long"),
    "isp.RAM_PERMISSION_DENY": faults.of_account("credentials-wrong"),
    "isp": faults.uncertain("silent"),  # their system failed half-way
    "InvalidAccessKeyId": faults.of_account("credentials-wrong"),
    "SignatureDoesNotMatch": faults.of_account("credentials-wrong"),
    "IncompleteSignature": faults.of_account("credentials-wrong"),
    "Forbidden": faults.of_account("credentials-wrong"),
    "NoPermission": faults.of_account("credentials-wrong"),
    "Throttling": faults.later("rate", minutes=0.5),
    "SignatureNonceUsed": faults.uncertain("silent"),  # this very request came before
    "InvalidTimeStamp": faults.later("away", minutes=5),
    "ServiceUnavailable": faults.uncertain("silent"),
    "InternalError": faults.uncertain("silent"),
}
_ATTRIBUTES: Final[Mapping[str, str]] = {
    "nickname": "user_nick",
    "person": "name",
    "company": "unit_name",
    "time": "time",
    "money": "money",
    "number": "other_number2",
    "address": "address",
    "phone": "phone_number2",
    "other": "others",
}
_AUDITS: Final[Mapping[str, Progress]] = {
    "0": "pending", "1": "approved", "2": "rejected", "10": "rejected",
}  # fmt: skip


class Gateway:
    """One chain's account, with the secret that its callbacks carry."""

    name: Final = "aliyun"
    # The API takes 5,000 a second; carriers pass about this to one phone of one signature.
    rate: Final = Rate(count=200, person=((1, timedelta(minutes=1)), (50, timedelta(days=1))))

    def __init__(
        self,
        *,
        key_id: str,
        key_secret: str,
        callback_secret: str,
        endpoint: str = "",
        timeout: float = requested.READ_SECONDS,
    ) -> None:
        """Take the credentials of a RAM user; `endpoint` is another ``scheme://host:port``."""
        self._key_id, self._key_secret = key_id, key_secret
        self._callback_secret = callback_secret
        self._endpoint, self._timeout = endpoint, timeout

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Send by an approved template. See `contract.Gateway.send`."""
        if not outgoing.template:
            raise Refused("template-wrong", "A template with the provider's id is needed.")
        request = self._models().SendSmsRequest(
            phone_numbers=_phone(outgoing.to),
            sign_name=outgoing.signature,
            template_code=outgoing.template,
            template_param=json.dumps(dict(outgoing.variables), ensure_ascii=False),
            out_id=outgoing.key,
        )
        body = requested.call(lambda: self._ask("send_sms", request), judged=_judged)
        if body.code != "OK" or not body.biz_id:
            otherwise = faults.REFUSED if body.code else faults.uncertain("nonsense")
            raise faults.judge(_TABLE, body.code or "", body.message or "", otherwise=otherwise)
        return Accepted(provider_id=body.biz_id, parts=lengths.parts(outgoing))

    def receipts(self, request: Received) -> tuple[Receipt, ...]:
        """Read SmsReport: a list of outcomes."""
        proof.check_secret(request, self._callback_secret)
        return tuple(
            _receipt(
                biz_id=each["biz_id"], delivered=pushes.true(each.get("success")),
                code=str(each.get("err_code", "")), at=pushes.beijing(each.get("report_time")),
                key=str(each.get("out_id") or ""), phone=str(each.get("phone_number", "")),
            )
            for each in pushes.items(request)
            if "biz_id" in each
        )  # fmt: skip

    def inbound(self, request: Received) -> tuple[Inbound, ...]:
        """Read SmsUp: a list of replies."""
        proof.check_secret(request, self._callback_secret)
        return tuple(
            Inbound(
                sender=_e164(str(each.get("phone_number", ""))), to=str(each["dest_code"]),
                text=str(each.get("content", "")), at=pushes.beijing(each.get("send_time")),
                provider_id=str(each.get("sequence_id") or pushes.digest(each)),
            )
            for each in pushes.items(request)
            if "dest_code" in each
        )  # fmt: skip

    def reply(self, request: Received) -> Reply:
        """Answer what makes Aliyun stop repeating."""
        proof.check_secret(request, self._callback_secret)
        return Reply(body='{"code":0,"msg":"OK"}', content_type="application/json")

    def resolve(
        self, outgoing: Outgoing, *, since: datetime, now: datetime, provider_id: str = ""
    ) -> Receipt | Absent | None:
        """Look for our key among what was sent to the phone on the day it may have gone."""
        if now - since > _KEPT:
            return None
        for day in sorted({pushes.in_beijing(since).date(), pushes.in_beijing(now).date()}):
            for each in self._details(outgoing.to, f"{day:%Y%m%d}"):
                if each.out_id == outgoing.key:
                    return _of_details(each, provider_id, now)
        return Absent() if now - since >= _SETTLED else None

    def submit(self, draft: Draft) -> str:
        """Hand in a template. Care counts as promotion with Aliyun, so it asks for consent too."""
        kinds = dict(draft.kinds)
        rules = {name: _ATTRIBUTES[kinds.get(name, "other")] for name in places.names(draft.text)}
        kind = {"template_type": 3, "intl_type": 0 if draft.purpose == "service" else 1}
        home = {"template_type": 1 if draft.purpose == "service" else 2}
        request = self._models().CreateSmsTemplateRequest(
            template_name=draft.name[:30],
            template_content=draft.text,
            remark=draft.remark,
            related_sign_name=draft.signature or None,
            template_rule=json.dumps(rules) if rules else None,
            **(kind if draft.abroad else home),
        )
        body = requested.call(lambda: self._ask("create_sms_template", request), judged=_judged)
        if body.code != "OK" or not body.template_code:
            raise faults.judge(_TABLE, body.code or "", body.message or "")
        return str(body.template_code)

    def approval(self, template: str) -> Approval:
        """Ask how far Aliyun is with a template."""
        request = self._models().GetSmsTemplateRequest(template_code=template)
        body = requested.call(lambda: self._ask("get_sms_template", request), judged=_judged_asking)
        if body.code != "OK":
            raise faults.judge(_TABLE, body.code or "", body.message or "")
        audit = body.audit_info
        reason = (audit.reject_info or "") if audit else ""
        return Approval(state=_AUDITS.get(str(body.template_status), "unknown"), reason=reason)

    def _details(self, phone: str, day: str) -> list[Any]:
        found: list[Any] = []
        for page in range(1, 5):
            request = self._models().QuerySendDetailsRequest(
                phone_number=_phone(phone), send_date=day, page_size=_PAGE, current_page=page
            )
            body = requested.call(
                partial(self._ask, "query_send_details", request), judged=_judged_asking
            )
            if body.code != "OK":
                raise faults.judge(_TABLE, body.code or "", body.message or "")
            held = body.sms_send_detail_dtos
            some = (held.sms_send_detail_dto or []) if held else []
            found += some
            if len(some) < _PAGE:
                break
        return found

    def _models(self) -> Any:
        return extras.load(f"{_PACKAGE}.models", extra=_EXTRA)

    def _ask(self, action: str, request: Any) -> Any:
        client = extras.load(f"{_PACKAGE}.client", extra=_EXTRA)
        openapi = extras.load("alibabacloud_tea_openapi.utils_models", extra=_EXTRA)
        runtime = extras.load("darabonba.runtime", extra=_EXTRA)
        scheme, _, host = (self._endpoint or "https://dysmsapi.aliyuncs.com").partition("://")
        config = openapi.Config(
            access_key_id=self._key_id, access_key_secret=self._key_secret,
            endpoint=host, protocol=scheme.upper(),
        )  # fmt: skip
        options = runtime.RuntimeOptions(
            connect_timeout=requested.CONNECT_SECONDS * 1000,
            read_timeout=int(self._timeout * 1000),
        )
        return getattr(client.Client(config), f"{action}_with_options")(request, options).body


def _judged(error: Exception) -> NotDone | None:
    """Return what an explicit answer of Aliyun means; an unknown 5xx says nothing."""
    if isinstance(error, NotDone):
        return error
    code, status = getattr(error, "code", None), getattr(error, "status_code", None)
    if not code or not isinstance(status, int):
        return None
    fallback = faults.uncertain("silent") if status >= 500 else faults.REFUSED
    if status == 429:
        fallback = faults.later("rate")
    return faults.judge(_TABLE, str(code), f"HTTP {status}", otherwise=fallback)


def _judged_asking(error: Exception) -> NotDone:
    return faults.while_asking(_judged(error), error)


def _of_details(each: Any, biz_id: str, now: datetime) -> Receipt:
    """Turn an entry of QuerySendDetails (status 1 on its way, 2 failed, 3 arrived) into ours."""
    at = pushes.beijing(each.receive_date) if each.receive_date else now
    if each.send_status == 1:
        return Receipt(
            provider_id=biz_id, state="accepted", at=at, key=each.out_id, to=_e164(each.phone_num)
        )
    return _receipt(
        biz_id=biz_id, delivered=each.send_status == 3, code=str(each.err_code or ""), at=at,
        key=each.out_id, phone=each.phone_num,
    )  # fmt: skip


def _receipt(
    *, biz_id: str, delivered: bool, code: str, at: datetime, key: str, phone: str
) -> Receipt:
    state: State = "delivered" if delivered else "failed"
    reason = "" if delivered else carriers.reason(code)
    return Receipt(
        provider_id=str(biz_id), state=state, at=at, reason=reason, detail=code, key=key,
        to=_e164(phone), gone=reason in faults.OF_THE_ADDRESS,
    )  # fmt: skip


def _phone(e164: str) -> str:
    """Return a phone as Aliyun wants it: 11 digits at home, country code and number abroad."""
    return e164.removeprefix("+86") if e164.startswith("+86") else e164.removeprefix("+")


def _e164(phone: str) -> str:
    digits = phone.removeprefix("+")
    at_home = len(digits) == 11 and digits.startswith("1")
    return f"+86{digits}" if at_home else f"+{digits}"
