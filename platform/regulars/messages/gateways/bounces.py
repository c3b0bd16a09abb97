"""Raw mail that comes back: delivery reports, complaints and replies of people.

RFC 3464 (delivery status), RFC 5965 (complaints), RFC 3834 (answers of machines).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message, MIMEPart
from email.policy import default
from email.utils import parseaddr, parsedate_to_datetime
from typing import Final

from regulars.messages.gateways import faults, letters
from regulars.messages.gateways.contract import Inbound, Media, Receipt, State, Unreadable

_STATES: Final[Mapping[str, State]] = {
    "failed": "failed",
    "delayed": "accepted",
    "delivered": "delivered",
    "relayed": "accepted",
    "expanded": "accepted",
}
_TABLE: Final[faults.Table] = {
    "5.1": faults.refused("address-wrong"),
    "5.2.1": faults.refused("address-wrong"),
    "5.2.2": faults.refused("mailbox-full"),
    "5.2.3": faults.refused("too-long"),
    "5.3.4": faults.refused("too-long"),
    "5.7": faults.refused("text-refused"),
    "4.2.2": faults.refused("mailbox-full"),
}
_UNKNOWN: Final = faults.refused("unreachable")
_KEY: Final = re.compile(r"\+([A-Za-z0-9_-]{1,64})@")
_LONGEST: Final = 20_000  # characters of a reply that are kept


def receipts(raw: bytes, *, at: datetime) -> tuple[Receipt, ...]:
    """Return what a report says of our messages; nothing for mail that is no report."""
    message = _read(raw)
    if message.get_content_type() != "multipart/report":
        return ()
    kind = str(message.get_param("report-type") or "").lower()
    if kind == "delivery-status":
        return tuple(_delivery(message, at))
    return _complaint(message, at) if kind == "feedback-report" else ()


def replies(raw: bytes, *, at: datetime) -> tuple[Inbound, ...]:
    """Return what a person wrote; nothing for reports and automatic answers."""
    message = _read(raw)
    automatic = str(message["Auto-Submitted"] or "no").lower() != "no"
    bulk = str(message["Precedence"] or "").lower() in {"bulk", "junk", "auto_reply"}
    if message.get_content_type() == "multipart/report" or automatic or bulk:
        return ()
    body = message.get_body(preferencelist=("plain",))
    media = tuple(
        Media(kind=part.get_content_type(), reference=part.get_filename() or "")
        for part in message.iter_attachments()
    )
    return (
        Inbound(
            sender=parseaddr(str(message["From"] or ""))[1],
            to=parseaddr(str(message["To"] or ""))[1],
            text=_text(body)[:_LONGEST] if body else "",
            at=_date(message, at),
            provider_id=letters.key_of(str(message["Message-ID"] or "")),
            media=media,
        ),
    )


def _text(body: MIMEPart) -> str:
    """Return what a part says; in a character set that nobody knows, as much as is readable."""
    try:
        return str(body.get_content())
    except (LookupError, ValueError):
        payload = body.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    if not message.keys():
        raise Unreadable("This is no mail.")
    return message


def _delivery(report: EmailMessage, at: datetime) -> Iterator[Receipt]:
    blocks = _blocks(report, "message/delivery-status")
    if not blocks:
        raise Unreadable("The report has no delivery status.")
    key = _key(report, blocks[0])
    for block in blocks[1:]:
        state = _STATES.get(str(block["Action"] or "").strip().lower())
        if state is None or not key:
            continue
        status = str(block["Status"] or "").split()[:1]
        code = status[0] if status else ""
        reason = ""
        if state == "failed":
            reason = faults.look_up(_TABLE, code, otherwise=_UNKNOWN).code
        yield Receipt(
            provider_id=key, key=key, state=state, at=_date(report, at), reason=reason,
            detail=f"{code} {_after_semicolon(block['Diagnostic-Code'])}".strip()[:300],
            to=_after_semicolon(block["Original-Recipient"] or block["Final-Recipient"]),
            gone=reason in faults.OF_THE_ADDRESS,
        )  # fmt: skip


def _complaint(report: EmailMessage, at: datetime) -> tuple[Receipt, ...]:
    """The person pressed "this is spam": it arrived, and nothing may follow."""
    key = _key(report, Message())
    if not key:
        return ()
    return (
        Receipt(
            provider_id=key, key=key, state="delivered", at=_date(report, at),
            reason="opted-out", gone=True,
        ),
    )  # fmt: skip


def _key(report: EmailMessage, about: Message) -> str:
    """Return our key: from the envelope, else the mail that comes with it, else the address."""
    envelope = str(about["Original-Envelope-Id"] or "").strip()
    if envelope:
        return envelope
    for inner in _returned(report):
        if inner["Message-ID"]:
            return letters.key_of(str(inner["Message-ID"]))
    found = _KEY.search(str(report["To"] or ""))
    return found[1] if found else ""


def _returned(report: EmailMessage) -> Iterator[Message]:
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            yield message_from_bytes(headers if isinstance(headers, bytes) else b"")
        elif part.get_content_type() == "message/rfc822":
            yield from (each for each in part.get_payload() if isinstance(each, Message))


def _blocks(report: EmailMessage, kind: str) -> list[Message]:
    for part in report.walk():
        if part.get_content_type() == kind:
            payload = part.get_payload()
            return [each for each in payload if isinstance(each, Message)]
    return []


def _after_semicolon(value: object) -> str:
    return str(value or "").partition(";")[2].strip()


def _date(message: EmailMessage, at: datetime) -> datetime:
    try:
        found = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return at
    return found if found.tzinfo and found <= at else at
