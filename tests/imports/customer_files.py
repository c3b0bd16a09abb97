"""Files of customers brought in for tests: a line of attributes, rows of cells, one loader."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from regulars.audit import SYSTEM
from regulars.customers import questions
from regulars.customers.models import Customer
from regulars.imports import problems, rejections, shapes
from regulars.imports.cells import Batch
from regulars.imports.columns import mapping as columns
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.own import Own
from regulars.imports.contract import Job, Options, Preview
from regulars.imports.loading.customers import CustomerLoader
from regulars.imports.models import Import
from tests.prepared import NOW

type Rows = Sequence[Sequence[Any]]


class Brought(NamedTuple):
    """What bringing a file in promised, and what it did."""

    job: Job
    preview: Preview
    counts: dict[str, int]

    @property
    def refused(self) -> dict[int, list[str]]:
        """The sentences of the refused rows, by line."""
        found = rejections.in_order(import_id=self.job.import_id)
        return {
            line: [problems.sentence(each["code"], each["params"]) for each in several]
            for line, several in found
        }

    def customer(self, **facts: Any) -> Customer:
        """Return the one customer of whom the facts are true."""
        return Customer.objects.get(**facts)


def job(
    attributes: str,
    *,
    existing: str = "fill",
    source: str = "old",
    create_stores: bool = False,
    constants: Mapping[str, str] | None = None,
    now: datetime = NOW,
) -> Job:
    """Make an import whose columns are these attributes, ready to be loaded."""
    row = Import(
        kind="customers",
        name="test",
        file_name="test.csv",
        file_bytes=1,
        file_digest="",
        loading_since=now,
        state=Import.State.LOADING,
        counts={"staged": 1},
    )
    row.save(force_insert=True)
    return Job(
        import_id=row.pk,
        mapping=columns.Mapping(
            subject=Subject.CUSTOMERS,
            columns=tuple(columns.Assignment(f"[{each}]", each) for each in attributes.split()),
            constants=dict(constants or {}),
            options=columns.Options(source=source),
        ),
        options=Options(existing=existing, create_stores=create_stores),  # type: ignore[arg-type]
        actor=SYSTEM,
        loading_since=now,
    )


def stage(work: Job, rows: Rows, *, now: datetime = NOW) -> CustomerLoader:
    """Stage a file; its first row is line 2."""
    loader = CustomerLoader(work)
    rejections.forget(import_id=work.import_id)
    loader.begin()
    asked = tuple(each.field for each in questions.questions())
    shaper = shapes.CustomerShaper(work.mapping, now=now, own=Own(questions.extra_fields(), asked))
    batch = Batch(range(2, 2 + len(rows)), rows=[tuple(row) for row in rows])
    shaped = shaper.shape(batch)
    rejections.add(import_id=work.import_id, problems=shaped.problems)
    loader.stage(shaped, loader.prepare(shaped))
    return loader


def bring(attributes: str, rows: Rows, *, now: datetime = NOW, **options: Any) -> Brought:
    """Bring a file in from beginning to end."""
    work = job(attributes, now=now, **options)
    loader = stage(work, rows, now=now)
    preview = loader.match(now=now, tell=silent)
    counts = loader.load(now=now, tell=silent)
    loader.end()
    return Brought(work, preview, counts)


def undo(work: Job, *, now: datetime = NOW) -> dict[str, int]:
    """Take an import back."""
    return CustomerLoader(work).undo(now=now, tell=silent)


def silent(done: int, total: int | None) -> None:
    """Hear how far it is."""


def names() -> list[tuple[str, str | None, UUID | None]]:
    """Return everybody who is active: name, member code, import."""
    rows = Customer.objects.filter(state="active").order_by("id")
    return list(rows.values_list("name", "member_code", "import_id"))
