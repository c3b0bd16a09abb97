"""Raising a complaint inside: from the counter, a file, a message, by phone, of a stranger."""

import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from regulars.complaints import pictures
from regulars.complaints.models import Case, Entry
from regulars.customers.models import Customer, Possession
from regulars.outbox.models import Job
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from tests.factories import customers, people, purchases, talk
from tests.factories.customers import NOW
from tests.factories.visitors import Visitor, signed_in

KIND = "loose-stone"
REGRET = "I am truly sorry that this happened to a piece you love."


@pytest.fixture(autouse=True)
def store(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> Store:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    return people.first_store()


@pytest.fixture
def gina(store: Store) -> Staff:
    return people.staff(name="Gina", stores=(store,), email="gina@aurum.example")


@pytest.fixture
def guide(gina: Staff) -> Visitor:
    """A guide of the first store."""
    return signed_in(email="gina@aurum.example")


@pytest.fixture
def carol(gina: Staff, store: Store) -> Customer:
    return customers.customer(
        name="Carol", phone="+8613800138000", store=store, owner=gina, now=NOW
    )


def bought(customer: Customer | None, *names: str) -> Any:
    lines = [purchases.line(product_name=name, category="gold") for name in names]
    return purchases.bought(purchases.sale(*lines, customer=customer).purchase_id)


def told(here: Store, **facts: Any) -> dict[str, Any]:
    """Return what is filled in."""
    return {
        "once": str(uuid4()),
        "template": KIND,
        "text": "A stone fell out.",
        "raised": "counter",
        "store": str(here.pk),
        **facts,
    }


def raised(browser: Visitor, query: str, store: Store, **facts: Any) -> Case:
    answer = browser.post(f"/complaints/new/{query}", told(store, **facts))
    assert answer.status_code == 302, _words(answer)
    return Case.objects.get(pk=answer["Location"].rstrip("/").split("/")[-1])


def _words(answer: Any) -> str:
    main = answer.content.decode().partition("<main")[2] or answer.content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))


def test_from_a_receipt_customer_and_goods_are_chosen_already(
    guide: Visitor, gina: Staff, carol: Customer, store: Store
) -> None:
    sold = bought(carol, "Ring", "Chain")
    page = guide.get(f"/complaints/new/?purchase={sold.pk}&raised=counter")
    line = sold.lines.get(product_name="Chain")

    case = raised(guide, f"?purchase={sold.pk}", store, goods=f"{sold.pk}:{line.pk}")

    assert "Carol" in _words(page)
    assert f'value="{sold.pk}" selected' in page.content.decode()
    assert (case.customer_id, case.purchase_id, case.line_id) == (carol.pk, sold.pk, line.pk)
    assert (case.product_name, case.bought_on) == ("Chain", sold.business_day)
    assert (case.owner_id, case.raised, case.store_id) == (gina.pk, "counter", store.pk)


def test_from_the_file_a_thing_is_chosen_and_leads_to_its_purchase(
    guide: Visitor, carol: Customer, store: Store
) -> None:
    sold = bought(carol, "Ring")
    ring = Possession(customer=carol, kind="ring", title="Her ring", line_id=sold.lines.get().pk)
    ring.save(force_insert=True)
    page = guide.get(f"/complaints/new/?customer={carol.pk}&possession={ring.pk}&raised=timeline")

    case = raised(guide, f"?customer={carol.pk}", store, thing=str(ring.pk), raised="timeline")

    assert f'value="{ring.pk}" selected' in page.content.decode()
    assert (case.possession_id, case.purchase_id) == (ring.pk, sold.pk)
    assert case.raised == "timeline"


def test_from_a_message_their_words_are_quoted(
    guide: Visitor, carol: Customer, store: Store
) -> None:
    talk.writes(carol, "Hello?", at=NOW - timedelta(hours=1))
    last = talk.writes(carol, "The clasp broke!", at=NOW)
    talk.writes(carol, "Not yet said", at=NOW + timedelta(hours=1))

    page = guide.get(f"/complaints/new/?contact={last.pk}")
    case = raised(guide, f"?contact={last.pk}", store, raised="message")

    assert "“Hello?” “The clasp broke!”" in _words(page)
    assert "Not yet said" not in _words(page)
    assert (case.customer_id, case.contact_id, case.raised) == (carol.pk, last.pk, "message")


