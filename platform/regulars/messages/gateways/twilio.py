"""Text messages abroad through Twilio and its official package ``twilio``.

Sending and statuses: https://www.twilio.com/docs/messaging/api/message-resource, callbacks and
their signature: https://www.twilio.com/docs/usage/webhooks/webhooks-security, errors:
https://www.twilio.com/docs/api/errors. Twilio knows no idempotency key, so ours travels in the
address of the status callback, and a receipt finds a message whose answer never came.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from regulars.messages.gateways import extras, faults, lengths, requested
from regulars.messages.gateways.contract import (
    Absent,
    Accepted,
    Forged,
    Inbound,
    Media,
    NotDone,
    Outgoing,
    Rate,
    Receipt,
    Received,
    Reply,
    State,
    TryLater,
    Uncertain,
)

_EXTRA: Final = "twilio"
_QUIET: Final = logging.getLogger(f"{__name__}.package")  # it would log phones
_QUIET.setLevel(logging.WARNING)
_SETTLED: Final = timedelta(minutes=10)  # after which a message that is not listed never came
_STATES: Final[Mapping[str, State]] = {
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
# REST errors, and the codes that come with failed and undelivered.
_TABLE: Final[faults.Table] = {
    "20003": faults.of_account("credentials-wrong"),
    "20404": faults.of_account("credentials-wrong"),
    "20005": faults.of_account("account-blocked"),
    "20429": faults.later("rate", minutes=0.5),
    "14107": faults.later("rate", minutes=0.5),
    "21211": faults.refused("address-wrong"),
    "21212": faults.of_account("credentials-wrong"),  # our own number is wrong
    "21408": faults.of_account("account-blocked"),  # no permission for this country
    "21606": faults.of_account("credentials-wrong"),
    "21610": faults.refused("opted-out"),
    "21611": faults.later("rate", minutes=5),  # our number's queue is full
    "21612": faults.refused("unreachable"),
    "21614": faults.refused("address-wrong"),
    "21617": faults.refused("too-long"),
    "30001": faults.later("rate", minutes=5),
    "30002": faults.of_account("account-blocked"),
    "30003": faults.refused("unreachable"),
    "30004": faults.refused("opted-out"),
    "30005": faults.refused("address-wrong"),
    "30006": faults.refused("address-wrong"),
    "30007": faults.refused("text-refused"),
    "30008": faults.refused("unreachable"),
    "30034": faults.of_account("account-blocked"),
    "30038": faults.refused("text-refused"),
    "30039": faults.refused("text-refused"),
    "30450": faults.refused("text-refused"),
}


class Gateway:
    """One chain's account. `sender` is a number, or a messaging service (``MG…``)."""

    name: Final = "twilio"
    rate: Final = Rate(count=10)  # a messaging service queues beyond what carriers take

    def __init__(
        self,
        *,
        account: str,
        token: str,
        sender: str,
        callback: str = "",
        endpoint: str = "",
        timeout: float = requested.READ_SECONDS,
    ) -> None:
        """Take the credentials, the public address of our callback, seconds to wait for answers."""
        self._account, self._token, self._sender = account, token, sender
        self._callback, self._endpoint, self._timeout = callback, endpoint, timeout

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Create a message, once. See `contract.Gateway.send`."""
        client = self._client()
        who = "messaging_service_sid" if self._sender.startswith("MG") else "from_"
        asked = {
            "to": outgoing.to,
            "body": lengths.whole(outgoing),
            who: self._sender,
            **({"status_callback": self._back(outgoing.key)} if self._callback else {}),
        }
        made = requested.call(lambda: client.messages.create(**asked), judged=_judged)
        if not made.sid:
            raise Uncertain("nonsense", "no sid")
        parts = made.num_segments or "0"
        return Accepted(provider_id=made.sid, parts=max(int(parts), lengths.parts(outgoing)))

    def receipts(self, request: Received) -> tuple[Receipt, ...]:
        """Read a status callback; what is on its way is no news."""
        form = self._form(request)
        status = form.get("MessageStatus", "")
        if status not in _STATES or "MessageSid" not in form:
            return ()
        return (
            _receipt(
                form["MessageSid"], status, form.get("ErrorCode", ""), request.at,
                key=request.query.get("key", ""), to=form.get("To", ""),
            ),
        )  # fmt: skip

    def inbound(self, request: Received) -> tuple[Inbound, ...]:
        """Read a message that came in, with its pictures."""
        form = self._form(request)
        if "Body" not in form or "MessageStatus" in form:
            return ()
        count = min(int(form["NumMedia"]), 10) if form.get("NumMedia", "").isdecimal() else 0
        media = tuple(
            Media(kind=form.get(f"MediaContentType{n}", ""), reference=form[f"MediaUrl{n}"])
            for n in range(count)
            if f"MediaUrl{n}" in form
        )
        return (
            Inbound(
                sender=form.get("From", ""), to=form.get("To", ""), text=form["Body"],
                at=request.at, provider_id=form.get("MessageSid", ""), media=media,
            ),
        )  # fmt: skip

    def reply(self, request: Received) -> Reply:
        """Answer with an empty TwiML document, which sends nothing."""
        self._form(request)
        return Reply(body="<Response/>", content_type="application/xml")

    def resolve(
        self, outgoing: Outgoing, *, since: datetime, now: datetime, provider_id: str = ""
    ) -> Receipt | Absent | None:
        """Fetch a known message; look among those to this number for one whose answer never came.

        Unknown ones are told by their text; two alike in that time cannot be told apart.
        """
        client = self._client()
        if provider_id:
            one = requested.call(client.messages(provider_id).fetch, judged=_judged_asking)
            return _as_receipt(one, outgoing.key, now)
        listed = requested.call(
            lambda: client.messages.list(
                to=outgoing.to, date_sent_after=since - timedelta(days=1), limit=200
            ),
            judged=_judged_asking,
        )
        text = lengths.whole(outgoing)
        alike = [
            each
            for each in listed
            if each.body == text and each.date_created and each.date_created >= _whole(since)
        ]
        if len(alike) == 1:
            return _as_receipt(alike[0], outgoing.key, now)
        return Absent() if not alike and now - since >= _SETTLED else None

    def _back(self, key: str) -> str:
        joint = "&" if "?" in self._callback else "?"
        return f"{self._callback}{joint}{urlencode({'key': key})}"

    def _client(self) -> Any:
        rest = extras.load("twilio.rest", extra=_EXTRA)
        module = extras.load("twilio.http.http_client", extra=_EXTRA)
        # A kept connection that was closed at the other end would make a message uncertain.
        http = module.TwilioHttpClient(pool_connections=False, logger=_QUIET)
        http.timeout = (requested.CONNECT_SECONDS, self._timeout)
        client = rest.Client(self._account, self._token, http_client=http)
        if self._endpoint:
            client.api.base_url = self._endpoint
        return client

    def _form(self, request: Received) -> dict[str, str]:
        validator = extras.load("twilio.request_validator", extra=_EXTRA)
        form = dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
        given = request.headers.get("x-twilio-signature", "")
        if not validator.RequestValidator(self._token).validate(request.url, form, given):
            raise Forged("The signature of the callback is missing or wrong.")
        return form


def _judged(error: Exception) -> NotDone | None:
    """Return what an explicit answer of Twilio means; a 5xx says nothing about the message."""
    code, status = getattr(error, "code", None), getattr(error, "status", None)
    if not isinstance(status, int) or status >= 500:
        return None
    fallback = faults.later("rate", minutes=0.5) if status == 429 else faults.REFUSED
    known = str(code or "")
    return faults.judge(_TABLE, known, f"HTTP {status}", otherwise=fallback)


def _judged_asking(error: Exception) -> NotDone:
    return _judged(error) or TryLater("away", type(error).__name__, after=timedelta(minutes=5))


def _as_receipt(message: Any, key: str, now: datetime) -> Receipt:
    at = message.date_updated or now
    code = str(message.error_code or "")
    return _receipt(message.sid, str(message.status), code, at, key=key, to=message.to or "")


def _receipt(sid: str, status: str, code: str, at: datetime, *, key: str, to: str) -> Receipt:
    state: State = _STATES.get(status, "accepted")
    reason = faults.look_up(_TABLE, code).code if state == "failed" else ""
    return Receipt(
        provider_id=sid, state=state, at=at, reason=reason, detail=code, key=key, to=to,
        gone=reason in faults.OF_THE_ADDRESS,
    )  # fmt: skip


def _whole(at: datetime) -> datetime:
    """Return the instant down to the second, as precise as Twilio's dates are."""
    return at.astimezone(UTC).replace(microsecond=0)
