"""Editing pages and dialogs: each as a page of its own and as a dialog over the profile."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from regulars.customers import services
from regulars.customers.models import (
    Consent,
    Customer,
    Identity,
    LifeEvent,
    Note,
    Possession,
)
from regulars.staff.models import Staff
from tests.customers.conftest import Browser, Cast
from tests.factories import customers, people, purchases

PHONE = "13800138000"


def text(answer: Any) -> str:
    """Return what a page says."""
    return str(answer.content.decode())


@pytest.fixture
def made(cast: Cast) -> Customer:
    """Bob's customer."""
    return customers.customer(name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north)


FORMS: dict[str, dict[str, str]] = {
    "customer_edit": {"name": "王晓明", "phone": PHONE, "city": "上海"},
    "customer_answers": {"profile.hobbies": "茶", "how": "call"},
    "customer_extra": {"extra.ring-size": "12", "how": "purchase"},
    "customer_note": {"text": "爱喝茶"},
    "customer_consent": {"purpose": "care", "given": "yes", "how": "spoken"},
    "customer_number": {"source": "card", "number": "c 1"},
    "customer_day_new": {"kind": "birthday", "calendar": "lunar", "month": "8", "day": "15"},
    "customer_possession_new": {"extra.engraving": "永远", "acquired_on": "2026-05-20"},
}


@pytest.mark.parametrize("page", FORMS)
def test_every_form_is_a_page_a_dialog_and_leads_back(
    cast: Cast, made: Customer, page: str
) -> None:
    browser = Browser(cast.bob_)

    whole = browser.get(page, made.pk)
    dialog = browser.get(page, made.pk, htmx=True)
    sent = browser.post(page, made.pk, **FORMS[page])  # type: ignore[arg-type]
    sent_by_dialog = browser.post(page, made.pk, htmx=True, **FORMS[page])

    assert "<html" in text(whole)
    assert text(dialog).lstrip().startswith("<dialog")
    assert sent["Location"] == f"/customers/{made.pk}/"
    assert sent_by_dialog["HX-Redirect"] == f"/customers/{made.pk}/"


def test_what_was_typed_is_kept(cast: Cast, made: Customer) -> None:
    browser = Browser(cast.bob_)
    for page, values in FORMS.items():
        browser.post(page, made.pk, **values)  # type: ignore[arg-type]

    row = Customer.objects.get(pk=made.pk)
    assert (row.name, row.address, row.extra) == ("王晓明", {"city": "上海"}, {"ring-size": 12})
    assert row.profile["hobbies"]["value"] == "茶"
    assert Note.objects.get().text == "爱喝茶"
    assert Consent.objects.get().given is True
    assert Identity.objects.get().number == "C1"
    event = LifeEvent.objects.get()
    assert (event.month, event.day, event.lunar) == (8, 15, True)
    assert Possession.objects.get().acquired_on == date(2026, 5, 20)


@pytest.mark.parametrize(
    ("page", "values"),
    [
        ("customer_edit", {"name": "", "phone": ""}),
        ("customer_edit", {"name": "x", "email": "nonsense"}),
        ("customer_edit", {"name": "x", "phone": "12"}),
        ("customer_edit", {"name": "x", "gender": "robot"}),
        ("customer_answers", {"profile.hobbies": "x" * 300, "how": "call"}),
        ("customer_answers", {"profile.hobbies": "x", "how": "telepathy"}),
        ("customer_extra", {"extra.ring-size": "big", "how": "call"}),
        ("customer_note", {"text": "  "}),
        ("customer_consent", {"purpose": "world-peace", "given": "yes", "how": "call"}),
        ("customer_consent", {"purpose": "care", "how": "call"}),
        ("customer_number", {"source": "", "number": "1"}),
        ("customer_number", {"source": "phone", "number": "1"}),
        ("customer_day_new", {"kind": "birthday", "calendar": "solar", "month": "2", "day": "30"}),
        ("customer_day_new", {"kind": "child-birthday", "month": "2", "day": "3"}),
        ("customer_possession_new", {"extra.engraving": ""}),
    ],
)  # fmt: skip
def test_a_fault_is_shown_in_the_dialog_and_nothing_is_kept(
    cast: Cast, made: Customer, page: str, values: dict[str, str]
) -> None:
    answer = Browser(cast.bob_).post(page, made.pk, htmx=True, **values)

    assert answer.status_code == 422
    assert "field-error" in text(answer) or "note-bad" in text(answer)
    assert Customer.objects.get(pk=made.pk).changed_at == made.changed_at


