"""What a complaint does not tell: numbers of others' customers, and whom a franchise keeps (H4)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import timezone

from regulars.audit.models import Entry as Audited
from regulars.complaints import people as above
from regulars.complaints import services
from regulars.complaints.models import Case
from regulars.complaints.services import announcing, escalating
from regulars.complaints.services.remedies import Wish, ask
from regulars.customers.models import Customer
from regulars.outbox.models import Job
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.web import mail
from regulars.web.complaints import notices
from tests.factories import complaints, customers, people
from tests.factories.customers import NOW
from tests.factories.visitors import Visitor, signed_in

pytestmark = pytest.mark.usefixtures("inside_aurum")
REVEALED = ("customer.phone-revealed", "customer.email-revealed")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


@pytest.fixture
def bob() -> Staff:
    return people.staff(name="Bob", stores=(people.first_store(),), email="bob@aurum.example")


@pytest.fixture
def guide(bob: Staff) -> Visitor:
    return signed_in(email="bob@aurum.example")


@pytest.fixture
def franchise() -> Store:
    return people.store(code="900", ownership="franchise", shares_customers=False)


@pytest.fixture
def secretia(franchise: Store) -> Customer:
    theirs = people.staff(name="Fay", stores=(franchise,))
    return customers.customer(
        name="Secretia", phone=customers.phone(), email="s@x.example", store=franchise, owner=theirs
    )


@pytest.fixture
def office() -> Visitor:
    people.staff(name="Hugo", role=Role.HEAD_OFFICE, email="hugo@aurum.example")
    return signed_in(email="hugo@aurum.example")


def raised(by: Staff, customer: Customer | None, store: Store | None = None, **facts: Any) -> Case:
    at = (store or people.first_store()).pk
    given = {"raised": "counter", "text": "It broke.", "severity": "low", **facts}
    return services.open_case(
        actor=people.actor(by),
        draft=services.Draft(store_id=at, customer_id=customer.pk if customer else None, **given),
        now=timezone.now(),
        key=str(uuid4()),
    )


def told(visitor: Visitor, address: str) -> str:
    answer: Any = visitor.get(address)
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode())


def colleagues_customer() -> Customer:
    here = people.first_store()
    al = people.staff(name="Al", stores=(here,))
    return customers.customer(
        name="Carol", phone=customers.phone(), email="carol@x.example", store=here, owner=al
    )


def test_a_colleagues_customer_is_reached_by_asking_which_is_written_down(
    guide: Visitor, bob: Staff
) -> None:
    carol = colleagues_customer()
    assert guide.get(f"/customers/{carol.pk}/").status_code == 404
    case = raised(bob, carol)

    page = told(guide, f"/complaints/{case.pk}/")
    assert str(carol.phone) not in page
    assert carol.email not in page
    assert not Audited.objects.filter(action__in=REVEALED).exists()

    address = f"/complaints/{case.pk}/reach/"
    assert f'action="{address}"' in page
    part = guide.post(address, headers={"HX-Request": "true"})
    whole = guide.post(address)
    for answer in (part, whole):
        assert answer.status_code == 200
        assert f"tel:{carol.phone}" in answer.content.decode()
        assert "mailto:carol@x.example" in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
    written = Audited.objects.filter(action__in=REVEALED, object_id=carol.pk, actor_id=bob.pk)
    assert sorted(written.values_list("action", flat=True)) == sorted(REVEALED * 2)


def test_ones_own_customer_is_reached_without_asking(guide: Visitor, bob: Staff) -> None:
    dora = customers.customer(
        name="Dora", phone=customers.phone(), email="d@x.example", store=people.first_store(),
        owner=bob,
    )  # fmt: skip
    case = raised(bob, dora)

    page = told(guide, f"/complaints/{case.pk}/")

    assert f"tel:{dora.phone}" in page
    assert "mailto:d@x.example" in page
    assert "/reach/" not in page


def test_who_does_not_work_on_it_or_may_not_see_the_customer_is_shown_nothing(
    guide: Visitor, bob: Staff, secretia: Customer
) -> None:
    mine = customers.customer(name="Dora", store=people.first_store(), owner=bob)
    gina = people.staff(name="Gina", stores=(people.first_store(),))
    anothers = raised(gina, mine)  # seen, as it is of one's own customer
    elsewhere, nobodys = raised(bob, secretia), raised(bob, None)

    for case in (anothers, elsewhere, nobodys):
        assert guide.get(f"/complaints/{case.pk}/").status_code == 200
        assert guide.post(f"/complaints/{case.pk}/reach/").status_code == 404
    assert not Audited.objects.filter(action__in=REVEALED).exists()


def test_head_office_reads_no_name_that_a_franchise_keeps_to_itself(
    office: Visitor, bob: Staff, secretia: Customer
) -> None:
    case = raised(bob, secretia, phone="+8613900139000", name="Secretia herself")
    ask(
        actor=people.actor(bob), case_id=case.pk, now=timezone.now(), key="w",
        wish=Wish(kind="gift", label="Flowers", amount_minor=900_000),
    )  # fmt: skip

    seen = [
        told(office, each)
        for each in (
            "/complaints/?view=list", "/complaints/?view=board", f"/complaints/{case.pk}/",
            "/complaints/complaints.csv", "/complaints/approvals/",
        )
    ]  # fmt: skip

    for page in seen:
        assert case.number in page
        assert "Customer of another store" in page
        assert "Secretia" not in page
        assert "13900139000" not in page.replace(" ", "")


@pytest.mark.parametrize("words", ["Secretia", "herself"])
def test_nor_is_one_found_by_such_a_name(
    office: Visitor, bob: Staff, secretia: Customer, words: str
) -> None:
    case = raised(bob, secretia, name="Secretia herself")
    known = raised(bob, customers.customer(name="Secretia herself", store=people.first_store()))
    stranger = raised(bob, None, name="Secretia herself")

    page = told(office, f"/complaints/?view=list&q={words}")

    assert case.number not in page
    assert known.number in page
    assert stranger.number in page


def test_who_works_in_the_store_knows_who_stands_before_them(
    guide: Visitor, bob: Staff, secretia: Customer
) -> None:
    case = raised(bob, secretia)

    assert "Secretia" in told(guide, f"/complaints/{case.pk}/")
    assert case.number in told(guide, "/complaints/?view=list&q=Secretia")


@pytest.mark.parametrize("is_shared", [False, True])
def test_nobody_is_drawn_into_what_they_may_not_open(franchise: Store, is_shared: bool) -> None:
    east = people.region()
    Store.objects.filter(pk=franchise.pk).update(region=east, shares_customers=is_shared)
    al = people.staff(name="Al", stores=(franchise,))
    rita = people.staff(name="Rita", role=Role.REGION_MANAGER, regions=(east,))
    case = services.open_case(
        actor=people.actor(al),
        draft=services.Draft(store_id=franchise.pk, raised="counter", text="Ill", severity="low"),
        now=NOW,
        key="a",
    )  # fmt: skip
    hugo = people.staff(name="Hugo", role=Role.HEAD_OFFICE)
    jobs = Job.objects.filter(handler=announcing.DRAWN_IN)

    for days in (30, 60, 90):
        escalating.sweep(now=NOW + timedelta(days=days))

    drawn = {job.payload["staff"] for job in jobs}
    for each in (rita, hugo):
        assert (str(each.pk) in drawn) is is_shared
    assert (above.reviewer(case) is None) is not is_shared


def test_head_office_hears_the_number_alone_where_the_store_has_no_manager(
    franchise: Store, office: Visitor, secretia: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters: list[dict[str, Any]] = []
    monkeypatch.setattr(mail, "send", lambda **facts: letters.append(facts))
    fay = Staff.objects.get(name="Fay")
    case = raised(fay, secretia, store=franchise, title="Secret rash", name="Secretia")
    jobs = Job.objects.filter(handler=announcing.BY_NUMBER)

    escalating.sweep(now=timezone.now() + timedelta(days=90))
    for job in jobs:
        notices.tell_number(**job.payload, now=timezone.now())

    (letter,) = letters
    assert (letter["template"], letter["to"]) == ("complaint_by_number", "hugo@aurum.example")
    told = "".join(
        render_to_string(f"mail/complaint_by_number.{kind}", letter["context"])
        for kind in ("subject.txt", "txt", "html")
    )
    assert case.number in told
    assert franchise.name in told
    for secret in ("Secret", "rash", "Fay", str(case.pk)):
        assert secret not in told


def test_a_second_round_without_a_reviewer_is_told_as_well_and_joined_later(
    franchise: Store, office: Visitor
) -> None:
    al = people.staff(name="Al", stores=(franchise,))
    case = complaints.settle(raised(al, None, store=franchise), people.actor(al))
    jobs = Job.objects.filter(handler=announcing.BY_NUMBER)

    services.answered(
        actor=people.actor(al), case_id=case.pk, satisfied=False, text="No", now=NOW, key="no"
    )
    waiting = [job.payload["why"] for job in jobs]
    mona = people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(franchise,))
    escalating.sweep(now=timezone.now() + timedelta(days=90))

    case.refresh_from_db()
    assert waiting == [["review"]]
    assert case.reviewer_id == mona.pk


def test_a_store_that_shares_is_told_of_in_full_and_not_by_number(office: Visitor) -> None:
    al = people.staff(name="Al", stores=(people.first_store(),))
    raised(al, None)

    escalating.sweep(now=timezone.now() + timedelta(days=90))

    assert not Job.objects.filter(handler=announcing.BY_NUMBER).exists()
    assert Job.objects.filter(handler=announcing.DRAWN_IN).exists()


def test_a_mail_on_its_way_is_not_sent_once_the_store_keeps_its_customers(
    franchise: Store, office: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(mail, "send", lambda **facts: sent.append(facts["to"]))
    al = people.staff(name="Al", stores=(franchise,))
    case = raised(al, None, store=franchise)
    hugo = Staff.objects.get(email="hugo@aurum.example")
    facts = {
        "complaint": str(case.pk), "clocks": ["reply"], "level": 3, "staff": str(hugo.pk),
        "now": timezone.now(),
    }  # fmt: skip

    notices.tell(**facts)
    assert sent == []
    Store.objects.filter(pk=franchise.pk).update(shares_customers=True)
    notices.tell(**facts)

    assert sent == ["hugo@aurum.example"]


def test_a_contact_names_a_complaint_one_may_not_open_by_its_number_alone(bob: Staff) -> None:
    here, there = people.first_store(), people.store(code="909")
    people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(here,), email="mona@aurum.example")
    sven = people.staff(name="Sven", stores=(there,))
    dora = customers.customer(name="Dora", store=here, owner=bob)
    seen = raised(bob, dora, title="Scratched ring")
    hidden = raised(sven, dora, store=there, title="A rash")

    form = told(signed_in(email="mona@aurum.example"), f"/customers/{dora.pk}/messages/log/")

    assert f"{seen.number} Scratched ring" in form
    assert hidden.number in form
    assert "A rash" not in form
