"""One complaint's page: what is next, what was typed, what stands beside it, and who sees it."""

import re
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from regulars.audit import Actor, ActorKind
from regulars.complaints import pictures, services
from regulars.complaints.models import Case, Entry, Remedy
from regulars.complaints.services import tending
from regulars.customers.models import Customer, Possession
from regulars.points import selectors as balances
from regulars.staff.models import Role, Staff
from tests.factories import complaints, customers, people, purchases
from tests.factories.customers import NOW
from tests.factories.visitors import Visitor, signed_in

pytestmark = pytest.mark.usefixtures("inside_aurum")
CUSTOMER = Actor(kind=ActorKind.CUSTOMER)


@pytest.fixture
def bob() -> Staff:
    return people.staff(name="Bob", stores=(people.first_store(),), email="bob@aurum.example")


@pytest.fixture
def mona(bob: Staff) -> Staff:
    here = people.first_store()
    return people.staff(
        name="Mona", role=Role.STORE_MANAGER, stores=(here,), email="mona@aurum.example"
    )


@pytest.fixture
def guide(bob: Staff) -> Visitor:
    return signed_in(email="bob@aurum.example")


@pytest.fixture
def manager(mona: Staff) -> Visitor:
    return signed_in(email="mona@aurum.example")


@pytest.fixture
def carol(bob: Staff) -> Customer:
    return customers.customer(
        name="Carol", phone=customers.phone(), store=people.first_store(), owner=bob
    )


def raised(by: Staff | None, customer: Customer | None = None, **facts: Any) -> Case:
    """Raise a complaint in the first store, at the counter or by the web."""
    given = {
        "raised": "counter" if by else "web", "text": "It fell <b>out</b>.",
        "customer_id": customer.pk if customer else None, "template": "loose-stone",
        "is_short": True, **facts,
    }  # fmt: skip
    return services.open_case(
        actor=people.actor(by) if by else CUSTOMER,
        draft=services.Draft(store_id=people.first_store().pk, **given),
        now=NOW,
        key=str(uuid4()),
    )


def page(visitor: Visitor, case: Case, *, status: int = 200) -> str:
    answer = visitor.get(f"/complaints/{case.pk}/")
    assert answer.status_code == status, answer.content.decode()
    return str(answer.content.decode())


def do(visitor: Visitor, case: Case, act: str, **given: Any) -> Any:
    """Send a form as the page would, of the version that stands there now."""
    case.refresh_from_db()
    facts = {"once": str(uuid4()), "version": case.version, **given}
    return visitor.post(f"/complaints/{case.pk}/do/{act}/", facts)


def best(text: str) -> str:
    """Return what the one next best move is."""
    found = re.search(r'case-best.*?action="[^"]*/do/([a-z-]+)/"', text, re.DOTALL)
    return found[1] if found else ""


def test_the_page_leads_from_the_first_word_to_the_end(
    guide: Visitor, bob: Staff, carol: Customer
) -> None:
    case = raised(bob, carol)
    way: list[tuple[str, dict[str, Any]]] = [
        ("apologise", {"text": "I am sorry."}),
        ("investigate", {"text": "You cannot wear it.", "promised_at": "2099-01-02T10:00"}),
        ("find", {"text": "A claw was bent.", "cause": "work", "since": "2026-11-20"}),
        ("propose", {"text": "We set it anew.", "cause_told": "on", "offer-remedy-repair": "on",
                     "cost-remedy-repair": "80", "offer-goodwill-points": "on",
                     "cost-goodwill-points": "300"}),
        ("agree", {"how": "phone", "text": ""}),
    ]  # fmt: skip
    for act, given in way:
        assert best(page(guide, case)) == act
        answer = do(guide, case, act, **given)
        assert answer.status_code == 302, answer.content.decode()

    assert best(page(guide, case)) == ""
    for remedy in Remedy.objects.filter(case=case):
        assert remedy.state == "approved"
        guide.post(f"/complaints/approvals/{remedy.pk}/carry-out/")
    assert balances.balance(customer_id=carol.pk, now=NOW).balance == 300
    items = ["reform", *(f"urgent.{key}" for key in ("stop-wearing",)),
             *(f"own.{key}" for key in ("photographed", "all-stones"))]  # fmt: skip
    for item in items:
        assert do(guide, case, "tick", item=item, text="Seen to").status_code == 302
    assert best(page(guide, case)) == "do"
    do(guide, case, "do", text="It is set.")
    do(guide, case, "ask", text="Are you satisfied?")
    assert best(page(guide, case)) == "answered"
    do(guide, case, "answered", satisfied="yes", text="")

    case.refresh_from_db()
    assert (case.state, case.ended, case.open_items, case.cost_minor) == (
        "closed", "satisfied", 0, 8_000
    )  # fmt: skip
    assert "satisfied" in page(guide, case)