def test_a_phone_that_may_not_be_read_stays_unless_a_new_one_is_typed(
    cast: Cast, made: Customer
) -> None:
    carol = Browser(cast.carol_)
    form = text(carol.get("customer_edit", made.pk))

    assert PHONE not in form
    assert "138 0013 8000" not in form
    carol.post("customer_edit", made.pk, name="王晓明", phone="")
    assert Customer.objects.get(pk=made.pk).phone == f"+86{PHONE}"
    carol.post("customer_edit", made.pk, name="王晓明", phone="13900139000")
    assert Customer.objects.get(pk=made.pk).phone == "+8613900139000"


def test_a_phone_somebody_has_offers_them_and_a_second_look_lets_it_through(
    cast: Cast, made: Customer
) -> None:
    other = customers.customer(name="李雷", phone="13900139000", owner=cast.bob_, store=cast.north)
    bob = Browser(cast.bob_)

    refused = bob.post("customer_edit", made.pk, name="王小明", phone="13900139000")

    assert refused.status_code == 422
    assert f"/customers/{other.pk}/" in text(refused)
    bob.post("customer_edit", made.pk, name="王小明", phone="13900139000", anyway="on")
    assert Customer.objects.get(pk=made.pk).phone == "+8613900139000"


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-11-21T10:00:00", "0001-01-01T00:00+12:00"])
def test_a_moment_no_form_of_ours_was_opened_at_is_as_good_as_none(
    cast: Cast, made: Customer, seen: str
) -> None:
    answer = Browser(cast.bob_).post("customer_edit", made.pk, name="X", seen=seen)

    assert answer.status_code == 302
    assert Customer.objects.get(pk=made.pk).name == "X"


def test_two_who_edit_at_once_are_told(cast: Cast, made: Customer) -> None:
    seen = made.changed_at.isoformat()
    services.note(
        actor=cast.bob, customer_id=made.pk, text="x", now=customers.NOW + timedelta(hours=1)
    )

    answer = Browser(cast.bob_).post("customer_edit", made.pk, name="X", seen=seen)

    assert answer.status_code == 422
    assert "Somebody changed this customer" in text(answer)


def test_the_lunar_picker_names_months_and_shows_the_next_occasion(
    cast: Cast, made: Customer
) -> None:
    browser = Browser(cast.bob_)

    lunar = text(browser.get("customer_day_fields", made.pk, calendar="lunar", month="8", day="15"))
    none = text(browser.get("customer_day_fields", made.pk, calendar="solar", month="2", day="31"))
    nonsense = browser.get("customer_day_fields", made.pk, month="x", day="y")

    assert "leap month" in lunar
    assert "Next:" in lunar
    assert 'value="31"' not in lunar
    assert "There is no such day" in none
    assert nonsense.status_code == 200


