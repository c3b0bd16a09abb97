"""What a file changes in customers who are known already, and what it leaves alone."""

from datetime import UTC, datetime, timedelta

import pytest

from regulars.audit import SYSTEM
from regulars.customers import consents, services
from regulars.customers.models import Consent, Customer, Identity, LifeEvent, Note
from regulars.imports.models import Change
from regulars.points import ledger
from regulars.points.models import Account, Posting
from tests.factories import customers as factory
from tests.factories import people
from tests.imports.customer_files import bring
from tests.prepared import NOW

pytestmark = pytest.mark.usefixtures("inside_aurum")
LATER = NOW + timedelta(days=1)


def test_update_writes_over_and_remembers_what_was_there() -> None:
    known = factory.customer(member_code="M1", name="王小明", phone="13800138000", gender="male")

    brought = bring(
        "member_code name phone gender",
        [["M1", "王大明", "13900139000", "男"]],
        existing="update",
        now=LATER,
    )

    known.refresh_from_db()
    assert (known.name, known.phone, known.pinyin) == ("王大明", "+8613900139000", "wangdaming")
    assert "3900" in known.tokens
    assert known.changed_at == LATER
    assert known.import_id is None
    change = Change.objects.get(import_id=brought.job.import_id, customer_id=known.pk)
    assert change.before == {"name": "王小明", "phone": "+8613800138000"}
    assert change.after == {"name": "王大明", "phone": "+8613900139000"}


def test_fill_writes_only_where_nothing_stands() -> None:
    store = people.store(code="007")
    known = factory.customer(member_code="M1", name="王小明", address={"city": "上海"})

    brought = bring(
        "member_code name gender city address home_store",
        [["M1", "王大明", "男", "北京", "南京路1号", "007"]],
        existing="fill",
    )

    known.refresh_from_db()
    assert (known.name, known.gender, known.home_store_id) == ("王小明", "male", store.pk)
    assert known.address == {"city": "上海", "line": "南京路1号"}
    assert brought.counts["changed"] == 1


def test_skip_leaves_everybody_known_alone_and_takes_new_ones() -> None:
    known = factory.customer(member_code="M1", name="王小明")

    brought = bring(
        "member_code name note", [["M1", "王大明", "x"], ["M2", "李娜", ""]], existing="skip"
    )

    known.refresh_from_db()
    assert known.name == "王小明"
    assert not Note.objects.exists()
    assert brought.counts == {"new": 1, "changed": 0, "same": 1, "refused": 0}


def test_a_blank_cell_leaves_what_is_there() -> None:
    known = factory.customer(member_code="M1", name="王小明", gender="male")

    brought = bring("member_code name gender", [["M1", "", ""]], existing="update")

    known.refresh_from_db()
    assert (known.name, known.gender) == ("王小明", "male")
    assert brought.counts["same"] == 1


@pytest.mark.parametrize("existing", ["update", "fill", "skip"])
def test_the_preview_promises_what_loading_then_does(existing: str) -> None:
    factory.customer(member_code="M1", name="王小明", gender="male")
    factory.customer(member_code="M2", name="李娜")
    rows = [["M1", "王小明", "男"], ["M2", "李娜", "女"], ["M3", "陈静", ""], ["M3", "", ""]]

    brought = bring("member_code name gender", rows, existing=existing)

    promised = brought.preview
    done = brought.counts
    assert (promised.new, promised.changed, promised.same, promised.rejected) == (
        *(done["new"], done["changed"], done["same"]),
        len(brought.refused),
    )
    assert (promised.new, promised.rejected) == (1, 1)


def test_a_moment_of_joining_is_the_same_to_the_second() -> None:
    known = factory.customer(member_code="M1", now=datetime(2020, 5, 1, 2, 30, 7, 5, tzinfo=UTC))

    brought = bring("member_code joined_at", [["M1", "2020-05-01 10:30:07"]], existing="update")

    assert brought.counts["same"] == 1
    assert Customer.objects.get(pk=known.pk).joined_at.microsecond == 5


def test_another_card_is_added_beside_the_first() -> None:
    factory.customer(member_code="M1", identities=[("card", "C1"), ("old", "77")])

    bring("member_code card external_number", [["M1", "C2", "78"]], existing="fill")

    assert set(Identity.objects.values_list("source", "number")) == {
        *(("card", "C1"), ("card", "C2"), ("old", "77"), ("old", "78")),
    }


