"""Anybody complains alone on the chain's page: kind, urgent steps, questions, pictures."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.complaints import pictures, templates
from regulars.complaints.models import Case, Entry
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.web.complaining import once as stamps
from regulars.web.complaining import places
from regulars.web.context import LANGUAGE_NAMES
from tests.factories import complaining, people, purchases
from tests.factories.complaining import address, place, send, stamp
from tests.factories.visitors import Visitor
from tests.web import pseudo


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> None:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("tongue", "words"),
    [("en", "Skin reaction"), ("zh-hans", "佩戴后皮肤不适"), ("zh-hant", "佩戴後皮膚不適")],
)
def test_whoever_scans_the_code_chooses_what_it_is_about_in_their_language(
    tongue: str, words: str
) -> None:
    guest = Visitor()
    guest.cookies["language"] = tongue

    answer = guest.get(f"/complain/{place()}/")

    assert answer["Content-Language"] == tongue
    assert words in text(answer)
    assert people.first_store().name in text(answer)
    assert 'data-about="other"' in text(answer)
    assert all(name in text(answer) for name in ("简体中文", "繁體中文", "English"))


@pytest.mark.parametrize(
    ("accepts", "spoken"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-TW,zh;q=0.8", "zh-hant"),
        ("fr,xx", "zh-hans"),
        ("", "zh-hans"),
    ],
)
def test_without_a_choice_the_browser_decides_and_then_the_chain(accepts: str, spoken: str) -> None:
    guest = Visitor()
    del guest.cookies["language"]

    answer = guest.get(f"/complain/{place()}/", headers={"accept-language": accepts})

    assert answer["Content-Language"] == spoken


def test_what_is_urgent_stands_before_everything_that_is_asked() -> None:
    page = text(Visitor().get(address(place(), "skin-reaction")))

    order = [
        page.index(each) for each in ("Take it off at once", 'name="text"', 'name="ask-where"')
    ]
    assert order == sorted(order)
    assert "See a doctor if you feel unwell" in page


def test_a_step_that_is_for_staff_only_is_not_among_them(bloom: ChainInfo) -> None:
    template = templates.find("skin-reaction")
    assert template is not None
    silent = type(template.urgent[0])(key="report", label=template.urgent[0].label)
    mixed = type(template)(
        key="k", title=template.title, severity="high", reply_within=1, update_within=1,
        resolve_within=1, regret=template.regret, urgent=(silent, template.urgent[0]),
    )  # fmt: skip

    assert templates.advice(mixed) == (template.urgent[0].says,)
    assert templates.advice(None) == ()


def test_what_was_sent_is_a_case_that_waits_for_the_first_who_opens_it() -> None:
    answer = send(
        Visitor(), about="skin-reaction", text="Red skin.", name="Carol", phone="138 0013 8000",
        email="carol@customer.example",
        **{"ask-where": "wrist", "ask-since": "2026-11-20", "ask-doctor": "true"},
    )  # fmt: skip

    case = Case.objects.get()
    assert answer.status_code == 302
    assert answer["Location"].startswith(complaining.link(case))
    assert (case.raised, case.owner, case.customer) == ("web", None, None)
    assert (case.name, case.phone, case.email) == (
        "Carol", "+8613800138000", "carol@customer.example",
    )  # fmt: skip
    assert case.answers == {"where": "wrist", "since": "2026-11-20", "doctor": True}
    assert (case.language, case.template, case.title) == ("en", "skin-reaction", "佩戴后皮肤不适")
    assert case.wall_clock
    (opened,) = Entry.objects.all()
    assert (opened.text, opened.by_customer, opened.public) == ("Red skin.", True, True)


def test_what_fits_no_kind_is_named_by_its_first_words() -> None:
    case = complaining.raised(text="The  bag\ntore " + "again " * 40)

    assert case.template == ""
    assert case.title.startswith("The bag tore again")
    assert len(case.title) <= 60


def test_words_about_a_kind_that_was_taken_away_meanwhile_are_not_lost() -> None:
    send(Visitor(), about="no-longer-there", text="It broke.")

    assert Case.objects.get().template == ""


def test_an_answer_that_is_missing_is_asked_for_and_nothing_typed_is_lost() -> None:
    answer = send(Visitor(), about="skin-reaction", text="Red skin.", name="Carol")

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text(answer)
    assert "Red skin." in text(answer)
    assert 'value="Carol"' in text(answer)
    assert not Case.objects.exists()


def test_an_answer_of_the_wrong_type_is_refused_at_its_question() -> None:
    asked: Any = {"ask-where": "wrist", "ask-since": "yesterday-ish"}

    answer = send(Visitor(), about="skin-reaction", **asked)

    assert answer.status_code == 422
    assert 'id="id_ask-since_error"' in text(answer)
    assert not Case.objects.exists()


def test_pictures_are_drawn_anew_and_named_by_the_first_step() -> None:
    two = [complaining.picture(), complaining.picture("b.jpg", color="blue")]

    case = complaining.raised(pictures=two)

    names = pictures.of_case(case.pk)
    assert len(names) == 2
    assert all(pictures.content(each).startswith(b"\xff\xd8\xff") for each in names)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>")], "This is no JPEG"),
        ([SimpleUploadedFile(f"{n}.jpg", b"\xff\xd8\xff") for n in range(7)], "six pictures"),
        ([SimpleUploadedFile("a.jpg", b"\xff" * (pictures.MOST_BYTES + 1))], "at most 8 MB"),
    ],
)
def test_a_picture_that_is_refused_leaves_no_case_and_keeps_the_words(
    files: list[Any], words: str, tmp_path: Path
) -> None:
    answer = send(Visitor(), text="Look at this.", pictures=files)

    assert answer.status_code == 422
    assert words in text(answer)
    assert "Look at this." in text(answer)
    assert "Please choose your pictures again." in text(answer)
    assert not Case.objects.exists()
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


def test_more_than_pictures_may_be_is_not_even_read(settings: Any) -> None:
    settings.UPLOAD_LIMIT_BYTES = 40_000
    large = [SimpleUploadedFile(f"{n}.jpg", b"\xff" * 30_000) for n in range(2)]

    answer = send(Visitor(), text="Look at this.", pictures=large)

    assert answer.status_code == 422
    assert "too large together" in text(answer)
    assert "Look at this." in text(answer)


def test_the_limits_are_said_before_anything_is_sent() -> None:
    page = text(Visitor().get(address(place())))

    assert "At most 6, JPEG, PNG or WebP, each up to 8 MB." in page
    assert 'data-most="6"' in page


def test_the_same_form_twice_is_one_case_and_what_was_changed_is_a_further_word() -> None:
    guest, number = Visitor(), uuid4()

    def press(words: str) -> Any:
        guest.cookies["complaining"] = number.hex  # no answer has arrived yet
        return send(guest, once=stamp(number=number), text=words, pictures=[complaining.picture()])

    first, again, changed = map(press, ("It broke.", "It broke.", "It broke twice."))

    case = Case.objects.get()
    assert first["Location"] == again["Location"] == changed["Location"]
    said = list(Entry.objects.order_by("id").values_list("kind", "text"))
    assert said == [("opened", "It broke."), ("message-in", "It broke twice.")]
    assert len(pictures.of_case(case.pk)) == 1


def test_whoever_lost_the_answer_and_scans_again_sends_the_same_complaint() -> None:
    guest = Visitor()
    page = guest.get(address(place()))
    kept = stamp(number=_number(page))

    send(guest, once=kept)  # and the page behind it never comes: the browser keeps its number
    again = guest.get(address(place()))
    send(guest, once=stamp(number=_number(again)))

    assert Case.objects.count() == 1


def test_after_an_answer_the_next_form_is_another_complaint() -> None:
    guest = Visitor()
    first = _number(guest.get(address(place())))

    sent = send(guest, once=stamp(number=first))
    shown = guest.get(sent["Location"])
    second = _number(guest.get(address(place())))

    assert shown.cookies["complaining"].value == ""
    assert second != first


@pytest.mark.parametrize("how", ["another browser", "back on a shared device"])
def test_a_form_that_was_sent_leads_nobody_else_to_its_complaint(how: str) -> None:
    alice = Visitor()
    page = alice.get(address(place()))
    form = stamp(number=_number(page))
    first = send(alice, once=form, text="My ring, I am Alice.", name="Alice")
    alice.get(first["Location"])
    bob = Visitor() if how == "another browser" else alice

    refused = send(bob, once=form, text="Something else entirely.", name="Bob")
    fresh = stamps.read(refused.context["once"])
    assert fresh is not None
    taken = send(bob, once=stamp(number=fresh.number), text="Something else entirely.", name="Bob")

    assert refused.status_code == 409
    assert "look it over once more" in text(refused)
    assert "Something else entirely." in text(refused)
    assert "Alice" not in text(refused)
    assert (taken.status_code, taken["Location"] == first["Location"]) == (302, False)
    assert [each.name for each in Case.objects.order_by("id")] == ["Alice", "Bob"]
    assert not Entry.objects.filter(kind="message-in").exists()


def _number(page: Any) -> Any:
    found = stamps.read(page.context["once"])
    assert found is not None
    return found.number


def test_another_kind_of_the_same_browser_is_another_complaint() -> None:
    guest, number = Visitor(), uuid4()

    for about in ("other", "price-dispute"):
        send(guest, about=about, once=stamp(number=number))

    assert Case.objects.count() == 2


def test_a_purchase_names_its_goods_and_its_day() -> None:
    ring = purchases.line(product_name="<b>Ring</b>", product_code="R1")
    chain = purchases.line(product_name="Chain", product_code="C1")
    sold = purchases.bought(purchases.sale(ring, chain).purchase_id)
    at, second = places.of_purchase(sold.pk), sold.lines.order_by("position")[1]

    page = text(Visitor().get(address(at)))
    send(Visitor(), at, line=str(second.pk))

    case = Case.objects.get()
    assert "&lt;b&gt;Ring" in page
    assert (case.purchase_id, case.line_id) == (sold.pk, second.pk)
    assert (case.product_code, case.product_name) == ("C1", "Chain")
    assert case.bought_on == sold.business_day


def test_a_line_of_another_purchase_is_none_of_its() -> None:
    sold = purchases.sale(purchases.line(), purchases.line())
    other = purchases.bought(purchases.sale().purchase_id).lines.get()

    answer = send(Visitor(), places.of_purchase(sold.purchase_id), line=str(other.pk))

    assert answer.status_code == 422
    assert not Case.objects.exists()


def test_every_sentence_of_the_pages_is_in_the_catalogues() -> None:
    kit = {"Skin reaction", "A stone is lost or loose"}
    Store.objects.filter(code="001").update(phone="+862152345678")
    case = complaining.raised(about="price-dispute", text="0")
    paths = [
        "/complain/", f"/complain/{place()}/", address(place()), complaining.link(case),
        f"{complaining.link(case)}?sent=new", "/complain/s/", "/c/x/",
    ]  # fmt: skip
    known = kit | {context.current().name, people.first_store().name}
    known |= set(LANGUAGE_NAMES.values())
    for template in templates.offered():
        known |= set(template.title.texts().values())
    with pseudo.spoken():
        left = {path: pseudo.forgotten(text(Visitor().get(path)), known=known) for path in paths}

    assert left == {path: [] for path in paths}


@pytest.mark.parametrize("about", ["", "other", "skin-reaction"])
def test_what_is_asked_of_the_database_does_not_grow(about: str) -> None:
    sold = purchases.sale(*[purchases.line(product_name=f"Ring {n}") for n in range(2)])
    larger = purchases.sale(*[purchases.line(product_name=f"Ring {n}") for n in range(20)])
    found = []
    for each in (sold, larger):
        at = places.of_purchase(each.purchase_id)
        path = address(at, about) if about else f"/complain/{at}/"
        Visitor().get(path)
        with CaptureQueriesContext(connection) as asked:
            assert Visitor().get(path).status_code == 200
        found.append(len(asked))
        complaining.raised()

    assert found[0] == found[1]
    assert found[0] <= 4
