"""What the public page refuses politely: floods, programs, forgeries; and what it never says."""

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.complaints import services
from regulars.complaints.models import Case
from regulars.complaints.services.opening import Draft
from regulars.outbox.models import Job
from regulars.tenancy import context, limits
from regulars.tenancy.context import ChainInfo
from regulars.usecases import complain_alone
from regulars.usecases.complain_alone import Limit, TooManyComplaints
from regulars.web.complaining import places
from tests.factories import complaining, customers, people, purchases
from tests.factories.complaining import send, stamp
from tests.factories.customers import NOW
from tests.factories.visitors import Visitor

PHONE = "+8613800138000"
_CHANGES = re.compile(  # names of savepoints, texts, keys, numbers
    r"\"s\d+_x\d+\"|'[^']*'(::\w+)?|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b\d[\d.]*\b|NULL"
)


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> None:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path


def text(answer: Any) -> str:
    return str(answer.content.decode())


def codes(*answers: Any) -> list[int]:
    return [each.status_code for each in answers]


def test_a_field_that_nobody_sees_stops_programs_and_a_person_passes_at_the_second_try() -> None:
    guest, once = Visitor(), stamp()

    trapped = send(guest, once=once, homepage="https://spam.example", text="Buy")
    passed = send(guest, once=once, text="Buy")

    assert codes(trapped, passed) == [422, 302]
    assert "look it over once more" in text(trapped)
    assert "spam.example" not in text(trapped)
    assert Case.objects.count() == 1


def test_a_form_that_comes_back_at_once_is_shown_again_with_what_was_typed() -> None:
    guest, once = Visitor(), stamp(seconds=1)

    quick = send(guest, once=once, text="Typed in no time.")

    assert quick.status_code == 422
    assert "Typed in no time." in text(quick)
    assert quick.context["once"] == once  # so the wait is not begun anew
    assert not Case.objects.exists()


@pytest.mark.parametrize("forged", ["", "x", "0" * 32, f"{'0' * 32}.1", "\0"])
def test_a_form_without_our_stamp_is_shown_again_with_one(forged: str) -> None:
    answer = send(Visitor(), once=forged)

    assert answer.status_code == 422
    assert answer.context["once"] != forged
    assert not Case.objects.exists()


def test_a_stamp_of_another_chain_is_none(bloom: ChainInfo) -> None:
    with context.inside(bloom):
        theirs = stamp()

    assert send(Visitor(), once=theirs).status_code == 422


def test_one_address_is_refused_politely_beyond_its_most_and_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complain_alone, "BY_ADDRESS", Limit(3, 3_600))
    monkeypatch.setattr(complain_alone, "BY_STORE", Limit(4, 3_600))
    guest = Visitor()

    answers = [send(guest, text=f"Word {n}") for n in range(6)]
    other = send(Visitor(), ip="203.0.113.8")

    assert codes(*answers) == [302, 302, 302, 429, 429, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert "Word 5" in text(answers[-1])
    assert "Very many messages" in text(answers[-1])
    assert other.status_code == 302  # what was refused took nothing from the store
    assert Case.objects.count() == 4


def test_a_store_is_limited_by_the_database_also_while_the_cache_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complain_alone, "BY_STORE", Limit(3, 3_600))
    monkeypatch.setattr(limits, "hits", lambda *_tries: None)
    elsewhere = places.of_store(people.store(code="N").pk)

    answers = [send(Visitor(), ip=f"203.0.113.{n}") for n in range(5)]

    assert codes(*answers) == [302, 302, 302, 429, 429]
    assert send(Visitor(), elsewhere).status_code == 302


def test_one_line_of_ipv6_is_one_address_however_many_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complain_alone, "BY_ADDRESS", Limit(3, 3_600))

    answers = [send(Visitor(), ip=f"2001:db8:0:7:{n:x}::1") for n in range(5)]
    neighbour = send(Visitor(), ip="2001:db8:0:8::1")

    assert codes(*answers) == [302, 302, 302, 429, 429]
    assert neighbour.status_code == 302


