"""Good files broken by chance: taken or refused, never a crash, a hang or a feast of memory."""

import random
import resource
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest

from regulars.imports import faults, reading
from regulars.imports.columns import guess, mapping
from regulars.imports.columns.attributes import Subject
from tests import counts
from tests.counts import Note
from tests.imports import files

COUNT = counts.of(300, proof=2_000)
SECONDS = 5.0
MEGABYTES = 400

type Mutation = Callable[[bytearray, random.Random], None]


def _flip(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 20)):
        content[chance.randrange(len(content))] = chance.randrange(256)


def _cut(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content)) :]


def _drop(content: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(content))
    del content[start : start + chance.randint(1, 200)]


def _repeat(content: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(content))
    piece = content[start : start + chance.randint(1, 300)]
    content[start:start] = piece * chance.randint(1, 50)


def _insert(content: bytearray, chance: random.Random) -> None:
    odd = [b"\0", b'"', b"\r", b"\xff\xfe", b"&#0;", b"<!DOCTYPE x>", b"=cmd|' /C calc'!A0", b"-1"]
    odd += [b"99999999999999999999", b"\xe2\x80\xae", "，".encode(), b"\x1a", b"1e400", b"NaN"]
    start = chance.randrange(len(content))
    content[start:start] = chance.choice(odd) * chance.choice([1, 1, 1, 1000])


MUTATIONS: tuple[Mutation, ...] = (_flip, _cut, _drop, _repeat, _insert)


def _mutated(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        if changed:
            chance.choice(MUTATIONS)(changed, chance)
    return bytes(changed)


def _text(chance: random.Random) -> bytes:
    encoding = chance.choice(["utf-8", "gbk", "utf-16", "utf-16-be", "utf-8-sig", "gb18030"])
    delimiter = chance.choice([",", ";", "\t", "|"])
    rows = files.CUSTOMERS * chance.choice([1, 5, 200])
    return _mutated(files.delimited(rows, delimiter).encode(encoding), chance)


BOOK = files.written(files.CUSTOMERS * 20)
TABLE = files.columnar(
    pa.table({"手机": ["13800138000"] * 300, "姓名": ["张伟"] * 300, "积分": list(range(300))})
)


def _workbook(chance: random.Random) -> bytes:
    """Break the zip, or one of its parts and pack it anew, which gets further in."""
    if chance.random() < 0.3:
        return _mutated(BOOK, chance)
    with zipfile.ZipFile(BytesIO(BOOK)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    victim = chance.choice([name for name in parts if "docProps" not in name])
    parts[victim] = _mutated(parts[victim], chance)
    return files.packed(parts)


def _table(chance: random.Random) -> bytes:
    return _mutated(TABLE, chance)


def _made(number: int) -> bytes:
    """Make the file of this number: of ten, six are text, three workbooks, one is Parquet."""
    chance = random.Random(number)
    maker = _text if number % 10 < 6 else _workbook if number % 10 < 9 else _table
    return maker(chance)


def _computed() -> float:
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


@pytest.mark.proof(
    "CSV in six encodings, XLSX and Parquet with bytes flipped, cut, repeated and inserted;"
    " each must be taken or refused with its sentence within 5 s of computing"
)
@pytest.mark.parametrize("ten", range(0, COUNT, 10), ids=lambda ten: f"from {ten}")
def test_a_file_broken_by_chance_is_taken_or_refused(
    ten: int, tmp_path: Path, record_property: Note
) -> None:
    record_property("files", 10)
    for number in range(ten, ten + 10):
        path = files.kept(tmp_path, _made(number))
        before = _computed()

        code = files.fault_of(path)

        assert not code or code in faults.SENTENCES, number
        assert _computed() - before < SECONDS, number


@pytest.mark.proof("every third of the same files, read one after another in one process")
def test_broken_files_stay_below_the_memory_allowed(tmp_path: Path, record_property: Note) -> None:
    paths = [files.kept(tmp_path, _made(number), str(number)) for number in range(0, COUNT, 3)]

    peak = files.peak_megabytes(paths)

    assert peak < MEGABYTES
    record_property("files", len(paths))
    record_property("found", f"at most {peak:.0f} MB")


def test_what_is_taken_of_broken_files_is_clean(tmp_path: Path) -> None:
    taken = 0
    for number in range(0, 60, 2):
        path = files.kept(tmp_path, _text(random.Random(number)))
        try:
            drafts, _ = files.imported(path)
        except faults.FileFault:
            continue
        taken += len(drafts)
        for draft in drafts:
            assert "\0" not in repr(draft)
    assert taken > 100


def test_unbroken_files_of_the_same_kinds_are_taken(tmp_path: Path) -> None:
    """Guard the tests above: they would prove nothing if every file were refused."""
    for content in (files.delimited().encode("gbk"), files.written(), TABLE):
        path = files.kept(tmp_path, content)
        report = reading.inspect(path)
        made = guess.guess(report.headings, report.sample).mapping()

        assert made.subject is Subject.CUSTOMERS
        assert mapping.troubles(made) == []
        assert files.imported(path)[0]
