"""Files brought in with interruptions, twice, at the same time as a till, and taken back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.audit import SYSTEM
from regulars.customers import services
from regulars.customers.models import Consent, Customer, Identity, LifeEvent, Note
from regulars.imports import rejections
from regulars.imports.loading import customers_known, customers_undoing
from regulars.imports.loading import customers_progress as progress
from regulars.imports.loading.customers import CustomerLoader
from regulars.imports.models import Change, Import, StagedCustomer
from regulars.points.models import Account, Leg, Lot, Posting
from regulars.tenancy import context, directory
from tests import counts
from tests.factories import customers as factory
from tests.imports.customer_files import Rows, bring, job, silent, stage, undo
from tests.prepared import NOW

LATER = NOW + timedelta(days=1)
HEADS = (
    "external_number member_code card phone name gender birthday note consent.selling"
    " opening_points profile.occupation city"
)
PLAIN = "external_number member_code card phone name gender birthday note city"
_blank = st.just("")
_cells = {
    "external_number": _blank | st.sampled_from(["1", "2", "3"]),
    "member_code": _blank | st.sampled_from(["M1", "M2", "M3", "M4"]),
    "card": _blank | st.sampled_from(["C1", "C2", "C3"]),
    "phone": _blank | st.sampled_from(["13800138000", "13900139000", "13700137000"]),
    "name": _blank | st.sampled_from(["王小明", "李娜", "陈静"]),
    "gender": _blank | st.sampled_from(["男", "女"]),
    "birthday": _blank | st.sampled_from(["1980-03-05", "农历八月十五"]),
    "note": _blank | st.sampled_from(["x", "y"]),
    "consent.selling": _blank | st.sampled_from(["是", "否"]),
    "opening_points": _blank | st.sampled_from(["5", "70"]),
    "profile.occupation": _blank | st.sampled_from(["教师", "医生"]),
    "city": _blank | st.sampled_from(["上海", "北京"]),
}
_BIRTHS = {"id", "posting_id", "posting", "lot_id", "tx", "recorded_at", "account_id"}
_RANDOM = settings(
    max_examples=counts.of(6, proof=500),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_MODES = st.sampled_from(["update", "fill", "skip"])


def files(heads: str) -> st.SearchStrategy[list[tuple[str, ...]]]:
    """Draw files whose few values cross one another as often as they can."""
    return st.lists(st.tuples(*(_cells[head] for head in heads.split())), min_size=1, max_size=9)


class Killed(Exception):
    """The process ends here."""


def dump(*, dated: bool = True) -> dict[str, list[str]]:
    """Return what every table holds, apart from keys that are new each time."""
    found = {}
    for model in (Customer, Identity, LifeEvent, Note, Consent, Account, Lot, Posting, Leg, Change):
        left_out = set() if model is Customer else _BIRTHS
        left_out = left_out | (set() if dated else {"changed_at"})
        columns = [field.attname for field in model._meta.concrete_fields]
        kept = [name for name in columns if name not in left_out and name != "after"]
        found[model.__name__] = sorted(map(str, model._default_manager.values(*kept)))
    return found


@contextmanager
def rolled_back() -> Iterator[None]:
    """Leave nothing of the block behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def killed_at(step: int, where: str) -> Iterator[None]:
    """Kill the work at its n-th transaction: before the end of it, or just after."""
    seen = 0
    keep = progress.Progress.keep

    def dies(self: progress.Progress, at: Any) -> None:
        nonlocal seen
        seen += 1
        keep(self, at)
        if seen == step and where == "inside":
            raise Killed

    def tell(done: int, total: int | None) -> None:
        if seen == step and where == "after":
            raise Killed

    progress.Progress.keep = dies  # type: ignore[method-assign]
    try:
        yield tell  # type: ignore[misc]
    except Killed:
        pass
    finally:
        progress.Progress.keep = keep  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers_known, "AT_ONCE", 2)
    monkeypatch.setattr(customers_undoing, "AT_ONCE", 2)


def known_already() -> None:
    """Make a few customers whose keys files will meet."""
    factory.customer(name="王小明", member_code="M1", phone="13800138000")
    factory.customer(name="", phone="13900139000", identities=[("old", "2")])
    factory.customer(name="陈静", member_code="M4", identities=[("card", "C3")], gender="female")


