"""Guessing what columns mean, and naming what is wrong with a mapping."""

import json
from collections.abc import Sequence

import msgspec
import pytest
from django.utils import translation

from regulars.imports import faults
from regulars.imports.cells import Cell, RawRow
from regulars.imports.columns import guess, mapping, vocabulary
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Assignment, Mapping
from regulars.imports.columns.own import Own
from regulars.kit.labels import Label
from regulars.kit.schema import Field

PHONES = ("13800138000", "13800138001", "13900139002", "13700137003")
RING = Field(
    on="customer",
    key="ring-size",
    kind="text",
    label=Label(zh_hans="戒指尺寸", zh_hant="戒指尺寸", en="Ring size"),
    headers=("手寸",),
)
WEIGHT = Field(on="line", key="weight", kind="text", label=Label(zh_hans="克重", en="Weight"))


def guessed(headings: Sequence[str], *columns: Sequence[Cell], **options: object) -> dict[str, str]:
    """Guess from headings and columns of values; return headings with their attributes."""
    rows = [RawRow(at + 2, cells) for at, cells in enumerate(zip(*columns, strict=True))]
    made = guess.guess(headings, rows, **options)  # type: ignore[arg-type]
    return {column.heading: column.attribute for column in made.columns}


@pytest.mark.parametrize(
    ("headings", "attributes"),
    [
        (
            "会员卡号 会员姓名 手机号码 性别 出生日期 所属门店 专属导购 入会时间 当前积分 储值余额 "
            "备注",
            "card name phone gender birthday home_store owner joined_at opening_points "
            "opening_principal note",
        ),
        (
            "會員編號 姓名 手機號碼 性別 生日(農曆) 門店名稱 導購員 地址 電郵",
            "member_code name phone gender lunar_birthday home_store owner address email",
        ),
        (
            "customer_id full_name Mobile E-Mail DOB Gender City Postcode Notes Tags",
            "external_number name phone email birthday gender city postcode note tags",
        ),
        (
            "household_id age income home_ownership marital_status household_size kids_count",
            "external_number age_band profile.income profile.home profile.marital "
            "profile.household-size profile.children",
        ),
        (
            "姓名* 手机（必填） 结婚纪念日 宝宝生日 职业 是否接收短信 省份 城市 区县 详细地址",
            "name phone event.wedding event.child-birthday profile.occupation "
            "consent.selling.sms province city district address",
        ),
    ],
)
def test_headings_of_customers_are_understood(headings: str, attributes: str) -> None:
    found = guessed(headings.split(), subject=Subject.CUSTOMERS)

    assert list(found.values()) == attributes.split()


@pytest.mark.parametrize(
    ("headings", "attributes"),
    [
        (
            "小票号 销售日期 销售时间 门店 导购员 会员手机 商品编码 商品名称 品类 数量 单价 "
            "优惠金额 实付金额 支付方式",
            "number date time store guide customer_phone product_code product_name category "
            "quantity unit_price discount paid payment",
        ),
        (
            "單號 銷售日期 門店 會員編號 品名 數量 單價 實收金額 付款方式 原單號 抹零",
            "number date store customer_code product_name quantity unit_price paid payment "
            "original_number rounding",
        ),
        (
            "household_id store_id basket_id product_id quantity sales_value transaction_timestamp",
            "customer_number store number product_code quantity paid occurred_at",
        ),
        (
            "Order No;Created at;Shop;Customer Phone;SKU;Item;Category;Qty;Price;Discount;Total",
            "number occurred_at store customer_phone product_code product_name category quantity "
            "unit_price discount paid",
        ),
    ],
)
def test_headings_of_purchases_are_understood(headings: str, attributes: str) -> None:
    split = headings.split(";") if ";" in headings else headings.split()

    found = guessed(split, subject=Subject.PURCHASES)

    assert list(found.values()) == attributes.split()


def test_what_a_file_is_about_is_guessed_too() -> None:
    customers = guess.guess(["会员号", "姓名", "手机", "生日"], [])
    purchases = guess.guess(["单号", "日期", "门店", "会员号", "金额"], [])

    assert customers.subject is Subject.CUSTOMERS
    assert purchases.subject is Subject.PURCHASES


