"""A vertical whose messages the lint refuses is not loaded."""

from dataclasses import replace
from typing import Any

import pytest

from regulars.kit import VerticalError
from tests.kit.examples import MESSAGE, PLAN, tailor, words


@pytest.mark.parametrize(
    ("changes", "where", "told"),
    [
        (
            {"text": words("{customer.name}，全场八折！{store.name}")},
            "messages.thanks.text.zh-Hans",
            "“八折” is an offer",
        ),
        (
            {"channels": ("email",), "subject": words("50% off")},
            "messages.thanks.subject.en",
            "“50% off” is an offer",
        ),
        ({"occasion": "new-arrival"}, "messages.thanks.text.en", "new arrivals are told in"),
        (
            {"text": words(f"{{customer.name}}{'好' * 220}{{guide.name}}")},
            "messages.thanks.text.zh-Hant",
            "too many parts",
        ),
    ],
)
def test_what_the_lint_refuses_is_a_fault(changes: dict[str, Any], where: str, told: str) -> None:
    with pytest.raises(VerticalError) as caught:
        tailor(messages=(replace(MESSAGE, **changes),))

    assert any(each.where == where and told in each.text for each in caught.value.faults)


def test_selling_without_mark_and_refusal_is_a_fault() -> None:
    message = replace(MESSAGE, purpose="selling", occasion="new-arrival")

    with pytest.raises(VerticalError, match="marked as such") as caught:
        tailor(messages=(message,), follow_ups=(replace(PLAN, purpose="selling"),))

    assert {each.where for each in caught.value.faults} == {
        f"messages.thanks.text.{language}" for language in ("zh-Hans", "zh-Hant", "en")
    }


def test_what_is_only_warned_of_loads() -> None:
    text = words("{customer.name}，最牵挂的您，保养说明 https://aurum.example/advice {store.name}")

    assert tailor(messages=(replace(MESSAGE, text=text, occasion="reminder"),)).messages


def test_what_a_chain_changes_is_checked_but_for_its_words() -> None:
    selling = replace(MESSAGE, text=words("{customer.name}，全场八折！{store.name}"))
    without_a_way = replace(MESSAGE, channels=())

    changed = tailor().changed(messages=(selling,))

    assert changed.messages == (selling,)
    assert changed.tiers == tailor().tiers
    with pytest.raises(VerticalError, match="needs a channel"):
        tailor().changed(messages=(without_a_way,))
