"""From rows to drafts, and to problems that name line, column and reason."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from regulars.imports import faults, problems, shapes
from regulars.imports.cells import Batch, Cell, CellError
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Assignment, Mapping, Options
from regulars.imports.columns.own import Own
from regulars.imports.drafts import CustomerDraft, PurchaseLineDraft
from regulars.imports.values.birthdays import Birthday
from regulars.kit.labels import Label
from regulars.kit.schema import Choice, Field
from tests.imports.files import batch_of
from tests.prepared import NOW

METAL = Field(
    on="line",
    key="metal",
    kind="choice",
    label=Label(zh_hans="成色", en="Metal"),
    choices=(Choice(key="gold-999", label=Label(zh_hans="足金999", en="Gold 999")),),
)
SKIN = Field(
    on="customer",
    key="skin",
    kind="text",
    label=Label(zh_hans="肤质", en="Skin"),
    sensitive=True,
    personal=True,
)


PROMOTIONS = Field(
    on="customer",
    key="promotions",
    kind="choice",
    label=Label(zh_hans="对促销的态度", en="Attitude to promotions"),
    choices=(Choice(key="welcome", label=Label(zh_hans="欢迎", en="Welcome")),),
)
WALK_INS: tuple[Cell, ...] = ("散客", "0", "Guest", 0)


def mapping(subject: Subject, attributes: str, **rest: Any) -> Mapping:
    columns = tuple(Assignment(f"[{name}]", name.strip("_")) for name in attributes.split())
    return Mapping(subject=subject, columns=columns, **rest)


def customers(
    attributes: str, *rows: tuple[Cell, ...], **context: Any
) -> shapes.Shaped[CustomerDraft]:
    made = mapping(Subject.CUSTOMERS, attributes)
    return shapes.CustomerShaper(made, now=NOW, **context).shape(batch_of(*rows))


def lines(
    attributes: str, *rows: tuple[Cell, ...], **rest: Any
) -> shapes.Shaped[PurchaseLineDraft]:
    context = {"own": rest.pop("own", Own())}
    made = mapping(Subject.PURCHASES, attributes, **rest)
    return shapes.PurchaseShaper(made, now=NOW, **context).shape(batch_of(*rows))


def test_a_customer_is_drawn_from_a_row() -> None:
    shaped = customers(
        "member_code name phone gender birthday home_store owner joined_at tags note "
        "opening_points opening_principal city address address profile.occupation "
        "consent.selling.sms event.wedding",
        (
            *(
                "M001",
                " 张 伟 ",
                "138 0013 8000",
                "男",
                "农历八月十五",
                "S01",
                "小王",
                "2020-05-01",
            ),
            *("金卡,爱拍照", "怕吵", "1,200", "88.50", "上海", "南京西路1号", "2楼", "教师", "是"),
            "2015-10-01",
        ),
    )

    assert shaped.problems == []
    assert shaped.drafts == [
        CustomerDraft(
            line=2,
            member_code="M001",
            name="张 伟",
            phone="+8613800138000",
            gender="male",
            birthday=Birthday(8, 15, lunar=True),
            home_store="S01",
            owner="小王",
            joined_at=datetime(2020, 5, 1, 4, tzinfo=UTC),
            tags=("金卡", "爱拍照"),
            note="怕吵",
            opening_points=1200,
            opening_principal_minor=8850,
            address={"city": "上海", "line": "南京西路1号 2楼"},
            profile={"occupation": "教师"},
            consents={"selling.sms": True},
            events={"wedding": Birthday(10, 1, 2015)},
        )
    ]


def test_every_refusal_names_line_column_code_and_excerpt() -> None:
    shaped = customers(
        "phone name birthday",
        ("13800138000", "张伟", "1980-01-01"),
        ("1.38E+10", "李娜", "1980-02-30"),
        (CellError("#N/A"), "王五", ""),
    )

    assert [draft.line for draft in shaped.drafts] == [2]
    assert [(p.line, p.column, p.code, p.excerpt) for p in shaped.problems] == [
        (3, "[phone]", "phone.damaged", "1.38E+10"),
        (3, "[birthday]", "date.no-such-day", "1980-02-30"),
        (4, "[phone]", "cell.error", "#N/A"),
    ]
    assert shaped.problems[2].sentence() == (
        "The spreadsheet shows the fault #N/A here instead of a value."
    )


def test_the_same_bad_value_is_refused_on_every_line_it_stands() -> None:
    shaped = customers("phone name", *[("123", f"n{at}") for at in range(5)])

    assert [problem.line for problem in shaped.problems] == [2, 3, 4, 5, 6]


def test_a_customer_without_anything_that_identifies_is_refused() -> None:
    shaped = customers("phone member_code name", ("", "", "张伟"), ("", "M1", ""))

    assert [draft.member_code for draft in shaped.drafts] == ["M1"]
    assert [(p.line, p.code) for p in shaped.problems] == [(2, "row.no-identity")]


def test_rows_that_hold_nothing_we_take_are_only_counted() -> None:
    shaped = customers("phone name", ("", " "), (None,), ("13800138000", ""))

    assert (len(shaped.drafts), shaped.problems, shaped.blank) == (1, [], 2)


def test_cells_beyond_the_headings_refuse_the_row() -> None:
    shaped = customers(
        "phone name", ("13800138000", "张", "伟"), ("13800138001", "李", "", " "), ("13800138002",)
    )

    assert [draft.line for draft in shaped.drafts] == [3, 4]
    assert [(p.line, p.column, p.code) for p in shaped.problems] == [(2, "", "row.too-many-cells")]


def test_names_in_parts_are_put_together() -> None:
    shaped = customers(
        "phone family_name given_name",
        ("13800138000", "欧阳", "娜娜"),
        ("13800138001", "Smith", "John"),
        ("13800138002", "", "Ann"),
    )

    assert [draft.name for draft in shaped.drafts] == ["欧阳娜娜", "John Smith", "Ann"]


def test_another_column_can_say_by_which_calendar_a_birthday_counts() -> None:
    shaped = customers(
        "phone birthday birthday_calendar",
        ("13800138000", "1981-02-30", "农历"),
        ("13800138001", "1980-02-28", "公历"),
        ("13800138002", "1980-02-28", ""),
        ("13800138003", "1980-02-30", "公历"),
    )

    assert [draft.birthday for draft in shaped.drafts] == [
        Birthday(2, 30, 1981, lunar=True),
        Birthday(2, 28, 1980),
        Birthday(2, 28, 1980),
    ]
    assert [(p.line, p.code) for p in shaped.problems] == [(5, "date.no-such-day")]


def test_fields_of_the_vertical_are_cleaned_by_the_kit() -> None:
    shaped = lines(
        "number date store paid field.line.metal",
        ("1", "2024-03-05", "S", "10", "足金999"),
        ("2", "2024-03-05", "S", "10", ""),
        ("3", "2024-03-05", "S", "10", "木头"),
        own=Own(fields=(METAL,)),
    )

    assert [draft.line_extra for draft in shaped.drafts] == [{"metal": "gold-999"}, {}]
    assert [(p.line, p.column, p.code) for p in shaped.problems] == [
        (4, "[field.line.metal]", "field")
    ]
    assert shaped.problems[0].sentence()


def test_sensitive_fields_need_consent() -> None:
    row = ("13800138000", "干性")

    without = customers("phone field.skin", row, own=Own(fields=(SKIN,)))
    given = customers("phone field.skin", row, own=Own(fields=(SKIN,)), consented=("skin",))

    assert [problem.code for problem in without.problems] == ["field"]
    assert given.drafts[0].extra == {"skin": "干性"}


def test_answers_are_cleaned_by_the_questions_the_chain_asks() -> None:
    made = mapping(Subject.CUSTOMERS, "phone profile.promotions")
    own = Own(answers=(PROMOTIONS,))

    shaped = shapes.CustomerShaper(made, now=NOW, own=own).shape(
        batch_of(("13800138000", "欢迎"), ("13800138001", "随便"))
    )

    assert [draft.profile for draft in shaped.drafts] == [{"promotions": "welcome"}]
    assert [(p.line, p.code) for p in shaped.problems] == [(3, "field")]


def test_an_answer_the_chain_does_not_ask_for_cannot_be_assigned() -> None:
    made = mapping(Subject.CUSTOMERS, "phone profile.ethnicity")

    with pytest.raises(faults.MappingFault, match="something we do not know"):
        shapes.CustomerShaper(made, now=NOW, own=Own(answers=(PROMOTIONS,)))


def test_a_line_of_a_purchase_is_drawn_from_a_row() -> None:
    shaped = lines(
        "number source date time store guide customer_phone customer_name position product_code "
        "product_name category quantity unit_price discount paid payment rounding",
        (
            *("X1", "POS-2", "2024-03-05", "15:20", "S01", "G7", "13800138000", "张伟", "1"),
            *("R-1", "足金戒指", "黄金", "2", "100", "¥20", "180.00", "微信", "0.50"),
        ),
    )

    assert shaped.problems == []
    assert shaped.drafts == [
        PurchaseLineDraft(
            line=2,
            source="POS-2",
            number="X1",
            kind="sale",
            occurred_at=datetime(2024, 3, 5, 7, 20, tzinfo=UTC),
            store="S01",
            quantity=Decimal(2),
            gross_minor=20000,
            discount_minor=2000,
            paid_minor=18000,
            guide="G7",
            customer_phone="+8613800138000",
            customer_name="张伟",
            payment="wechat",
            rounding_minor=50,
            position=1,
            product_code="R-1",
            product_name="足金戒指",
            category="黄金",
        )
    ]


def test_a_line_needs_number_moment_store_and_amount() -> None:
    shaped = lines(
        "number date store paid customer_name",
        ("", "", "", "", "合计"),
        ("1", "2024-03-05", "S", "", ""),
        ("", "", "", "", ""),
    )

    assert [(p.line, p.column, p.code) for p in shaped.problems] == [
        (2, "[number]", "required"),
        (2, "[date]", "required"),
        (2, "[store]", "required"),
        (3, "[paid]", "amount.missing"),
    ]
    assert (shaped.drafts, shaped.blank) == ([], 1)


def test_the_receipts_of_refused_lines_are_named() -> None:
    shaped = lines(
        "number source date store paid",
        ("R1", "", "2024-03-05", "S", "1"),
        ("R1", "", "2024-03-05", "S", "many"),
        ("R2", "POS", "never", "S", "1"),
        ("", "", "never", "S", "1"),
        options=Options(source="till"),
    )

    assert shaped.refused == {("till", "R1"): 3, ("POS", "R2"): 4}


def test_buyers_nobody_knows_are_nobody() -> None:
    shaped = lines(
        "number date store paid customer_phone customer_code",
        *[("1", "2024-03-05", "S", "1", who, who) for who in WALK_INS],
    )

    assert shaped.problems == []
    assert {(draft.customer_phone, draft.customer_code) for draft in shaped.drafts} == {
        (None, None)
    }


def test_fixed_values_and_the_default_source_fill_missing_columns() -> None:
    shaped = lines(
        "number date paid",
        ("1", "2024-03-05", "10"),
        constants={"store": " S01 "},
        options=Options(source="old-till"),
    )

    assert (shaped.drafts[0].store, shaped.drafts[0].source) == ("S01", "old-till")


def test_a_fixed_value_that_cannot_be_read_is_refused_at_once() -> None:
    with pytest.raises(faults.MappingFault, match="Joined on"):
        shapes.CustomerShaper(
            mapping(Subject.CUSTOMERS, "phone", constants={"joined_at": "yesterday"}), now=NOW
        )


def test_a_wrong_mapping_is_refused_before_any_row() -> None:
    with pytest.raises(faults.MappingFault):
        shapes.PurchaseShaper(mapping(Subject.PURCHASES, "number"), now=NOW)


def test_days_in_the_future_are_refused() -> None:
    shaped = lines(
        "number date store paid", ("1", "2999-01-01", "S", "1"), ("2", "2198-01-01", "S", "1")
    )

    assert [problem.code for problem in shaped.problems] == ["date.implausible", "date.future"]


def test_several_columns_of_discounts_are_added() -> None:
    shaped = lines(
        "number date store paid discount discount",
        ("1", "2024-03-05", "S", "10", "1.5", "0.5"),
        ("2", "2024-03-05", "S", "10", "", "-2"),
        ("3", "2024-03-05", "S", "10", "", ""),
    )

    assert [draft.discount_minor for draft in shaped.drafts] == [200, 200, 0]
    assert [draft.gross_minor for draft in shaped.drafts] == [1200, 1200, 1000]


def test_without_quantities_a_negative_amount_is_a_return() -> None:
    shaped = lines("number date store paid", ("1", "2024-03-05", "S", "-10"))

    assert (shaped.drafts[0].kind, shaped.drafts[0].quantity) == ("return", Decimal(-1))


def test_rows_read_by_column_give_the_same_drafts() -> None:
    made = mapping(Subject.CUSTOMERS, "phone name")
    rows = [("13800138000", "张"), ("13800138001", None), ("x", "王")]
    by_row = shapes.CustomerShaper(made, now=NOW).shape(Batch(range(3), rows=rows))
    by_column = shapes.CustomerShaper(made, now=NOW).shape(
        Batch(range(3), columns=[list(column) for column in zip(*rows, strict=True)])
    )

    assert by_row == by_column


def test_every_code_of_a_problem_has_a_sentence() -> None:
    values = dict.fromkeys(
        (
            *("error", "limit", "decimals", "currency", "least", "most", "sentence", "name"),
            *("number", "source", "day", "amount", "line", "left", "one", "other"),
        ),
        7,
    )

    for code in problems.SENTENCES:
        assert "%" not in problems.sentence(code, values)
