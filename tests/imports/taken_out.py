"""Files taken out for tests, and read again the way an import does that nobody corrected."""

import contextlib
from pathlib import Path
from types import ModuleType
from typing import Any

from django.utils import translation

from regulars.audit import SYSTEM, Actor
from regulars.customers import services
from regulars.customers.models import Customer
from regulars.imports import reading, shapes, surroundings
from regulars.imports.columns import guess
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Mapping
from regulars.imports.drafts import CustomerDraft
from regulars.imports.shapes import Shaped
from regulars.imports.writing import customers as writing
from regulars.imports.writing.customers import Wishes
from regulars.imports.writing.sheets import Sheet
from tests.factories import customers, people
from tests.prepared import NOW

EVERYTHING = Wishes(phones=True, sensitive=True)


def full_customer() -> Customer:
    """Make a customer of whom much is known, some of it awkward."""
    store = people.store(code="007", name="南京东路店")
    guide = people.staff(name="李雷", number="G1", stores=(store,))
    made = customers.customer(
        name="=王小明",
        phone="13800138000",
        member_code="000123",
        gender="female",
        email="ming@example.com",
        age_band="30-39",
        address={
            "province": "上海",
            "city": "上海市",
            "line": "+东路 1 号",
            "postcode": "200001",
        },
        store=store,
        owner=guide,
        identities=[("card", "6222020200112233445"), ("import", "C-0042"), ("pos", "77")],
        extra={"ring-size": 12},
    )
    days: tuple[tuple[str, dict[str, Any]], ...] = (
        ("birthday", {"month": 8, "day": 15, "year": 1990, "lunar": True}),
        ("wedding", {"month": 10, "day": 1, "year": 2015}),
        ("anniversary", {"month": 2, "day": 29}),
    )
    for kind, facts in days:
        services.set_life_event(actor=SYSTEM, customer_id=made.pk, kind=kind, now=NOW, **facts)
    services.answer(
        actor=SYSTEM,
        customer_id=made.pk,
        values={"occupation": "-教师", "promotions": "unwelcome"},
        how="conversation",
        now=NOW,
    )
    return made


def written(sheet: Sheet, file: Path, writer: ModuleType) -> Path:
    """Write a sheet to a file."""
    file.write_bytes(b"".join(writer.chunks(sheet)))
    return file


def taken_out(*, wishes: Wishes = EVERYTHING, actor: Actor = SYSTEM, language: str = "en") -> Sheet:
    """Return every customer as a sheet in a language."""
    with translation.override(language):
        return writing.sheet(actor=actor, filters=None, wishes=wishes, language=language)


def understood(file: Path) -> Mapping:
    """Return what the columns of a file are guessed to mean."""
    report = reading.inspect(file)
    own, options = surroundings.own(), surroundings.options()
    found = guess.guess(report.headings, report.sample, own=own, options=options)
    assert found.subject is Subject.CUSTOMERS
    return found.mapping()


def read_again(file: Path) -> Shaped[CustomerDraft]:
    """Read a file the way an import does that nobody corrected."""
    report = reading.inspect(file)
    shaper = shapes.CustomerShaper(understood(file), now=NOW, own=surroundings.own())
    with contextlib.closing(reading.batches(file, report)) as batches:
        parts = [shaper.shape(batch) for batch in batches]
    return Shaped(
        drafts=[draft for part in parts for draft in part.drafts],
        problems=[problem for part in parts for problem in part.problems],
        blank=0,
    )