def test_phones_of_others_are_not_the_customers() -> None:
    found = guessed(
        ["姓名", "导购手机", "推荐人手机", "门店电话"], ["a"] * 4, PHONES, PHONES, PHONES
    )

    assert list(found.values()) == ["name", "", "", ""]


def test_values_that_contradict_the_heading_win() -> None:
    made = guess.guess(
        ["手机", "电话"],
        [RawRow(at, (f"张{at}", phone)) for at, phone in enumerate(PHONES)],
        subject=Subject.CUSTOMERS,
    )

    assert [column.attribute for column in made.columns] == ["", "phone"]
    assert dict(made.columns[0].alternatives)["phone"] < guess.TAKEN


def test_a_column_of_phones_is_known_under_any_heading() -> None:
    found = guessed(["姓名", "列2", "列3"], ["a"] * 4, PHONES, ["a@b.cn", "c@d.cn", "e@f.cn", ""])

    assert list(found.values()) == ["name", "phone", "email"]


def test_numbers_that_are_no_phones_are_not_guessed_to_be() -> None:
    found = guessed(["姓名", "列2"], ["a"] * 4, ["10000000001", "20000000002", "30000000003", "4"])

    assert found["列2"] == ""


def test_damaged_phones_are_still_a_column_of_phones() -> None:
    found = guessed(["姓名", "手机"], ["a"] * 4, ["1.38E+10", "1.39E+10", "138****8000", PHONES[0]])

    assert found["手机"] == "phone"


def test_misspelt_english_is_understood() -> None:
    found = guessed(["Custmer Name", "Moble phone", "Adress"], subject=Subject.CUSTOMERS)

    assert list(found.values()) == ["name", "phone", "address"]


def test_of_two_columns_with_one_meaning_the_better_is_taken() -> None:
    made = guess.guess(["金额", "实付金额"], [], subject=Subject.PURCHASES)

    assert [column.attribute for column in made.columns] == ["", "paid"]
    assert made.columns[0].alternatives == (("paid", 0.7),)


def test_unknown_headings_are_left_out() -> None:
    found = guessed(["姓名", "会员等级", "累计消费", "foo", "重量"], subject=Subject.CUSTOMERS)

    assert list(found.values()) == ["name", "", "", "", ""]


def test_fields_of_the_vertical_are_recognised_by_label_and_header() -> None:
    customers = guessed(
        ["手机", "手寸", "Ring Size"], own=Own(fields=(RING,)), subject=Subject.CUSTOMERS
    )
    purchases = guessed(["单号", "克重"], own=Own(fields=(RING, WEIGHT)), subject=Subject.PURCHASES)

    assert customers == {"手机": "phone", "手寸": "field.ring-size", "Ring Size": ""}
    assert purchases["克重"] == "field.line.weight"


def test_only_questions_the_chain_asks_are_guessed() -> None:
    headings = ["手机", "职业", "民族"]
    asked = Field(on="customer", key="occupation", kind="text", label=Label(en="Occupation"))

    every = guessed(headings, subject=Subject.CUSTOMERS)
    asked_only = guessed(headings, own=Own(answers=(asked,)), subject=Subject.CUSTOMERS)

    assert list(every.values()) == ["phone", "profile.occupation", "profile.ethnicity"]
    assert list(asked_only.values()) == ["phone", "profile.occupation", ""]


def test_our_own_labels_are_understood_in_the_language_in_use() -> None:
    with translation.override("en"):
        labels = [str(item.label) for item in vocabulary.attributes(Subject.CUSTOMERS)]
        labels = [label for label in labels if label not in ("Family name", "Given name")]
        made = guess.guess(labels, [], subject=Subject.CUSTOMERS)

    assert [column.heading for column in made.columns if not column.attribute] == []


def test_the_order_of_days_is_taken_from_the_values() -> None:
    days = ["13/04/1980", "03/04/1981", "01/02/1990", "04/05/1991"]
    rows = [
        RawRow(at, (phone, day)) for at, (phone, day) in enumerate(zip(PHONES, days, strict=True))
    ]

    shown = guess.guess(["phone", "birthday"], rows)
    hidden = guess.guess(["phone", "birthday"], rows[1:])

    assert (shown.options.date_order, shown.hints) == ("dmy", ())
    assert (hidden.options.date_order, hidden.hints) == ("ymd", ("date-order",))


