"""What a search finds a customer by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.customers import naming, search_terms, surnames

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=8)
ANY_NAME = st.text(max_size=60).map(naming.clean_name)


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("王小明", "wangxiaoming", "wxm"),
        ("欧阳锋", "ouyangfeng", "oyf"),
        ("长孙无忌", "zhangsunwuji", "zswj"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("Margaret Hamilton", "margarethamilton", "mh"),
        ("Ana Núñez-López", "ananunezlopez", "anl"),
        ("阿里木·买买提", "alimumaimaiti", "almmmt"),
        ("", "", ""),
        ("😀", "", ""),
    ],
)
def test_a_name_is_read_aloud(name: str, pinyin: str, initials: str) -> None:
    found = search_terms.of(name, None)

    assert (found.pinyin, found.initials) == (pinyin, initials)


@pytest.mark.parametrize(
    ("surname", "as_a_name", "as_a_word"),
    [
        ("单", "shan", "dan"),
        ("曾", "zeng", "ceng"),
        ("仇", "qiu", "chou"),
        ("解", "xie", "jie"),
        ("翟", "zhai", "di"),
        ("区", "ou", "qu"),
        ("查", "zha", "cha"),
        ("盖", "ge", "gai"),
    ],
)
def test_a_surname_with_two_readings_is_found_by_both(
    surname: str, as_a_name: str, as_a_word: str
) -> None:
    found = search_terms.of(f"{surname}小明", None)

    assert found.pinyin == f"{as_a_name}xiaoming"
    assert {as_a_word[:2], f"{as_a_word}xiaoming"[:10], f"{as_a_word[0]}xm"} <= {*found.tokens}


def test_a_given_name_is_found_by_its_characters_its_reading_and_its_initials() -> None:
    found = search_terms.of("王小明", None)

    assert {"小明", "xia", "xiaom", "xiaoming", "xm"} <= {*found.tokens}


def test_a_number_is_found_by_four_digits_of_its_last_eight() -> None:
    found = search_terms.of("", "+8613812345678")

    assert found.tokens == ["1234", "2345", "3456", "4567"]  # 5678 is the tail, which has an index


@given(HAN, HAN)
def test_a_name_that_begins_with_another_is_read_as_beginning_with_it(name: str, more: str) -> None:
    alone, longer = search_terms.of(name, None), search_terms.of(name + more, None)

    reads_as_one = (name + more)[:2] in surnames.DOUBLE_READINGS
    assert reads_as_one or longer.initials.startswith(alone.initials)
    assert reads_as_one or longer.pinyin.startswith(alone.pinyin[:100])


@given(ANY_NAME)
def test_any_name_has_terms_that_fit_their_columns(name: str) -> None:
    found = search_terms.of(name, "+8613800138000")

    assert len(found.pinyin) <= 120
    assert len(found.initials) <= 40
    assert len(found.tokens) <= 60
    assert len(set(found.tokens)) == len(found.tokens)
    assert not any("\x00" in token for token in found.tokens)
    assert found.pinyin[:1] == found.initials[:1]


@given(st.text(max_size=60))
def test_cleaning_a_clean_name_changes_nothing(text: str) -> None:
    once = naming.clean_name(text)

    assert naming.clean_name(once) == once


def test_a_name_loses_what_cannot_be_seen() -> None:
    assert naming.clean_name("　王\u200b 小 明\n") == "王小明"
    assert naming.clean_name("Ｍaria  del\tMar") == "Maria del Mar"


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(naming.NameTooLong):
        naming.clean_name("a" * 81)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("138 0013 8000", "+8613800138000"),
        ("＋86 138-0013-8000", "+8613800138000"),
        ("0086 13800138000", "+8613800138000"),
        ("(021) 6888 8888", "+862168888888"),
        ("+852 5123 4567", "+85251234567"),
        ("", None),
        (" - ", None),
    ],
)
def test_a_phone_is_stored_in_one_way_however_it_is_written(
    written: str, stored: str | None
) -> None:
    assert naming.clean_phone(written, region="CN") == stored


@pytest.mark.parametrize("written", ["12", "phone", "1" * 30, "+", "138001380001380"])
def test_what_is_no_phone_is_refused(written: str) -> None:
    with pytest.raises(naming.BadPhone):
        naming.clean_phone(written, region="CN")
