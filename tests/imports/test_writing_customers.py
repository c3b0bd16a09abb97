"""Customers taken out as a file, changed by a person, and read again."""

from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from regulars import registry
from regulars.audit import SYSTEM, Actor
from regulars.customers import services
from regulars.customers.models import Customer
from regulars.customers.selectors import Filters
from regulars.errors import Forbidden
from regulars.imports import reading, surroundings
from regulars.imports.columns import guess
from regulars.imports.contract import Preview
from regulars.imports.drafts import CustomerDraft
from regulars.imports.loading.customers import CustomerLoader
from regulars.imports.values import phones
from regulars.imports.values.birthdays import Birthday
from regulars.imports.writing import customers as writing
from regulars.imports.writing import delimited, persons, workbook
from regulars.imports.writing.customers import Wishes
from regulars.registry import loading
from regulars.registry.policies import POLICIES
from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from tests.factories import customers, people
from tests.imports.customer_files import job, silent
from tests.imports.taken_out import (
    EVERYTHING,
    full_customer,
    read_again,
    taken_out,
    understood,
    written,
)
from tests.prepared import NOW

LANGUAGES = ("zh-hans", "zh-hant", "en")
FILES = (delimited, workbook)


@pytest.fixture(autouse=True)
def _inside(inside_aurum: ChainInfo) -> None:
    """Work inside a chain of jewellers."""


@pytest.mark.parametrize("writer", FILES, ids=("csv", "xlsx"))
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_taken_out_is_read_again_as_it_was(
    language: str, writer: ModuleType, tmp_path: Path
) -> None:
    made = full_customer()
    file = written(taken_out(language=language), tmp_path / "file", writer)

    read = read_again(file)

    assert read.problems == []
    assert msgspec.to_builtins(read.drafts) == msgspec.to_builtins(
        [
            CustomerDraft(
                line=2,
                id=str(made.pk),
                external_number="C-0042",
                member_code="000123",
                card="6222020200112233445",
                name="=王小明",
                phone="+8613800138000",
                email="ming@example.com",
                gender="female",
                lunar_birthday=Birthday(8, 15, 1990, lunar=True),
                age_band="30-39",
                address={
                    "province": "上海",
                    "city": "上海市",
                    "line": "+东路 1 号",
                    "postcode": "200001",
                },
                home_store="南京东路店",
                owner="李雷",
                joined_at=made.joined_at,
                events={"wedding": Birthday(10, 1, 2015), "anniversary": Birthday(2, 29)},
                profile={"occupation": "-教师", "promotions": "unwelcome"},
                extra={"ring-size": 12},
            )
        ]
    )


