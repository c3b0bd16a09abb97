"""Formulas in text: harmless on the way out, the same text again on the way in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.imports import safe
from regulars.imports.values import words

DANGEROUS = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1+1", "'=1"),
    *('=cmd|" /C calc"!A0', "\ufeff=1", "\u200b=1", "=HYPERLINK(1)", "''@x"),
)


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_dangerous_text_gets_an_apostrophe(text: str) -> None:
    assert safe.neutralise(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["张伟", "1+1", "a=b", "'quoted'", "", " ", "O'Neil", "2024-03-05"]
)
def test_a_harmless_text_is_left_alone(text: str) -> None:
    assert safe.neutralise(text) == text
    assert safe.restore(text) == text


@given(st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\n ＝\ufeffa1"), st.characters())))
def test_every_text_comes_back_as_it_went(text: str) -> None:
    assert safe.restore(safe.neutralise(text)) == text
    assert not safe.is_armed(safe.neutralise(text)) or safe.neutralise(text)[0] == "'"


@pytest.mark.parametrize("text", ["=1+1", "-老顾客", "@张", "'=x"])
def test_an_exported_text_is_imported_as_it_was(text: str) -> None:
    assert words.text(limit=80)(safe.neutralise(text)) == text
