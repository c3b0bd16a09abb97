"""The lint, for texts nobody thought of: it never raises, is not fooled, and stays linear."""

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.kit import lint
from regulars.kit.care import PURPOSES
from tests import counts
from tests.kit.lint_corpus import Row, rows

SELLING = [row for row in rows() if row.label == "sells"]
HOSTILE = (
    "打", "8", "1,", "满1", "a ", "$1@", "http://", "new new ", "打，", "愿您新的一年平安喜乐，",
    "全场八折 ", "{", "1.", "x@1a.cn/", "8 ",
)  # fmt: skip
pieces = st.one_of(
    st.text(max_size=12),
    st.characters(),
    st.sampled_from(
        [
            "{customer.name}",
            "{guide.name}",
            "{x}",
            "八折",
            "8 折",
            "５０％ ｏｆｆ",
            "s a l e",
            "㍿",
            "⑩",
        ]
    ),
    st.sampled_from(
        ["http://t.cn/x", "【金叶】", "\x00\x01\x02", "\ud800", "İ", "ﬀ", "打，折", "满{x}减5"]
    ),
)
texts = st.lists(pieces, max_size=12).map("".join)


def fullwidth(words: str) -> str:
    """Return words in the widths of Chinese type."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in words)


def sown(sign: str) -> Callable[[str], str]:
    """Return what puts a sign between all characters."""
    return lambda words: sign.join(words)


DISGUISES = {
    "full width": fullwidth,
    "spaces": sown(" "),
    "full-width spaces": sown("\u3000"),
    "zero width": sown("\u200b"),
    "stars": sown("*"),
    "dots": sown("·"),
    "capitals": str.upper,
}


@settings(max_examples=120, deadline=None)
@given(texts, st.sampled_from(PURPOSES), st.sampled_from(["sms", "email", "call"]), texts)
def test_it_never_raises_and_marks_words_that_are_there(
    text: str, purpose: str, channel: str, subject: str
) -> None:
    draft = lint.Draft(
        text=text,
        subject=subject,
        purpose=purpose,  # type: ignore[arg-type]
        channel=channel,  # type: ignore[arg-type]
        values={"customer.name": subject, "guide.name": ""},
        recipients=40,
    )

    found = lint.findings(draft, lint.Policy(added=(subject, "珍珠"), allowed=(text,)))

    for each in found:
        whole = text if each.place == "text" else subject
        assert 0 <= each.start <= each.end <= len(whole)
        assert each.words == whole[each.start : each.end]
        assert set(each.reason.texts()) == {"zh-Hans", "zh-Hant", "en"}
    assert found == tuple(sorted(set(found)))


@pytest.mark.parametrize("how", DISGUISES)
def test_what_sells_is_found_in_every_disguise(how: str) -> None:
    escaped = []
    for row in SELLING:
        text = disguised(row, DISGUISES[how])
        if text and not any(
            each.code.startswith("sells-") for each in lint.findings(row.draft(text))
        ):
            escaped.append(text)

    assert escaped == []


def disguised(row: Row, disguise: Callable[[str], str]) -> str:
    """Return a text with everything that was found in it disguised; empty if that is nothing.

    Links stay as they are: a link with spaces in it leads nowhere.
    """
    found = [each for each in lint.findings(row.draft()) if each.code.startswith("sells-")]
    if not found or any(each.code == "sells-link" for each in found):
        return ""
    text, untouched = row.text, len(row.text)
    for each in sorted(found, key=lambda each: -each.start):
        if each.end <= untouched:
            text = text[: each.start] + disguise(each.words) + text[each.end :]
            untouched = each.start
    return text


def slope(judge: Callable[[str], object], unit: str) -> float:
    """Return how much longer a text eight times as long takes."""

    def best(length: int) -> float:
        text = (unit * length)[:length]
        spent = []
        for _ in range(3):
            begun = time.thread_time()
            judge(text)
            spent.append(time.thread_time() - begun)
        return min(spent)

    return best(8 * size()) / best(size())


def size() -> int:
    """Return the length of the shorter text."""
    return counts.of(1_000, proof=4_000)


@pytest.mark.proof("each hostile text, and one eight times as long")
@pytest.mark.parametrize("unit", HOSTILE)
def test_time_is_linear_in_hostile_texts(unit: str, record_property: counts.Note) -> None:
    found = slope(lambda text: lint.findings(lint.Draft(text=text, purpose="service")), unit)

    record_property("found", f"{found:.1f} times as long for {unit!r}")
    assert found < 24


def test_what_is_not_linear_would_be_noticed() -> None:
    unbounded = re.compile(r"[0-9]{2,}块")

    assert slope(unbounded.findall, "8") > 24
