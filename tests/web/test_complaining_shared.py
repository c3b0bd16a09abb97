"""A device that many hands touch, and questions that not everybody can answer."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache

from regulars.complaints import templates
from regulars.complaints.models import Case, Entry
from regulars.tenancy.context import ChainInfo
from regulars.web.complaining import once as stamps
from tests.factories.complaining import address, place, send, stamp
from tests.factories.visitors import Visitor


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo) -> None:
    cache.clear()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def taken(guest: Visitor, number: Any, **fields: Any) -> Any:
    """Send a form whose answer gets lost: the browser keeps its number."""
    guest.cookies["complaining"] = number.hex
    return send(guest, once=stamp(number=number, seconds=fields.pop("ago", 30)), **fields)


@pytest.mark.parametrize(
    "theirs",
    [
        {"text": "Something else entirely.", "ago": -30},  # a form shown after the first was taken
        {"text": "My ring, I am Alice.", "name": "Bob"},
        {"text": "My ring, I am Alice.", "phone": "138 0013 8001"},
    ],
)
def test_after_a_lost_answer_the_next_one_at_a_shared_device_sees_nothing_of_the_first(
    theirs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "LEAST", timedelta(minutes=-1))
    device, number = Visitor(), uuid4()
    facts = {"name": "Alice", "phone": "138 0013 8000"}
    taken(device, number, text="My ring, I am Alice.", **facts)

    refused = taken(device, number, **theirs)
    fresh = stamps.read(refused.context["once"])
    assert fresh is not None
    given = {name: value for name, value in theirs.items() if name != "ago"}
    passed = send(device, once=stamp(number=fresh.number), **given)

    assert refused.status_code == 409
    assert "look it over once more" in text(refused)
    assert passed.status_code == 302
    assert Case.objects.count() == 2
    assert not Entry.objects.filter(kind="message-in").exists()


def test_whoever_lost_the_answer_and_changes_a_word_goes_on_with_their_complaint() -> None:
    guest, number = Visitor(), uuid4()

    taken(guest, number, text="It broke.", name="Alice")
    taken(guest, number, text="It broke twice.", name="Alice")

    assert Case.objects.count() == 1
    assert Entry.objects.filter(kind="message-in", text="It broke twice.").exists()


@pytest.mark.parametrize(("about", "hidden"), [("loose-stone", "ask-certificate")])
def test_customers_are_asked_only_what_they_can_know(about: str, hidden: str) -> None:
    page = text(Visitor().get(address(place(), about)))

    answer = send(Visitor(), about=about, **{"ask-piece": "My ring", hidden: "GIA 1"})

    assert 'name="ask-piece"' in page
    assert f'name="{hidden}"' not in page
    assert answer.status_code == 302
    assert Case.objects.get().answers == {"piece": "My ring"}


def test_what_only_employees_can_know_is_required_of_employees_alone() -> None:
    template = templates.find("loose-stone")
    assert template is not None
    inside = replace(template.asks[1], required=True, asks_customer=False)
    asked = replace(template, asks=(template.asks[0], inside))

    by_customer, by_us = (templates.asks(asked, by_customer=each) for each in (True, False))

    assert [each.required for each in by_customer] == [True, False]
    assert [each.required for each in by_us] == [True, True]
