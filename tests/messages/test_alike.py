"""Care that reads the same for too many is refused where batches are filled (C3)."""

import re
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM
from regulars.messages import wording
from regulars.messages.models import Batch
from regulars.messages.services import alike, batches, templating
from regulars.messages.services.reserving import Draft, Outcome
from regulars.tenancy.context import ChainInfo
from tests.factories.contacts import budget, draft, limits, person, reserve
from tests.factories.customers import NOW


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo) -> None:
    budget()
    templating.set_words(actor=SYSTEM, added=[], allowed=[], most_alike=3, now=NOW)


def opened(purpose: str = "care") -> Batch:
    return batches.open_batch(actor=SYSTEM, title="x", purpose=purpose, channel="sms", now=NOW)


def greeting(text: str = "{name}，中秋安康。小李", purpose: str = "care") -> Draft:
    name = "王芳"
    return draft(person(name=name), text=text.replace("{name}", name), purpose=purpose)


def filled(batch: Batch, drafts: list[Draft]) -> list[Outcome]:
    return batches.fill(actor=SYSTEM, batch_id=batch.pk, drafts=drafts, now=NOW)


def refused(outcomes: list[Outcome]) -> list[bool]:
    return [each.refusal is not None and each.refusal.why == "alike" for each in outcomes]


def test_only_as_many_as_the_chain_allows_read_the_same_but_for_their_name() -> None:
    outcomes = filled(opened(), [greeting() for _ in range(5)])

    assert refused(outcomes) == [False, False, False, True, True]
    assert [each.contact_id is None for each in outcomes] == refused(outcomes)


def test_those_of_earlier_fills_count_and_nobody_counts_twice() -> None:
    batch, first = opened(), [greeting(), greeting()]
    filled(batch, first)

    again = filled(batch, [*first, greeting(), greeting()])

    assert refused(again) == [False, False, False, True]
    batch.refresh_from_db()
    assert (batch.counts["reserved"], batch.counts["alike"]) == (3, 1)


def test_a_disguise_and_another_script_are_the_same_wording() -> None:
    outcomes = filled(
        opened(),
        [
            greeting("{name}，中秋快乐！"),
            greeting("{name} 中秋快樂"),
            greeting("中秋·快乐，{name}"),
            greeting("{name}，中秋快乐"),
        ],
    )

    assert refused(outcomes) == [False, False, False, True]


def test_who_signs_and_what_is_personal_makes_a_difference() -> None:
    signed = [greeting(f"{{name}}，中秋安康。{guide}") for guide in ("小李", "小陈") * 3]
    personal = [greeting(f"{{name}}，手镯{size}号戴着好吗？小李") for size in "一二三四五"]

    outcomes = filled(opened(), [*signed, *personal])

    assert refused(outcomes) == [False] * 11


@pytest.mark.parametrize("purpose", ["service", "selling"])
def test_what_is_no_greeting_may_read_the_same(purpose: str) -> None:
    batch = opened(purpose)

    _told, too_many = alike.sort_out(batch, [greeting(purpose=purpose) for _ in range(9)])

    assert too_many == frozenset()


def test_a_slice_reads_none_of_those_before_it() -> None:
    batch = opened()
    filled(batch, [greeting(), greeting()])

    with CaptureQueriesContext(connection) as seen:
        outcomes = filled(batch, [greeting(), greeting()])

    assert refused(outcomes) == [False, True]
    asked = [sql for each in seen if re.search(r'FROM "?messaging_contact\b', sql := each["sql"])]
    assert asked
    assert [sql for sql in asked if re.search(r'batch_id"? =', sql)] == []


def test_whom_the_budget_refused_leaves_room_and_the_counts_go_when_it_is_complete() -> None:
    batch, busy = opened(), person(name="王芳")
    budget(limits=limits(1))
    reserve(busy)

    filled(batch, [draft(busy, text="王芳，中秋安康。小李"), greeting()])
    again = filled(batch, [greeting(), greeting(), greeting()])

    assert refused(again) == [False, False, True]
    batch.refresh_from_db()
    assert list((batch.alike or {}).values()) == [3]
    batches.complete(batch_id=batch.pk, now=NOW)
    batch.refresh_from_db()
    assert batch.alike is None


def test_without_the_fingerprint_the_same_words_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    each_its_own = map(str, count())
    monkeypatch.setattr(wording, "fingerprint", lambda _text, _names: next(each_its_own))

    assert refused(filled(opened(), [greeting() for _ in range(5)])) == [False] * 5