@pytest.mark.parametrize("vertical", sorted(loading.installed()))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_is_recognised_whoever_brings_the_file_back(
    vertical: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = loading.installed()[vertical]
    monkeypatch.setattr(registry, "vertical", lambda: declared)
    headings = taken_out(language=language).headings

    for reader in LANGUAGES:
        with translation.override(reader):
            columns = guess.guess(headings, (), own=surroundings.own()).columns
        assert {column.heading for column in columns if not column.attribute} == set()
        assert len({column.attribute for column in columns}) == len(headings)


def test_a_changed_cell_is_the_only_difference(tmp_path: Path) -> None:
    full_customer()
    file = written(taken_out(), tmp_path / "file.csv", delimited)
    before = read_again(file).drafts[0]
    file.write_text(file.read_text("utf-8").replace("ming@example.com", "xm@example.com"), "utf-8")

    after = read_again(file).drafts[0]

    assert after == msgspec.structs.replace(before, email="xm@example.com")


def brought_back(file: Path) -> tuple[Preview, dict[str, int]]:
    """Bring a file in as an update; return what was promised and what was done."""
    work = msgspec.structs.replace(job("phone", existing="update"), mapping=understood(file))
    loader = CustomerLoader(work)
    loader.begin()
    shaped = read_again(file)
    assert shaped.problems == []
    loader.stage(shaped, loader.prepare(shaped))
    preview = loader.match(now=NOW, tell=silent)
    return preview, loader.load(now=NOW, tell=silent)


@pytest.mark.parametrize("writer", FILES, ids=("csv", "xlsx"))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_brought_back_as_it_was_changes_nothing(
    language: str, writer: ModuleType, tmp_path: Path
) -> None:
    made = full_customer()
    services.note(actor=SYSTEM, customer_id=made.pk, text="喜欢素雅\n怕等", now=NOW)
    services.consent(
        actor=SYSTEM, customer_id=made.pk, purpose="selling", given=False, how="form", now=NOW
    )
    customers.customer(name="Ben")
    kept = list(Customer.objects.order_by("pk").values())

    preview, counts = brought_back(written(taken_out(language=language), tmp_path / "file", writer))

    assert (preview.new, preview.changed, preview.same) == (0, 0, 2)
    assert counts["same"] == 2
    assert list(Customer.objects.order_by("pk").values()) == kept


def test_a_changed_cell_brought_back_changes_that_customer_alone(tmp_path: Path) -> None:
    made, other = full_customer(), customers.customer(name="Ben", phone="13900139000")
    file = written(taken_out(), tmp_path / "file.csv", delimited)
    file.write_text(file.read_text("utf-8").replace("13800138000", "13811138111"), "utf-8")

    preview, _counts = brought_back(file)

    assert (preview.new, preview.changed, preview.same) == (0, 1, 1)
    assert Customer.objects.get(pk=made.pk).phone == "+8613811138111"
    assert Customer.objects.get(pk=other.pk).phone == "+8613900139000"


def owned_by_nobody() -> Actor:
    """Return somebody of head office on whose list nobody is."""
    return people.actor(people.owner())


def without(actor: Actor, permission: str) -> Actor:
    """Take a permission away."""
    return Actor(kind=actor.kind, id=actor.id, scope=actor.scope, may=actor.may - {permission})


@pytest.mark.parametrize("writer", FILES, ids=("csv", "xlsx"))
@pytest.mark.parametrize("language", LANGUAGES)
def test_hidden_phones_cannot_replace_real_ones(
    language: str, writer: ModuleType, tmp_path: Path
) -> None:
    full_customer()
    sheet = taken_out(wishes=Wishes(), actor=owned_by_nobody(), language=language)
    file = written(sheet, tmp_path / "file", writer)

    read = read_again(file)

    assert "138****8000" in reading.inspect(file).sample[0].cells
    assert read.problems == []
    assert read.drafts[0].phone is None


def test_a_hidden_phone_taken_for_a_phone_is_refused(tmp_path: Path) -> None:
    full_customer()
    sheet = taken_out(wishes=Wishes(), actor=owned_by_nobody())
    file = written(sheet, tmp_path / "file.csv", delimited)
    file.write_text(
        file.read_text("utf-8").replace("Phone,", "Old,").replace("Hidden phone", "Phone"), "utf-8"
    )

    read = read_again(file)

    assert read.drafts == []
    assert [problem.code for problem in read.problems] == ["phone.masked"]


def test_phones_come_only_to_who_asks_and_may_reveal_them() -> None:
    full_customer()
    alice = owned_by_nobody()

    def phones_of(actor: Actor, wishes: Wishes) -> list[Any]:
        sheet = taken_out(actor=actor, wishes=wishes)
        return [line[list(sheet.headings).index("Phone")] for line in sheet.lines]

    assert phones_of(alice, Wishes(phones=True)) == ["13800138000"]
    assert phones_of(alice, Wishes()) == [None]
    assert phones_of(without(alice, "customers.reveal-phone"), Wishes(phones=True)) == [None]


def test_ones_own_customers_come_with_their_phones() -> None:
    alice = people.owner()
    customers.customer(phone="13800138000", owner=alice)

    sheet = taken_out(actor=people.actor(alice), wishes=Wishes())

    (line,) = sheet.lines
    assert line[list(sheet.headings).index("Phone")] == "13800138000"
    assert line[list(sheet.headings).index("Hidden phone")] is None


def test_only_customers_of_ones_scope_and_of_the_filters_come() -> None:
    north, south = (people.store(code=code, region=people.region(code=code)) for code in "NS")
    kept = customers.customer(name="Ann", gender="female", store=north)
    customers.customer(name="Ben", gender="male", store=north)
    customers.customer(name="Cat", gender="female", store=south)
    ruth = people.staff(name="Ruth", role=Role.REGION_MANAGER, regions=(north.region,))  # type: ignore[arg-type]

    sheet = writing.sheet(
        actor=people.actor(ruth),
        filters=Filters(gender="female"),
        wishes=EVERYTHING,
        language="en",
    )

    assert [line[0] for line in sheet.lines] == [str(kept.pk)]


def test_who_may_not_export_gets_nothing() -> None:
    with pytest.raises(Forbidden):
        taken_out(actor=without(owned_by_nobody(), "customers.export"))


def test_sensitive_values_come_only_when_asked_for_and_agreed_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared = customers.vertical()
    monkeypatch.setattr(registry, "vertical", lambda: declared)
    policies = {key: policy.default for key, policy in POLICIES.items()}
    policies["customers.sensitive-fields"] = True
    monkeypatch.setattr(registry, "policy", policies.__getitem__)
    agreed, silent = customers.customer(name="Ann"), customers.customer(name="Ben")
    services.consent(
        actor=SYSTEM,
        customer_id=agreed.pk,
        purpose="field.allergy",
        given=True,
        how="form",
        now=NOW,
    )
    Customer.objects.update(extra={"allergy": "nickel"})

    asked, unasked = taken_out(), taken_out(wishes=Wishes(phones=True))

    at = list(asked.headings).index("Allergy")
    assert {line[0]: line[at] for line in asked.lines} == {
        str(agreed.pk): "nickel",
        str(silent.pk): None,
    }
    assert "Allergy" not in unasked.headings
    assert "Child's birthday" not in unasked.headings


def test_of_consents_only_those_that_hold_come() -> None:
    made = customers.customer()
    for number, (channel, given) in enumerate((("sms", True), ("", False), ("email", True))):
        services.consent(
            actor=SYSTEM, customer_id=made.pk, purpose="selling", channel=channel, given=given,
            how="form", now=NOW + timedelta(minutes=number),
        )  # fmt: skip

    sheet = taken_out()

    (line,) = sheet.lines
    found = dict(zip(sheet.headings, line, strict=True))
    assert found["Agrees to news and offers"] == "no"
    assert found["Agrees to offers by text message"] is None  # undone by the later no to all
    assert found["Agrees to offers by e-mail"] == "yes"


def test_numbers_in_other_systems_stand_in_columns_of_their_own() -> None:
    customers.customer(identities=[("pos", "77"), ("import", "C-1")])

    sheet = taken_out()

    (line,) = sheet.lines
    found = dict(zip(sheet.headings, line, strict=True))
    assert found["Number in another system"] == "C-1"
    assert found["Number in “pos”"] == "77"


def test_stores_and_guides_called_the_same_are_told_apart_by_their_numbers() -> None:
    first, second = (people.store(code=code, name="Main Street") for code in ("S1", "S2"))
    twin, other = (people.staff(name="Li Lei", number=number) for number in ("G1", "G2"))
    customers.customer(store=first, owner=twin)
    customers.customer(store=second, owner=other)

    sheet = taken_out()

    store, guide = (list(sheet.headings).index(name) for name in ("Home store", "Guide"))
    assert {(line[store], line[guide]) for line in sheet.lines} == {("S1", "G1"), ("S2", "G2")}


def test_each_portion_takes_as_many_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persons, "PORTION", 5)
    store, guide = people.store(), people.staff()
    customers.crowd([(f"王{number}", None) for number in range(20)], store=store.pk, owner=guide.pk)
    lines = iter(taken_out().lines)
    portion = 5

    def cost(rows: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            for _row in range(rows):
                next(lines)
        return len(queries)

    assert [cost(portion), cost(portion), cost(portion)] == [5, 5, 5]


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+8613800138000", "13800138000"), ("+12125550123", "+12125550123")],
)
def test_a_phone_is_written_so_that_it_is_read_as_the_same(number: str, shown: str) -> None:
    text = phones.written(number, region="CN")

    assert text == shown
    assert phones.phone(region="CN")(text) == number


def test_a_landline_is_read_as_the_same() -> None:
    text = phones.written("+862161234567", region="CN")

    assert phones.phone(region="CN")(text) == "+862161234567"
