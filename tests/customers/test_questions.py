"""Answers with who learned them, when and how; and the one question worth asking next."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.audit.models import Entry
from regulars.customers import questions, selectors, services
from regulars.customers.models import Customer
from regulars.errors import Invalid, NotFound
from tests.customers.conftest import Cast
from tests.factories import customers


def learn(cast: Cast, customer: Customer, **values: Any) -> Customer:
    """Answer deep questions; underscores stand for hyphens."""
    return services.answer(
        actor=cast.alice,
        customer_id=customer.pk,
        values={key.replace("_", "-"): value for key, value in values.items()},
        how="conversation",
        now=customers.NOW,
    )


def asked(customer: Customer, *, purchases: int = 0, kinds: tuple[str, ...] = ()) -> str | None:
    """Return the key of the next question."""
    found = selectors.next_question(
        Customer.objects.get(pk=customer.pk), purchases=purchases, event_kinds=kinds
    )
    return found.key if found else None


def test_an_answer_keeps_who_learned_it_when_and_how(cast: Cast) -> None:
    made = customers.customer()

    row = learn(cast, made, occupation="教师", promotions="welcome")

    assert row.profile["occupation"] == {
        "value": "教师",
        "by": str(cast.alice.id),
        "at": customers.NOW.isoformat(),
        "how": "conversation",
    }
    assert row.profile["promotions"]["value"] == "welcome"
    assert Entry.objects.get(action="customer.answered").data == {
        "keys": ["occupation", "promotions"]
    }


def test_the_same_answer_again_keeps_its_first_provenance(cast: Cast) -> None:
    made = customers.customer()
    learn(cast, made, occupation="教师")

    row = services.answer(
        actor=cast.alice,
        customer_id=made.pk,
        values={"occupation": " 教师 "},
        how="call",
        now=customers.NOW + timedelta(days=9),
    )

    assert row.profile["occupation"]["how"] == "conversation"


def test_an_empty_answer_takes_it_away_and_others_stay(cast: Cast) -> None:
    made = customers.customer()
    learn(cast, made, occupation="教师", hobbies="茶")

    row = learn(cast, made, occupation="")

    assert set(row.profile) == {"hobbies"}


@pytest.mark.parametrize(
    ("values", "how"),
    [
        ({"promotions": "sometimes"}, "call"),
        ({"favourite-god": "x"}, "call"),
        ({"ethnicity": "汉"}, "call"),
        ({"occupation": "x" * 201}, "call"),
        ({"occupation": "x"}, "telepathy"),
    ],
)
def test_what_is_no_answer_is_refused(cast: Cast, values: dict[str, str], how: str) -> None:
    made = customers.customer()

    with pytest.raises(Invalid):
        services.answer(
            actor=cast.alice, customer_id=made.pk, values=values, how=how, now=customers.NOW
        )

    assert Customer.objects.get(pk=made.pk).profile == {}


def test_ethnicity_is_kept_only_where_head_office_asks_and_the_customer_agreed(
    cast: Cast, policies: dict[str, object]
) -> None:
    made = customers.customer()
    policies["customers.ask-ethnicity"] = True
    with pytest.raises(Invalid):
        learn(cast, made, ethnicity="汉")

    services.consent(
        actor=cast.alice,
        customer_id=made.pk,
        purpose="field.ethnicity",
        given=True,
        how="form",
        now=customers.NOW,
    )

    assert learn(cast, made, ethnicity="汉").profile["ethnicity"]["value"] == "汉"


def test_vertical_fields_are_cleaned_and_keep_their_provenance(cast: Cast) -> None:
    made = customers.customer(extra={"ring-size": 11})

    row = services.set_extra(
        actor=cast.alice,
        customer_id=made.pk,
        values={"ring-size": "12", "metals": "silver, gold"},
        how="purchase",
        now=customers.NOW,
    )

    assert row.extra == {"ring-size": 12, "metals": ["gold", "silver"]}
    assert row.profile["field.ring-size"]["how"] == "purchase"
    cleared = services.set_extra(
        actor=cast.alice, customer_id=made.pk, values={"metals": ""}, how="call", now=customers.NOW
    )
    assert (cleared.extra, set(cleared.profile)) == ({"ring-size": 12}, {"field.ring-size"})


def test_a_sensitive_field_needs_head_office_and_the_customer(
    cast: Cast, policies: dict[str, object]
) -> None:
    made = customers.customer()

    def keep() -> Customer:
        return services.set_extra(
            actor=cast.alice,
            customer_id=made.pk,
            values={"allergy": "nickel"},
            how="conversation",
            now=customers.NOW,
        )

    def consent(given: bool, minute: int) -> None:
        services.consent(
            actor=cast.alice,
            customer_id=made.pk,
            purpose="field.allergy",
            given=given,
            how="spoken",
            now=customers.NOW + timedelta(minutes=minute),
        )

    with pytest.raises(Invalid):  # off
        keep()
    policies["customers.sensitive-fields"] = True
    with pytest.raises(Invalid):  # on, but nobody agreed
        keep()
    consent(True, 1)
    assert keep().extra == {"allergy": "nickel"}
    consent(False, 2)
    assert Customer.objects.get(pk=made.pk).extra == {}
    with pytest.raises(Invalid):
        keep()


def test_name_and_phone_come_first_then_what_may_be_offered(cast: Cast) -> None:
    nameless = customers.customer(name="", phone="13800138000")
    known = customers.customer(name="王小明", phone=customers.phone())

    assert asked(nameless) == "name"
    assert asked(known) == "birthday"
    assert asked(known, kinds=("birthday",)) == "gender"


def test_deeper_questions_wait_for_purchases(cast: Cast) -> None:
    made = customers.customer(name="王小明", phone=customers.phone(), gender="female")

    assert asked(made, kinds=("birthday",)) is None
    assert asked(made, purchases=1, kinds=("birthday",)) == "city"
    services.update(
        actor=cast.alice,
        customer_id=made.pk,
        values={"address": {"city": "上海"}},
        now=customers.NOW,
    )
    assert asked(made, purchases=1, kinds=("birthday",)) == "ring-size"
    services.set_extra(
        actor=cast.alice, customer_id=made.pk, values={"ring-size": 12}, how="call",
        now=customers.NOW,
    )  # fmt: skip
    assert asked(made, purchases=1, kinds=("birthday",)) == "promotions"


def test_what_was_declined_is_not_asked_again(cast: Cast) -> None:
    made = customers.customer(name="王小明", phone=customers.phone())
    for key in ("birthday", "gender", "city", "ring-size", "promotions"):
        services.decline(
            actor=cast.alice, customer_id=made.pk, key=key, how="conversation", now=customers.NOW
        )

    assert asked(made, purchases=1) == "colours"
    assert asked(made, purchases=0) is None
    with pytest.raises(NotFound):
        services.decline(
            actor=cast.alice, customer_id=made.pk, key="x", how="conversation", now=customers.NOW
        )


def test_nothing_sensitive_is_asked_unprompted(cast: Cast, policies: dict[str, object]) -> None:
    policies["customers.sensitive-fields"] = True
    made = customers.customer(name="王小明", phone=customers.phone(), extra={"ring-size": 1})
    for key in ("birthday", "gender", "city"):
        services.decline(
            actor=cast.alice, customer_id=made.pk, key=key, how="conversation", now=customers.NOW
        )
    row = Customer.objects.get(pk=made.pk)

    without = selectors.next_question(row, purchases=1, event_kinds=())
    agreed = selectors.next_question(
        row, purchases=1, event_kinds=(), consented=frozenset({"allergy"})
    )

    assert [each.key for each in (without, agreed) if each] == ["promotions", "allergy"]


def test_everything_answered_asks_nothing(cast: Cast, policies: dict[str, object]) -> None:
    made = customers.customer(name="王小明", phone=customers.phone())
    for key in ("birthday", "gender", "city", "email", "ring-size", "metals"):
        services.decline(
            actor=cast.alice, customer_id=made.pk, key=key, how="conversation", now=customers.NOW
        )
    for each in questions.questions():
        services.decline(
            actor=cast.alice, customer_id=made.pk, key=each.key, how="call", now=customers.NOW
        )

    assert asked(made, purchases=99) is None


def test_every_question_reads_in_every_language() -> None:
    for each in questions.QUESTIONS:
        labels = [each.field.label, *each.suggestions, *(c.label for c in each.field.choices)]
        assert all(label.zh_hans and label.zh_hant and label.en for label in labels), each.key
