"""How a phone number reads: E.164 inside, spaced as its country writes it, masked in the middle."""

import phonenumbers
from phonenumbers import PhoneNumberFormat

_MASK = "****"


def parse(text: str, *, region: str) -> str:
    """Return what a person typed as E.164.

    ``region`` is the country assumed without a prefix, such as ``CN``. Raises ValueError.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as fault:
        raise ValueError(text) from fault
    if not phonenumbers.is_possible_number(number):
        raise ValueError(text)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def revealed(e164: str) -> str:
    """Write a number for reading: ``138 0013 8000``; abroad with its country."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    if _is_chinese_mobile(e164):
        return f"{e164[3:6]} {e164[6:10]} {e164[10:]}"
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def masked(e164: str) -> str:
    """Write a number that may not be seen: ``138 **** 8000``; of others only the last digits."""
    if _is_chinese_mobile(e164):
        return f"{e164[3:6]} {_MASK} {e164[10:]}"
    digits = e164.lstrip("+")
    return f"{_MASK} {digits[-4:]}" if len(digits) > 8 else f"{_MASK} {digits[-2:]}"


def _is_chinese_mobile(e164: str) -> bool:
    return len(e164) == 14 and e164.startswith("+861")
