"""Imports of purchases from rows written down in a test, driven as the pipeline drives them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from regulars.audit import SYSTEM, Actor
from regulars.imports import rejections, shapes
from regulars.imports.cells import Batch
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Assignment, Mapping, Options
from regulars.imports.contract import Job, Preview
from regulars.imports.contract import Options as Wishes
from regulars.imports.loading.purchases import PurchaseLoader
from regulars.imports.models import Import
from tests.prepared import NOW

type Row = Sequence[Any]
type Tell = Callable[[int, int | None], None]


def silent(done: int, total: int | None) -> None:
    """Listen to progress and say nothing."""


class Run:
    """One import of purchases, from rows under headings that are attributes themselves."""

    def __init__(
        self,
        headings: str,
        rows: Iterable[Row],
        *,
        now: datetime = NOW,
        batch: int = 1_000,
        actor: Actor = SYSTEM,
        options: Options | None = None,
        **wishes: Any,
    ) -> None:
        """Describe it; nothing is written but the group itself."""
        self.now, self.batch = now, batch
        self.rows = [tuple(row) for row in rows]
        self.mapping = Mapping(
            subject=Subject.PURCHASES,
            columns=tuple(Assignment(word, word) for word in headings.split()),
            options=options or Options(zone="Asia/Shanghai", rounds_money=True),
        )
        self.wishes = Wishes(**wishes)
        self.actor = actor
        self.row = Import.objects.create(
            kind=Import.Kind.PURCHASES, name="test", file_name="t.csv", file_bytes=1, file_digest=""
        )

    def loader(self) -> PurchaseLoader:
        """Return a loader as a process makes it that knows nothing of an earlier one."""
        return PurchaseLoader(
            Job(
                import_id=self.row.pk,
                mapping=self.mapping,
                options=self.wishes,
                actor=self.actor,
            )
        )

    def check(self, *, tell: Tell = silent) -> Preview:
        """Read and judge."""
        rejections.forget(import_id=self.row.pk)
        loader = self.loader()
        loader.begin()
        shaper = shapes.PurchaseShaper(self.mapping, now=self.now)
        for at in range(0, len(self.rows), self.batch):
            some = self.rows[at : at + self.batch]
            shaped = shaper.shape(Batch(range(at + 2, at + 2 + len(some)), rows=some))
            with transaction.atomic():
                rejections.add(import_id=self.row.pk, problems=shaped.problems)
                loader.stage(shaped, loader.prepare(shaped))
        return loader.match(now=self.now, tell=tell)

    def load(self, *, tell: Tell = silent) -> dict[str, int]:
        """Write what was checked."""
        counts = self.loader().load(now=self.now, tell=tell)
        Import.objects.filter(pk=self.row.pk).update(finished_at=self.now)
        return counts

    def bring_in(self) -> dict[str, int]:
        """Check, write and clear up."""
        self.check()
        counts = self.load()
        self.loader().end()
        return counts

    def undo(self, *, tell: Tell = silent) -> dict[str, int]:
        """Take it back."""
        return self.loader().undo(now=self.now, tell=tell)

    def refused(self) -> dict[int, list[str]]:
        """Return the codes of the problems of each line that was not taken."""
        return {
            line: sorted(problem["code"] for problem in found)
            for line, found in rejections.in_order(import_id=self.row.pk)
        }
