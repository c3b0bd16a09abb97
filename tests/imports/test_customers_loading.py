"""What a file of customers brings in: who is new, what hangs on them, which rows are refused."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from regulars.audit import SYSTEM
from regulars.audit.models import Entry
from regulars.customers import services
from regulars.customers.models import Consent, Customer, Identity, LifeEvent, Note
from regulars.outbox.models import Job as Work
from regulars.points import verification
from regulars.points.models import Account, Posting
from regulars.registry import services as registry
from regulars.staff.models import Staff
from regulars.stores.models import Store
from tests.factories import customers as factory
from tests.factories import people
from tests.imports.customer_files import bring
from tests.prepared import NOW

pytestmark = pytest.mark.usefixtures("inside_aurum")
PHONE = "13800138000"


def test_a_new_customer_has_everything_the_row_says() -> None:
    store, guide = people.store(code="007"), people.staff(name="周敏", number="G7")
    heads = "name phone member_code gender email city address home_store owner joined_at age_band"
    row = ["王 小明", PHONE, " m-001", "女", "A@b.cn", "上海", "南京路1号", "007", "周敏"]

    brought = bring(heads, [[*row, "2020-05-01 10:30", "30-39"]])

    made = brought.customer(member_code="M-001")
    assert (made.name, made.phone, made.gender) == ("王小明", "+8613800138000", "female")
    assert (made.email, made.address) == ("a@b.cn", {"city": "上海", "line": "南京路1号"})
    assert (made.home_store_id, made.owner_id) == (store.pk, guide.pk)
    assert made.joined_at == datetime(2020, 5, 1, 2, 30, tzinfo=UTC)
    assert (made.age_band, made.import_id) == ("30-39", brought.job.import_id)
    assert (made.pinyin, made.initials) == ("wangxiaoming", "wxm")
    assert "0138" in made.tokens
    assert made.created_at == made.changed_at == NOW


def test_cards_and_numbers_of_the_other_system_recognise_the_customer() -> None:
    brought = bring("external_number card", [["77", "c 1"]], source="old-till")

    made = brought.customer()
    found = set(Identity.objects.values_list("customer_id", "source", "number"))
    assert found == {(made.pk, "old-till", "77"), (made.pk, "card", "C1")}


def test_days_are_known_with_their_next_occasion() -> None:
    brought = bring(
        "phone birthday lunar_birthday event.wedding",
        [[PHONE, "1980-12-05", "", "2010-05-01"], ["13900139000", "", "八月十五", ""]],
    )

    sun = LifeEvent.objects.filter(customer__phone="+8613800138000")
    assert set(sun.values_list("kind", "year", "month", "day", "lunar", "next_on")) == {
        ("birthday", 1980, 12, 5, False, date(2026, 12, 5)),
        ("wedding", 2010, 5, 1, False, date(2027, 5, 1)),
    }
    moon = LifeEvent.objects.get(customer__phone="+8613900139000")
    assert (moon.lunar, moon.month, moon.day, moon.next_on) == (True, 8, 15, date(2027, 9, 15))
    assert brought.counts["new"] == 2


def test_of_two_birthdays_in_one_row_the_one_by_the_sun_is_kept() -> None:
    bring("phone birthday lunar_birthday", [[PHONE, "1980-12-05", "十月廿八"]])

    assert LifeEvent.objects.get().lunar is False


def test_answers_say_that_they_were_brought_over_and_when_they_date_from() -> None:
    heads = "phone joined_at profile.occupation field.ring-size"
    bring(heads, [[PHONE, "2020-05-01", "教师", "12"]])

    made = Customer.objects.get()
    learned = {"by": None, "at": "2020-05-01T04:00:00+00:00", "how": "import"}
    assert made.extra == {"ring-size": 12}
    assert made.profile == {
        "occupation": {"value": "教师", **learned},
        "field.ring-size": learned,
    }


def test_consents_are_written_down_as_brought_over() -> None:
    bring("phone consent.selling consent.care.call", [[PHONE, "是", "否"]])

    found = set(Consent.objects.values_list("purpose", "channel", "given", "how", "at"))
    assert found == {("selling", "", True, "import", NOW), ("care", "call", False, "import", NOW)}


def test_tags_are_not_lost_but_stand_in_the_note() -> None:
    bring("phone note tags", [[PHONE, "喜欢玫瑰金", "VIP，生日礼"], ["13900139000", "", "VIP"]])

    first, second = Note.objects.order_by("id")
    assert first.text.startswith("喜欢玫瑰金\n")
    assert all(tag in first.text for tag in ("VIP", "生日礼"))
    assert "VIP" in second.text
    assert (first.author, second.author) == (None, None)


def test_balances_are_brought_along_through_the_ledger() -> None:
    heads = "phone opening_points opening_principal opening_bonus"
    brought = bring(heads, [[PHONE, "120", "1000", "88.50"], ["13900139000", "0", "", ""]])

    held = set(Account.objects.values_list("customer__phone", "unit", "available"))
    assert held == {
        ("+8613800138000", "points", 120),
        ("+8613800138000", "principal", 100_000),
        ("+8613800138000", "bonus", 8_850),
    }
    assert brought.preview.details["principal_opening"] == 100_000
    assert verification.findings() == []


def test_imported_history_starts_nothing() -> None:
    before = Work.objects.count()

    bring("phone birthday consent.selling opening_points", [[PHONE, "1980-12-05", "是", "5"]])

    assert Work.objects.count() == before
    assert set(Posting.objects.values_list("verb", flat=True)) == {"opening"}


def test_a_thousand_rows_leave_no_thousand_entries_in_the_audit() -> None:
    before = Entry.objects.count()

    bring("member_code", [[f"M{n}"] for n in range(1000)])

    assert Entry.objects.count() == before
    assert Customer.objects.count() == 1000


@pytest.mark.parametrize(
    ("heads", "row"),
    [
        ("name phone", ["王小明", PHONE]),
        ("phone", [PHONE]),
        ("member_code", ["M1"]),
        ("card name", ["C1", "王小明"]),
        ("external_number", ["77"]),
        ("name phone note tags birthday consent.selling opening_points profile.occupation",
         ["王小明", PHONE, "x", "a,b", "1980-02-29", "是", "7", "教师"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("existing", ["update", "fill", "skip"])
def test_the_same_file_twice_changes_nothing(heads: str, row: list[str], existing: str) -> None:
    bring(heads, [row])
    before = _everything()

    again = bring(heads, [row], existing=existing)

    assert (again.preview.same, again.preview.new, again.preview.changed) == (1, 0, 0)
    assert again.counts == {"new": 0, "changed": 0, "same": 1, "refused": 0}
    assert _everything() == before


def test_our_id_finds_the_customer_and_follows_a_merge() -> None:
    kept, absorbed = factory.customer(), factory.customer()
    Customer.objects.filter(pk=absorbed.pk).update(state="merged", merged_into=kept.pk)

    brought = bring("id email", [[str(absorbed.pk), "a@b.cn"]])

    kept.refresh_from_db()
    assert (brought.counts["changed"], kept.email) == (1, "a@b.cn")


def test_an_unknown_and_an_erased_id_are_refused() -> None:
    gone = factory.customer()
    Customer.objects.filter(pk=gone.pk).update(state="erased")

    brought = bring("id", [[str(gone.pk)], ["01a2015f-b254-72ea-9d6a-171f5cccd2b9"]])

    assert brought.refused == {
        2: ["This customer was erased on request."],
        3: ["There is no customer with this id. Leave it empty for a new one."],
    }
    assert brought.preview.rejected == 2


@pytest.mark.parametrize("key", ["number", "code", "card", "phone", "further phone"])
def test_each_key_alone_finds_the_customer(key: str) -> None:
    known = factory.customer(
        member_code="M1",
        phone=PHONE,
        identities=[("old", "77"), ("card", "C1"), ("phone", "13700137000")],
    )
    heads, cell = {
        "number": ("external_number", "77"),
        "code": ("member_code", "m1"),
        "card": ("card", "c1"),
        "phone": ("phone", PHONE),
        "further phone": ("phone", "13700137000"),
    }[key]

    brought = bring(f"{heads} email", [[cell, "a@b.cn"]])

    assert (brought.counts["new"], brought.counts["changed"]) == (0, 1)
    assert Customer.objects.get(pk=known.pk).email == "a@b.cn"


def test_a_number_of_another_system_is_another_number() -> None:
    factory.customer(identities=[("other", "77")])

    brought = bring("external_number", [["77"]], source="old")

    assert brought.counts["new"] == 1


def test_keys_of_two_customers_in_one_row_are_refused_naming_both() -> None:
    factory.customer(member_code="M1")
    factory.customer(name="李娜", phone="13900139000", identities=[("card", "C2")])

    brought = bring("member_code card", [["M1", "C2"]])

    assert brought.refused == {
        2: ["The numbers in this row belong to two different customers, M1 and 李…9000."]
    }


@pytest.mark.parametrize(
    ("ours", "theirs"), [("王小明", ""), ("", "王小明"), ("王 小明", "王小明")]
)
def test_phone_and_a_compatible_name_are_the_same_person(ours: str, theirs: str) -> None:
    factory.customer(name=ours, phone=PHONE)

    brought = bring("phone name", [[PHONE, theirs]])

    assert brought.counts["new"] == 0
    assert Customer.objects.get().name == "王小明"


def test_the_same_phone_with_another_name_is_a_new_customer_and_doubtful() -> None:
    factory.customer(name="王小明", phone=PHONE)

    brought = bring("phone name", [[PHONE, "王建国"], ["13900139000", "李娜"]])

    assert (brought.counts["new"], brought.preview.details["doubtful"]) == (2, 1)
    assert brought.preview.details["doubtful_lines"] == [2]


def test_the_same_phone_and_name_with_another_member_code_is_somebody_else() -> None:
    factory.customer(name="王小明", phone=PHONE, member_code="M1")

    brought = bring("phone name member_code", [[PHONE, "王小明", "M2"]])

    assert (brought.counts["new"], brought.preview.details["doubtful"]) == (1, 1)


def test_a_phone_of_two_alike_customers_is_refused_unless_the_name_decides() -> None:
    for name in ("王小明", "李娜"):
        factory.customer(name=name, phone=PHONE, same_phone_is_fine=True)

    brought = bring("phone name email", [[PHONE, "", "x@b.cn"], [PHONE, "李娜", "a@b.cn"]])

    assert list(brought.refused) == [2]
    assert "王…8000 and 李…8000" in brought.refused[2][0]
    assert brought.customer(name="李娜").email == "a@b.cn"


def test_the_same_customer_twice_in_a_file_is_taken_once() -> None:
    factory.customer(name="李娜", phone="13900139000", member_code="M9")
    rows = [
        ["王小明", PHONE, "M1", "", ""],
        ["王小明", "", "m1", "", ""],  # the code
        ["王小明", PHONE, "", "C1", ""],  # phone and name
        ["陈静", PHONE, "", "C1", ""],  # the card of a row that was refused itself
        ["李娜", "", "M9", "", ""],
        ["", "13900139000", "", "", ""],  # known by phone, as line 6 is by code
        ["王小明", PHONE, "M2", "", ""],  # two codes are two people
        ["王建国", PHONE, "", "", ""],  # another name in the family
    ]

    brought = bring("name phone member_code card external_number", rows)

    assert brought.refused == {
        3: ["This is the same customer as in line 2."],
        4: ["This is the same customer as in line 2."],
        5: ["This is the same customer as in line 4."],
        7: ["This is the same customer as in line 6."],
    }
    assert (brought.counts["new"], brought.counts["same"]) == (3, 1)
    assert brought.preview.details["doubtful_lines"] == [8, 9]


def test_unknown_and_ambiguous_stores_are_refused_by_name() -> None:
    people.store(code="A", name="人民路店")
    people.store(code="B", name="人民路店")
    rows = [["M1", "火星店"], ["M2", "人民路店"], ["M3", "a"]]

    brought = bring("member_code home_store", rows)

    assert brought.refused == {
        2: ["There is no store “火星店” here."],
        3: ["Several stores are called “人民路店”. Write the store's number instead."],
    }
    assert brought.preview.details["stores_unknown"] == {"火星店": 1}
    assert (brought.preview.new, brought.preview.rejected) == (1, 2)


def test_unknown_stores_are_opened_where_that_was_asked_for() -> None:
    known = factory.customer(member_code="M3")
    rows = [["M1", "火星 店"], ["M2", "火星店"], ["M3", "月球店"], ["M1", "金星店"]]

    brought = bring("member_code home_store", rows, create_stores=True)

    assert Store.objects.filter(name__in=("火星 店", "火星店")).count() == 1
    assert not Store.objects.filter(name="金星店").exists()  # its only row was refused
    homes = Customer.objects.values_list("member_code", "home_store__name")
    assert set(homes) == {("M1", "火星 店"), ("M2", "火星 店"), ("M3", "月球店")}
    assert (brought.preview.new, brought.preview.changed, brought.preview.rejected) == (2, 1, 1)
    assert (brought.counts["new"], brought.counts["changed"]) == (2, 1)
    assert Customer.objects.get(pk=known.pk).home_store is not None
    again = bring("member_code home_store", rows, create_stores=True)
    assert (again.counts["new"], again.counts["changed"]) == (0, 0)


def test_a_guide_who_is_unknown_left_or_ambiguous_owns_nobody_but_the_customer_comes_in() -> None:
    people.staff(name="周敏", state=Staff.State.LEFT)
    people.staff(name="王芳", number="1")
    second = people.staff(name="王芳", number="2")
    rows = [["M1", "周敏"], ["M2", "王芳"], ["M3", "孙悟空"], ["M4", "2"]]

    brought = bring("member_code owner", rows)

    owners = dict(Customer.objects.values_list("member_code", "owner"))
    assert owners == {"M1": None, "M2": None, "M3": None, "M4": second.pk}
    assert brought.preview.details["guides_unknown"] == {"周敏": 1, "王芳": 1, "孙悟空": 1}


def test_a_childs_birthday_needs_the_parents_consent() -> None:
    known = factory.customer(member_code="M3")
    services.consent(
        actor=SYSTEM,
        customer_id=known.pk,
        purpose="event.child-birthday",
        given=True,
        how="spoken",
        now=NOW,
    )
    heads = "member_code event.child-birthday consent.event.child-birthday"
    rows = [["M1", "2018-06-01", ""], ["M2", "2018-06-01", "是"], ["M3", "2018-06-01", ""]]

    brought = bring(heads, rows)

    assert list(brought.refused) == [2]
    assert "only with the customer's consent" in brought.refused[2][0]
    owners = LifeEvent.objects.values_list("customer__member_code", flat=True)
    assert set(owners) == {"M2", "M3"}


def test_a_sensitive_answer_stays_out_without_consent() -> None:
    registry.set_policy(actor=SYSTEM, key="customers.ask-ethnicity", value=True, now=NOW)

    brought = bring("member_code profile.ethnicity", [["M1", "汉"], ["M2", ""]])

    assert list(brought.refused) == [2]
    assert Customer.objects.get().member_code == "M2"


def _everything() -> list[list[tuple[Any, ...]]]:
    models = (Customer, Identity, LifeEvent, Consent, Note, Posting, Account)
    return [sorted(model._default_manager.values_list(), key=str) for model in models]
