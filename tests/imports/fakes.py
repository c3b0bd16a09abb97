"""A loader that writes into a list, and dies where it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar
from unittest import mock

from regulars.imports import contract, loading, rejections
from regulars.imports.models import StagedCustomer
from regulars.imports.problems import Problem
from regulars.imports.shapes import Shaped

AT_ONCE = 2


class Killed(RuntimeError):
    """What stands for a process that ends in the middle of something."""


class FakeLoader:
    """Takes customers in by name; what was `written` outlives it as tables outlive a process."""

    written: ClassVar[list[str]] = []
    dies_in: ClassVar[str] = ""
    calls: ClassVar[list[str]] = []

    def __init__(self, job: contract.Job) -> None:
        self.job = job

    def _step(self, name: str) -> None:
        self.calls.append(name)
        if self.dies_in == name:
            type(self).dies_in = ""
            raise Killed(name)

    def begin(self) -> None:
        """Empty."""
        StagedCustomer.objects.filter(import_id=self.job.import_id).delete()

    def prepare(self, shaped: Shaped[Any]) -> list[tuple[int, str]]:
        """Take names."""
        return [(each.line, each.name) for each in shaped.drafts]

    def stage(self, shaped: Shaped[Any], prepared: list[tuple[int, str]]) -> None:
        """Keep names."""
        self._step("stage")
        StagedCustomer.objects.bulk_create(
            StagedCustomer(import_id=self.job.import_id, line=line, name=name)
            for line, name in prepared
        )

    def match(self, *, now: datetime, tell: contract.Tell) -> contract.Preview:
        """Refuse whoever is called Nobody."""
        self._step("match")
        bad = self._staged().filter(name="Nobody")
        problems = [Problem(each.line, "姓名", "required") for each in bad]
        rejections.add(import_id=self.job.import_id, problems=problems)
        bad.delete()
        names = [name for name in self._names() if name not in self.written]
        tell(len(names), len(names))
        return contract.Preview(new=len(names), same=len(self._names()) - len(names))

    def load(self, *, now: datetime, tell: contract.Tell) -> dict[str, int]:
        """Write some at a time."""
        names = self._names()
        for done, name in enumerate(names):
            if name not in self.written:
                self._step("load")
                self.written.append(name)
            tell(done + 1, len(names))
        return {"new": len(names)}

    def end(self) -> None:
        """Empty."""
        self.begin()

    def undo(self, *, now: datetime, tell: contract.Tell) -> dict[str, int]:
        """Take back one at a time."""
        count = len(self.written)
        while self.written:
            self._step("undo")
            self.written.pop()
            tell(count - len(self.written), count)
        return {"removed": count}

    def _staged(self) -> Any:
        return StagedCustomer.objects.filter(import_id=self.job.import_id)

    def _names(self) -> list[str]:
        return [
            str(name) for name in self._staged().order_by("line").values_list("name", flat=True)
        ]


@contextmanager
def loader() -> Iterator[type[FakeLoader]]:
    """Let the pipeline use the fake for the block."""
    FakeLoader.written, FakeLoader.calls, FakeLoader.dies_in = [], [], ""
    with mock.patch.object(loading, "of", FakeLoader):
        yield FakeLoader
