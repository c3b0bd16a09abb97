"""The team's pages: who sees whom, inviting, roles and places, PINs, leaving."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories import customers, people
from tests.factories.visitors import Visitor, is_in, sign_in, signed_in

BOB = "bob@aurum.example"


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


@pytest.fixture
def shop() -> Store:
    return people.store(code="e1", region=people.region())


def as_role(role: Role, shop: Store) -> Visitor:
    """Sign somebody of this role in, who works in the shop or its region."""
    region = shop.region
    assert region is not None
    people.staff(
        name="Viewer",
        role=role,
        stores=(shop,) if role in {Role.STORE_MANAGER, Role.GUIDE} else (),
        regions=(region,) if role == Role.REGION_MANAGER else (),
        email="viewer@aurum.example",
    )
    return signed_in(email="viewer@aurum.example")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.OWNER, 200),
        (Role.HEAD_OFFICE, 200),
        (Role.REGION_MANAGER, 200),
        (Role.STORE_MANAGER, 200),
        (Role.GUIDE, 403),
        (Role.ANALYST, 403),
    ],
)
def test_the_teams_pages_are_for_those_who_manage_one(role: Role, status: int, shop: Store) -> None:
    guide = people.staff(stores=(shop,), email=BOB)
    client = as_role(role, shop)

    pages = ["/team/", "/team/invite/", "/team/add/", f"/team/{guide.id}/"]

    assert [client.get(page).status_code for page in pages] == [status] * 4
    assert client.get("/settings/").status_code == 200
    assert client.get("/me/").status_code == 200


def test_a_manager_lists_the_own_store_only(shop: Store) -> None:
    people.staff(name="Near", stores=(shop,))
    people.staff(name="Far away", stores=(people.store(code="w1"),))

    page = as_role(Role.STORE_MANAGER, shop).get("/team/").content.decode()

    assert "Near" in page
    assert "Far away" not in page


def test_somebody_out_of_sight_is_not_found(shop: Store) -> None:
    far = people.staff(name="Far away", stores=(people.store(code="w1"),))
    client = as_role(Role.STORE_MANAGER, shop)

    shown = client.get(f"/team/{far.id}/")
    changed = client.post(f"/team/{far.id}/edit/", {"name": "X", "number": "", "phone": ""})

    assert (shown.status_code, changed.status_code) == (404, 404)


def test_charlie_of_bloom_sees_nobody_of_aurum(bloom: ChainInfo, shop: Store) -> None:
    bob = people.staff(name="Bob of aurum", stores=(shop,))
    with context.inside(bloom):
        people.staff(name="Charlie", role=Role.OWNER, email="charlie@bloom.example")
    charlie = Visitor("bloom")
    sign_in(charlie, email="charlie@bloom.example")

    assert "Bob of aurum" not in charlie.get("/team/").content.decode()
    assert charlie.get(f"/team/{bob.id}/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lin", {"Lin Mei"}),
        ("q=G17", {"Lin Mei"}),
        ("q=bob@", {"Bob Wu"}),
        ("role=guide", {"Lin Mei", "Bob Wu"}),
        ("role=store-manager", {"Boss"}),
        ("state=left", {"Gone"}),
        ("q=%25", set()),
        ("store=nonsense&role=nonsense&state=nonsense&after=x%7Cy", {"Lin Mei", "Bob Wu", "Boss"}),
    ],
)
def test_the_list_is_narrowed_by_words_role_and_state(
    query: str, found: set[str], shop: Store
) -> None:
    people.staff(name="Lin Mei", number="G17", stores=(shop,))
    people.staff(name="Bob Wu", email=BOB, stores=(shop,))
    people.staff(name="Boss", role=Role.STORE_MANAGER, stores=(shop,))
    people.staff(name="Gone", stores=(shop,), state=Staff.State.LEFT)

    page = signed_in().get(f"/team/?{query}")

    names = {each.name for each in page.context["page"].rows}
    assert names - {"Alice"} == found


def test_the_list_goes_on_page_by_page_without_losing_anybody(shop: Store) -> None:
    for number in range(120):
        people.staff(name=f"Same name {number % 3}", stores=(shop,))
    client = signed_in()

    seen: list[Any] = []
    address = "/team/"
    while address:
        page = client.get(address).context["page"]
        seen += [each.pk for each in page.rows]
        address = f"/team/{page.next_url}" if page.next_url else ""

    assert len(seen) == len(set(seen)) == 121


def test_the_list_takes_the_same_number_of_queries_for_one_and_for_fifty(
    shop: Store, django_assert_max_num_queries: Any
) -> None:
    client = signed_in()
    client.get("/team/")
    for number in range(60):
        people.staff(name=f"Guide {number}", stores=(shop,))

    with django_assert_max_num_queries(9):
        client.get("/team/")


def test_htmx_gets_the_rows_alone() -> None:
    rows = signed_in().get("/team/?q=ali", headers={"hx-request": "true"}).content.decode()

    assert "Alice" in rows
    assert "<html" not in rows


def test_an_invitation_is_mailed_in_the_language_chosen_and_can_be_accepted(
    shop: Store, inside_aurum: ChainInfo
) -> None:
    client = signed_in()

    response = client.post(
        "/team/invite/",
        {"email": BOB, "name": "Bob", "role": "guide", "stores": [str(shop.id)], "language": "en"},
    )
    [message] = mail.outbox
    link = next(word for word in message.body.split() if "/join/" in word)
    joiner = Visitor()
    joiner.post(
        link.partition("aurum.localhost")[2],
        {"name": "Bob", "password": people.PASSWORD, "language": ""},
    )

    assert response["Location"] == "/team/?state=invited"
    assert message.to == [BOB]
    assert inside_aurum.name in message.subject
    assert "Alice invites you" in message.body
    assert is_in(joiner)


def test_a_mail_that_cannot_be_sent_keeps_the_invitation(
    shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_facts: Any) -> None:
        raise OSError("no route")

    monkeypatch.setattr("regulars.web.mail.send", refuse)
    client = signed_in()

    page = client.post(
        "/team/invite/",
        {"email": BOB, "name": "Bob", "role": "guide", "stores": [str(shop.id)]},
        follow=True,
    )

    assert "could not be sent" in page.content.decode()
    assert Staff.objects.get(email=BOB).state == Staff.State.INVITED


def test_a_refused_invitation_keeps_what_was_typed(shop: Store) -> None:
    people.staff(email=BOB)

    response = signed_in().post(
        "/team/invite/",
        {"email": BOB, "name": "Bobby", "role": "guide", "stores": [str(shop.id)]},
    )

    assert response.status_code == 422
    assert "already works here" in response.content.decode()
    assert "Bobby" in response.content.decode()
    assert mail.outbox == []


def test_a_store_manager_is_not_offered_roles_above_their_own(shop: Store) -> None:
    form = as_role(Role.STORE_MANAGER, shop).get("/team/invite/").context["form"]

    assert {key for key, _label in form.fields["role"].choices} == {"store-manager", "guide"}


def test_a_role_that_was_not_offered_is_refused_when_posted(shop: Store) -> None:
    response = as_role(Role.STORE_MANAGER, shop).post(
        "/team/invite/", {"email": BOB, "role": "owner", "stores": [str(shop.id)]}
    )

    assert response.status_code == 422
    assert not Staff.objects.filter(email=BOB).exists()


def test_sending_again_makes_a_fresh_link_and_withdrawing_ends_it(shop: Store) -> None:
    client = signed_in()
    client.post(
        "/team/invite/",
        {"email": BOB, "name": "Bob", "role": "guide", "stores": [str(shop.id)]},
    )
    bob = Staff.objects.get(email=BOB)
    Staff.objects.filter(pk=bob.pk).update(invite_expires_at=timezone.now() - timedelta(days=1))

    client.post(f"/team/{bob.id}/resend/")
    renewed = Staff.objects.get(pk=bob.pk)
    client.post(f"/team/{bob.id}/withdraw/")

    assert len(mail.outbox) == 2
    assert renewed.invite_expires_at
    assert renewed.invite_expires_at > timezone.now()
    assert Staff.objects.get(pk=bob.pk).state == Staff.State.LEFT


def test_a_guide_is_added_with_a_pin(shop: Store) -> None:
    response = signed_in().post(
        "/team/add/",
        {"name": "Xiao Lin", "number": "", "stores": [str(shop.id)], "pin": people.PIN},
    )

    assert response.status_code == 302
    assert Staff.objects.get(name="Xiao Lin").pin


def test_role_places_name_and_pin_are_changed_on_the_persons_page(shop: Store) -> None:
    bob = people.staff(stores=(people.first_store(),))
    client = signed_in()

    client.post(f"/team/{bob.id}/place/", {"role": "store-manager", "stores": [str(shop.id)]})
    client.post(f"/team/{bob.id}/edit/", {"name": "Bob Wu", "number": "7", "phone": ""})
    client.post(f"/team/{bob.id}/pin/", {"pin": people.PIN})

    bob.refresh_from_db()
    assert (bob.role, bob.name, bob.number, bob.home_store) == (
        Role.STORE_MANAGER,
        "Bob Wu",
        "7",
        shop,
    )
    assert bob.pin


@pytest.mark.parametrize(
    ("path", "data", "words"),
    [
        ("place", {"role": "guide", "stores": []}, "Choose at least one store."),
        ("edit", {"name": "", "number": ""}, "required"),
        ("pin", {"pin": "1234"}, "Everybody would try this PIN first"),
    ],
)
def test_a_fault_on_the_persons_page_is_said_at_its_form(
    path: str, data: dict[str, Any], words: str, shop: Store
) -> None:
    bob = people.staff(stores=(shop,))

    response = signed_in().post(f"/team/{bob.id}/{path}/", data)

    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_leavers_customers_go_to_the_successor(shop: Store) -> None:
    bob = people.staff(name="Bob", stores=(shop,))
    eve = people.staff(name="Eve", stores=(shop,))
    known = customers.customer(name="王芳", owner=bob, store=shop)

    page = signed_in().post(f"/team/{bob.id}/leave/", {"successor": str(eve.id)}, follow=True)

    known.refresh_from_db()
    assert known.owner == eve
    assert "1 customer was handed over" in page.content.decode()
    assert Staff.objects.get(pk=bob.pk).state == Staff.State.LEFT


def test_the_last_owner_is_told_why_they_cannot_leave() -> None:
    alice = people.owner()

    response = signed_in().post(f"/team/{alice.id}/leave/", {"successor": ""})

    assert response.status_code == 422
    assert "needs an owner" in response.content.decode()
    assert people.owner().state == Staff.State.ACTIVE


def test_what_happened_to_a_colleague_is_shown_to_head_office(shop: Store) -> None:
    bob = people.staff(stores=(shop,))
    client = signed_in()
    client.post(f"/team/{bob.id}/pin/", {"pin": people.PIN})

    office = client.get(f"/team/{bob.id}/").content.decode()
    manager = as_role(Role.STORE_MANAGER, shop).get(f"/team/{bob.id}/").content.decode()

    assert "PIN set" in office
    assert "What happened" not in manager


def test_a_name_with_markup_is_text(shop: Store) -> None:
    people.staff(name="<script>alert(1)</script>", stores=(shop,))

    page = signed_in().get("/team/").content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
