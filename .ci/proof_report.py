"""Writes what `make proof` found: one row per claim, with how it was tried and how often.

    proof_report.py RESULTS.xml REPORT.md

Tests say these things through pytest: the marker `proof` says how, ``record_property`` says how
often and, as `found`, what came of it; a `seed` repeats it. The parts of a parametrized test make
one row, in which their counts are added up.
"""

import os
import platform
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

OUTCOMES = {"failure": "FAILED", "error": "ERROR", "skipped": "skipped"}
NAMES = {
    "api": "Tills over REST",
    "billing": "Subscriptions",
    "complaints": "Complaints",
    "followups": "Care",
    "imports": "Files that are broken",
    "insights": "Figures of head office",
    "isolation": "No chain sees another",
    "kit": "Words and dates",
    "local": "Everything together",
    "messages": "Contacts within their budget",
    "outbox": "Work written down",
    "points": "Points are never wrong",
    "tenancy": "Chains come to be and change",
    "usecases": "Across domains",
    "web": "Pages",
}


@dataclass
class Claim:
    """What one test claims, over all its parts."""

    area: str
    name: str
    how: str = ""
    counted: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, case: ElementTree.Element) -> None:
        """Take in one part's results."""
        self.outcomes[outcome(case)] += 1
        self.seconds += float(case.get("time", "0"))
        for each in case.iter("property"):
            name, value = each.get("name", ""), each.get("value", "")
            if name == "how":
                self.how = value
            elif name == "found":
                self.found.append(value)
            elif name == "seed":
                self.found.append(f"seed {value}")
            else:
                self.counted[name] += int(value)

    def row(self) -> str:
        """Give one line of the table."""
        sentence = self.name.removeprefix("test_").replace("_", " ")
        sentence = sentence.replace("positive control ", "*Control:* ")
        counted = ", ".join(f"{count:,} {name}" for name, count in self.counted.items())
        bad = [f"**{n} {what}**" for what, n in self.outcomes.items() if what != "passed"]
        found = "; ".join(bad + list(dict.fromkeys(self.found))) or "nothing wrong"
        return f"| {sentence} | {self.how} | {counted} | {found} | {self.seconds:.0f} |"


def main(results: Path, report: Path) -> None:
    """Turn pytest's results into a page."""
    # Written by our own run a moment ago, so a plain parser will do.
    root = ElementTree.parse(results).getroot()  # noqa: S314
    claims = gathered(list(root.iter("testcase")))
    bad = sum(each.outcomes["FAILED"] + each.outcomes["ERROR"] > 0 for each in claims)
    minutes = sum(float(each.get("time", "0")) for each in root.iter("testsuite")) / 60
    lines = [
        "# Proof",
        "",
        "Written by `make proof`, which runs the long versions of the tests that guard money,",
        "isolation and recovery; `make test` runs the same tests with small counts.",
        "A *control* is the same test with the guard switched off: it shows that the test would",
        "have noticed. `REGULARS_PROOF_TIMES=10 make proof` strikes ten times as often,",
        "`REGULARS_INTERLEAVED=1000000` interleaves a million requests, `REGULARS_SEED` repeats",
        "what chance decided.",
        "",
        f"{len(claims)} claims, {bad} failed; {minutes:.1f} minutes on {os.cpu_count()} cores, "
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}.",
    ]
    for area, group in groupby(claims, key=lambda claim: claim.area):
        head = "| what must hold | how it is tried | count | found | seconds |"
        lines += ["", f"## {NAMES.get(area, area.capitalize())}", "", head, "|---|---|---|---|---|"]
        lines += [claim.row() for claim in group]
    report.write_text("\n".join(lines) + "\n", encoding="utf-8")


def gathered(cases: list[ElementTree.Element]) -> list[Claim]:
    """Put the parts of each test together, ordered by where the tests are."""
    claims: dict[tuple[str, str], Claim] = {}
    for case in cases:
        module, name = case.get("classname", ""), case.get("name", "").partition("[")[0]
        area = module.split(".")[1] if "." in module else module
        claims.setdefault((module, name), Claim(area, name)).add(case)
    return [claims[key] for key in sorted(claims, key=lambda key: key[0])]


def outcome(case: ElementTree.Element) -> str:
    """Say how a test ended."""
    return next((OUTCOMES[part.tag] for part in case if part.tag in OUTCOMES), "passed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
