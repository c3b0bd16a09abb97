"""Text messages through Tencent Cloud and its official package ``tencentcloud-sdk-python-sms``.

API 2021-01-11: https://cloud.tencent.com/document/product/382/55981. Codes: the package's
``errorcodes``, https://cloud.tencent.com/document/product/382/59177. Receipts and replies by HTTP:
https://cloud.tencent.com/document/product/382/37809 (one list of outcomes, one reply each). Tencent
signs no callback, so the address it is given holds a secret. Our key travels as ``SessionContext``,
which statuses that are asked for bring back once Tencent has switched that on for the account.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
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
    Uncertain,
)

_EXTRA: Final = "tencent"
_PACKAGE: Final = "tencentcloud.sms.v20210111"
_KEPT: Final = timedelta(days=7)  # statuses can be asked for no further back
_NOT_ANSWERS: Final = frozenset({"ClientNetworkError", "ServerNetworkError"})

_TABLE: Final[faults.Table] = {
    "FailedOperation.ContainSensitiveWord": faults.refused("text-refused"),
    "FailedOperation.InsufficientBalanceInSmsPackage": faults.of_account("money"),
    "FailedOperation.MarketingSendTimeConstraint": faults.later("hours", minutes=60),
    "FailedOperation.MissingSignature": faults.refused("signature-wrong"),
    "FailedOperation.MissingSignatureList": faults.refused("signature-wrong"),
    "FailedOperation.MissingTemplateList": faults.refused("template-wrong"),
    "FailedOperation.NotEnterpriseCertification": faults.of_account("account-blocked"),
    "FailedOperation.PhoneNumberInBlacklist": faults.refused("opted-out"),
    "FailedOperation.PhoneNumberParseFail": faults.refused("address-wrong"),
    "FailedOperation.SignatureIncorrectOrUnapproved": faults.refused("signature-wrong"),
    "FailedOperation.TemplateIdNotExist": faults.refused("template-wrong"),
    "FailedOperation.TemplateIncorrectOrUnapproved": faults.refused("template-wrong"),
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": faults.refused("variables-wrong"),
    "FailedOperation.TemplateUnapprovedOrNotExist": faults.refused("template-wrong"),
    "InternalError": faults.uncertain("silent"),
    "InternalError.RequestTimeException": faults.later("away", minutes=5),
    "InternalError.SigVerificationFail": faults.of_account("credentials-wrong"),
    "InvalidParameter.DirtyWordFound": faults.refused("text-refused"),
    "InvalidParameter.AppidAndBizId": faults.of_account("credentials-wrong"),
    "InvalidParameterValue.ContentLengthLimit": faults.refused("too-long"),
    "InvalidParameterValue.IncorrectPhoneNumber": faults.refused("address-wrong"),
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": faults.refused("variables-wrong"),
    "InvalidParameterValue.SdkAppIdNotExist": faults.of_account("credentials-wrong"),
    "InvalidParameterValue.TemplateParameterFormatError": faults.refused("variables-wrong"),
    "InvalidParameterValue.TemplateParameterLengthLimit": faults.refused("variables-wrong"),
    "LimitExceeded": faults.later("rate", minutes=60),
    "LimitExceeded.DeliveryFrequencyLimit": faults.refused("person-limit"),
    "LimitExceeded.GlobalSmsSendingRateLimit": faults.later("rate", minutes=0.5),
    "LimitExceeded.PhoneNumberDailyLimit": faults.refused("person-limit"),
    "LimitExceeded.PhoneNumberOneHourLimit": faults.later("person-limit", minutes=60),
    "LimitExceeded.PhoneNumberSameContentDailyLimit": faults.refused("person-limit"),
    "LimitExceeded.PhoneNumberThirtySecondLimit": faults.later("person-limit", minutes=1),
    "RequestLimitExceeded": faults.later("rate", minutes=0.5),
    "AuthFailure": faults.of_account("credentials-wrong"),
    "UnauthorizedOperation": faults.of_account("account-blocked"),
    "UnauthorizedOperation.ServiceSuspendDueToArrears": faults.of_account("money"),
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": faults.of_account("credentials-wrong"),
    "UnauthorizedOperation.RequestIpNotInWhitelist": faults.of_account("credentials-wrong"),
    "UnsupportedOperation": faults.refused("template-wrong"),
}
_AUDITS: Final[Mapping[int, Progress]] = {
    0: "approved", 1: "pending", 2: "pending", -1: "rejected",
}  # fmt: skip


class Gateway:
    """One chain's account and application."""

    name: Final = "tencent"
    # The API takes 3,000 a second; the console's limits per phone, as they are set at first.
    rate: Final = Rate(count=200, person=((1, timedelta(seconds=30)), (10, timedelta(days=1))))

    def __init__(
        self,
        *,
        secret_id: str,
        secret_key: str,
        app_id: str,
        callback_secret: str,
        region: str = "ap-guangzhou",
        endpoint: str = "",
        timeout: float = requested.READ_SECONDS,
    ) -> None:
        """Take the credentials and the application's id (``SmsSdkAppId``)."""
        self._secret_id, self._secret_key, self._app_id = secret_id, secret_key, app_id
        self._callback_secret, self._region = callback_secret, region or "ap-guangzhou"
        self._endpoint, self._timeout = endpoint, timeout

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Send by an approved template; its places take the variables in their order."""
        if not outgoing.template:
            raise Refused("template-wrong", "A template with the provider's id is needed.")
        answer = self._ask(
            "SendSms",
            {
                "PhoneNumberSet": [outgoing.to],
                "SmsSdkAppId": self._app_id,
                "TemplateId": outgoing.template,
                "SignName": outgoing.signature,
                "TemplateParamSet": [value for _, value in outgoing.variables],
                "SessionContext": outgoing.key,
            },
        )
        (status, *_) = answer.SendStatusSet or [None]
        if status is None or not status.Code:
            raise Uncertain("nonsense", "no status")
        if status.Code != "Ok" or not status.SerialNo:
            raise faults.judge(_TABLE, status.Code, status.Message or "")
        return Accepted(
            provider_id=status.SerialNo, parts=max(status.Fee or 0, lengths.parts(outgoing))
        )

    def receipts(self, request: Received) -> tuple[Receipt, ...]:
        """Read a list of outcomes."""
        proof.check_secret(request, self._callback_secret)
        return tuple(
            _receipt(
                serial=str(each["sid"]), status=str(each.get("report_status", "")),
                code=str(each.get("errmsg", "")), words=str(each.get("description", "")),
                at=pushes.beijing(each.get("user_receive_time")), phone=_phone(each),
            )
            for each in pushes.items(request)
            if "sid" in each
        )  # fmt: skip

    def inbound(self, request: Received) -> tuple[Inbound, ...]:
        """Read a reply; Tencent gives it no number, so its content is its name."""
        proof.check_secret(request, self._callback_secret)
        return tuple(
            Inbound(
                sender=_phone(each), to=str(each.get("extend") or ""), text=str(each["text"]),
                at=pushes.unix(each.get("time")),
                provider_id=pushes.digest(each),
            )
            for each in pushes.items(request)
            if "text" in each
        )  # fmt: skip

    def reply(self, request: Received) -> Reply:
        """Answer what makes Tencent stop repeating."""
        proof.check_secret(request, self._callback_secret)
        return Reply(body='{"result":0,"errmsg":"OK"}', content_type="application/json")

    def resolve(
        self, outgoing: Outgoing, *, since: datetime, now: datetime, provider_id: str = ""
    ) -> Receipt | Absent | None:
        """Look for our key or the serial number among the statuses of the phone.

        Never `Absent`: a status is there only once the carrier has reported.
        """
        if now - since > _KEPT:
            return None
        answer = self._ask(
            "PullSmsSendStatusByPhoneNumber",
            {
                "BeginTime": int(since.timestamp()),
                "EndTime": int(now.timestamp()),
                "Offset": 0,
                "Limit": 100,
                "PhoneNumber": outgoing.to,
                "SmsSdkAppId": self._app_id,
            },
            asking=True,
        )
        for each in answer.PullSmsSendStatusSet or ():
            if each.SessionContext == outgoing.key or (
                provider_id and each.SerialNo == provider_id
            ):
                return _receipt(
                    serial=each.SerialNo, status=each.ReportStatus or "",
                    code=each.Description or "", words="", key=outgoing.key,
                    at=datetime.fromtimestamp(each.UserReceiveTime or now.timestamp(), UTC),
                    phone=each.PhoneNumber or outgoing.to,
                )  # fmt: skip
        return None

    def submit(self, draft: Draft) -> str:
        """Hand in a template; what is not service counts as marketing with Tencent."""
        answer = self._ask(
            "AddSmsTemplate",
            {
                "TemplateName": draft.name,
                "TemplateContent": places.numbered(draft.text),
                "SmsType": 2 if draft.purpose == "service" else 1,
                "International": int(draft.abroad),
                "Remark": draft.remark,
            },
        )
        status = answer.AddTemplateStatus
        if status is None or not status.TemplateId:
            raise Uncertain("nonsense", "no template id")
        return str(status.TemplateId)

    def approval(self, template: str) -> Approval:
        """Ask how far Tencent is with a template, at home and abroad."""
        for abroad in (0, 1):
            asked = {"TemplateIdSet": [int(template)], "International": abroad}
            answer = self._ask("DescribeSmsTemplateList", asked, asking=True)
            for each in answer.DescribeTemplateStatusSet or ():
                if str(each.TemplateId) == template:
                    state = _AUDITS.get(each.StatusCode, "unknown")
                    return Approval(state=state, reason=each.ReviewReply or "")
        return Approval(state="unknown")

    def _ask(self, action: str, fields: Mapping[str, Any], *, asking: bool = False) -> Any:
        models = extras.load(f"{_PACKAGE}.models", extra=_EXTRA)
        client = self._client()
        request = getattr(models, f"{action}Request")()
        for name, value in fields.items():
            setattr(request, name, value)
        judged = _judged_asking if asking else _judged
        return requested.call(lambda: getattr(client, action)(request), judged=judged)

    def _client(self) -> Any:
        credential = extras.load("tencentcloud.common.credential", extra=_EXTRA)
        http = extras.load("tencentcloud.common.profile.http_profile", extra=_EXTRA)
        client = extras.load("tencentcloud.common.profile.client_profile", extra=_EXTRA)
        sms = extras.load(f"{_PACKAGE}.sms_client", extra=_EXTRA)
        scheme, _, host = (self._endpoint or "https://sms.tencentcloudapi.com").partition("://")
        profile = http.HttpProfile(
            protocol=scheme, endpoint=host,
            reqTimeout=(requested.CONNECT_SECONDS, self._timeout),
        )  # fmt: skip
        return sms.SmsClient(
            credential.Credential(self._secret_id, self._secret_key),
            self._region,
            client.ClientProfile(httpProfile=profile),
        )


def _judged(error: Exception) -> NotDone | None:
    """Return what an explicit answer means; only those have a request id."""
    code, request_id = getattr(error, "code", None), getattr(error, "requestId", None)
    if not code or not request_id or code in _NOT_ANSWERS:
        return None
    return faults.judge(_TABLE, str(code), "")


def _judged_asking(error: Exception) -> NotDone:
    return faults.while_asking(_judged(error), error)


def _receipt(
    *, serial: str, status: str, code: str, words: str, at: datetime, phone: str, key: str = ""
) -> Receipt:
    state: State = "delivered" if status == "SUCCESS" else "failed"
    reason = "" if state == "delivered" else carriers.reason(code)
    return Receipt(
        provider_id=serial, state=state, at=at, reason=reason, detail=f"{code} {words}".strip(),
        key=key, to=phone, gone=reason in faults.OF_THE_ADDRESS,
    )  # fmt: skip


def _phone(each: Mapping[str, Any]) -> str:
    return f"+{each.get('nationcode') or '86'}{each.get('mobile', '')}"
