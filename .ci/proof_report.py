"""Writes what `make proof` found: one row per long test, with what it counted.

    proof_report.py RESULTS.xml REPORT.md

A test says what it counted through pytest's ``record_property``.
"""

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

OUTCOMES = {"failure": "FAILED", "error": "ERROR", "skipped": "skipped"}


def main(results: Path, report: Path) -> None:
    """Turn pytest's results into a page."""
    # Written by our own run a moment ago, so a plain parser will do.
    cases = list(ElementTree.parse(results).getroot().iter("testcase"))  # noqa: S314
    bad = sum(outcome(case) in {"FAILED", "ERROR"} for case in cases)
    seconds = sum(float(case.get("time", "0")) for case in cases)
    lines = [
        "# Proof",
        "",
        "Written by `make proof`: the long versions of the tests that guard money, isolation and",
        "recovery.",
        "",
        f"{len(cases)} tests, {bad} failed, {seconds / 60:.1f} minutes, "
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, {platform.system()} {platform.machine()}.",
        "",
        "| what must hold | outcome | seconds | counted |",
        "|---|---|---|---|",
        *(row(case) for case in cases),
    ]
    report.write_text("\n".join(lines) + "\n", encoding="utf-8")


def row(case: ElementTree.Element) -> str:
    """Give one line of the table."""
    sentence = case.get("name", "").removeprefix("test_").replace("_", " ")
    counted = ", ".join(f"{each.get('name')} {each.get('value')}" for each in case.iter("property"))
    return f"| {sentence} | {outcome(case)} | {float(case.get('time', '0')):.1f} | {counted} |"


def outcome(case: ElementTree.Element) -> str:
    """Say how a test ended."""
    return next((OUTCOMES[part.tag] for part in case if part.tag in OUTCOMES), "passed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
