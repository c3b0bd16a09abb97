"""`make proof` runs everything that has a long version, and its page can be written."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
TESTS: Final = sorted((ROOT / "tests").rglob("test_*.py"))
LONG: Final = re.compile(r"\bcounts\.(of|IS_LONG)\b")
MARK: Final = re.compile(r"\bpytest\.mark\.proof\(")
WORDS: Final = {"found", "seed"}  # what the report takes as words; everything else is a count
RESULTS: Final = """<testsuites><testsuite time="90">
<testcase classname="tests.points.test_x" name="test_it_holds[1]" time="1.4"><properties>
  <property name="how" value="again and again"/><property name="seed" value="7"/>
  <property name="rounds" value="1200"/><property name="found" value="nothing"/>
</properties></testcase>
<testcase classname="tests.points.test_x" name="test_it_holds[2]" time="1.4"><properties>
  <property name="how" value="again and again"/><property name="rounds" value="34"/>
</properties><failure/></testcase>
<testcase classname="tests.web.test_y" name="test_positive_control_it_is_seen" time="0">
  <properties><property name="how" value="without it"/></properties></testcase>
</testsuite></testsuites>"""


@pytest.fixture(scope="module")
def reporting() -> ModuleType:
    """The program that writes docs/proof.md."""
    spec = importlib.util.spec_from_file_location("proof_report", ROOT / ".ci/proof_report.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_claim_is_one_row_with_its_counts_added_up(reporting: ModuleType, tmp_path: Path) -> None:
    results, page = tmp_path / "proof.xml", tmp_path / "proof.md"
    results.write_text(RESULTS)

    reporting.main(results, page)

    text = page.read_text()
    row = "| it holds | again and again | 1,234 rounds | **1 FAILED**; seed 7; nothing | 3 |"
    assert row in text
    assert "| *Control:* it is seen | without it |  | nothing wrong | 0 |" in text
    assert "2 claims, 1 failed; 1.5 minutes" in text


def test_who_asks_for_long_counts_is_run_by_make_proof() -> None:
    left_out = [
        str(path.relative_to(ROOT))
        for path in TESTS
        if LONG.search(path.read_text()) and not MARK.search(path.read_text())
    ]

    assert left_out == []


def noted(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """Return what a test with a long version notes beside words."""
    text = path.read_text()
    if not MARK.search(text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record_property":
            name, value = node.args
            if not (isinstance(name, ast.Constant) and name.value in WORDS):
                yield ast.unparse(name), value


def test_what_a_long_version_notes_beside_words_is_a_number() -> None:
    texts = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in TESTS
        for name, value in noted(path)
        if isinstance(value, ast.JoinedStr)
        or (isinstance(value, ast.Constant) and isinstance(value.value, str))
    ]

    assert texts == []


def test_every_area_with_long_versions_has_a_heading(reporting: ModuleType) -> None:
    areas = {path.relative_to(ROOT).parts[1] for path in TESTS if MARK.search(path.read_text())}

    assert areas - {"architecture"} <= reporting.NAMES.keys()
