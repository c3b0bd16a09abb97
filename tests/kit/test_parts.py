"""Text messages are counted in the parts that are charged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.kit import parts


@pytest.mark.parametrize(
    ("characters", "expected"),
    [(0, 0), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)],
)
def test_at_home_one_part_has_70_characters_and_several_have_67_each(
    characters: int, expected: int
) -> None:
    assert parts.measure("字" * characters, at_home=True).parts == expected
    assert parts.measure("a" * characters, at_home=True).parts == expected


def test_at_home_the_signature_in_its_brackets_counts() -> None:
    text = "字" * 64

    assert parts.measure(text, at_home=True, signature="【金叶珠宝】").units == 70
    assert parts.measure(text, at_home=True, signature="金叶珠宝") == parts.measure(
        text, at_home=True, signature="【金叶珠宝】"
    )
    assert parts.measure(text + "字", at_home=True, signature="金叶珠宝").parts == 2


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "expected"),
    [
        ("a" * 160, "gsm-7", 160, 1),
        ("a" * 161, "gsm-7", 161, 2),
        ("a" * 306, "gsm-7", 306, 2),
        ("a" * 307, "gsm-7", 307, 3),
        ("€" * 80, "gsm-7", 160, 1),
        ("€" * 81, "gsm-7", 162, 2),
        ("Ünter {[~]} |", "gsm-7", 19, 1),
        ("a" * 70 + "ç", "ucs-2", 71, 2),
        ("a" * 69 + "字", "ucs-2", 70, 1),
        ("字" * 70, "ucs-2", 70, 1),
        ("字" * 71, "ucs-2", 71, 2),
        ("🎂" * 35, "ucs-2", 70, 1),
    ],
)
def test_abroad_the_alphabet_decides(text: str, alphabet: str, units: int, expected: int) -> None:
    length = parts.measure(text, at_home=False)

    assert (length.alphabet, length.units, length.parts) == (alphabet, units, expected)


def test_no_sign_is_torn_between_two_parts() -> None:
    # 152 septets, then signs of two: none fits into the last septet of a part.
    assert parts.measure("a" * 152 + "€" * 77, at_home=False).parts == 3
    assert parts.measure("字" * 66 + "🎂" * 34, at_home=True).parts == 3


def test_what_is_left_is_what_the_last_part_still_takes() -> None:
    assert parts.measure("字" * 60, at_home=True).left == 10
    assert parts.measure("字" * 71, at_home=True).left == 63


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+8613800138000", True),
        ("+86 138 0013 8000", True),
        ("+85291234567", False),
        ("+886912345678", False),
        ("+6591234567", False),
    ],
)
def test_home_is_mainland_china(phone: str, expected: bool) -> None:
    assert parts.is_at_home(phone) is expected


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=500), st.booleans(), st.text(max_size=12))
def test_parts_never_hold_more_than_they_can(text: str, at_home: bool, signature: str) -> None:
    length = parts.measure(text, at_home=at_home, signature=signature)
    alone, joined = (160, 153) if length.alphabet == "gsm-7" else (70, 67)
    room = alone if length.parts <= 1 else joined * length.parts

    assert length.units + length.left <= room
    assert length.left >= 0
    # Every full part is filled but for less than one sign.
    assert length.parts <= 1 or length.units > (joined - 1) * (length.parts - 1)
