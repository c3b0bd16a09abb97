"""The public form under hostile submissions: no fault of ours, no script, limits exact."""

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from regulars.complaints.models import Case
from regulars.tenancy import limits
from regulars.tenancy.context import ChainInfo
from regulars.usecases import complain_alone
from regulars.usecases.complain_alone import Limit
from regulars.web.complaining import places
from tests import counts
from tests.counts import Note
from tests.factories import complaining, hostile_forms, people, purchases
from tests.factories.visitors import Visitor, signed_in

ENDLESS = Limit(10**9, 3_600)
EXPECTED = {200, 302, 400, 403, 404, 409, 413, 422, 429}


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> Iterator[None]:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    loggers = [logging.getLogger(name) for name in ("django.request", "django.security")]
    before = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL + 1)
    yield
    for each, level in zip(loggers, before, strict=True):
        each.setLevel(level)


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything in, so that every word arrives."""
    for name in ("BY_STORE", "BY_ADDRESS", "BY_CHAIN", "WORDS", "WORDS_A_DAY"):
        monkeypatch.setattr(complain_alone, name, ENDLESS)
    for name in ("BY_RECEIPT", "WORDS_UNANSWERED", "WORDS_EVER"):
        monkeypatch.setattr(complain_alone, name, ENDLESS.most)


def storm(count: int, seed: int) -> tuple[Counter[int], list[str]]:
    """Send so many, each from another address; return the statuses, and what would run."""
    sold = purchases.sale(
        *[purchases.line(product_name=each) for each in hostile_forms.SCRIPTS[:3]]
    )
    at = [complaining.place(), places.of_purchase(sold.purchase_id)]
    links = [complaining.link(complaining.raised()) for _ in range(2)]
    statuses: Counter[int] = Counter()
    found: list[str] = []
    every = hostile_forms.submissions(seed=seed, count=count, links=links, places=at)
    for number, sent in enumerate(every):
        guest = Visitor(raise_request_exception=False)
        ip = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        answer: Any = (
            guest.generic("POST", sent.path, REMOTE_ADDR=ip, **sent.how)
            if "content_type" in sent.how
            else guest.post(sent.path, REMOTE_ADDR=ip, **sent.how)
        )
        statuses[answer.status_code] += 1
        if answer.status_code != 302:
            found += hostile_forms.running(answer.content.decode())
        if "Content-Security-Policy" not in answer:
            found.append(f"no policy: {answer.status_code}")
    return statuses, found


def shown() -> list[str]:
    """Open what was stored, as its customer and as an employee; return what would run."""
    found: list[str] = []
    office = signed_in()
    cases = list(Case.objects.order_by("-id")[: counts.of(20, proof=2_000)])
    for case in cases:
        found += hostile_forms.running(Visitor().get(complaining.link(case)).content.decode())
    inside = [
        reverse("complaint", args=[case.pk], urlconf=URLS)
        for case in cases[: counts.of(3, proof=40)]
    ]
    for path in (reverse("complaints", urlconf=URLS), *inside):
        answer = office.get(path)
        assert answer.status_code == 200, path
        found += hostile_forms.running(answer.content.decode())
    return found


URLS = "regulars.urls_chain"


@pytest.mark.proof(
    "forms with scripts, control characters, broken bodies and files that are no pictures, to the"
    " form and to private pages; then every stored complaint is opened, by link and inside"
)
@pytest.mark.usefixtures("endless")
def test_hostile_forms_break_nothing_and_nothing_of_theirs_runs(record_property: Note) -> None:
    count, seed = counts.of(80, proof=10_000), counts.seed()

    statuses, found = storm(count, seed)

    record_property("seed", seed)
    record_property("submissions", count)
    stored = Case.objects.count()
    assert set(statuses) <= EXPECTED, statuses
    assert found == []
    assert statuses[302] > count / 40, statuses
    assert stored > count / 40
    assert shown() == []
    record_property("found", f"{stored} complaints stored, none of them a script")


@pytest.mark.proof("the same with pages that do not escape")
@pytest.mark.usefixtures("endless")
def test_positive_control_without_escaping_scripts_are_found(
    monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    case = complaining.raised(text=hostile_forms.SCRIPTS[0])
    monkeypatch.setattr("django.template.base.conditional_escape", str)

    found = hostile_forms.running(Visitor().get(complaining.link(case)).content.decode())

    assert found
    record_property("found", f"{len(found)} scripts")


@pytest.mark.proof("the same with a service that fails")
@pytest.mark.usefixtures("endless")
def test_positive_control_a_fault_of_ours_is_noticed(
    monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    def fails(**_given: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(complain_alone, "raised", fails)

    answer = complaining.send(Visitor(raise_request_exception=False))

    assert answer.status_code == 500
    record_property("found", "500")


def flood(count: int) -> tuple[int, Counter[int]]:
    """Send sound forms from five addresses to one store; return the cases and the statuses."""
    guests = [(Visitor(), f"203.0.113.{number}") for number in range(5)]
    at = complaining.place()
    statuses: Counter[int] = Counter()
    for number in range(count):
        guest, ip = guests[number % len(guests)]
        answer = complaining.send(guest, at, ip=ip, text=f"Word {number}")
        statuses[answer.status_code] += 1
    return Case.objects.count(), statuses


@pytest.mark.proof("sound forms from five addresses to one store, then from one to another")
def test_limits_are_exact(record_property: Note, monkeypatch: pytest.MonkeyPatch) -> None:
    count = counts.of(40, proof=2_000)
    if not counts.IS_LONG:
        monkeypatch.setattr(complain_alone, "BY_ADDRESS", Limit(3, 3_600))
        monkeypatch.setattr(complain_alone, "BY_STORE", Limit(13, 3_600))
    by_address, limit = complain_alone.BY_ADDRESS.most, complain_alone.BY_STORE
    by_store = limit.most - limit.for_receipts - limit.for_newcomers

    taken, statuses = flood(count)
    elsewhere = places.of_store(people.store(code="other").pk)
    more = [complaining.send(Visitor(), elsewhere, ip="203.0.113.9") for _ in range(by_address + 5)]

    assert taken == min(5 * by_address, by_store)
    assert statuses == {302: taken, 429: count - taken}
    assert Counter(each.status_code for each in more) == {302: by_address, 429: 5}
    record_property("submissions", count)
    record_property("found", f"{taken} of {count} taken, {by_address} of one address elsewhere")


@pytest.mark.proof("the same without the counts")
def test_positive_control_without_the_counts_more_is_taken(
    monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    monkeypatch.setattr(complain_alone, "BY_ADDRESS", Limit(2, 3_600))
    monkeypatch.setattr(complain_alone, "_check_room", lambda *_given, **_named: None)
    monkeypatch.setattr(limits, "hits", lambda *_tries: None)

    taken, _statuses = flood(15)

    assert taken == 15
    record_property("found", "15 of 15 taken")
