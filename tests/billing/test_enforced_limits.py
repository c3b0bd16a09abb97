"""What a plan allows: stores are refused beyond it, files with too many members, tills never."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from regulars import audit
from regulars.billing import entitlements, plans
from regulars.billing.models import Subscription
from regulars.customers.models import Customer
from regulars.imports import allowance, contract
from regulars.imports import selectors as imports
from regulars.imports.models import Import
from regulars.outbox import services as outbox
from regulars.stores import selectors, services
from regulars.stores.models import Store
from regulars.stores.services import StoreFacts, StoresUsedUp
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.factories import customers, people
from tests.factories.standing import stands
from tests.factories.visitors import signed_in
from tests.imports import steps
from tests.points.hammering import at_once

folder = steps.folder
FILE: Final = "姓名,手机号\n" + "\n".join(f"顾客{number},1380013{number:04}" for number in range(4))
WITH_STORES: Final = "姓名,手机号,门店\n顾客,13800130000,北店\n"


def facts(code: str) -> StoreFacts:
    return StoreFacts(code=code, name=f"Store {code}", time_zone="Asia/Shanghai")


def open_up(code: str) -> Store:
    return services.add(actor=audit.SYSTEM, facts=facts(code))


@pytest.fixture
def small(aurum: ChainInfo) -> Any:
    """Aurum on the smallest plan, which has five stores; one is there already."""
    with context.inside(stands(aurum, plan="start")) as chain:
        yield chain


def test_stores_open_up_to_the_plan_and_no_further(small: ChainInfo) -> None:
    services.add_many(actor=audit.SYSTEM, rows=[facts(f"s{number}") for number in range(4)])

    with pytest.raises(StoresUsedUp) as refused:
        open_up("s5")

    assert selectors.count_open() == 5
    assert "includes 5 open stores, and you have 5" in str(refused.value)
    assert "Settings → Subscription" in str(refused.value)


def test_many_stores_that_do_not_fit_are_none(small: ChainInfo) -> None:
    with pytest.raises(StoresUsedUp):
        services.add_many(actor=audit.SYSTEM, rows=[facts(f"s{number}") for number in range(5)])

    assert selectors.count_open() == 1


def test_a_closed_store_makes_room_and_opens_again_only_where_there_is_some(
    small: ChainInfo,
) -> None:
    made = services.add_many(actor=audit.SYSTEM, rows=[facts(f"s{n}") for n in range(4)])
    services.close(actor=audit.SYSTEM, store_id=made[0].pk, on=date(2026, 1, 5))
    open_up("s9")

    with pytest.raises(StoresUsedUp):
        services.reopen(actor=audit.SYSTEM, store_id=made[0].pk)

    services.close(actor=audit.SYSTEM, store_id=made[1].pk, on=date(2026, 1, 5))
    services.reopen(actor=audit.SYSTEM, store_id=made[0].pk)
    services.reopen(actor=audit.SYSTEM, store_id=made[0].pk)  # open already: nothing is asked
    assert selectors.count_open() == 5


def test_a_store_counts_as_open_until_the_day_on_which_it_closes(small: ChainInfo) -> None:
    services.close(actor=audit.SYSTEM, store_id=people.first_store().pk, on=date(2999, 1, 1))

    assert selectors.count_open() == 1


def test_what_a_smaller_plan_does_not_allow_stays_open(aurum: ChainInfo) -> None:
    with context.inside(aurum):
        services.add_many(actor=audit.SYSTEM, rows=[facts(f"s{n}") for n in range(6)])

    with context.inside(stands(aurum, plan="start")):
        with pytest.raises(StoresUsedUp):
            open_up("s9")
        assert selectors.count_open() == 7


def test_a_demo_and_the_largest_plan_have_no_limits(aurum: ChainInfo) -> None:
    for facts_ in ({"plan": "start", "is_demo": True}, {"plan": "group", "is_demo": False}):
        found = entitlements.of(stands(aurum, **facts_))
        assert (found.stores, found.members, found.most_imported) == (None, None, None)


def test_a_chain_that_nobody_sold_anything_has_the_limits_that_stand_beside_it(
    small: ChainInfo,
) -> None:
    Subscription.objects.filter(chain_id=small.id).delete()

    with pytest.raises(StoresUsedUp):
        services.add_many(actor=audit.SYSTEM, rows=[facts(f"s{n}") for n in range(5)])
    open_up("s1")

    assert outbox.work_off() >= 1  # stores changed: there is nothing to pay for


@pytest.mark.parametrize("path", ["new", "paste", "reopen"])
def test_the_page_says_it_in_words(aurum: ChainInfo, path: str) -> None:
    with context.inside(stands(aurum, plan="start")):
        made = services.add_many(actor=audit.SYSTEM, rows=[facts(f"s{n}") for n in range(4)])
        services.close(actor=audit.SYSTEM, store_id=made[0].pk, on=date(2026, 1, 5))
        open_up("s9")
    browser = signed_in()
    form = {"code": "t1", "name": "T", "time_zone": "Asia/Shanghai", "ownership": "own"}
    addresses = {
        "new": ("/stores/new/", form),
        "paste": ("/stores/paste/", {"rows": "t1\tT\nt2\tU", "save": "1"}),
        "reopen": (f"/stores/{made[0].pk}/reopen/", {}),
    }
    address, body = addresses[path]

    answer = browser.post(address, body)

    assert answer.status_code in {403, 422}
    assert "includes 5 open stores" in answer.text
    with context.inside(aurum):
        assert Store.objects.count() == 6


def both_open(chain: ChainInfo) -> tuple[list[Any], int]:
    """Open two stores at the same moment, where there is room for one."""
    with context.inside(chain):
        services.add_many(actor=audit.SYSTEM, rows=[facts(f"s{n}") for n in range(3)])
    came = at_once(chain, [lambda: open_up("one"), lambda: open_up("other")])
    with context.inside(chain):
        return came, selectors.count_open()


def _start(own: str) -> ChainInfo:
    chain = directory.find("aurum")
    assert chain is not None
    return stands(chain, plan="start")


def test_of_two_who_open_the_last_store_at_once_one_does(own_database: str) -> None:
    came, number = both_open(_start(own_database))

    assert number == 5
    assert sorted(type(each).__name__ for each in came) == ["Store", "StoresUsedUp"]


def test_positive_control_without_the_turn_both_open_it(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_one_at_a_time", lambda: None)
    count = selectors.count_open

    def slowly() -> int:
        found = count()
        time.sleep(0.2)
        return found

    monkeypatch.setattr(selectors, "count_open", slowly)

    _came, number = both_open(_start(own_database))

    assert number == 6


def brought(now: datetime, text: str = FILE, **options: Any) -> Import:
    row = steps.received(now, text=text)
    steps.check(row, now, options=contract.Options(**options))
    return steps.driven(row, now)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the smallest plan have so many members."""
    plan = plans.PLANS["start"]

    def allow(members: int) -> None:
        made = replace(plan, members=members)
        monkeypatch.setattr(plans, "of", lambda _key: made)

    return allow


