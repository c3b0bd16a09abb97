"""WeCom: application messages to staff, and messages to customers that the guide confirms.

Application: https://developer.work.weixin.qq.com/document/path/90236. Customers ("external
contacts"): a task is put before the guide, who sends it with one tap,
https://developer.work.weixin.qq.com/document/path/92135; what became of it is asked for,
https://developer.work.weixin.qq.com/document/path/93338. Callbacks: see `sealed`.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from regulars.messages.gateways import faults, sealed, tokens, wechat, weixin, wire
from regulars.messages.gateways.contract import (
    Absent,
    Accepted,
    Inbound,
    Outgoing,
    Rate,
    Receipt,
    Received,
    Refused,
    Reply,
    TryLater,
    Uncertain,
)

_BASE: Final = "https://qyapi.weixin.qq.com"
_LONGEST: Final = 2048  # bytes of an application message; what is beyond would be cut off
_TABLE: Final[faults.Table] = {
    **weixin.SHARED,
    "40003": faults.refused("address-wrong"),
    "40056": faults.of_account("credentials-wrong"),
    "40058": faults.refused("variables-wrong"),
    "40096": faults.refused("not-following"),  # no such external contact
    "41048": faults.refused("not-following"),  # nobody left to send to
    "44004": faults.refused("refused"),
    "45002": faults.refused("too-long"),
    "60011": faults.of_account("account-blocked"),
    "60020": faults.of_account("credentials-wrong"),  # our address is not on their list
    "60111": faults.refused("address-wrong"),
    "81013": faults.refused("address-wrong"),
    "84061": faults.refused("not-following"),
    "301002": faults.of_account("account-blocked"),
}
# Of one customer in a task: 0 not yet sent by the guide, 1 sent.
_FAILED: Final[Mapping[int, str]] = {2: "not-following", 3: "person-limit"}


class Gateway:
    """One chain's company, application and secret."""

    name: Final = "wecom"
    # A member takes 30 a minute and 1,000 an hour, a customer what their guide wants to send.
    rate: Final = Rate(count=20, person=((30, timedelta(minutes=1)), (1000, timedelta(hours=1))))

    def __init__(
        self,
        *,
        corp_id: str,
        secret: str,
        agent_id: str,
        token: str = "",
        aes_key: str = "",
        endpoint: str = "",
        timeout: float = wire.READ_SECONDS,
    ) -> None:
        """Take the company's id, the application's id and secret, and how callbacks are sealed."""
        self._corp_id, self._secret, self._agent_id = corp_id, secret, agent_id
        self._token, self._aes_key = token, aes_key
        self._base, self._timeout = endpoint or _BASE, timeout
        digest = hashlib.sha256(secret.encode()).hexdigest()
        self._tokens = tokens.of(("wecom", self._base, corp_id, digest), self._fetch)

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Write to a member at once, or put a task for a customer before `outgoing.sender`."""
        return self._to_customer(outgoing) if outgoing.sender else self._to_member(outgoing)

    def receipts(self, request: Received) -> tuple[Receipt, ...]:
        """Return nothing: WeCom reports nothing by itself, ask with `resolve`."""
        if request.method != "GET":
            self._envelope().open(request)
        return ()

    def inbound(self, request: Received) -> tuple[Inbound, ...]:
        """Read what a member wrote to the application."""
        return wechat.inbound(self._envelope().open(request)) if request.method != "GET" else ()

    def reply(self, request: Received) -> Reply:
        """Answer the check of a new address with what was sealed in it, else with nothing."""
        if request.method == "GET":
            return Reply(body=self._envelope().echo(request))
        self._envelope().open(request)
        return Reply()

    def resolve(
        self, outgoing: Outgoing, *, since: datetime, now: datetime, provider_id: str = ""
    ) -> Receipt | Absent | None:
        """Ask whether the guide has sent a customer's message."""
        if not provider_id or not outgoing.sender:
            return None
        asked = {"msgid": provider_id, "userid": outgoing.sender, "limit": 1000}
        try:
            found = self._post("externalcontact/get_groupmsg_send_result", asked)
        except Uncertain as error:  # asking sends nothing
            raise TryLater("away", error.detail, after=timedelta(minutes=5)) from None
        for each in found.get("send_list") or ():
            if each.get("external_userid") == outgoing.to:
                return _of_task(each, provider_id, outgoing, now)
        return None

    def _to_member(self, outgoing: Outgoing) -> Accepted:
        if len(outgoing.text.encode()) > _LONGEST:
            raise Refused("too-long")
        found = self._post(
            "message/send",
            {
                "touser": outgoing.to,
                "msgtype": "text",
                "agentid": int(self._agent_id),
                "text": {"content": outgoing.text},
            },
        )
        if outgoing.to.lower() in str(found.get("invaliduser") or "").lower().split("|"):
            raise Refused("address-wrong", "invaliduser")
        return Accepted(provider_id=_msgid(found))

    def _to_customer(self, outgoing: Outgoing) -> Accepted:
        found = self._post(
            "externalcontact/add_msg_template",
            {
                "chat_type": "single",
                "external_userid": [outgoing.to],
                "sender": outgoing.sender,
                "text": {"content": outgoing.text},
            },
        )
        if outgoing.to in (found.get("fail_list") or ()):
            raise Refused("not-following", "fail_list")
        return Accepted(provider_id=_msgid(found))

    def _post(self, path: str, value: Mapping[str, Any]) -> dict[str, Any]:
        found = weixin.post(
            self._tokens,
            lambda held: weixin.query(self._base, f"/cgi-bin/{path}", access_token=held),
            value,
            read=self._timeout,
        )
        if found["errcode"] != 0:
            raise weixin.fault(_TABLE, found)
        return found

    def _envelope(self) -> sealed.Envelope:
        return sealed.Envelope(token=self._token, aes_key=self._aes_key, owner=self._corp_id)

    def _fetch(self, forced: bool) -> tokens.Token:
        """Ask for the token; WeCom itself decides whether it is a new one."""
        asked = {"corpid": self._corp_id, "corpsecret": self._secret}
        return weixin.token(weixin.query(self._base, "/cgi-bin/gettoken", **asked))


def _msgid(found: Mapping[str, Any]) -> str:
    if not found.get("msgid"):
        raise Uncertain("nonsense", "no msgid")
    return str(found["msgid"])


def _of_task(
    each: Mapping[str, Any], provider_id: str, outgoing: Outgoing, now: datetime
) -> Receipt:
    status = int(each.get("status") or 0)
    seconds = int(each.get("send_time") or 0)
    reason = _FAILED.get(status, "")
    return Receipt(
        provider_id=provider_id,
        state="failed" if reason else "delivered" if status == 1 else "accepted",
        at=datetime.fromtimestamp(seconds, UTC) if seconds else now,
        reason=reason,
        detail=str(status),
        key=outgoing.key,
        to=outgoing.to,
        gone=reason in faults.OF_THE_ADDRESS,
    )