def test_a_stores_room_comes_back_within_the_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complain_alone, "BY_STORE", Limit(2, 3_600))
    draft = Draft(store_id=people.first_store().pk, raised="web", text="It broke.")

    def at(minutes: int) -> Case:
        now = NOW + timedelta(minutes=minutes)
        return complain_alone.raised(
            draft=draft, uploads=[], address=f"a{minutes}", now=now, key=str(minutes)
        )

    at(0), at(20)
    with pytest.raises(TooManyComplaints) as refused:
        at(45)
    at(61)

    assert refused.value.retry_after == 15 * 60
    assert Case.objects.count() == 3


def test_a_flood_from_a_few_addresses_leaves_room_for_others_and_for_receipts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit = Limit(8, 3_600, for_receipts=2, for_newcomers=3)
    monkeypatch.setattr(complain_alone, "BY_STORE", limit)
    at = places.of_purchase(purchases.sale().purchase_id)
    flood = [send(Visitor(), ip=f"203.0.113.{n % 3}") for n in range(9)]

    again = send(Visitor(), ip="203.0.113.1")
    newcomers = [send(Visitor(), ip=f"198.51.100.{n}") for n in range(4)]
    receipts = [send(Visitor(), at, ip="203.0.113.1") for _ in range(3)]

    assert codes(*flood) == [302] * 3 + [429] * 6
    assert codes(again) == [429]
    assert codes(*newcomers) == [302, 302, 302, 429]
    assert codes(*receipts) == [302, 302, 429]
    assert Case.objects.count() == limit.most


def test_positive_control_without_the_parts_three_addresses_fill_the_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complain_alone, "BY_STORE", Limit(8, 3_600))
    flood = [send(Visitor(), ip=f"203.0.113.{n % 3}") for n in range(9)]

    assert codes(*flood) == [302] * 8 + [429]
    assert codes(send(Visitor(), ip="198.51.100.1")) == [429]


def test_one_receipt_fills_no_part_of_it_alone() -> None:
    ours, other = (places.of_purchase(purchases.sale().purchase_id) for _ in range(2))

    answers = [send(Visitor(), ours) for _ in range(complain_alone.BY_RECEIPT + 1)]

    assert codes(*answers) == [302] * complain_alone.BY_RECEIPT + [429]
    assert codes(send(Visitor(), other), send(Visitor())) == [302, 302]


def test_the_parts_hold_while_the_cache_is_away_as_far_as_addresses_are_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complain_alone, "BY_STORE", Limit(4, 3_600, for_receipts=1))
    monkeypatch.setattr(limits, "cache", SimpleNamespace(get=_away, add=_away))
    monkeypatch.setattr(limits, "hits", lambda *_tries: None)
    at = places.of_purchase(purchases.sale().purchase_id)

    answers = [send(Visitor(), ip="203.0.113.1") for _ in range(4)]

    assert codes(*answers, send(Visitor(), at)) == [302, 302, 302, 429, 302]


def _away(*_given: Any, **_named: Any) -> Any:
    raise redis.ConnectionError


def test_what_is_written_down_at_the_counter_takes_no_room_from_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complain_alone, "BY_STORE", Limit(1, 3_600))
    store = people.first_store()
    draft = Draft(store_id=store.pk, raised="counter", text="It broke.")
    services.open_case(actor=people.actor(people.owner()), draft=draft, now=timezone.now(), key="1")

    assert codes(send(Visitor()), send(Visitor())) == [302, 429]


def test_a_chain_is_limited_over_all_its_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complain_alone, "BY_CHAIN", Limit(2, 3_600))
    stores = [places.of_store(people.store(code=f"c{n}").pk) for n in range(3)]

    answers = [send(Visitor(), at, ip=f"203.0.113.{n}") for n, at in enumerate(stores)]

    assert codes(*answers) == [302, 302, 429]


def test_forms_that_are_wrong_are_counted_too() -> None:
    guest = Visitor()

    answers = [send(guest, text="") for _ in range(61)]

    assert (answers[59].status_code, answers[60].status_code) == (422, 429)