def test_days_things_notes_and_numbers_can_be_taken_back(cast: Cast, made: Customer) -> None:
    browser = Browser(cast.bob_)
    for page, values in FORMS.items():
        browser.post(page, made.pk, **values)  # type: ignore[arg-type]
    event, thing = LifeEvent.objects.get(), Possession.objects.get()
    note, number = Note.objects.get(), Identity.objects.get()

    browser.post("customer_day", made.pk, event.pk, kind="birthday", calendar="solar", month="3",
                 day="4")  # fmt: skip
    assert LifeEvent.objects.get().lunar is False
    browser.post("customer_day_remove", made.pk, event.pk)
    browser.post("customer_possession", made.pk, thing.pk, **{"extra.engraving": "爱"})  # type: ignore[arg-type]
    assert Possession.objects.get().extra == {"engraving": "爱"}
    browser.post("customer_possession_end", made.pk, thing.pk)
    assert Possession.objects.get().ended_on is not None
    browser.post("customer_possession_again", made.pk, thing.pk)
    assert Possession.objects.get().ended_on is None
    browser.post("customer_note_warning", made.pk, note.pk, warning="yes")
    assert Note.objects.get().is_warning is True
    browser.post("customer_note_remove", made.pk, note.pk)
    browser.post("customer_number_remove", made.pk, number.pk)

    assert [m.objects.count() for m in (LifeEvent, Note, Identity)] == [0, 0, 0]


def test_a_kind_of_thing_nobody_declared_is_not_found(cast: Cast, made: Customer) -> None:
    browser = Browser(cast.bob_)

    assert browser.get("customer_possession_of", made.pk, "ring").status_code == 200
    assert browser.get("customer_possession_of", made.pk, "boat").status_code == 404
    assert browser.get("customer_possession", made.pk, uuid4()).status_code == 404
    assert browser.get("customer_day", made.pk, uuid4()).status_code == 404


def test_two_records_are_found_compared_merged_and_parted(cast: Cast, made: Customer) -> None:
    other = customers.customer(
        name="小明", phone="13900138000", email="a@b.cn", owner=cast.bob_, store=cast.north
    )
    purchases.sale(customer=other)
    carol = Browser(cast.carol_)

    likely = text(carol.get("customer_merge", made.pk))
    searched = text(carol.get("customer_merge", made.pk, q="小明", htmx=True))
    compared = text(carol.get("customer_merge", made.pk, **{"with": other.pk}))  # type: ignore[arg-type]
    done = carol.post("customer_merge", made.pk, **{"with": other.pk, "name": "absorbed"})  # type: ignore[arg-type]

    assert str(other.pk) in likely + searched
    assert str(other.pk) in searched
    assert "小明" in compared
    assert 'value="absorbed"' in compared
    assert "139 **** 8000" in compared
    assert done["Location"] == f"/customers/{made.pk}/"
    one = Customer.objects.get(pk=made.pk)
    assert (one.name, one.email) == ("小明", "a@b.cn")
    assert "Merged into this customer" in text(carol.get("customer", made.pk))
    carol.post("customer_unmerge", other.pk)
    assert Customer.objects.get(pk=made.pk).name == "王小明"
    assert Customer.objects.get(pk=other.pk).state == "active"
    assert carol.post("customer_unmerge", other.pk).status_code == 302  # says there is nothing


def test_a_record_is_not_merged_with_itself(cast: Cast, made: Customer) -> None:
    answer = Browser(cast.carol_).post("customer_merge", made.pk, **{"with": made.pk})  # type: ignore[arg-type]

    assert answer.status_code == 409
    assert Customer.objects.get(pk=made.pk).state == "active"


def test_a_person_is_erased_only_after_their_name_was_typed(cast: Cast, made: Customer) -> None:
    alice = Browser(people.owner())

    slip = alice.post("customer_erase", made.pk, typed="王", reason="asked")
    silent = alice.post("customer_erase", made.pk, typed="王小明", reason="")
    assert (slip.status_code, silent.status_code) == (422, 422)
    assert Customer.objects.get(pk=made.pk).name == "王小明"

    done = alice.post("customer_erase", made.pk, typed=" 王 小明", reason="asked")

    assert done["Location"] == "/customers/"
    assert Customer.objects.get(pk=made.pk).state == "erased"
    assert alice.get("customer", made.pk).status_code == 404


def test_everything_kept_is_handed_out_as_a_file(cast: Cast, made: Customer) -> None:
    alice = Browser(people.owner())

    assert alice.post("customer_disclose", made.pk, asked="").status_code == 422
    answer = alice.post("customer_disclose", made.pk, asked="in the shop")

    assert "attachment" in answer["Content-Disposition"]
    assert json.loads(answer.content)["records"][0]["customers"]["name"] == "王小明"


