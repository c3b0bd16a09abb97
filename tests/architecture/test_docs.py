"""The documents: Chinese pages say what the English ones say, and every link leads somewhere.

A page of docs/zh-Hans is held to the English page of its name, section by section: the same
headings, paragraphs, tables, fenced blocks, code spans and links, and every number that stands in
figures. What a program can compare is compared; whether the sentences agree is for people.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
CHINESE: Final = DOCS / "zh-Hans"
PAGES: Final = sorted(page.name for page in CHINESE.glob("*.md"))
LINKED: Final = sorted(
    path
    for pattern in ("docs/**/*.md", "README*.md", "verticals/*/README.md", "deploy/*.md")
    for path in ROOT.glob(pattern)
)
FENCED: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN: Final = re.compile(r"`([^`\n]+)`")
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
HEADING: Final = re.compile(r"^(#+) (.+)$", re.MULTILINE)
NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
ITEM: Final = re.compile(r"^(?:- |\d+\. )", re.MULTILINE)
ROWS: Final = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)


def sections(page: str) -> list[tuple[int, str]]:
    """Return level and text of each section of a page, without its fenced blocks."""
    text = FENCED.sub("", page)
    found = list(HEADING.finditer(text))
    ends = [*(each.start() for each in found[1:]), len(text)]
    return [(len(each[1]), text[each.start() : end]) for each, end in zip(found, ends, strict=True)]


def spans(section: str) -> set[str]:
    """Return what stands in backticks, lines that were wrapped joined again."""
    return set(SPAN.findall(re.sub(r"(?<!\|)\n(?!\n|\|)", " ", section)))


def numbers(section: str) -> set[str]:
    """Return the figures of a section, its addresses left out, without separators of thousands."""
    return {each.replace(",", "") for each in NUMBER.findall(LINK.sub("]", section))}


def tables(section: str) -> list[list[int]]:
    """Return how many cells each row of each table has."""
    bare = SPAN.sub("", section)
    return [[row.count("|") for row in each.splitlines()] for each in ROWS.findall(bare + "\n")]


def parts(section: str) -> list[int]:
    """Return how many paragraphs and how many items of lists a section has."""
    return [len(re.findall(r"\n\n+(?=\S)", section)), len(ITEM.findall(section))]


def differences(english: str, chinese: str) -> Iterator[str]:
    """Yield what a program can see of a Chinese page that left its English one."""
    if FENCED.findall(english) != FENCED.findall(chinese):
        yield "the fenced blocks differ"
    theirs, ours = sections(english), sections(chinese)
    if [level for level, _ in theirs] != [level for level, _ in ours]:
        yield "the headings differ"
        return
    for (_, one), (_, other) in zip(theirs, ours, strict=True):
        head = one.partition("\n")[0]
        if spans(one) != spans(other):
            yield f"{head}: code in one page only: {sorted(spans(one) ^ spans(other))}"
        if numbers(one) - numbers(other):
            yield f"{head}: figures that are missing: {sorted(numbers(one) - numbers(other))}"
        if parts(one) != parts(other):
            yield f"{head}: other paragraphs or items: {parts(one)} and {parts(other)}"
        if tables(one) != tables(other):
            yield f"{head}: the tables have other rows or columns"


def targets(path: Path) -> list[tuple[Path, str]]:
    """Return file and anchor of every link of a page that stays in the repository."""
    text = SPAN.sub("", FENCED.sub("", path.read_text("utf-8")))
    inside = [each for each in LINK.findall(text) if not re.match(r"[a-z]+:", each)]
    parted = [each.partition("#") for each in inside]
    return [((path.parent / file).resolve() if file else path, at) for file, _, at in parted]


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    heads = [text for _, text in HEADING.findall(FENCED.sub("", path.read_text("utf-8")))]
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in heads}


@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_page_says_what_the_english_one_says(name: str) -> None:
    english = (DOCS / name).read_text("utf-8")
    chinese = (CHINESE / name).read_text("utf-8")

    assert list(differences(english, chinese)) == []


@pytest.mark.parametrize("name", PAGES)
def test_both_pages_lead_to_each_other_and_to_the_same_places(name: str) -> None:
    english, chinese = DOCS / name, CHINESE / name
    theirs = {file for file, _ in targets(english)}
    ours = {file for file, _ in targets(chinese)}

    assert chinese in theirs
    assert english in ours
    told = {CHINESE / file.name if file.parent == DOCS else file for file in theirs - {chinese}}
    expected = {file if file.exists() else DOCS / file.name for file in told}
    assert ours - {english, chinese} == expected - {chinese}


def test_a_page_that_left_its_original_is_noticed() -> None:
    english = (
        "# A\n\nAt most 1,200 of `this`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```sh\nls\n```\n"
    )
    same = "# 甲\n\n`this` 最多 1200。\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n```sh\nls\n```\n"
    changed = (
        ("1200", "120"),
        ("`this`", "`that`"),
        ("| 1 | 2 |\n", ""),
        ("ls", "rm"),
        ("# ", "## "),
        ("最多 ", "最多\n\n"),
    )

    assert list(differences(english, same)) == []
    for before, after in changed:
        assert list(differences(english, same.replace(before, after))) != []


@pytest.mark.parametrize("path", LINKED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_inside_leads_to_something(path: Path) -> None:
    lost = [
        f"{file.name}#{at}"
        for file, at in targets(path)
        if not file.exists() or (at and file.suffix == ".md" and at not in anchors(file))
    ]

    assert lost == []
