"""Runs the study and writes its tables into docs/quiet-customers.md.

python -m tests.studies.quiet
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.studies.quiet import study
from tests.studies.quiet.measuring import Figure, Found
from tests.studies.quiet.study import Result, Setting

PAGE: Final = Path(__file__).parents[3] / "docs" / "quiet-customers.md"
_TABLES: Final = {"alone": "more_precision", "worth": "more_lost", "quiet": "more_lost"}


def main() -> None:
    """Measure everything and fill the marked places of the page."""
    results = [
        (setting, study.run(setting, days=days, resamples=study.RESAMPLES))
        for setting in study.SETTINGS
        for days in setting.horizons
    ]
    text = PAGE.read_text(encoding="utf-8")
    for name in ("asked", *_TABLES):
        rows = asked(results) if name == "asked" else table(name, results)
        text = filled(text, name, rows)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"Written: {PAGE.name}\n")


def filled(text: str, name: str, rows: Iterable[str]) -> str:
    """Put rows between the marks of a name."""
    begin, end = f"<!-- {name} -->", f"<!-- end {name} -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return "\n".join([before + begin, *rows, end]) + after


def asked(results: list[tuple[Setting, Result]]) -> Iterator[str]:
    """Yield a row for each question: how many were regulars, and how many of them stayed away."""
    yield "| chain | days asked | cuts | regulars a cut | stayed away | called quiet |"
    yield "|---|---|---|---|---|---|"
    for setting, found in results:
        yield (
            f"| {setting.name} | {found.days} | {found.cuts} | {found.regulars:,} | "
            f"{found.away:.1%} | {found.listed:.1%} |"
        )


def table(kind: str, results: list[tuple[Setting, Result]]) -> Iterator[str]:
    """Yield a row for each score and question of one kind of list."""
    is_alone = kind == "alone"
    what = "recall at 10 %" if is_alone else "lost spending at 30 | lost spending at 10 %"
    more = "precision" if is_alone else "lost spending"
    yield f"| chain, days | score | precision at 30 | precision at 10 % | {what} | {more} more |"
    yield "|---|---|---|---|---|---|" + ("" if is_alone else "---|")
    for setting, found in results:
        compared: Mapping[str, Found] = getattr(found, kind)
        where = f"{setting.name}, {found.days}"
        for name, of in compared.items():
            figures = [of.precision_list, of.precision_share]
            figures += [of.recall_share] if is_alone else [of.lost_list, of.lost_share]
            difference: Figure = getattr(of, _TABLES[kind])
            is_first = name == next(iter(compared))
            cells = [*map(_percent, figures), "" if is_first else _points(difference)]
            yield f"| {where} | {name} | " + " | ".join(cells) + " |"
            where = ""


def _percent(figure: Figure) -> str:
    return f"{figure.value:.1%} ({figure.low:.0%}–{figure.high:.0%})".replace("%–", "–")


def _points(figure: Figure) -> str:
    """Return a difference in points of a hundred; bold when its band leaves out zero."""
    text = f"{figure.value * 100:+.1f} ({figure.low * 100:+.1f} to {figure.high * 100:+.1f})"
    return f"**{text}**" if figure.low > 0 or figure.high < 0 else text


if __name__ == "__main__":
    main()