def test_a_decimal_comma_is_a_question_not_a_decision() -> None:
    rows = [
        RawRow(at, ("1", "2024-01-01", "S", amount))
        for at, amount in enumerate(["1.234,56", "12,50", "3,00"])
    ]

    made = guess.guess(["order no", "date", "store", "amount"], rows)

    assert made.hints == ("decimal-comma",)
    assert made.options.decimal_mark == "."


def test_traditional_characters_fold_one_to_one() -> None:
    assert len(vocabulary._TRADITIONAL) == len(vocabulary._SIMPLIFIED)
    assert vocabulary.fold(" 會員-手機號碼 ") == "会员手机号码"


@pytest.mark.parametrize("subject", list(Subject))
def test_no_word_surely_means_two_things(subject: Subject) -> None:
    for word, matches in vocabulary.known_words(subject).items():
        sure = {match.key for match in matches if match.score == 1.0}

        assert len(sure) <= 1, (word, sure)


def _mapping(subject: Subject, *attributes: str, **constants: str) -> Mapping:
    columns = tuple(Assignment(f"列{at}", name) for at, name in enumerate(attributes))
    return Mapping(subject=subject, columns=columns, constants=constants)


def _codes(subject: Subject, *attributes: str, **constants: str) -> list[str]:
    return [
        trouble.code for trouble in mapping.troubles(_mapping(subject, *attributes, **constants))
    ]


def test_every_trouble_of_a_mapping_is_named() -> None:
    made = _mapping(Subject.CUSTOMERS, "name", "phone", "phone", "nonsense", "email", "given_name")

    found = mapping.troubles(made)

    assert [str(trouble) for trouble in found] == [
        "Column “列3” is assigned to something we do not know.",
        "2 columns are assigned to “Phone”: 列1、列2. Keep one.",
        "Assign either “Name”, or “Family name” and “Given name”.",
    ]


@pytest.mark.parametrize(
    ("attributes", "codes"),
    [
        ("number occurred_at store paid", ""),
        ("number date time store unit_price quantity", ""),
        ("number date store discount discount paid", ""),
        ("", "number when store amount"),
        ("number occurred_at date store paid", "when-twice"),
        ("number occurred_at time store paid", "time-alone"),
        ("number date store unit_price", "amount"),
        ("number date store paid original_position", "original"),
    ],
)
def test_what_purchases_need(attributes: str, codes: str) -> None:
    assert _codes(Subject.PURCHASES, *attributes.split()) == codes.split()


def test_customers_need_something_that_identifies_them() -> None:
    assert _codes(Subject.CUSTOMERS, "name", "email") == ["nobody"]
    assert _codes(Subject.CUSTOMERS, "name", "external_number") == []


def test_a_fixed_value_stands_for_a_missing_column() -> None:
    assert _codes(Subject.PURCHASES, "number", "date", "paid", store="S1") == []
    assert _codes(Subject.PURCHASES, "number", "date", "paid", "store", store="S1") == ["constant"]


def test_checking_raises_with_all_troubles_at_once() -> None:
    with pytest.raises(faults.MappingFault) as caught:
        mapping.check(_mapping(Subject.PURCHASES, "number"))

    assert [trouble.code for trouble in caught.value.problems] == ["when", "store", "amount"]
    assert "No column says when" in str(caught.value)


def test_a_mapping_survives_being_kept_as_json() -> None:
    made = guess.guess(["手机", "姓名", "foo"], []).mapping()

    kept = json.loads(json.dumps(mapping.to_builtins(made)))

    assert mapping.from_builtins(kept) == made
    with pytest.raises(msgspec.ValidationError):
        mapping.from_builtins({"subject": "nonsense", "columns": []})


def test_a_time_without_a_date_is_the_moment() -> None:
    alone = guess.guess(["小票号", "时间", "金额"], [], subject=Subject.PURCHASES).mapping()
    beside = guess.guess(["小票号", "日期", "时间"], [], subject=Subject.PURCHASES).mapping()

    assert alone.columns[1].attribute == "occurred_at"
    assert [each.attribute for each in beside.columns[1:]] == ["date", "time"]
