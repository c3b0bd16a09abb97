"""Every bad file is refused with its own sentence, quickly, in bounded memory."""

import re
import resource
from pathlib import Path

import pytest

from regulars.imports import faults
from tests.counts import Note
from tests.imports import files
from tests.imports.corpus import CASES, Case

SECONDS = 5.0
MEGABYTES = 400


def _computed() -> float:
    """Seconds of computing of this process and its children; waiting for others is no fault."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.proof("a corpus of wrong, hostile and huge files, each with the sentence it must get")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_file_is_refused_with_its_reason(
    case: Case, tmp_path: Path, record_property: Note
) -> None:
    record_property("files", 1)
    path = files.kept(tmp_path, case.build())
    before = _computed()

    code = files.fault_of(path, limits=case.limits)

    assert code == case.code
    assert _computed() - before < SECONDS


def test_every_fault_has_a_sentence_that_names_what_it_must() -> None:
    names = {
        name for text in faults.SENTENCES.values() for name in re.findall(r"%\((\w+)\)", str(text))
    }
    for code in faults.SENTENCES:
        assert "%" not in str(faults.FileFault(code, **dict.fromkeys(names, "7")))


def test_hungry_files_stay_below_the_memory_allowed(tmp_path: Path) -> None:
    hungry = [case for case in CASES if case.name in HUNGRY]
    paths = [files.kept(tmp_path, case.build(), case.name) for case in hungry]

    assert files.peak_megabytes(paths) < MEGABYTES
    assert len(hungry) == len(HUNGRY)


HUNGRY = {
    "10 MB cell",
    "a million columns",
    "one endless line behind",
    "open quote on top",
    "bomb",
    "deep nesting",
    "swelling Parquet",
    "Parquet with noise",
}
