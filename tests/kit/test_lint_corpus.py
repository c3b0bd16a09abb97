"""The lint tells greetings from selling in disguise, measured on labelled messages."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from regulars.kit.lint import folding, wording
from tests import counts
from tests.kit.lint_corpus import Row, Score, praises, rows, scores, sells

PAGE = (Path(__file__).parents[2] / "docs" / "texts.md").read_text("utf-8")
ROWS = rows()
CONTACTS = [row for row in ROWS if row.purpose != "selling"]
ADVERTS = [row for row in ROWS if row.purpose == "selling"]
HELD = [row for row in CONTACTS if row.part == "held"]


def passes(score: Score) -> bool:
    """Tell whether a score reaches what issue and house ask for."""
    return min(score.precision, score.recall) >= 0.95


def test_the_corpus_is_large_balanced_and_held_back_by_a_third() -> None:
    labels = Counter(row.label for row in CONTACTS)
    texts = Counter(row.text for row in ROWS)

    assert len(CONTACTS) >= 300
    assert 0.45 <= labels["sells"] / len(CONTACTS) <= 0.55
    assert 0.30 <= len(HELD) / len(CONTACTS) <= 0.37
    assert {row.language for row in HELD} == {"zh-Hans", "zh-Hant", "en"}
    assert {row.vertical for row in HELD} == {"jewelry", "beauty", "homestyle", "restaurant"}
    assert len({row.occasion for row in CONTACTS}) >= 15
    assert texts.most_common(1)[0][1] == 1


@pytest.mark.parametrize("part", ["all", "dev", "held"])
def test_selling_in_disguise_is_refused_and_greetings_pass(
    part: str, record_property: counts.Note
) -> None:
    several = [row for row in CONTACTS if part in ("all", row.part)]

    found = scores(several, "sells", sells)

    for name, score in sorted(found.items()):
        print(f"{part}, {name}: {score}")  # noqa: T201  (the figures the issue asks to print)
        record_property(f"{part}, {name}", str(score))
    assert passes(found["all"])


@pytest.mark.parametrize("part", ["all", "held"])
def test_words_the_law_forbids_are_refused_in_selling_messages(part: str) -> None:
    found = scores([row for row in ADVERTS if part in ("all", row.part)], "law", praises)

    print(f"{part}: {found['all']}")  # noqa: T201
    assert passes(found["all"])


def test_without_its_exceptions_it_would_refuse_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "masked", lambda reading, _: reading)

    assert scores(CONTACTS, "sells", sells)["all"].precision < 0.95


def test_without_folding_disguises_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def bare(text: str) -> folding.Folded:
        reading = folding.Reading(text.casefold(), range(len(text)))
        return folding.Folded(dense=reading, loose=reading, spelt=())

    monkeypatch.setattr(wording, "fold", bare)
    traditional: list[Row] = [row for row in CONTACTS if row.language == "zh-Hant"]

    found: Any = scores(traditional, "sells", sells)
    assert found["all"].recall < 0.95


def test_the_page_about_texts_tells_the_figures_that_are_measured() -> None:
    held_adverts = [row for row in ADVERTS if row.part == "held"]
    every, held = scores(CONTACTS, "sells", sells), scores(HELD, "sells", sells)
    rows_of_the_page = [
        (f"care and service that sell, all {len(CONTACTS)}", every["all"]),
        (f"of them held back, {len(HELD)}", held["all"]),
        ("of those, simplified Chinese", held["zh-Hans"]),
        ("of those, traditional Chinese", held["zh-Hant"]),
        ("of those, English", held["en"]),
        (
            f"selling, with words the law forbids, all {len(ADVERTS)}",
            scores(ADVERTS, "law", praises)["all"],
        ),
        (f"of them held back, {len(held_adverts)}", scores(held_adverts, "law", praises)["all"]),
    ]

    missing = [line for line in map(told, rows_of_the_page) if line not in PAGE]

    assert missing == []


def told(row: tuple[str, Score]) -> str:
    """Return a line of the table in docs/texts.md."""
    words, score = row
    of = score.right + score.missed
    return f"| {words} | {of} | {score.precision:.3f} | {score.recall:.3f} |"
