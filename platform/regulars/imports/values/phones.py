"""Phone numbers in E.164."""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat

from regulars.imports.cells import Cell
from regulars.imports.values.base import Parser, Unfit, plain

_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_MASKED = re.compile(r"\d{2,}[*xX•＊]{2,}\d*")
_SEVERAL = re.compile(r"\d{5,}\s*[/,;、|\n]+\s*\+?\d{5,}|\d{11}\s+\d{11}")
_FRACTION = re.compile(r"(\d+)\.0+")
_LETTERS = re.compile(r"[^\W\d_]")
_EXTENSION = re.compile(r"(转|轉|ext\.?|x|#)\s?\d{1,6}$", re.IGNORECASE)
_LONGEST = 40


class _Mobile(NamedTuple):
    prefix: str
    pattern: re.Pattern[str]
    trunk: str
    length: int


@cache
def _mobile(region: str) -> _Mobile | None:
    """Return how mobile numbers of the region look, by the library's own description."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.mobile is None or not metadata.mobile.national_number_pattern:
        return None
    pattern = re.compile(metadata.mobile.national_number_pattern)
    return _Mobile(
        prefix=f"+{metadata.country_code}",
        pattern=pattern,
        trunk=metadata.national_prefix or "",
        length=max(metadata.mobile.possible_length),
    )


def phone(*, region: str) -> Parser[str]:
    """Read a phone number; one without a country code belongs to `region` (ISO 3166, as ``CN``).

    The plain mobile number of the region, by far the commonest, takes a shortcut that gives what
    the library would give; a test holds them together.
    """
    mobile = _mobile(region)

    def read(cell: Cell) -> str | None:
        text = str(cell) if type(cell) is int else plain(cell)
        if mobile and text.isascii() and text.isdecimal() and text[:1] != mobile.trunk:
            is_mobile = mobile.pattern.fullmatch(text)
            return mobile.prefix + text if is_mobile else parsed(text, region)
        return parsed(text, region) if text else None

    return read


def written(e164: str, *, region: str) -> str:
    """Write a number so that `phone` of the region reads the same again: digits alone at home."""
    mobile = _mobile(region)
    if mobile and e164.startswith(mobile.prefix):
        digits = e164.removeprefix(mobile.prefix)
        if digits[:1] != mobile.trunk and mobile.pattern.fullmatch(digits):
            return digits
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    try:
        is_same = phone(region=region)(national) == e164
    except Unfit:
        is_same = False
    return national if is_same else e164


def parsed(text: str, region: str) -> str:
    """Read a written number.

    :raises Unfit: with what is wrong: damaged by a spreadsheet, masked, several in one cell, too
        short or long, an area code missing, or not a number in use.
    """
    if fraction := _FRACTION.fullmatch(text):
        text = fraction[1]
    if _SCIENTIFIC.fullmatch(text):
        raise Unfit("phone.damaged")
    if _MASKED.search(text[:_LONGEST]):
        raise Unfit("phone.masked")
    if _SEVERAL.search(text[: 3 * _LONGEST]):
        raise Unfit("phone.several")
    text = _EXTENSION.sub("", text[: _LONGEST + 1]).strip()
    if len(text) > _LONGEST or _LETTERS.search(text):
        raise Unfit("phone.format")
    try:
        number = phonenumbers.parse(_prefixed(text, region), region)
    except phonenumbers.NumberParseException:
        raise Unfit("phone.format") from None
    if not phonenumbers.is_valid_number(number):
        raise Unfit(_reason(number, region))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _prefixed(text: str, region: str) -> str:
    """Give a country code written without its plus (``86 138…``, ``0086…``) its plus."""
    code = str(phonenumbers.country_code_for_region(region))
    digits = re.sub(r"\D", "", text)
    mobile = _mobile(region)
    for written in (f"00{code}", code):
        national = digits.removeprefix(written)
        if national != digits and mobile and mobile.pattern.fullmatch(national):
            return f"+{code}{national}"
    return text


def _reason(number: phonenumbers.PhoneNumber, region: str) -> str:
    mobile = _mobile(region)
    digits = str(number.national_number)
    if mobile and f"+{number.country_code}" == mobile.prefix:
        if mobile.pattern.fullmatch(digits[: mobile.length]):
            return "phone.too-long"
        if len(digits) > mobile.length // 2 + 1 and mobile.pattern.fullmatch(
            digits.ljust(mobile.length, "0")
        ):
            return "phone.too-short"
    return {
        phonenumbers.ValidationResult.TOO_SHORT: "phone.too-short",
        phonenumbers.ValidationResult.TOO_LONG: "phone.too-long",
        phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "phone.no-area-code",
    }.get(phonenumbers.is_possible_number_with_reason(number), "phone.not-in-use")
