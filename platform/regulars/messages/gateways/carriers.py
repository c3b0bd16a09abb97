"""Codes of carriers in the receipts of Chinese text messages.

Carriers use the same codes for a phone that is switched off, one that is suspended and a number
that does not exist (https://mysubmail.com/documents/1XQAE4), so only what is beyond doubt closes an
address; the rest is "unreachable".
"""

from typing import Final

from regulars.messages.gateways import faults

_UNREACHABLE: Final = faults.refused("unreachable")
_TABLE: Final[faults.Table] = {
    "BLACK": faults.refused("opted-out"),
    "BLOCKED": faults.refused("opted-out"),
    "MOBILE_IN_BLACK": faults.refused("opted-out"),
    "UNSUBSCRIBE": faults.refused("opted-out"),
    "PHONEERR": faults.refused("address-wrong"),
    "KEYWORD": faults.refused("text-refused"),
    "KEYWORDS": faults.refused("text-refused"),
    "CONTENT_KEYWORD": faults.refused("text-refused"),
    "MOBILE_SEND_LIMIT": faults.refused("person-limit"),
    "BEYONDM": faults.refused("person-limit"),
    "BEYONDH": faults.refused("person-limit"),
    "BEYONDD": faults.refused("person-limit"),
}


def reason(code: str) -> str:
    """Return our code for why a text message did not arrive."""
    return faults.look_up(_TABLE, code.upper(), otherwise=_UNREACHABLE).code