def test_a_customer_gets_another_guide(cast: Cast, made: Customer) -> None:
    dora = people.staff(name="Dora", stores=(cast.north,))
    carol = Browser(cast.carol_)

    assert "Dora" in text(carol.get("customer_owner", made.pk))
    carol.post("customer_owner", made.pk, owner=dora.pk, home_store=cast.north.pk, reason="休假")

    assert Customer.objects.get(pk=made.pk).owner_id == dora.pk
    refused = carol.post("customer_owner", made.pk, owner=cast.charlie_.pk)
    assert refused.status_code == 422


def test_a_leaver_s_customers_are_handed_over(cast: Cast, made: Customer) -> None:
    dora = people.staff(name="Dora", stores=(cast.north,))
    alice = Browser(people.owner())

    page = text(alice.get("customer_hand_over", **{"from": cast.bob_.pk}))  # type: ignore[arg-type]
    assert "Bob · 1" in page
    answer = alice.post("customer_hand_over", leaver=cast.bob_.pk, to=[dora.pk])
    assert answer["Location"] == "/customers/"
    assert Customer.objects.get(pk=made.pk).owner_id == dora.pk
    assert alice.post("customer_hand_over", leaver="", to=[dora.pk]).status_code == 422
    alice.post("customer_hand_over", leaver=dora.pk)
    assert Customer.objects.get(pk=made.pk).owner_id is None


PAGES = {
    "customer_edit": "edit",
    "customer_answers": "edit",
    "customer_extra": "edit",
    "customer_note": "edit",
    "customer_consent": "edit",
    "customer_number": "edit",
    "customer_day_new": "edit",
    "customer_day_fields": "edit",
    "customer_possession_new": "edit",
    "customer_question": "edit",
    "customer_owner": "hand-over",
    "customer_merge": "merge",
    "customer_disclose": "export",
    "customer_erase": "erase",
}
ALLOWED = {
    "edit": {"Alice", "Carol", "Bob"},
    "hand-over": {"Alice", "Carol"},
    "merge": {"Alice", "Carol"},
    "export": {"Alice"},
    "erase": {"Alice"},
}


@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_for_those_who_may_and_nobody_else(
    cast: Cast, made: Customer, page: str
) -> None:
    team: list[Staff] = [people.owner(), cast.carol_, cast.bob_, cast.ann_, cast.charlie_]

    answers = {each.name: Browser(each).get(page, made.pk).status_code for each in team}

    assert {name for name, status in answers.items() if status in (200, 302)} == ALLOWED[
        PAGES[page]
    ]
    assert answers["Ann"] == 403
    assert answers["Charlie"] == (404 if PAGES[page] == "edit" else 403)


WRITES = {
    "customer_note_warning": "note",
    "customer_note_remove": "note",
    "customer_number_remove": "number",
    "customer_possession_end": "thing",
    "customer_possession_again": "thing",
    "customer_day_remove": "day",
}


@pytest.mark.parametrize("page", WRITES)
def test_a_write_of_the_outsider_is_not_found_and_changes_nothing(
    cast: Cast, made: Customer, page: str
) -> None:
    bob = Browser(cast.bob_)
    for form, values in FORMS.items():
        bob.post(form, made.pk, **values)  # type: ignore[arg-type]
    rows = {
        "note": Note.objects.get(),
        "number": Identity.objects.get(),
        "thing": Possession.objects.get(),
        "day": LifeEvent.objects.get(),
    }
    row = rows[WRITES[page]]

    answer = Browser(cast.charlie_).post(page, made.pk, row.pk)

    assert answer.status_code == 404
    assert type(row).objects.get(pk=row.pk) == row  # type: ignore[attr-defined]
    assert bob.get(page, made.pk, row.pk).status_code == 405  # nothing is changed by looking
