"""What a customer may add to a complaint has an end, and so has what its page shows at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.complaints import selectors, services
from regulars.complaints.models import Case, Entry
from regulars.complaints.selectors import single
from regulars.complaints.services import writing
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import new_id
from regulars.usecases import complain_alone
from regulars.usecases.complain_alone import CUSTOMER, Limit, TooManyWords
from tests.factories import complaining, complaints, people
from tests.factories.complaining import link
from tests.factories.complaints import Cast
from tests.factories.customers import NOW
from tests.factories.visitors import Visitor

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo) -> None:
    cache.clear()


@pytest.fixture
def cast() -> Cast:
    return complaints.cast()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def say(case: Case, words: str, *, at: Any = NOW) -> Case:
    return complain_alone.written(case_id=case.pk, text=words, uploads=(), now=at)


def of_web(text: str = "It broke.") -> Case:
    """Raise a complaint as its customer did, long enough ago to count for nothing."""
    draft = services.Draft(store_id=people.first_store().pk, raised="web", text=text)
    return services.open_case(actor=CUSTOMER, draft=draft, now=NOW - 9 * DAY, key=str(new_id()))


def much(case: Case, count: int, *, by_customer: bool = True, public: bool = True) -> None:
    """Write so many steps at once, days ago."""
    Entry.objects.bulk_create(
        Entry(
            case=case, kind="message-in" if by_customer else "message-out", at=NOW - 9 * DAY,
            by_customer=by_customer, public=public, text=f"Word {n}",
        )
        for n in range(count)
    )  # fmt: skip


def test_within_a_day_a_customer_adds_so_much_and_goes_on_the_day_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complain_alone, "WORDS_A_DAY", Limit(3, 86_400))
    case = of_web()
    for n in range(3):
        say(case, f"Word {n}", at=NOW + n * timedelta(hours=1))

    with pytest.raises(TooManyWords) as refused:
        say(case, "One more", at=NOW + timedelta(hours=3))
    say(case, "One more", at=NOW + timedelta(hours=25))

    assert "3 messages about this today" in str(refused.value)
    assert refused.value.retry_after == 21 * 3_600
    assert Entry.objects.filter(case=case, kind="message-in").count() == 4


def test_the_same_word_again_is_answered_also_at_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complain_alone, "WORDS_A_DAY", Limit(1, 86_400))
    case = of_web()
    say(case, "OK")

    assert say(case, "OK").pk == case.pk
    assert Entry.objects.filter(case=case, kind="message-in").count() == 1


def test_what_nobody_answered_has_an_end_and_an_answer_of_ours_opens_it(cast: Cast) -> None:
    case = complaints.case(cast)
    much(case, complain_alone.WORDS_UNANSWERED)

    with pytest.raises(TooManyWords) as refused:
        say(case, "Hello?")
    services.note(actor=cast.guide, case_id=case.pk, text="Rude.", now=NOW, key="n")
    with pytest.raises(TooManyWords):
        say(case, "Hello?")
    services.write_to_customer(actor=cast.guide, case_id=case.pk, text="Here.", now=NOW, key="m")
    say(case, "At last.", at=NOW + timedelta(hours=1))

    assert "since we answered last" in str(refused.value)


def test_one_complaint_holds_so_much_and_no_more_ever(cast: Cast) -> None:
    case = complaints.case(cast)
    much(case, complain_alone.WORDS_EVER)
    much(case, 1, by_customer=False)

    with pytest.raises(TooManyWords) as refused:
        say(case, "And another thing")

    assert "all one page holds" in str(refused.value)


def test_a_yes_or_no_is_taken_however_much_was_written(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complain_alone, "WORDS_EVER", 0)
    case = complaints.settle(complaints.case(cast), cast.guide)

    answer = Visitor().post(link(case), {"satisfied": "no", "text": "Broken again."})

    assert answer.status_code == 302
    assert Entry.objects.filter(case=case, kind="unsatisfied").exists()


def test_the_page_says_so_politely_and_keeps_what_was_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complain_alone, "WORDS_A_DAY", Limit(1, 86_400))
    case, guest = complaining.raised(), Visitor()

    refused = guest.post(link(case), {"text": "I forgot to say."})

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "go on tomorrow" in text(refused)
    assert "I forgot to say." in text(refused)


def test_the_page_shows_the_last_words_and_leads_to_those_before() -> None:
    case = of_web("The very first")
    much(case, 2 * single.SHOWN)
    guest = Visitor()

    page = guest.get(link(case))
    before = guest.get(f"{link(case)}?before={page.context['earlier']}")
    first = guest.get(f"{link(case)}?before={before.context['earlier']}")

    shown = [[each.text for each in answer.context["steps"]] for answer in (page, before, first)]
    assert shown[0] == [f"Word {n}" for n in range(50, 100)]
    assert shown[1] == [f"Word {n}" for n in range(50)]
    assert shown[2] == ["The very first"]
    assert f"?before={page.context['earlier']}" in text(page)
    assert "Earlier ones" not in text(first)
    assert "The latest ones" in text(first)
    assert guest.get(f"{link(case)}?before=nonsense").status_code == 200


def test_another_complaints_step_leads_no_further_than_ones_own() -> None:
    mine, other = of_web("Mine"), of_web("Of another")
    there = Entry.objects.filter(case=other).latest("id").pk

    page = Visitor().get(f"{link(mine)}?before={there}")

    assert [each.text for each in page.context["steps"]] == ["Mine"]


def test_its_cost_does_not_grow_with_what_was_written(cast: Cast) -> None:
    case, found = complaints.case(cast), []
    for count in (1, 400):
        much(case, count)
        with CaptureQueriesContext(connection) as asked:
            public = selectors.by_token(link(case).split("/")[2])
        found.append(len(asked))

    assert found == [3, 3]
    assert len(public.steps) == single.SHOWN


def test_when_they_hear_from_us_is_told_however_much_was_said_since(cast: Cast) -> None:
    now = timezone.now()
    case = complaints.settle(
        complaints.case(cast, now=now), cast.guide, now=now, upto="investigating"
    )
    much(case, single.SHOWN + 1)

    assert "You hear from us by:" in text(Visitor().get(link(case)))


def test_a_picture_far_back_is_still_given_and_counted(cast: Cast) -> None:
    case = complaints.case(cast)
    writing.write(
        case, "message-in", actor=CUSTOMER, now=NOW, public=True, data={"files": ["0" * 32] * 4}
    )
    much(case, single.SHOWN + 1)

    assert "At most 2, JPEG" in text(Visitor().get(link(case)))
    selectors.check_picture(link(case).split("/")[2], "0" * 32)
