"""The private page of a complaint: one name of ours, what is public, and the customer's word."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.complaints import numbers, pictures, services
from regulars.complaints.models import Case, Entry
from regulars.complaints.services import writing
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.usecases import complain_alone
from regulars.usecases.complain_alone import Limit
from tests.factories import complaining, complaints, people
from tests.factories.complaining import link
from tests.factories.complaints import Cast
from tests.factories.visitors import Visitor


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> None:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def cast() -> Cast:
    return complaints.cast()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def said(case: Case) -> list[str]:
    return list(Entry.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def test_after_raising_the_page_shows_number_link_and_what_to_do_at_once() -> None:
    case = complaining.raised(about="loose-stone", **{"ask-piece": "Ring 7"})

    page = text(Visitor().get(f"{link(case)}?sent=new"))

    assert f"Your number is {case.number}." in page
    assert f"aurum.localhost:8000{link(case)}" in page
    assert "Please do not wear it" in page
    assert "A stone is lost or loose" in page
    assert f"It lies with the manager of {case.store.name}." in page
    assert "The clasp broke." in page


def test_the_customer_sees_what_is_public_and_one_name_whoever_had_it_in_hand(cast: Cast) -> None:
    case = complaints.case(cast)
    facts: Any = {"case_id": case.pk, "now": timezone.now()}
    carl: Any = cast.colleague.id
    services.note(actor=cast.guide, text="Customer was rude.", key="1", **facts)
    services.write_to_customer(actor=cast.guide, text="We ask the workshop.", key="2", **facts)
    services.hand_on(actor=cast.manager, staff_id=carl, reason="Gina is away.", key="3", **facts)

    page = text(Visitor().get(link(case)))

    assert "Carl looks after it, to the end." in page
    assert "We ask the workshop." in page
    for hidden in ("Gina", "Mona", "Customer was rude.", "Gina is away."):
        assert hidden not in page


def test_a_word_and_pictures_reach_the_case_once_however_often_they_are_sent(cast: Cast) -> None:
    case = complaints.case(cast)
    guest = Visitor()

    for _tap in range(3):
        sent = guest.post(link(case), {"text": "See this.", "pictures": [complaining.picture()]})

    assert sent["Location"].startswith(link(case))
    assert said(case).count("message-in") == 1
    (name,) = pictures.of_case(case.pk)
    assert f"{link(case)}pictures/{name}/" in text(guest.get(link(case)))


def test_the_same_words_after_an_answer_of_ours_are_new_words(cast: Cast) -> None:
    case = complaints.case(cast)

    Visitor().post(link(case), {"text": "OK"})
    services.write_to_customer(
        actor=cast.guide, case_id=case.pk, text="May we ring?", now=timezone.now(), key="1"
    )
    Visitor().post(link(case), {"text": "OK"})

    assert said(case).count("message-in") == 2


def test_without_words_or_pictures_nothing_is_sent(cast: Cast) -> None:
    case = complaints.case(cast)

    answer = Visitor().post(link(case), {"text": "  "})

    assert answer.status_code == 422
    assert "message-in" not in said(case)


def test_a_hostile_picture_is_refused_and_the_words_stay(cast: Cast, tmp_path: Path) -> None:
    case = complaints.case(cast)
    bad = SimpleUploadedFile("a.jpg", b"GIF89a<script>")

    answer = Visitor().post(link(case), {"text": "Kept words", "pictures": [bad]})

    assert answer.status_code == 422
    assert "Kept words" in text(answer)
    assert "message-in" not in said(case)


def test_a_case_takes_six_pictures_and_says_so(cast: Cast) -> None:
    case = complaints.case(cast)
    four = [complaining.picture(f"{n}.jpg") for n in range(4)]
    Visitor().post(link(case), {"text": "First", "pictures": four})

    page = text(Visitor().get(link(case)))
    three = [complaining.picture(f"{n}.jpg", color="blue") for n in range(3)]
    refused = Visitor().post(link(case), {"text": "Then", "pictures": three})

    assert "At most 2, JPEG" in page
    assert refused.status_code == 422
    assert len(pictures.of_case(case.pk)) == 4


def test_satisfied_with_nothing_left_to_do_closes_it(cast: Cast) -> None:
    case = complaints.settle(complaints.case(cast), cast.guide)
    guest = Visitor()
    before = text(guest.get(link(case)))

    for _tap in range(2):
        guest.post(link(case), {"satisfied": "yes", "text": "Thank you."})

    case.refresh_from_db()
    assert 'value="yes"' in before
    assert (case.satisfied, said(case).count("satisfied")) == (True, 1)
    assert case.state == ("closed" if case.open_items == 0 else "asked")
    assert 'value="yes"' not in text(guest.get(link(case)))


def test_not_satisfied_begins_the_second_round_once(cast: Cast) -> None:
    case = complaints.settle(complaints.case(cast), cast.guide)

    for _tap in range(2):
        answer = Visitor().post(link(case), {"satisfied": "no", "text": "It broke again."})

    case.refresh_from_db()
    assert answer.status_code == 302
    assert (case.round, case.state, case.reviewer_id) == (2, "investigating", cast.manager.id)
    assert said(case).count("unsatisfied") == 1
    assert "It broke again." in text(Visitor().get(link(case)))


def test_nobody_is_satisfied_before_they_are_asked(cast: Cast) -> None:
    case = complaints.case(cast)

    answer = Visitor().post(link(case), {"satisfied": "yes", "text": "Kept"})

    assert answer.status_code == 409
    assert "Kept" in text(answer)


def closed(cast: Cast) -> Case:
    case = complaints.case(cast)
    services.end(
        actor=cast.manager, case_id=case.pk, how="withdrawn", reason="They rang: never mind.",
        now=timezone.now(), key="end",
    )  # fmt: skip
    return case


def test_a_closed_one_is_opened_again_with_words_and_not_without(cast: Cast) -> None:
    case = closed(cast)

    page = text(Visitor().get(link(case)))
    empty = Visitor().post(link(case), {"text": ""})
    Visitor().post(link(case), {"text": "It broke again."})

    case.refresh_from_db()
    assert "Open the complaint again" in page
    assert "They rang" not in page
    assert empty.status_code == 422
    assert (case.state, case.round) == ("investigating", 2)


def test_a_picture_is_given_to_its_link_only(cast: Cast) -> None:
    mine, other = complaints.case(cast), complaints.case(cast)
    Visitor().post(link(mine), {"text": "See", "pictures": [complaining.picture()]})
    (name,) = pictures.of_case(mine.pk)

    given = Visitor().get(f"{link(mine)}pictures/{name}/")
    wrong = [
        Visitor().get(f"{link(other)}pictures/{name}/"),
        Visitor().get(f"{link(mine)}pictures/{'0' * 32}/"),
        Visitor().get(f"{link(mine)}pictures/..%2f{name}/"),
        Visitor().get(f"/c/{mine.number}/pictures/{name}/"),
    ]

    assert given["Content-Type"] == "image/jpeg"
    assert given["X-Content-Type-Options"] == "nosniff"
    assert given.content == pictures.content(name)
    assert {each.status_code for each in wrong} == {404}


def test_a_picture_of_a_step_that_is_not_public_stays_inside(cast: Cast) -> None:
    case = complaints.case(cast)
    with pictures.kept([complaining.picture()]) as (name,):
        writing.write(
            case, "note", actor=cast.guide, now=timezone.now(), text="Ours", data={"files": [name]}
        )

    assert Visitor().get(f"{link(case)}pictures/{name}/").status_code == 404


def test_the_number_opens_nothing_nor_does_a_token_of_another_chain(
    cast: Cast, bloom: ChainInfo
) -> None:
    case = complaints.case(cast)
    token = numbers.token(case.pk)
    with context.inside(bloom):
        theirs = numbers.token(case.pk)
    changed = f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}"
    wrong = (case.number, case.number.replace("-", ""), str(case.pk), case.pk.hex, theirs, changed)

    answers = [Visitor().get(f"/c/{each}/") for each in wrong]

    assert {each.status_code for each in answers} == {404}
    assert (
        len({text(each).replace(name, "") for each, name in zip(answers, wrong, strict=True)}) > 0
    )
    assert all("This address leads nowhere" in text(each) for each in answers)


def test_guessing_has_an_end_and_keeps_nobody_with_a_link_out(cast: Cast) -> None:
    case, guest = complaints.case(cast), Visitor()

    guessed = [guest.get(f"/c/{'0' * 32}:{n}/").status_code for n in range(61)]

    assert (guessed[0], guessed[-2], guessed[-1]) == (404, 404, 429)
    assert guest.get(link(case)).status_code == 200
    assert guest.post(link(case), {"text": "Here I am."}).status_code == 302


def test_what_was_erased_is_not_there_any_more(cast: Cast) -> None:
    case = complaints.case(cast)
    services.erase(customer_id=cast.customer.pk, now=timezone.now())

    assert Visitor().get(link(case)).status_code == 404
    assert Visitor().post(link(case), {"text": "Hello"}).status_code == 404


def test_one_complaint_takes_so_many_words_an_hour(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complain_alone, "WORDS", Limit(2, 3_600))
    case = complaints.case(cast)

    answers = [Visitor().post(link(case), {"text": f"Word {n}"}) for n in range(3)]

    assert [each.status_code for each in answers] == [302, 302, 429]
    assert "Word 2" in text(answers[-1])
    assert said(case).count("message-in") == 2


def test_the_page_speaks_the_language_it_was_written_in_unless_another_was_chosen(
    cast: Cast,
) -> None:
    case, guest = complaints.case(cast, language="zh-hant"), Visitor()
    del guest.cookies["language"]

    kept = guest.get(link(case))
    guest.cookies["language"] = "en"

    assert kept["Content-Language"] == "zh-hant"
    assert guest.get(link(case))["Content-Language"] == "en"


def test_when_they_hear_from_us_is_said(cast: Cast) -> None:
    case = complaints.settle(
        complaints.case(cast, now=timezone.now()), cast.guide, now=timezone.now(),
        upto="investigating",
    )  # fmt: skip

    page = text(Visitor().get(link(case)))

    assert "You hear from us by:" in page
    assert "Tomorrow" in page


def test_what_is_asked_of_the_database_does_not_grow(cast: Cast) -> None:
    case, found = complaints.case(cast), []
    for number in (1, 12):
        for turn in range(number):
            services.write_to_customer(
                actor=cast.guide, case_id=case.pk, text="Soon", key=f"{number}-{turn}",
                now=timezone.now() + timedelta(minutes=turn),
            )  # fmt: skip
        Visitor().get(link(case))
        with CaptureQueriesContext(connection) as asked:
            Visitor().get(link(case))
        found.append(len(asked))

    assert found[0] == found[1]
    assert found[0] <= 4


def test_an_employees_browser_sees_the_same_page(cast: Cast) -> None:
    case = complaints.case(cast)
    office = Visitor()
    office.force_login(
        people.owner(), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    office.cookies["language"] = "en"

    assert "It broke." in text(office.get(link(case)))