def test_a_stranger_is_written_down_with_the_number_they_wrote_from(
    store: Store, gina: Staff
) -> None:
    manager = people.staff(
        name="Mona", role=Role.STORE_MANAGER, stores=(store,), email="mona@aurum.example"
    )
    unknown = talk.comes_in("+8613900139000", "It smells.")
    case = raised(signed_in(email="mona@aurum.example"), f"?contact={unknown.pk}", store)

    assert (case.customer_id, case.phone, case.owner_id) == (None, "+8613900139000", manager.pk)


def test_by_phone_they_are_found_or_only_named(
    guide: Visitor, carol: Customer, store: Store
) -> None:
    asked = {"q": "138 0013 8000", "raised": "phone"}
    hits = guide.get("/complaints/new/", asked, headers={"hx-request": "true"})
    nobody = guide.get("/complaints/new/", {"q": "Dora"}, headers={"hx-request": "true"})
    page = guide.get("/complaints/new/?name=Dora&raised=phone")

    case = raised(guide, "?raised=phone", store, name="Dora", phone="139 0013 9000",
                  raised="phone", product="A ring")  # fmt: skip

    assert f"customer={carol.pk}&amp;raised=phone" in hits.content.decode()
    assert "?name=Dora" in nobody.content.decode()
    assert 'value="Dora"' in page.content.decode()
    assert (case.customer_id, case.name, case.phone) == (None, "Dora", "+8613900139000")
    assert case.product_name == "A ring"


def test_a_number_that_means_one_person_leads_straight_to_them(
    guide: Visitor, carol: Customer, store: Store
) -> None:
    asked = {"q": "138 0013 8000", "raised": "counter"}
    one = guide.get("/complaints/new/", asked)
    customers.customer(
        name="Her sister", phone="+8613800138000", store=store, same_phone_is_fine=True
    )

    several = guide.get("/complaints/new/", asked)

    assert one["Location"] == f"/complaints/new/?customer={carol.pk}&raised=counter"
    assert several.status_code == 200
    assert "Her sister" in _words(several)


def test_a_colleagues_customer_at_ones_counter_is_heard_and_owned(
    store: Store, carol: Customer
) -> None:
    other = people.staff(name="Otto", stores=(store,), email="otto@aurum.example")
    sold = bought(carol, "Ring")

    case = raised(signed_in(email="otto@aurum.example"), f"?purchase={sold.pk}", store,
                  goods=str(sold.pk))  # fmt: skip

    assert (case.owner_id, case.customer_id) == (other.pk, carol.pk)


def test_somebody_who_has_an_open_complaint_is_pointed_to_it(
    guide: Visitor, carol: Customer, store: Store
) -> None:
    case = raised(guide, f"?customer={carol.pk}", store)

    page = guide.get(f"/complaints/new/?customer={carol.pk}")

    assert f"Has an open complaint: {case.number}. Talk to Gina" in _words(page)
    assert f'href="/complaints/{case.pk}/"' in page.content.decode()


def test_a_tap_on_a_kind_shows_what_is_urgent_what_to_say_and_what_to_ask(
    guide: Visitor, carol: Customer
) -> None:
    page = guide.get("/complaints/new/asks/", {"template": "skin-reaction"})
    text = _words(page)

    assert text.index("Take it off at once") < text.index("Your health comes first")
    assert 'name="ask-where"' in page.content.decode()
    assert "note-bad" in page.content.decode()
    assert _words(guide.get("/complaints/new/asks/", {"template": "no-such"})).strip() == ""
    other = guide.get("/complaints/new/asks/", {"template": "other"})
    assert 'name="severity"' in other.content.decode()


def test_typed_questions_are_cleaned_and_may_stay_open(
    guide: Visitor, carol: Customer, store: Store
) -> None:
    query = f"?customer={carol.pk}"
    case = raised(guide, query, store, **{"ask-noticed-on": "2026-11-01", "ask-knocked": "true"})
    refused = guide.post(
        f"/complaints/new/{query}", told(store, **{"ask-noticed-on": "the other day"})
    )

    assert case.answers == {"noticed-on": "2026-11-01", "knocked": True}
    assert refused.status_code == 422
    assert REGRET in _words(refused)
    assert "A stone fell out." in _words(refused)