def test_what_was_typed_stays_when_somebody_was_quicker(
    guide: Visitor, bob: Staff, mona: Staff, carol: Customer
) -> None:
    case = raised(bob, carol)
    seen = case.version
    services.apologise(
        actor=people.actor(mona), case_id=case.pk, text="Sorry", now=NOW, key="quicker"
    )

    answer = do(guide, case, "apologise", version=seen, text="My own long words")

    told = answer.content.decode()
    assert answer.status_code == 409
    assert "Apologised" in told
    assert "Mona" in told
    assert "My own long words" in told
    assert Entry.objects.filter(case=case, kind="apologised").count() == 1


def test_a_step_that_still_fits_is_sent_again_with_its_words(
    guide: Visitor, bob: Staff, carol: Customer
) -> None:
    case = raised(bob, carol)
    seen = case.version
    row = Case.objects.select_related("store").get(pk=case.pk)
    tending.customer_writes(row, actor=CUSTOMER, text="Hello?", now=NOW, key="in")

    refused = do(guide, case, "apologise", version=seen, text="I am sorry.")
    again = do(guide, case, "apologise", text="I am sorry.")

    assert refused.status_code == 409
    assert "the customer" in refused.content.decode()
    assert 'data-draft="case-' in refused.content.decode()
    assert again.status_code == 302


def test_the_same_form_twice_is_one_step(guide: Visitor, bob: Staff, carol: Customer) -> None:
    case = raised(bob, carol)
    seen, once = case.version, str(uuid4())

    for _tap in range(2):
        answer = do(guide, case, "write", version=seen, once=once, text="We are at it.")
        assert answer.status_code == 302

    assert Entry.objects.filter(case=case, kind="message-out").count() == 1


def test_a_step_without_words_says_so_and_keeps_the_rest(
    guide: Visitor, bob: Staff, carol: Customer
) -> None:
    case = complaints.settle(raised(bob, carol), people.actor(bob), upto="investigating")

    answer = do(guide, case, "find", text="", cause="work", since="2026-11-20")

    assert answer.status_code == 422
    assert 'value="work"' in answer.content.decode()
    assert not Entry.objects.filter(case=case, kind="found").exists()


def test_to_look_at_a_complaint_of_the_web_takes_nothing_and_to_open_it_does(
    guide: Visitor, bob: Staff
) -> None:
    case = raised(None, name="Dora", phone="13800138000")

    ahead = guide.get(f"/complaints/{case.pk}/", headers={"sec-purpose": "prefetch;prerender"})
    assert 'hx-trigger="load, submit' not in ahead.content.decode()
    assert 'hx-trigger="load, submit' in page(guide, case)
    case.refresh_from_db()
    assert case.owner_id is None

    answer = guide.post(f"/complaints/{case.pk}/take/", headers={"hx-request": "true"})

    assert answer["HX-Redirect"] == f"/complaints/{case.pk}/"
    case.refresh_from_db()
    assert case.owner_id == bob.pk
    assert "/take/" not in page(guide, case)


def test_who_sells_nothing_here_neither_takes_nor_does(guide: Visitor) -> None:
    case = raised(None, name="Dora")
    people.staff(name="Ann", role=Role.ANALYST, email="ann@aurum.example")
    analyst = signed_in(email="ann@aurum.example")

    told = page(analyst, case)

    assert "/take/" not in told
    assert "/do/" not in told
    assert "/c/" not in told
    assert analyst.post(f"/complaints/{case.pk}/take/").status_code == 403


def test_a_complaint_of_another_store_is_not_there(manager: Visitor) -> None:
    elsewhere = people.store(code="909")
    gina = people.staff(name="Gina", stores=(elsewhere,))
    case = services.open_case(
        actor=people.actor(gina),
        draft=services.Draft(store_id=elsewhere.pk, raised="counter", text="It broke."),
        now=NOW,
        key="elsewhere",
    )

    page(manager, case, status=404)
    assert do(manager, case, "note", text="?").status_code == 404
    assert manager.get(f"/complaints/{case.pk}/fresh/").status_code == 404


def test_fresh_says_what_happened_since_the_page_was_drawn(
    guide: Visitor, bob: Staff, mona: Staff, carol: Customer
) -> None:
    case = raised(bob, carol)
    address = f"/complaints/{case.pk}/fresh/?version={case.version}"
    assert "Meanwhile" not in guide.get(address).content.decode()

    services.apologise(actor=people.actor(mona), case_id=case.pk, text="Sorry", now=NOW, key="q")

    told = guide.get(address).content.decode()
    assert "Meanwhile: Apologised (Mona" in told
    assert address.replace("&", "&amp;") in told


def test_the_customers_file_stands_beside_it_for_whoever_owns_the_complaint(
    guide: Visitor, bob: Staff
) -> None:
    here = people.first_store()
    other = people.staff(name="Otto", stores=(here,))
    dora = customers.customer(name="Dora", phone=customers.phone(), store=here, owner=other)
    Possession.objects.create(customer=dora, kind="ring", title="Her ring")
    sold = purchases.sale(customer=dora, store_id=here.pk)
    case = raised(people.owner(), dora, purchase_id=sold.purchase_id)
    assert guide.get(f"/complaints/{case.pk}/").status_code == 404
    services.hand_on(
        actor=people.actor(people.owner()), case_id=case.pk, staff_id=bob.pk, reason="Away",
        now=NOW, key="h",
    )  # fmt: skip

    told = page(guide, case)

    assert "Dora" in told
    assert "Her ring" in told
    assert "it is about this" in told
    assert "data-open-wide" in told
    assert f"/customers/{dora.pk}/" not in told  # her file is another guide's