@pytest.mark.proof("random files, killed in or after every transaction and gone on with")
@_RANDOM
@given(
    rows=files(HEADS),
    existing=_MODES,
    step=st.integers(1, 6),
    where=st.sampled_from(["inside", "after"]),
)
def test_a_load_that_was_killed_anywhere_ends_like_one_that_was_not(
    inside_aurum: Any, rows: Rows, existing: str, step: int, where: str
) -> None:
    with rolled_back():
        known_already()
        work = job(HEADS, existing=existing)
        stage(work, rows).match(now=NOW, tell=silent)
        with rolled_back():
            straight = CustomerLoader(work).load(now=NOW, tell=silent)
            expected = dump()

        with killed_at(step, where) as tell:
            CustomerLoader(work).load(now=NOW, tell=tell)  # type: ignore[arg-type]
        counted = CustomerLoader(work).load(now=NOW, tell=silent)

        assert counted == straight
        assert dump() == expected


def test_without_the_kept_place_a_killed_load_would_be_noticed(
    inside_aurum: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = job("member_code note", existing="fill")
    stage(work, [["M1", "x"], ["M2", "y"], ["M3", "z"]]).match(now=NOW, tell=silent)
    with killed_at(1, "after") as tell:
        CustomerLoader(work).load(now=NOW, tell=tell)  # type: ignore[arg-type]
    Import.objects.filter(pk=work.import_id).update(counts={})

    with pytest.raises(IntegrityError):  # the first line would be written again
        CustomerLoader(work).load(now=NOW, tell=silent)


@pytest.mark.proof("random files brought in twice, in every mode")
@_RANDOM
@given(rows=files(HEADS), existing=_MODES)
def test_a_file_of_new_customers_brought_in_twice_is_there_once(
    inside_aurum: Any, rows: Rows, existing: str
) -> None:
    with rolled_back():
        first = bring(HEADS, rows)
        before = dump()

        second = bring(HEADS, rows, existing=existing, now=LATER)

        assert dump() == before
        assert (second.counts["new"], second.counts["changed"]) == (0, 0)
        assert first.preview.rejected == second.preview.rejected


@pytest.mark.proof("random files: what the preview promised against what was done")
@_RANDOM
@given(rows=files(HEADS), existing=_MODES)
def test_the_preview_of_any_file_equals_what_loading_does(
    inside_aurum: Any, rows: Rows, existing: str
) -> None:
    with rolled_back():
        known_already()
        people = Customer.objects.count()

        brought = bring(HEADS, rows, existing=existing)

        promised = brought.preview
        done = brought.counts
        assert (promised.new, promised.changed, promised.same) == (
            *(done["new"], done["changed"], done["same"]),
        )
        assert Customer.objects.count() == people + promised.new
        assert Change.objects.count() == promised.changed
        refused = rejections.count(import_id=brought.job.import_id)
        assert promised.rejected == refused
        blank = sum(not any(row) for row in rows)
        assert promised.new + promised.changed + promised.same + refused + blank == len(rows)


@pytest.mark.proof("random files taken back, killed in or after every transaction")
@_RANDOM
@given(
    rows=files(PLAIN),
    existing=_MODES,
    step=st.integers(1, 6),
    where=st.sampled_from(["inside", "after"]),
)
def test_undoing_any_file_restores_every_table(
    inside_aurum: Any, rows: Rows, existing: str, step: int, where: str
) -> None:
    with rolled_back():
        known_already()
        before = dump(dated=False)
        brought = bring(PLAIN, rows, existing=existing)
        with killed_at(step, where) as tell:
            CustomerLoader(brought.job).undo(now=LATER, tell=tell)  # type: ignore[arg-type]

        undone = undo(brought.job, now=LATER)

        Change.objects.all().delete()
        assert dump(dated=False) == before
        assert undone["removed"] == brought.counts["new"]
        assert undone["restored"] == brought.counts["changed"]


def test_a_load_goes_on_after_the_staged_rows_were_lost(inside_aurum: Any) -> None:
    rows = [[f"M{n}", "王", "5"] for n in range(7)]
    heads = "member_code name opening_points"
    work = job(heads)
    stage(work, rows).match(now=NOW, tell=silent)
    with killed_at(2, "after") as tell:
        CustomerLoader(work).load(now=NOW, tell=tell)  # type: ignore[arg-type]
    assert Customer.objects.count() == 4
    StagedCustomer.objects.all().delete()

    stage(work, rows).match(now=NOW, tell=silent)
    counted = CustomerLoader(work).load(now=NOW, tell=silent)

    assert counted == {"new": 7, "changed": 0, "same": 0, "refused": 0}
    assert Customer.objects.count() == 7
    assert Posting.objects.count() == 7


@pytest.mark.parametrize(
    ("heads", "take"),
    [
        ("member_code", lambda: factory.customer(member_code="M1")),
        ("card", lambda: factory.customer(identities=[("card", "M1")])),
        ("external_number", lambda: factory.customer(identities=[("old", "M1")])),
    ],
)
def test_what_somebody_took_since_the_check_refuses_its_row_and_no_other(
    inside_aurum: Any, heads: str, take: Callable[[], Customer]
) -> None:
    work = job(f"{heads} name note opening_points")
    rows = [["M1", "王", "x", "5"], ["M2", "李", "y", "6"]]
    stage(work, rows).match(now=NOW, tell=silent)
    taker = take()

    counted = CustomerLoader(work).load(now=NOW, tell=silent)

    assert counted == {"new": 1, "changed": 0, "same": 0, "refused": 1}
    refused = list(rejections.in_order(import_id=work.import_id))
    assert [(line, found[0]["code"]) for line, found in refused] == [(2, "customer.key-taken")]
    assert set(Customer.objects.values_list("name", flat=True)) == {taker.name, "李"}
    assert (Identity.objects.filter(number="M1").count(), Note.objects.count()) in {(0, 1), (1, 1)}
    assert Posting.objects.count() == 1


def test_a_code_that_somebody_took_since_the_check_refuses_the_change(inside_aurum: Any) -> None:
    known = factory.customer(identities=[("card", "C1")])
    other = factory.customer(identities=[("card", "C2")])
    work = job("card member_code", existing="update")
    stage(work, [["C1", "M1"], ["C2", "M2"]]).match(now=NOW, tell=silent)
    factory.customer(member_code="M1")

    counted = CustomerLoader(work).load(now=NOW, tell=silent)

    assert (counted["changed"], counted["refused"]) == (1, 1)
    codes = Customer.objects.in_bulk([known.pk, other.pk])
    assert (codes[known.pk].member_code, codes[other.pk].member_code) == (None, "M2")


def test_a_customer_merged_since_the_check_is_refused(inside_aurum: Any) -> None:
    known = factory.customer(member_code="M1")
    work = job("member_code name", existing="update")
    stage(work, [["M1", "李"]]).match(now=NOW, tell=silent)
    Customer.objects.filter(pk=known.pk).update(state="erased")

    counted = CustomerLoader(work).load(now=NOW, tell=silent)

    assert counted["refused"] == 1


def test_a_till_that_makes_the_same_customers_meanwhile_stops_nothing(own_database: str) -> None:
    chain = directory.find("aurum")
    assert chain is not None
    rows = [[f"M{n:03d}", f"C{n:03d}", "王"] for n in range(60)]
    with context.inside(chain):
        work = job("member_code card name")
        stage(work, rows).match(now=NOW, tell=silent)
    made: list[str] = []
    fell: list[Exception] = []

    def till() -> None:
        with context.inside(chain):
            for code, card, _name in rows[::3]:
                numbers = [("card", card)] if int(code[1:]) % 2 else []
                values = {"name": "李", "member_code": "" if numbers else code}
                try:
                    services.create(actor=SYSTEM, now=NOW, values=values, identities=numbers)
                    made.append(code)
                except (services.CodeTaken, services.NumberTaken):
                    continue
                except Exception as fault:  # noqa: BLE001  (whatever it is, the test names it)
                    fell.append(fault)
        connections["default"].close()

    thread = Thread(target=till)
    thread.start()
    with context.inside(chain):
        counted = CustomerLoader(work).load(now=NOW, tell=silent)
        thread.join()

        assert fell == []
        assert counted["new"] == 60 - len(made)
        assert counted["refused"] == len(made)
        assert Customer.objects.filter(import_id=work.import_id).count() == counted["new"]
        assert Customer.objects.count() == 60
    connection.close()