def test_a_crowd_with_pictures_does_not_keep_everybody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(4):
        assert complain_alone._DRAWING.acquire(blocking=False)
    try:
        refused = send(Visitor(), pictures=[complaining.picture()])
        words = send(Visitor())
    finally:
        complain_alone._DRAWING.release(4)

    assert codes(refused, words) == [429, 302]
    assert "Many pictures are being looked at" in text(refused)


def asked(at: str, phone: str) -> tuple[int, list[str]]:
    """Raise one and return the status and every statement, without what differs by chance."""
    guest, once = Visitor(), stamp()
    with CaptureQueriesContext(connection) as found:
        answer = send(guest, at, once=once, phone=phone)
    return answer.status_code, [_CHANGES.sub("…", each["sql"]) for each in found]


@pytest.mark.parametrize("with_purchase", [False, True])
def test_whether_a_phone_is_known_shows_neither_in_the_answer_nor_in_what_is_asked(
    with_purchase: bool,
) -> None:
    carol = customers.customer(name="Carol", phone=PHONE, store=people.first_store())
    sold = purchases.sale(customer=carol).purchase_id
    at = places.of_purchase(sold) if with_purchase else complaining.place()
    asked(at, "+8613800138009")  # what is only done once is done

    known, unknown = asked(at, PHONE), asked(at, "+8613800138001")

    assert known == unknown
    assert known[0] == 302
    assert Case.objects.filter(customer__isnull=False).count() == 0
    pages = [
        text(Visitor().get(complaining.link(each))).replace(each.number, "…")
        for each in Case.objects.order_by("-id")[:2]
    ]
    assert _plain(pages[0]) == _plain(pages[1])
    assert "Carol" not in pages[0]


def _plain(page: str) -> str:
    """Take out what is another for every complaint and every answer."""
    return re.sub(
        r"<time [^>]*>|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}:[\w-]+|value=\"\w{64}\"|[\w-]{22,}",
        "…",
        page,
    )


def test_afterwards_a_complaint_about_a_purchase_finds_its_customer_by_the_number() -> None:
    carol = customers.customer(name="Carol", phone=PHONE, store=people.first_store())
    at = places.of_purchase(purchases.sale(customer=carol).purchase_id)
    hers = complaining.raised(at=at, phone=PHONE)
    others = [complaining.raised(at=at, phone="+8613800138001"), complaining.raised(at=at)]
    alone = complaining.raised(phone=PHONE)

    for job in Job.objects.filter(handler=complain_alone.MATCH):
        for _twice in range(2):
            complain_alone.match(**job.payload, now=timezone.now())

    found = dict(Case.objects.values_list("pk", "customer"))
    assert found.pop(hers.pk) == carol.pk
    assert found == {each.pk: None for each in (*others, alone)}
    assert Job.objects.filter(handler="complaint.opened").count() == 1


def test_what_an_erased_customer_bought_finds_nobody() -> None:
    carol = customers.customer(name="Carol", phone=PHONE, store=people.first_store())
    at = places.of_purchase(purchases.sale(customer=carol).purchase_id)
    hers = complaining.raised(at=at, phone=PHONE)
    type(carol).objects.filter(pk=carol.pk).update(state="erased")

    complain_alone.match(complaint=str(hers.pk), now=timezone.now())

    assert Case.objects.get(pk=hers.pk).customer_id is None


def test_every_answer_carries_the_policy_and_stays_out_of_search_engines() -> None:
    case = complaining.raised()
    answers = [
        Visitor().get(complaining.address(complaining.place())),
        Visitor().get(complaining.link(case)),
        send(Visitor(), text=""),
    ]

    for each in answers:
        policy = each["Content-Security-Policy"]
        assert "script-src 'self' 'nonce-" in policy
        assert 'name="robots" content="noindex"' in text(each)
        assert "private" in each["Cache-Control"]
        assert not re.search(r"(src|href)=\"(https?:)?//(?!aurum\.localhost)", text(each))
