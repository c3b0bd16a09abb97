"""How a name and a phone number are written down, so that the same one is found again."""

import re
import unicodedata
from typing import Final

import phonenumbers
from django.utils.translation import gettext_lazy as _

from regulars.errors import Invalid

NAME_LENGTH: Final = 80
_HAN: Final = "㐀-鿿豈-﫿\U00020000-\U000323af"
_SPACE_IN_HAN = re.compile(f"(?<=[{_HAN}])\\s+(?=[{_HAN}])")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_MAINLAND_MOBILE = re.compile(r"1[3-9]\d{9}")
_PHONE_PUNCTUATION = re.compile(r"[\s().\-–—/]+")


class BadPhone(Invalid):
    """The text is no telephone number."""

    code = "bad-phone"
    sentence = _("This is not a telephone number we can read.")


class NameTooLong(Invalid):
    """A name of more than NAME_LENGTH characters."""

    code = "name-too-long"
    sentence = _("A name has at most 80 characters.")


def clean_name(text: str) -> str:
    """Return a name as it is stored: NFKC, no control characters, no spaces between Han characters.

    Raises NameTooLong. `clean_name(clean_name(x)) == clean_name(x)`.
    """
    if text.isascii() and text.isalnum():
        cleaned = text
    else:
        cleaned = unicodedata.normalize("NFKC", text)
        cleaned = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in cleaned)
        cleaned = _SPACE_IN_HAN.sub("", " ".join(cleaned.split()))
    if len(cleaned) > NAME_LENGTH:
        raise NameTooLong(fields={"name": [NameTooLong.sentence]})
    return cleaned


def clean_code(text: str) -> str:
    """Return a member code or a card's number as it is stored: NFKC, capitals, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def clean_phone(text: str, *, region: str) -> str | None:
    """Return a number as E.164, or None for nothing.

    `region` is the country assumed without a prefix, such as ``CN``. Raises BadPhone.
    """
    written = _PHONE_PUNCTUATION.sub("", unicodedata.normalize("NFKC", text))
    if not written:
        return None
    if region == "CN" and _MAINLAND_MOBILE.fullmatch(written):
        return f"+86{written}"
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException as fault:
        raise BadPhone(fields={"phone": [BadPhone.sentence]}) from fault
    if not phonenumbers.is_possible_number(number):
        raise BadPhone(fields={"phone": [BadPhone.sentence]})
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def is_e164(text: str) -> bool:
    """Say whether the text is a telephone number in E.164."""
    return _E164.fullmatch(text) is not None


def is_han(char: str) -> bool:
    """Say whether a character is a Chinese one."""
    return "㐀" <= char <= "鿿" or "\U00020000" <= char <= "\U000323af" or "豈" <= char <= "﫿"
