"""Words in three languages."""

import pytest

from regulars.kit import Label
from regulars.kit.labels import fill, language_of, placeholders

FULL = Label(zh_hans="会员", zh_hant="會員", en="Member")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh", "zh-Hans"),
        ("zh-hans", "zh-Hans"),
        ("zh_CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-Hant", "zh-Hant"),
        ("zh_TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("en", "en"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_any_tag_finds_the_nearest_language(tag: str, language: str) -> None:
    assert language_of(tag) == language


@pytest.mark.parametrize(
    ("label", "language", "text"),
    [
        (FULL, "zh-hans", "会员"),
        (FULL, "zh-hant", "會員"),
        (FULL, "en", "Member"),
        (Label(zh_hans="会员"), "zh-hant", "会员"),
        (Label(zh_hans="会员"), "en", "会员"),
        (Label(zh_hant="會員", en="Member"), "zh-hans", "會員"),
        (Label(en="Member"), "zh-hant", "Member"),
        (Label(), "en", ""),
    ],
)
def test_a_missing_language_falls_back(label: Label, language: str, text: str) -> None:
    assert label.text(language) == text


def test_a_label_is_plain_data_by_language() -> None:
    assert FULL.plain() == {"zh-Hans": "会员", "zh-Hant": "會員", "en": "Member"}
    assert Label(en="Member").texts() == {"en": "Member"}


def test_placeholders_are_filled_once_and_unknown_ones_stay() -> None:
    assert fill("{a} {b.c} {d}", {"a": "{d}", "b.c": "2"}) == "{d} 2 {d}"


@pytest.mark.parametrize(
    ("text", "names", "stray"),
    [
        ("{points} {customer.ring-size}", {"points", "customer.ring-size"}, False),
        ("plain", set(), False),
        ("{Points}", set(), True),
        ("{points", set(), True),
        ("{{points}}", {"points"}, True),
    ],
)
def test_placeholders_are_found_and_stray_braces_told(
    text: str, names: set[str], stray: bool
) -> None:
    assert placeholders(text) == (frozenset(names), stray)