def test_a_file_brings_new_members_in_up_to_six_fifths(
    folder: Path, now: datetime, few: Callable[[int], None]
) -> None:
    few(5)  # so files go up to six
    for _ in range(3):
        customers.customer()
    row = brought(now)

    with pytest.raises(allowance.MembersUsedUp) as refused:
        steps.started(row, now)

    row.refresh_from_db()
    assert (row.state, Customer.objects.count()) == ("checked", 3)
    assert "brings in 4 new customers" in str(refused.value)
    assert "may go up to 6, and you have 3." in str(refused.value)
    gone = Customer.objects.order_by("pk")[:1]
    Customer.objects.filter(pk__in=gone.values_list("pk", flat=True)).update(state="erased")
    steps.driven(steps.started(row, now), now)
    assert Customer.objects.filter(state="active").count() == 6


def test_two_files_do_not_take_the_same_room(
    folder: Path, now: datetime, few: Callable[[int], None]
) -> None:
    few(5)
    first, second = brought(now), brought(now)
    steps.started(first, now)

    with pytest.raises(allowance.MembersUsedUp) as refused:
        steps.started(second, now)

    assert "with 4 more being brought in now" in str(refused.value)


def test_a_file_that_brings_in_nobody_new_comes_in(
    folder: Path, now: datetime, few: Callable[[int], None]
) -> None:
    steps.driven(steps.started(brought(now), now), now)
    few(1)
    row = steps.received(now, text=FILE)
    steps.check(row, now, is_again=True)

    found = steps.driven(steps.started(steps.driven(row, now), now), now)

    assert (found.state, Customer.objects.count()) == ("done", 4)


def test_stores_a_file_names_are_not_opened_beyond_the_plan(
    folder: Path, now: datetime, aurum: ChainInfo
) -> None:
    services.add_many(actor=audit.SYSTEM, rows=[facts(f"s{n}") for n in range(4)])
    with context.inside(stands(aurum, plan="start")):
        row = brought(now, WITH_STORES, create_stores=True)

        found = steps.driven(steps.started(row, now), now)

        assert found.state == "failed"
        assert "names 1 stores that would be opened" in imports.fault_of(found)
        assert Customer.objects.count() == 0
        assert selectors.count_open() == 5


def test_by_hand_a_member_too_many_is_warned_of_and_made(aurum: ChainInfo) -> None:
    stands(aurum, plan="start")
    browser = signed_in()
    before = browser.get("/customers/new/")
    with context.public():
        Subscription.objects.filter(chain_id=aurum.id).update(usage={"members": 20_105})

    page = browser.get("/customers/new/")
    made = browser.post("/customers/new/", {"name": "Carol"})

    assert "includes" not in before.text
    assert "includes 20,000 members, and you have 20,105" in page.text
    assert made.status_code == 302
