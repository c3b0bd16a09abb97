"""Pictures of a form that is shown again: they stay, are seen, count, and belong to that form."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from regulars.complaints import held_pictures, pictures
from regulars.complaints.models import Case, Entry
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.web.complaining import keeping
from tests.factories import complaining, complaints
from tests.factories.complaining import link, picture, send, stamp
from tests.factories.visitors import Visitor

ABOUT = "skin-reaction"  # which asks where, and needs an answer
WHERE = {"ask-where": "wrist"}
BAD = b"\xff\xd8\xff no picture"


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> None:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path


def text(answer: Any) -> str:
    return str(answer.content.decode())


def small_ones(answer: Any) -> list[str]:
    return re.findall(r'src="(/complain/pictures/[^"]+)"', text(answer))


def files(folder: Path) -> int:
    return sum(each.is_file() for each in folder.rglob("*"))


def test_they_are_shown_small_and_join_the_complaint_once_the_form_is_right() -> None:
    guest, once = Visitor(), stamp()
    two = [picture("a.jpg", size=(600, 300)), picture("b.jpg", color="blue")]

    wrong = send(guest, about=ABOUT, once=once, pictures=two)
    seen = [guest.get(each) for each in small_ones(wrong)]
    right = send(guest, about=ABOUT, once=once, kept=wrong.context["kept"], **WHERE)

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert "These pictures are here already" in text(wrong)
    assert "Please choose your pictures again." not in text(wrong)
    assert "At most 4, JPEG" in text(wrong)
    assert [each["Content-Type"] for each in seen] == ["image/jpeg"] * 2
    assert all(len(each.content) < 10_000 for each in seen)
    names = pictures.of_case(Case.objects.get().pk)
    assert len(names) == 2
    assert all(pictures.content(each).startswith(b"\xff\xd8\xff") for each in names)


def test_those_that_are_left_out_do_not_join_it() -> None:
    guest, once = Visitor(), stamp()
    wrong = send(guest, about=ABOUT, once=once, pictures=[picture(), picture(color="blue")])
    first, second = wrong.context["held"]

    send(
        guest, about=ABOUT, once=once, kept=wrong.context["kept"], **WHERE,
        **{"kept-not": first.name},
    )  # fmt: skip

    (opened,) = Entry.objects.filter(kind="opened")
    assert opened.data["sent"] == [second.digest]


def test_they_count_among_the_six() -> None:
    guest, once = Visitor(), stamp()
    four = [picture(f"{n}.jpg", size=(20 + n, 20)) for n in range(4)]
    three = [picture(f"{n}.jpg", size=(30 + n, 20)) for n in range(3)]
    wrong = send(guest, about=ABOUT, once=once, pictures=four)

    again = send(
        guest, about=ABOUT, once=once, kept=wrong.context["kept"], pictures=three, **WHERE
    )  # fmt: skip

    assert again.status_code == 422
    assert "six pictures" in text(again)
    assert len(again.context["held"]) == 6
    assert not Case.objects.exists()


def test_the_same_picture_chosen_once_more_is_still_one() -> None:
    guest, once = Visitor(), stamp()
    wrong = send(guest, about=ABOUT, once=once, pictures=[picture()])

    send(guest, about=ABOUT, once=once, kept=wrong.context["kept"], pictures=[picture()], **WHERE)

    assert len(pictures.of_case(Case.objects.get().pk)) == 1


def test_a_sound_one_is_kept_beside_one_that_is_none() -> None:
    both = [picture(), SimpleUploadedFile("b.jpg", BAD)]

    wrong = send(Visitor(), pictures=both)

    assert wrong.status_code == 422
    assert len(wrong.context["held"]) == 1
    assert "Please choose your pictures again." in text(wrong)


def test_they_belong_to_the_form_they_came_with(bloom: ChainInfo) -> None:
    wrong = send(Visitor(), about=ABOUT, once=stamp(), pictures=[picture()])
    kept, small = wrong.context["kept"], small_ones(wrong)[0]

    elsewhere = send(Visitor(), about=ABOUT, once=stamp(), kept=kept, **WHERE)
    forged = send(Visitor(), about=ABOUT, once=stamp(), kept=f"{kept[:-1]}!", **WHERE)
    with context.inside(bloom):
        strange = Visitor("bloom").get(small).status_code

    assert (elsewhere.status_code, forged.status_code, strange) == (302, 302, 404)
    assert [pictures.of_case(each.pk) for each in Case.objects.all()] == [[], []]
    assert Visitor().get("/complain/pictures/nonsense/").status_code == 404


def test_sent_again_after_a_lost_answer_it_is_the_same_complaint() -> None:
    guest, number = Visitor(), uuid4()
    once = stamp(number=number)
    wrong = send(guest, about=ABOUT, once=once, pictures=[picture()])
    for _tap in range(2):
        guest.cookies["complaining"] = number.hex  # the answer never came
        send(guest, about=ABOUT, once=once, kept=wrong.context["kept"], **WHERE)

    assert len(pictures.of_case(Case.objects.get().pk)) == 1
    assert not Entry.objects.filter(kind="message-in").exists()


def test_a_picture_added_when_sending_again_is_not_dropped() -> None:
    guest, number = Visitor(), uuid4()
    once = stamp(number=number)

    for given in ([], [picture()], [picture()]):
        guest.cookies["complaining"] = number.hex
        send(guest, once=once, pictures=given)

    assert len(pictures.of_case(Case.objects.get().pk)) == 1
    assert list(Entry.objects.order_by("id").values_list("kind", flat=True)) == [
        "opened", "message-in",
    ]  # fmt: skip


def test_whose_day_is_over_have_to_be_chosen_again() -> None:
    guest, once = Visitor(), stamp()
    wrong = send(guest, about=ABOUT, once=once, pictures=[picture()])
    (held,) = wrong.context["held"]
    pictures.remove([held.name, held.small])

    answer = send(guest, about=ABOUT, once=once, kept=wrong.context["kept"], **WHERE)

    assert answer.status_code == 422
    assert "Please choose your pictures again." in text(answer)
    assert answer.context["held"] == ()
    assert not Case.objects.exists()


def test_one_address_leaves_so_many_and_the_form_is_shown_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(keeping, "_BY_ADDRESS", 2)
    some = [picture(f"{n}.jpg", size=(20 + n, 20)) for n in range(3)]

    first = send(Visitor(), about=ABOUT, pictures=some)
    second = send(Visitor(), about=ABOUT, pictures=[picture(color="blue")])
    other = send(Visitor(), about=ABOUT, pictures=[picture(color="blue")], ip="203.0.113.9")

    assert [len(each.context["held"]) for each in (first, second, other)] == [2, 0, 1]
    assert {each.status_code for each in (first, second, other)} == {422}
    assert "Please choose your pictures again." in text(second)
    assert files(tmp_path) == 2 * 3


def test_a_further_word_that_is_refused_keeps_its_pictures_too() -> None:
    cast = complaints.cast()
    mine, other, guest = complaints.case(cast), complaints.case(cast), Visitor()
    long = "a" * 4_001

    wrong = guest.post(link(mine), {"text": long, "pictures": [picture()]})
    kept = wrong.context["kept"]
    guest.post(link(other), {"text": "See", "kept": kept})
    guest.post(link(mine), {"text": "See", "kept": kept})

    assert wrong.status_code == 422
    assert len(small_ones(wrong)) == 1
    assert (len(pictures.of_case(mine.pk)), len(pictures.of_case(other.pk))) == (1, 0)


def test_an_erased_complaint_keeps_no_trace_of_what_was_sent() -> None:
    case = complaining.raised(pictures=[picture()])

    pictures.forget([case.pk])

    assert Entry.objects.get(case=case, kind="opened").data == {}


def test_a_form_without_pictures_carries_nothing() -> None:
    assert held_pictures.written((), number=uuid4()) == ""
    assert "data-pictures-kept" not in text(send(Visitor(), about=ABOUT))
