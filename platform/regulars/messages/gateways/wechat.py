"""Template messages of a WeChat service account, and answers to those who wrote to it.

https://developers.weixin.qq.com/doc/service/guide/product/template_message/ (``client_msg_id``
keeps one person from getting the same message twice within ten minutes), outcome by the event
TEMPLATESENDJOBFINISH, messages in safe mode: see `sealed`. Answers say anything, for 48 hours and
five times after each message of the customer, and no event tells of them:
https://developers.weixin.qq.com/doc/service/en/api/customer/message/api_sendcustommessage.html
"""

import hashlib
from datetime import datetime
from typing import Final

from regulars.messages.gateways import faults, proof, pushes, sealed, tokens, weixin, wire
from regulars.messages.gateways.contract import (
    Absent,
    Accepted,
    Forged,
    Inbound,
    Media,
    Outgoing,
    Rate,
    Receipt,
    Received,
    Refused,
    Reply,
    Uncertain,
)

_BASE: Final = "https://api.weixin.qq.com"
_TABLE: Final[faults.Table] = {
    **weixin.SHARED,
    "40003": faults.refused("address-wrong"),
    "40036": faults.refused("template-wrong"),
    "40037": faults.refused("template-wrong"),
    "43004": faults.refused("not-following"),
    "43101": faults.refused("opted-out"),
    "47001": faults.refused("variables-wrong"),
    "47003": faults.refused("variables-wrong"),
    "45002": faults.refused("too-long"),
    "45015": faults.refused("answer-too-late"),
    "45047": faults.refused("answer-too-late"),
    "87014": faults.refused("text-refused"),
}


class Gateway:
    """One chain's service account."""

    name: Final = "wechat"
    rate: Final = Rate(count=50)  # 100,000 a day

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        token: str = "",
        aes_key: str = "",
        endpoint: str = "",
        timeout: float = wire.READ_SECONDS,
    ) -> None:
        """Take the account's id and secret, and what its callbacks are sealed with."""
        self._app_id, self._app_secret = app_id, app_secret
        self._token, self._aes_key = token, aes_key
        self._base, self._timeout = endpoint or _BASE, timeout
        secret = hashlib.sha256(app_secret.encode()).hexdigest()
        self._tokens = tokens.of(("wechat", self._base, app_id, secret), self._fetch)

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Send a template message; its places are those of the template at WeChat.

        An answer without a template goes as what WeChat calls a message of customer service.
        """
        if outgoing.answers and not outgoing.template:
            return self._answer(outgoing)
        if not outgoing.template:
            raise Refused("template-wrong", "A template with the provider's id is needed.")
        found = weixin.post(
            self._tokens,
            lambda held: weixin.query(
                self._base, "/cgi-bin/message/template/send", access_token=held
            ),
            {
                "touser": outgoing.to,
                "template_id": outgoing.template,
                "data": {name: {"value": value} for name, value in outgoing.variables},
                "client_msg_id": hashlib.sha256(outgoing.key.encode()).hexdigest()[:32],
                **({"url": outgoing.link} if outgoing.link else {}),
            },
            read=self._timeout,
        )
        if found["errcode"] != 0:
            raise weixin.fault(_TABLE, found)
        if "msgid" not in found:
            raise Uncertain("nonsense", "no msgid")
        return Accepted(provider_id=str(found["msgid"]))

    def _answer(self, outgoing: Outgoing) -> Accepted:
        found = weixin.post(
            self._tokens,
            lambda held: weixin.query(
                self._base, "/cgi-bin/message/custom/send", access_token=held
            ),
            {"touser": outgoing.to, "msgtype": "text", "text": {"content": outgoing.text}},
            read=self._timeout,
        )
        if found["errcode"] != 0:
            raise weixin.fault(_TABLE, found)
        return Accepted(provider_id=str(found.get("msgid") or outgoing.key))

    def receipts(self, request: Received) -> tuple[Receipt, ...]:
        """Read the event that a template message is done, and a person who stops following."""
        if request.method == "GET":
            return ()
        fields = self._envelope().open(request)
        if fields.get("Event") != "TEMPLATESENDJOBFINISH":
            return ()
        status = fields.get("Status", "")
        reason = "" if status == "success" else "unreachable"
        if "block" in status:
            reason = "opted-out"
        return (
            Receipt(
                provider_id=fields.get("MsgID", ""), to=fields.get("FromUserName", ""),
                state="failed" if reason else "delivered", at=pushes.unix(fields.get("CreateTime")),
                reason=reason, detail=status, gone=reason == "opted-out",
            ),
        )  # fmt: skip

    def inbound(self, request: Received) -> tuple[Inbound, ...]:
        """Read what a follower wrote or sent."""
        if request.method == "GET":
            return ()
        return inbound(self._envelope().open(request))

    def reply(self, request: Received) -> Reply:
        """Answer the check of a new address, else "success"."""
        if request.method == "GET":
            query = request.query
            at, nonce = query.get("timestamp", ""), query.get("nonce", "")
            expected = sealed.signature(self._token, at, nonce, "")
            if not self._token or not proof.same(query.get("signature", ""), expected):
                raise Forged("The signature of the callback is missing or wrong.")
            proof.check_fresh(at, request.at)
            return Reply(body=query.get("echostr", ""))
        self._envelope().open(request)
        return Reply(body="success")

    def resolve(
        self, outgoing: Outgoing, *, since: datetime, now: datetime, provider_id: str = ""
    ) -> Receipt | Absent | None:
        """Say that it cannot be known: WeChat has no question for it, only the event."""
        return None

    def _envelope(self) -> sealed.Envelope:
        return sealed.Envelope(token=self._token, aes_key=self._aes_key, owner=self._app_id)

    def _fetch(self, forced: bool) -> tokens.Token:
        asked = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._app_secret,
            "force_refresh": forced,
        }
        return weixin.token(f"{self._base}/cgi-bin/stable_token", asked)


def inbound(fields: dict[str, str]) -> tuple[Inbound, ...]:
    """Read a message of a person, as WeChat and WeCom write it; events are none."""
    kind = fields.get("MsgType", "event")
    if kind == "event" or not fields.get("MsgId"):
        return ()
    media = (Media(kind=kind, reference=fields["MediaId"]),) if fields.get("MediaId") else ()
    return (
        Inbound(
            sender=fields.get("FromUserName", ""), to=fields.get("ToUserName", ""),
            text=fields.get("Content") or fields.get("Recognition", ""),
            at=pushes.unix(fields.get("CreateTime")), provider_id=fields["MsgId"], media=media,
        ),
    )  # fmt: skip
