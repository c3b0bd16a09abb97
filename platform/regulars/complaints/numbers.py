"""The number a customer is told, and the token in the private link to their complaint.

The number is for reading aloud: year and month, six digits by chance, and a check digit. It opens
nothing. The token does; it is signed, so it can be sent again and cannot be guessed.
"""

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from django.core import signing

from regulars.tenancy import context

_SALT: Final = "regulars.complaints.link"
_DIGITS: Final = 6


def new(now: datetime) -> str:
    """Return a number such as ``2611-482107-3``."""
    body = f"{now:%y%m}{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    return f"{body[:4]}-{body[4:]}-{_check_digit(body)}"


def read(text: str) -> str | None:
    """Return a number as it is written down, from what somebody typed; None if it is none."""
    digits = "".join(each for each in text if each.isdecimal() and each.isascii())
    if len(digits) != 4 + _DIGITS + 1 or _check_digit(digits[:-1]) != digits[-1]:
        return None
    return f"{digits[:4]}-{digits[4:-1]}-{digits[-1]}"


def token(case_id: UUID) -> str:
    """Return what the private link of a complaint carries; it holds in this chain only."""
    return _signer().sign(case_id.hex)


def opened(token: str) -> UUID | None:
    """Return whose token this is; None for one that is not ours."""
    try:
        return UUID(hex=_signer().unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def _signer() -> signing.Signer:
    return signing.Signer(salt=f"{_SALT}:{context.current().id}")


def _check_digit(digits: str) -> str:
    """Return the digit of Luhn: it notices a wrong one, and most neighbours that changed places."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
