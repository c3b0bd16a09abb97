"""Folding beside writers, groups that change, rollups that were spoilt, and what is kept ready."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from regulars.insights import tasks
from regulars.insights.models import CHAIN, Day, Period, State
from regulars.insights.periods import Days
from regulars.insights.selectors import figures
from regulars.insights.services import folding, keeping, verification
from regulars.outbox.models import Job
from regulars.tenancy import context
from tests.factories import insights as facts
from tests.insights.conftest import World

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
MONTH = Days(TODAY - timedelta(days=29), TODAY)


def chain_figures(days: Days = MONTH) -> figures.Figures:
    return figures.read(group_ids=[CHAIN], periods=[days]).of(days, CHAIN)


def in_threads(works: list[Callable[[], None]]) -> None:
    """Run these at once, each on a connection of its own inside the active chain."""
    chain = context.current()
    begin = Barrier(len(works))
    faults: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            with context.inside(chain):
                begin.wait()
                work()
        except BaseException as fault:  # noqa: BLE001  (shown by the test that started it)
            faults.append(fault)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def test_writers_and_folders_at_once_lose_nothing_and_count_nothing_twice(
    own_world: World,
) -> None:
    folding.fold(now=NOW)
    keeping.keep(periods=[MONTH, MONTH.until], today=TODAY)
    seen: list[figures.Figures] = []

    def sell(store: int) -> Callable[[], None]:
        def work() -> None:
            for n in range(40):
                day = TODAY - timedelta(days=n % 5)
                facts.write(
                    [
                        facts.sale(
                            store=own_world.stores[store].id,
                            customer=own_world.customers[n % 6],
                            day=day,
                            paid=1,
                        )
                    ]
                )

        return work

    def fold() -> None:
        for _ in range(25):
            folding.fold(now=NOW)

    def look() -> None:
        seen.extend(chain_figures() for _ in range(40))

    in_threads([sell(0), sell(1), sell(2), fold, fold, look])

    assert [each.purchases for each in seen] == sorted(each.purchases for each in seen)
    assert chain_figures().purchases == 120
    assert chain_figures().sales_minor == 120
    assert chain_figures().buyers == 6
    folding.fold(now=NOW)
    assert verification.verify(now=NOW) == []


def test_what_a_transaction_has_not_committed_is_neither_shown_nor_folded(
    own_world: World,
) -> None:
    own_world.sell(0, 0, TODAY)
    folding.fold(now=NOW)
    chain = context.current()
    written, looked = Barrier(2), Barrier(2)

    def slow_till() -> None:
        with context.inside(chain), transaction.atomic():
            facts.write([facts.sale(store=own_world.stores[0].id, customer=None, day=TODAY)])
            written.wait()
            looked.wait()
        connection.close()

    till = Thread(target=slow_till)
    till.start()
    written.wait()
    own_world.sell(1, 1, TODAY)  # later, but committed first
    folding.fold(now=NOW)
    before = chain_figures()
    looked.wait()
    till.join()

    assert before.purchases == 2
    assert chain_figures().purchases == 3
    assert folding.fold(now=NOW).purchases == 1
    assert chain_figures().purchases == 3


def test_a_fold_counts_the_same_fact_once_however_often_it_runs(own_world: World) -> None:
    own_world.sell(0, 0, TODAY)

    assert folding.fold(now=NOW).purchases == 1
    assert folding.fold(now=NOW).purchases == 0
    assert chain_figures().purchases == 1


def test_a_fold_leaves_the_facts_of_its_own_transaction_to_another(own_world: World) -> None:
    folding.fold(now=NOW)
    with transaction.atomic():
        own_world.sell(0, 0, TODAY)
        assert folding.fold(now=NOW).was_busy
        assert chain_figures().purchases == 1

    assert folding.fold(now=NOW).purchases == 1
    assert chain_figures().purchases == 1


def test_figures_are_right_before_anything_was_ever_folded(world: World) -> None:
    world.sell(0, 0, TODAY)
    world.sell(1, 0, TODAY)

    assert chain_figures() == facts.counted(world.written, stores=world.groups[CHAIN], days=MONTH)


def test_a_store_that_moves_to_another_region_takes_its_past_along(own_world: World) -> None:
    east, west = own_world.regions
    own_world.sell(0, 0, TODAY)
    own_world.sell(1, 0, TODAY)
    folding.fold(now=NOW)
    keeping.keep(periods=[MONTH], today=TODAY)
    store = own_world.stores[0]
    store.region = west
    store.save(update_fields=["region"])

    assert figures.regrouped() == {east.id, west.id}
    folding.fold(now=NOW)

    answer = figures.read(group_ids=[east.id, west.id], periods=[MONTH])
    assert figures.regrouped() == frozenset()
    assert answer.of(MONTH, east.id).purchases == 0
    assert answer.of(MONTH, west.id).purchases == 2
    assert answer.of(MONTH, west.id).buyers == 1
    assert verification.verify(now=NOW) == []


def test_a_franchise_that_stops_sharing_leaves_the_chain_but_keeps_its_own(
    own_world: World,
) -> None:
    store = own_world.stores[0]
    own_world.sell(0, 0, TODAY)
    own_world.sell(1, 0, TODAY)
    folding.fold(now=NOW)
    store.ownership, store.shares_figures = store.Ownership.FRANCHISE, False
    store.save(update_fields=["ownership", "shares_figures"])

    folding.fold(now=NOW)

    answer = figures.read(group_ids=[CHAIN, store.id], periods=[MONTH])
    assert answer.of(MONTH, CHAIN).purchases == 1
    assert answer.of(MONTH, store.id).purchases == 1


def test_a_store_that_opens_counts_from_its_first_sale(own_world: World) -> None:
    folding.fold(now=NOW)
    opened = type(own_world.first)(
        code="new", name="New", time_zone="Asia/Shanghai", region=own_world.regions[0]
    )
    opened.save(force_insert=True)
    facts.write([facts.sale(store=opened.id, customer=None, day=TODAY)])

    assert figures.regrouped() == frozenset()
    answer = figures.read(group_ids=[CHAIN, own_world.regions[0].id, opened.id], periods=[MONTH])

    assert {each.purchases for each in answer.figures[MONTH].values()} == {1}


def _spoil_sums() -> None:
    Day.objects.filter(group_id=CHAIN, day=TODAY).update(sales_minor=1)


def _spoil_buyers() -> None:
    Day.objects.filter(group_id=CHAIN, day=TODAY).update(buyers_by=[7])


def _lose_a_day() -> None:
    Day.objects.filter(group_id=CHAIN, day=TODAY).delete()


def _spoil_a_period() -> None:
    Period.objects.filter(group_id=CHAIN, first_day=MONTH.first).update(buyers=9)


@pytest.mark.parametrize("spoil", [_spoil_sums, _spoil_buyers, _lose_a_day, _spoil_a_period])
def test_a_spoilt_rollup_is_found_told_and_made_anew(
    own_world: World, spoil: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    own_world.sell(0, 0, TODAY)
    folding.fold(now=NOW)
    keeping.keep(periods=[MONTH], today=TODAY)
    assert verification.verify(now=NOW) == []
    spoil()

    found = verification.verify_and_repair(now=NOW)

    assert found
    assert "Rollups differ" in caplog.text
    assert verification.verify(now=NOW) == []
    assert chain_figures() == facts.counted(
        own_world.written, stores=own_world.groups[CHAIN], days=MONTH
    )


def test_moves_outside_recounted_are_what_the_nightly_comparison_is_for(own_world: World) -> None:
    own_world.sell(0, 0, TODAY)
    own_world.sell(0, 1, TODAY)
    folding.fold(now=NOW)

    facts.move(absorbed=own_world.customers[0], kept=own_world.customers[1])

    assert verification.verify(now=NOW)


def test_a_reset_is_followed_by_a_fold_that_makes_everything_anew(own_world: World) -> None:
    own_world.sell(0, 0, TODAY)
    folding.fold(now=NOW)

    folding.reset()

    assert not State.objects.exists()
    assert chain_figures().purchases == 1
    folding.fold(now=NOW)
    assert chain_figures().purchases == 1


def test_a_period_somebody_looked_at_is_kept_until_nobody_does(own_world: World) -> None:
    own_world.sell(0, 0, TODAY)
    folding.fold(now=NOW)
    odd = Days(date(2026, 3, 3), date(2026, 11, 20))

    tasks.keep(periods=[["2026-03-03", "2026-11-20"]], today="2026-11-21", now=NOW)
    keeping.prepare(today=TODAY)
    assert odd in keeping.kept()
    assert MONTH in keeping.kept()

    keeping.prepare(today=TODAY + timedelta(days=5))
    assert odd not in keeping.kept()


def test_where_nobody_looks_nothing_is_kept_ready(own_world: World) -> None:
    own_world.sell(0, 0, TODAY)
    folding.fold(now=NOW)

    keeping.prepare(today=TODAY)

    assert keeping.kept() == {}


def test_a_look_asks_for_work_only_when_there_is_some(own_world: World) -> None:
    def waiting() -> list[Any]:
        return sorted(Job.objects.values_list("handler", flat=True))

    tasks.noticed(periods=[], fresh=3, now=NOW)
    assert waiting() == []

    for _ in range(2):  # twice the same is once
        tasks.noticed(periods=[MONTH], fresh=5000, now=NOW)
    assert waiting() == ["insights.fold", "insights.keep"]