def test_something_else_takes_its_severity(guide: Visitor, carol: Customer, store: Store) -> None:
    case = raised(guide, f"?customer={carol.pk}", store, template="other", severity="high")

    assert (case.template, case.severity, case.title) == ("", "high", "A stone fell out.")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"template": ""}, "Choose what the complaint is about."),
        ({"text": "  "}, "Write down what they say; a few words are enough."),
        ({"template": "no-such"}, "Select a valid choice"),
        ({"store": str(uuid4())}, "Select a valid choice"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    guide: Visitor, carol: Customer, store: Store, changes: dict[str, str], says: str
) -> None:
    answer = guide.post(f"/complaints/new/?customer={carol.pk}", told(store, **changes))

    assert answer.status_code == 422
    assert says in _words(answer)
    assert Case.objects.count() == 0


def test_a_double_tap_writes_one_down(guide: Visitor, carol: Customer, store: Store) -> None:
    form = told(store)
    query = f"/complaints/new/?customer={carol.pk}"
    first = guide.post(query, {**form, "pictures": [_photo()]})
    again = guide.post(query, {**form, "pictures": [_photo()]})

    assert first["Location"] == again["Location"]
    assert Case.objects.count() == 1
    (case,) = Case.objects.all()
    assert len(pictures.of_case(case.pk)) == 1
    assert Job.objects.filter(handler=pictures.DROP).count() == 1


def test_what_is_no_picture_is_refused_with_the_reason(
    guide: Visitor, carol: Customer, store: Store
) -> None:
    file = SimpleUploadedFile("a.jpg", b"<svg/>", content_type="image/jpeg")
    answer = guide.post(f"/complaints/new/?customer={carol.pk}", told(store, pictures=[file]))

    assert answer.status_code == 422
    assert str(pictures.NOT_A_PICTURE) in _words(answer)


def test_nobody_raises_one_about_anothers_purchase_or_message(
    guide: Visitor, carol: Customer, store: Store
) -> None:
    dave = customers.customer(name="Dave", store=store)
    sold, said = (
        bought(dave, "Ring"),
        talk.writes(
            customers.customer(name="Eve", phone=customers.phone(), store=people.store(code="909"))
        ),
    )

    assert guide.get(f"/complaints/new/?customer={carol.pk}&purchase={sold.pk}").status_code == 404
    assert guide.get(f"/complaints/new/?contact={said.pk}").status_code == 404
    bought(carol, "Chain")
    forged = told(store, goods=str(sold.pk))
    assert guide.post(f"/complaints/new/?customer={carol.pk}", forged).status_code == 422
    assert Case.objects.count() == 0


def test_words_of_a_customer_are_never_markup(
    guide: Visitor, carol: Customer, store: Store
) -> None:
    hostile = "<script>alert(1)</script>"
    answer = guide.post(
        f"/complaints/new/?customer={carol.pk}", told(store, text=hostile, template="")
    )

    assert hostile not in answer.content.decode()
    case = raised(guide, f"?customer={carol.pk}", store, text=hostile)
    assert Entry.objects.get(case=case).text == hostile


def test_the_page_asks_the_same_however_much_was_bought(
    guide: Visitor, carol: Customer, store: Store
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            guide.get(f"/complaints/new/?customer={carol.pk}")
        return len(queries)

    bought(carol, "Ring")
    asked()
    few = asked()
    for number in range(6):
        bought(carol, f"Ring {number}", "Box")

    assert asked() == few


PLACES = {
    "/counter/": "?raised=counter",
    "/counter/sale/?customer={customer}": "?customer={customer}&store={store}&raised=counter",
    "/counter/receipts/{purchase}/": "?purchase={purchase}&raised=counter",
    "/customers/{customer}/": "?customer={customer}&raised=timeline",
    "/customers/{customer}/story/": "?customer={customer}&purchase={purchase}&raised=timeline",
    "/messages/{customer}/": "?contact={contact}",
}


@pytest.mark.parametrize("place", PLACES)
def test_it_is_one_tap_from_where_they_complain(
    guide: Visitor, carol: Customer, store: Store, place: str
) -> None:
    known = {
        "customer": carol.pk,
        "store": store.pk,
        "purchase": bought(carol, "Ring").pk,
        "contact": talk.writes(carol, "It broke.").pk,
    }

    page = unescape(guide.get(place.format(**known)).content.decode())

    assert f'href="/complaints/new/{PLACES[place].format(**known)}"' in page


def _photo() -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (40, 20), "red").save(file, "JPEG")
    return SimpleUploadedFile("ring.jpg", file.getvalue(), content_type="image/jpeg")
