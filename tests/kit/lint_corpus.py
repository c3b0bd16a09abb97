"""Labelled messages, and how well the lint tells them apart.

`lint_corpus.tsv` holds messages of our own in three languages and four industries; half of those
of care and service sell in disguise. `label` is `sells`, `clean` or `law`: a selling message with
words that 《广告法》 forbids. Rows whose `part` is `held` are for measuring only: rules are made
from `dev`, and what is missed of `held` is not looked at.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from regulars.kit import care, lint
from regulars.kit.care import Purpose
from regulars.kit.labels import Language

FILE = Path(__file__).with_name("lint_corpus.tsv")
KNOWN = care.PLACEHOLDERS | {"purchase.delivery-date"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One message, and what it is."""

    part: str
    label: str
    language: Language
    vertical: str
    occasion: str
    purpose: Purpose
    text: str

    def draft(self, text: str = "") -> lint.Draft:
        """Return what the lint judges, with other words if they are given."""
        return lint.Draft(
            text=text or self.text,
            purpose=self.purpose,
            channel="wechat",
            language=self.language,
            known=KNOWN,
        )


@dataclass(kw_only=True)
class Score:
    """How many were found rightly, wrongly, and not."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """The share of what was found that is to be found."""
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        """The share of what is to be found that was found."""
        return self.right / max(self.right + self.missed, 1)

    def __str__(self) -> str:
        of = self.right + self.missed
        return f"precision {self.precision:.3f}, recall {self.recall:.3f} ({of} to be found)"


def rows() -> list[Row]:
    """Read the corpus."""
    with FILE.open(encoding="utf-8", newline="") as file:
        read = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Row(**cast("dict[str, str]", row)) for row in read]  # type: ignore[arg-type]


def sells(row: Row) -> bool:
    """Tell whether the lint refuses a message because it sells."""
    found = lint.findings(row.draft())
    return any(each.severity == "refuse" and each.code.startswith("sells-") for each in found)


def praises(row: Row) -> bool:
    """Tell whether the lint refuses a selling message because of the law."""
    found = lint.findings(row.draft())
    return any((each.severity, each.code) == ("refuse", "forbidden-by-law") for each in found)


def scores(
    several: Iterable[Row], label: str, judge: Callable[[Row], bool]
) -> defaultdict[str, Score]:
    """Measure by language, and all together."""
    found: defaultdict[str, Score] = defaultdict(Score)
    for row in several:
        is_found, is_right = judge(row), row.label == label
        for name in ("all", row.language):
            found[name].right += is_found and is_right
            found[name].wrong += is_found and not is_right
            found[name].missed += is_right and not is_found
    return found
