"""Messages to a system of the chain's own, and its answers, signed as Standard Webhooks.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. Our key
is the ``webhook-id``, by which the other side knows a repetition. It reports back with
``message.delivered``, ``message.failed`` and ``message.received``, signed with the same secret.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from regulars.messages.gateways import faults, proof, wire
from regulars.messages.gateways.contract import (
    Absent,
    Accepted,
    Forged,
    Inbound,
    Outgoing,
    Rate,
    Receipt,
    Received,
    Refused,
    Reply,
    State,
    TryLater,
    Uncertain,
    Unreadable,
)

_STATES: Final[Mapping[str, State]] = {
    "message.delivered": "delivered",
    "message.failed": "failed",
}
_GONE: Final = 410
_BUSY: Final = 429


class Gateway:
    """One address of the chain. `secrets` are ``whsec_…`` with spaces between, the newest first."""

    name: Final = "webhook"
    rate: Final = Rate(count=20)

    def __init__(
        self,
        *,
        url: str,
        secrets: str,
        public_only: bool = True,
        timeout: float = wire.READ_SECONDS,
    ) -> None:
        """Take the address; `public_only` refuses those inside our own network.

        Raises ValueError for a secret that is none.
        """
        self._hooks = [_hook(each) for each in secrets.split()]
        self._url, self._public_only, self._timeout = url, public_only, timeout

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Post the message, signed with each secret so that one can be replaced."""
        if urlsplit(self._url).scheme not in {"https", "http"} or not self._hooks:
            raise _account("credentials-wrong", "no address or secret")
        body = json.dumps(_payload(outgoing, now), ensure_ascii=False)
        stamp = now.astimezone(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": outgoing.key,
            "webhook-timestamp": str(int(stamp.timestamp())),
            "webhook-signature": " ".join(
                hook.sign(outgoing.key, stamp, body) for hook in self._hooks
            ),
        }
        answer = wire.call(
            "POST", self._url, body.encode(), headers,
            read=self._timeout, public_only=self._public_only,
        )  # fmt: skip
        if 200 <= answer.status < 300:
            return Accepted(provider_id=outgoing.key)
        raise _fault(answer)

    def receipts(self, request: Received) -> tuple[Receipt, ...]:
        """Read what became of a message: ``data.key``, and for a failure ``data.reason``."""
        kind, data = self._event(request)
        state = _STATES.get(kind)
        if state is None:
            return ()
        key, reason = str(data.get("key") or ""), str(data.get("reason") or "refused")
        if not key:
            raise Unreadable("The event names no key.")
        known = reason if reason in faults.CODES else "refused"
        return (
            Receipt(
                provider_id=key, key=key, state=state, at=request.at,
                reason=known if state == "failed" else "",
                detail=str(data.get("detail") or "")[:300] if state == "failed" else "",
                gone=state == "failed" and known in faults.OF_THE_ADDRESS,
            ),
        )  # fmt: skip

    def inbound(self, request: Received) -> tuple[Inbound, ...]:
        """Read what a customer wrote: ``data.from`` and ``data.text``."""
        kind, data = self._event(request)
        if kind != "message.received":
            return ()
        return (
            Inbound(
                sender=str(data.get("from") or ""), to=str(data.get("to") or ""),
                text=str(data.get("text") or ""), at=request.at,
                provider_id=request.headers["webhook-id"],
            ),
        )  # fmt: skip

    def reply(self, request: Received) -> Reply:
        """Answer that the event is kept."""
        self._event(request)
        return Reply(status=204)

    def resolve(
        self, outgoing: Outgoing, *, since: datetime, now: datetime, provider_id: str = ""
    ) -> Receipt | Absent | None:
        """Say that it cannot be known: the other side reports, it is not asked."""
        return None

    def _event(self, request: Received) -> tuple[str, Mapping[str, Any]]:
        identifier = request.headers.get("webhook-id", "")
        stamp = request.headers.get("webhook-timestamp", "")
        proof.check_fresh(stamp, request.at)
        at = datetime.fromtimestamp(int(float(stamp)), UTC)
        given = request.headers.get("webhook-signature", "").split()
        content = request.body.decode(errors="replace")
        expected = [hook.sign(identifier, at, content) for hook in self._hooks]
        if not identifier or not any(proof.same(one, other) for one in given for other in expected):
            raise Forged("The signature of the callback is missing or wrong.")
        try:
            event = json.loads(content)
            return str(event["type"]), dict(event["data"])
        except (ValueError, TypeError, KeyError) as error:
            raise Unreadable("The callback is not an event with type and data.") from error


def _hook(secret: str) -> Webhook:
    """Read a secret strictly: the specification wants 24 to 64 bytes."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("A secret of a webhook is whsec_ and base64.") from error
    if not 24 <= len(key) <= 64:
        raise ValueError("A secret of a webhook is whsec_ and 24 to 64 bytes in base64.")
    return Webhook(key)


def _payload(outgoing: Outgoing, now: datetime) -> dict[str, Any]:
    return {
        "type": "message.outgoing",
        "timestamp": now.astimezone(UTC).isoformat(),
        "data": {
            "key": outgoing.key,
            "to": outgoing.to,
            "subject": outgoing.subject,
            "text": outgoing.text,
            "signature": outgoing.signature,
            "language": outgoing.language,
            "unsubscribe": outgoing.unsubscribe,
        },
    }


def _account(code: str, detail: str) -> TryLater:
    return TryLater(code, detail, after=faults.of_account(code).after)


def _fault(answer: wire.Answer) -> Exception:
    detail = f"HTTP {answer.status}"
    if answer.status == _GONE:
        return _account("account-blocked", detail)
    if answer.status == _BUSY:
        return TryLater("rate", detail, after=wire.retry_after(answer))
    if answer.status in {401, 403, 404} or 300 <= answer.status < 400:
        return _account("credentials-wrong", detail)
    if answer.status >= 500:
        return Uncertain("silent", detail)
    return Refused("refused", detail)