def test_the_page_costs_the_same_however_much_happened(
    guide: Visitor, bob: Staff, carol: Customer
) -> None:
    case = raised(bob, carol)
    page(guide, case)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(guide, case)
    for number in range(10):
        services.note(actor=people.actor(bob), case_id=case.pk, text="?", now=NOW, key=f"n{number}")
    with CaptureQueriesContext(connection) as many:
        page(guide, case)

    assert len(many) == len(few)


def test_pictures_are_shown_to_who_sees_the_complaint(guide: Visitor, bob: Staff) -> None:
    drawn = BytesIO()
    Image.new("RGB", (8, 8), "red").save(drawn, "PNG")
    with pictures.kept([BytesIO(drawn.getvalue())]) as files:
        case = raised(bob, files=files)

    told = page(guide, case)
    answer = guide.get(f"/complaints/{case.pk}/pictures/{files[0]}/")

    assert files[0] in told
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "private" in answer["Cache-Control"]
    assert guide.get(f"/complaints/{case.pk}/pictures/{uuid4().hex}/").status_code == 404


def test_words_of_customers_are_words(guide: Visitor, bob: Staff) -> None:
    case = raised(bob)

    assert "It fell &lt;b&gt;out&lt;/b&gt;." in page(guide, case)


def test_a_manager_hands_it_on_and_ends_it_and_a_guide_does_not(
    guide: Visitor, manager: Visitor, bob: Staff, carol: Customer
) -> None:
    case = raised(bob, carol)
    cara = people.staff(name="Cara", stores=(people.first_store(),))
    assert "/do/hand-on/" not in page(guide, case)
    assert do(guide, case, "hand-on", owner=str(cara.pk), text="Away").status_code == 403

    assert do(manager, case, "hand-on", owner=str(cara.pk), text="Away").status_code == 302
    case.refresh_from_db()
    assert case.owner_id == cara.pk

    other = raised(bob, carol)
    refused = do(manager, case, "end", how="duplicate", text="Twice", number="1")
    assert refused.status_code == 422
    ended = do(manager, case, "end", how="duplicate", text="Twice", number=other.number)
    assert ended.status_code == 302
    case.refresh_from_db()
    assert (case.ended, case.duplicate_of) == ("duplicate", other.pk)


def test_nobody_works_on_what_is_anothers_and_everybody_leaves_a_note(
    guide: Visitor, bob: Staff, carol: Customer
) -> None:
    gina = people.staff(name="Gina", stores=(people.first_store(),))
    case = raised(gina, None)
    case.customer = carol
    case.save(update_fields=["customer"])

    told = page(guide, case)
    assert best(told) == ""
    assert "Gina" in told

    assert do(guide, case, "note", text="She rang me").status_code == 302
    refused = do(guide, case, "apologise", text="Sorry from me")
    assert refused.status_code == 403
    assert "Sorry from me" in refused.content.decode()


def test_it_is_said_whose_complaint_of_the_web_it_is(
    guide: Visitor, bob: Staff, carol: Customer
) -> None:
    case = raised(None, name="Carol", phone=str(carol.phone))
    guide.post(f"/complaints/{case.pk}/take/")

    found = guide.get(f"/complaints/{case.pk}/customer/").content.decode()
    assert str(carol.pk) in found
    nobody = guide.post(f"/complaints/{case.pk}/customer/", {"once": "1"})
    assert nobody.status_code == 422
    answer = guide.post(f"/complaints/{case.pk}/customer/", {"customer": carol.pk, "once": "2"})

    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.customer_id == carol.pk


def test_a_complaint_is_on_the_customers_line_of_time_and_on_top_of_their_file(
    guide: Visitor, bob: Staff, carol: Customer
) -> None:
    case = raised(bob, carol)

    told = guide.get(f"/customers/{carol.pk}/").content.decode()

    assert told.count(f"/complaints/{case.pk}/") == 2  # the flag and the line
    assert f"Has an open complaint: {case.number}" in told


def test_the_line_of_time_tells_nothing_of_a_complaint_one_may_not_see(
    manager: Visitor, carol: Customer
) -> None:
    draft = services.Draft(
        store_id=people.store(code="909").pk,
        raised="counter",
        text="Too loud",
        customer_id=carol.pk,
    )
    alice = people.actor(people.owner())
    case = services.open_case(actor=alice, draft=draft, now=NOW, key="elsewhere")

    told = manager.get(f"/customers/{carol.pk}/").content.decode()

    assert f"Has an open complaint: {case.number}" in told  # care rests all the same
    assert f"/complaints/{case.pk}/" not in told
    assert "Too loud" not in told
