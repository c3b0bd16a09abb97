"""Work is shared by two threads outside a transaction, and is done once however it ends."""

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from regulars.customers.models import Customer, LifeEvent
from regulars.imports import side_by_side
from regulars.imports.loading import customers_known, purchases, purchases_following
from regulars.imports.loading.customers import CustomerLoader
from regulars.imports.loading.customers_progress import Progress
from regulars.purchases.models import Standing
from regulars.tenancy import context, directory
from tests.factories.imports import Run
from tests.imports import customer_files
from tests.prepared import NOW

ROWS = [
    (f"M{n}", f"王小{'明芳伟娜'[n % 4]}", f"138001380{n:02}", f"1980-03-{n:02}")
    for n in range(10, 26)
]


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def alone(own_database: str) -> Iterator[None]:
    """Work inside aurum with real transactions."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        yield


@pytest.mark.usefixtures("alone")
def test_two_threads_work_inside_the_same_chain_with_a_connection_each() -> None:
    meeting = threading.Barrier(2, timeout=20)

    def work(number: int) -> tuple[int, str, int]:
        if number < 2:
            meeting.wait()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema(), pg_backend_pid()")
            schema, backend = cursor.fetchone()
        return number, schema, backend

    found = list(side_by_side.shared(range(8), work))

    assert sorted(number for number, _schema, _backend in found) == list(range(8))
    assert {schema for _number, schema, _backend in found} == {context.current().schema_name}
    assert len({backend for _number, _schema, backend in found}) == 2


@pytest.mark.usefixtures("inside_aurum")
def test_within_a_transaction_one_thread_does_everything() -> None:
    with transaction.atomic():
        found = list(side_by_side.shared(range(8), lambda _: threading.current_thread()))

    assert set(found) == {threading.current_thread()}


@pytest.mark.usefixtures("alone")
def test_a_fault_of_either_thread_is_raised_when_both_rest() -> None:
    here = threading.current_thread()
    meeting = threading.Barrier(2, timeout=20)

    def work(number: int) -> int:
        if number < 2:
            meeting.wait()
            if threading.current_thread() is not here:
                raise Killed
        return number

    with pytest.raises(Killed):
        list(side_by_side.shared(range(8), work))


def test_what_comes_next_is_made_in_order_and_no_more_once_nobody_listens() -> None:
    made, is_closed = [], []

    def numbers() -> Generator[int]:
        try:
            for number in range(1_000):
                made.append(number)
                yield number
        finally:
            is_closed.append(True)

    with closing(side_by_side.ahead(numbers())) as ahead:
        first = [next(ahead) for _ in range(3)]

    assert first == [0, 1, 2]
    assert len(made) < 10
    assert is_closed == [True]


def test_a_fault_while_reading_ahead_is_raised_where_the_items_are_used() -> None:
    def numbers() -> Generator[int]:
        yield 1
        raise Killed

    ahead = side_by_side.ahead(numbers())

    assert next(ahead) == 1
    with pytest.raises(Killed):
        next(ahead)


@pytest.mark.usefixtures("alone")
def test_purchases_are_judged_loaded_and_followed_on_two_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(purchases, "_LINES_AT_ONCE", 4)
    monkeypatch.setattr(purchases, "_LINES_JUDGED", 4)
    monkeypatch.setattr(purchases_following, "_CUSTOMERS_AT_ONCE", 2)
    helpers = []
    helped = side_by_side._help

    def noted(chain: context.ChainInfo, left: Any, work: Any, *rest: Any) -> None:
        helpers.append(work)
        helped(chain, left, work, *rest)

    monkeypatch.setattr(side_by_side, "_help", noted)
    run = Run(
        "number occurred_at customer_number product_code paid store",
        [(f"A{n}", "2026-01-05 10:00", 1 + n % 9, "p1", "2.50", "001") for n in range(30)],
        unknown_customers="create",
    )

    preview = run.check()
    counts = run.load()

    assert (preview.new, preview.details["customers_new"]) == (30, 9)
    assert (counts["purchases"], counts["customers"]) == (30, 9)
    assert set(Standing.objects.values_list("purchases", flat=True)) == {3, 4}
    assert Standing.objects.aggregate(sum=Sum("paid_minor"))["sum"] == 7_500
    assert len(helpers) == 3


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("is_guarded", [True, False])
def test_pieces_done_out_of_order_before_a_crash_are_not_done_again(
    monkeypatch: pytest.MonkeyPatch, is_guarded: bool
) -> None:
    monkeypatch.setattr(customers_known, "AT_ONCE", 2)
    work = customer_files.job("member_code name phone birthday")
    customer_files.stage(work, ROWS).match(now=NOW, tell=customer_files.silent)
    _load_but_the_first(work, monkeypatch)
    assert Customer.objects.filter(import_id=work.import_id).count() == len(ROWS) - 2

    if not is_guarded:
        monkeypatch.setattr(Progress, "left", lambda _self, pieces: list(pieces))
    counts = CustomerLoader(work).load(now=NOW, tell=customer_files.silent)

    is_once = LifeEvent.objects.count() == len(ROWS) == counts["new"]
    assert is_once is is_guarded
    assert Customer.objects.filter(import_id=work.import_id).count() == len(ROWS)


def _load_but_the_first(work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load with a process that dies within the first piece, when all others are done."""
    load, others = CustomerLoader._load, threading.Semaphore(0)

    def dies(self: Any, writer: Any, changer: Any, after: int, to: int) -> None:
        if after:
            load(self, writer, changer, after, to)
            others.release()
            return
        for _piece in range(len(ROWS) // 2 - 1):
            assert others.acquire(timeout=20)
        raise Killed

    loader = CustomerLoader(work)
    with monkeypatch.context() as patch:
        patch.setattr(CustomerLoader, "_load", dies)
        with pytest.raises(Killed):
            loader.load(now=NOW, tell=customer_files.silent)