def test_update_replaces_the_birthday_and_adds_a_second_anniversary() -> None:
    known = factory.customer(member_code="M1")
    for kind in ("birthday", "anniversary"):
        services.set_life_event(
            actor=SYSTEM, customer_id=known.pk, kind=kind, month=3, day=5, now=NOW
        )

    bring(
        "member_code birthday event.anniversary",
        [["M1", "1980-04-06", "2010-07-08"]],
        existing="update",
    )

    days = LifeEvent.objects.order_by("kind", "month").values_list("kind", "year", "month", "day")
    assert list(days) == [
        ("anniversary", None, 3, 5),
        ("anniversary", 2010, 7, 8),
        ("birthday", 1980, 4, 6),
    ]


def test_an_answer_that_changes_says_where_it_comes_from_and_one_that_does_not_keeps_that() -> None:
    known = factory.customer(member_code="M1")
    for values in ({"occupation": "教师"}, {"hobbies": "茶"}):
        services.answer(
            actor=SYSTEM, customer_id=known.pk, values=values, how="conversation", now=NOW
        )
    services.set_extra(
        actor=SYSTEM, customer_id=known.pk, values={"ring-size": 11}, how="purchase", now=NOW
    )

    bring(
        "member_code profile.occupation profile.hobbies field.ring-size",
        [["M1", "医生", "茶", "12"]],
        existing="update",
        now=LATER,
    )

    known.refresh_from_db()
    learned = {"by": None, "at": LATER.isoformat(), "how": "import"}
    assert known.profile["occupation"] == {"value": "医生", **learned}
    assert known.profile["hobbies"]["how"] == "conversation"
    assert (known.extra, known.profile["field.ring-size"]) == ({"ring-size": 12}, learned)


@pytest.mark.parametrize(
    ("said", "how", "file", "existing", "holds"),
    [
        (True, "spoken", "否", "update", False),  # a no always counts
        (False, "spoken", "是", "update", False),  # a no said here is never turned into a yes
        (False, "import", "是", "update", True),
        (True, "spoken", "否", "fill", True),
        (True, "spoken", "是", "update", True),
    ],
)
def test_consents_said_here_weigh_more_than_a_file(
    said: bool, how: str, file: str, existing: str, holds: bool
) -> None:
    known = factory.customer(member_code="M1")
    services.consent(
        actor=SYSTEM, customer_id=known.pk, purpose="selling", given=said, how=how, now=NOW
    )

    bring("member_code consent.selling", [["M1", file]], existing=existing, now=LATER)

    rows = Consent.objects.filter(customer=known)
    assert consents.Standing(rows).given("selling") is holds
    assert rows.count() == (1 if holds == said else 2)


def test_a_no_to_keeping_a_childs_day_takes_the_day_away() -> None:
    bring(
        "member_code event.child-birthday consent.event.child-birthday",
        [["M1", "2018-06-01", "是"]],
    )
    assert LifeEvent.objects.exists()

    bring("member_code consent.event.child-birthday", [["M1", "否"]], existing="update", now=LATER)

    assert not LifeEvent.objects.exists()


def test_a_balance_is_brought_along_only_where_nothing_was_ever_posted() -> None:
    known = factory.customer(member_code="M1")
    other = factory.customer(member_code="M2")
    event = ledger.Event(customer_id=known.pk, key="k", reasons=[], actor=SYSTEM, now=NOW)
    ledger.award(event, amount=30, expires_at=None)

    brought = bring("member_code opening_points", [["M1", "100"], ["M2", "100"]])

    held = dict(Account.objects.values_list("customer_id", "available"))
    assert held == {known.pk: 30, other.pk: 100}
    assert (brought.counts["changed"], brought.counts["same"]) == (1, 1)


def test_one_change_of_many_rows_costs_no_more_statements(
    django_assert_max_num_queries: object,
) -> None:
    rows = [[f"M{n}", f"王{n}"] for n in range(300)]
    bring("member_code name", rows)

    with django_assert_max_num_queries(60):  # type: ignore[operator]
        brought = bring("member_code name", [[code, "李"] for code, _ in rows], existing="update")

    assert brought.counts["changed"] == 300
    assert Posting.objects.count() == 0
