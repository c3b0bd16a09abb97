"""A message as an e-mail: RFC 5322, with one-click unsubscribing after RFC 8058."""

import re
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final

from regulars.messages.gateways.contract import Outgoing, Refused

_POLICY: Final = SMTP.clone(cte_type="7bit")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def letter(outgoing: Outgoing, *, sender: str, reply_to: str, now: datetime) -> EmailMessage:
    """Compose the e-mail: plain text, and HTML beside it when there is some.

    `sender` is ours, ``Name <address>``; the shop's signature stands as its name. Raises `Refused`
    for a wrong address and for control characters where they would begin a header of their own.
    """
    values = (outgoing.key, outgoing.to, outgoing.subject, outgoing.signature, outgoing.unsubscribe)
    if any(_CONTROL.search(value) for value in values):
        raise Refused("header-unsafe")
    name, ours = parseaddr(sender)
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(ours, outgoing.signature or name)
    message["To"] = _address(outgoing.to)
    if reply_to:
        message["Reply-To"] = _address(reply_to)
    message["Subject"] = outgoing.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(outgoing.key, ours)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers of machines to machines
    if outgoing.unsubscribe.startswith("https://"):
        message["List-Unsubscribe"] = f"<{outgoing.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(outgoing.text, cte="base64")
    if outgoing.html:
        message.add_alternative(outgoing.html, subtype="html", cte="base64")
    message["Content-Language"] = outgoing.language  # setting content would drop it
    return message


def message_id(key: str, sender: str) -> str:
    """Return the Message-ID: the same for each attempt at the same message."""
    return f"<{key}@{sender.rpartition('@')[2]}>"


def key_of(identifier: str) -> str:
    """Return our key out of a Message-ID, or nothing."""
    return identifier.strip().strip("<>").rpartition("@")[0]


def spec(address: str) -> str:
    """Return an address for the envelope: one, with its domain in ASCII. Raises `Refused`."""
    name, at, domain = address.rpartition("@")
    try:
        wire = f"{name}@{domain.encode('idna').decode()}" if at else ""
        Address(addr_spec=wire)
        wire.encode("ascii")
    except (ValueError, IndexError, HeaderParseError) as error:
        raise Refused("address-wrong", type(error).__name__) from None
    if not name or not domain or any(sign in address for sign in " ,;<>"):
        raise Refused("address-wrong")
    return wire


def _address(address: str, name: str = "") -> Address:
    return Address(display_name=name, addr_spec=spec(address))
