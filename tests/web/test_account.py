"""Signing in, joining, one's own account: on one chain's host, and on no other."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from regulars.staff import handover, invitations, services
from regulars.staff.granting import Place
from regulars.staff.models import Role, Staff
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from tests.factories import people
from tests.factories.visitors import Visitor, is_in, sign_in

ALICE = "alice@aurum.example"


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


def test_a_stranger_is_led_to_the_sign_in_page() -> None:
    response = Visitor().get("/team/?q=x")

    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=/team/%3Fq%3Dx"


def test_an_owner_signs_in_by_address_whatever_its_case() -> None:
    client = Visitor()

    response = sign_in(client, email="Alice@Aurum.Example")

    assert response.status_code == 302
    assert is_in(client)


def test_a_wrong_password_is_said_without_saying_which_was_wrong() -> None:
    wrong = sign_in(Visitor(), password="not the password").content.decode()
    unknown = sign_in(Visitor(), email="nobody@aurum.example").content.decode()

    assert "The e-mail address or the password is wrong." in wrong
    assert "The e-mail address or the password is wrong." in unknown


def test_a_session_of_one_chain_is_nothing_in_another(bloom: ChainInfo) -> None:
    client = Visitor()
    sign_in(client)
    elsewhere = Visitor("bloom")
    elsewhere.cookies.update(client.cookies)

    assert is_in(client)
    assert not is_in(elsewhere)


def test_charlie_of_bloom_cannot_sign_in_at_aurum(bloom: ChainInfo) -> None:
    with context.inside(bloom):
        people.staff(name="Charlie", role=Role.OWNER, email="charlie@bloom.example")
    client, home = Visitor(), Visitor("bloom")

    sign_in(client, email="charlie@bloom.example")
    sign_in(home, email="charlie@bloom.example")

    assert not is_in(client)
    assert is_in(home)


def test_after_five_wrong_tries_the_page_says_when_the_next_is_possible() -> None:
    client = Visitor()
    for _wrong in range(5):
        sign_in(client, password="not the password")

    response = sign_in(client).content.decode()

    assert re.search(r"You can try again in [45] minutes\.", response)
    assert not is_in(client)


def test_tries_against_one_address_do_not_lock_another() -> None:
    people.staff(name="Bob", email="bob@aurum.example", stores=(people.first_store(),))
    client = Visitor()
    for _wrong in range(5):
        sign_in(client, password="not the password")

    sign_in(client, email="bob@aurum.example")

    assert is_in(client)


def test_a_leavers_open_session_ends_with_the_next_request() -> None:
    bob = people.staff(email="bob@aurum.example", stores=(people.first_store(),))
    client = Visitor()
    sign_in(client, email="bob@aurum.example")
    assert is_in(client)

    services.leave(actor=people.actor(people.owner()), staff_id=bob.id, now=timezone.now())

    assert not is_in(client)


def test_the_persons_language_is_spoken_after_signing_in() -> None:
    people.staff(email="bob@aurum.example", stores=(people.first_store(),), language="zh-hant")
    client = Visitor()

    sign_in(client, email="bob@aurum.example")

    assert client.get("/me/")["Content-Language"] == "zh-hant"


def test_the_owner_comes_over_from_the_public_site_once(inside_aurum: ChainInfo) -> None:
    with context.public():
        request: Any = type("Request", (), {"scheme": "http", "get_host": lambda _s: "localhost"})()
        chain = Chain.objects.get(pk=inside_aurum.id)
        link = handover.link(chain=chain, email=ALICE, request=request)
    path = link.partition("aurum.localhost")[2]
    first, second = Visitor(), Visitor()

    first.get(path)
    response = second.get(path)

    assert is_in(first)
    assert response["Location"] == "/account/login/"
    assert not is_in(second)


def _invite() -> str:
    _invited, token = invitations.invite(
        actor=people.actor(people.owner()),
        email="bob@aurum.example",
        name="Bob",
        place=Place(role=Role.GUIDE, store_ids=(people.first_store().id,)),
        now=timezone.now(),
    )
    return token


def test_an_invited_person_joins_and_is_signed_in() -> None:
    client, token = Visitor(), _invite()

    page = client.get(f"/join/{token}/").content.decode()
    client.post(f"/join/{token}/", {"name": "Bob", "password": people.PASSWORD, "language": ""})

    assert "bob@aurum.example" in page
    assert is_in(client)
    assert Staff.objects.get(email="bob@aurum.example").state == Staff.State.ACTIVE


def test_a_weak_password_is_refused_on_the_page_with_what_was_typed_kept() -> None:
    client, token = Visitor(), _invite()

    response = client.post(
        f"/join/{token}/", {"name": "Bobby Lin", "password": "1234567890", "language": "en"}
    )

    assert response.status_code == 422
    assert "Bobby Lin" in response.content.decode()
    assert not is_in(client)


def test_a_used_expired_or_foreign_invitation_says_so(bloom: ChainInfo) -> None:
    token = _invite()
    foreign = Visitor("bloom").get(f"/join/{token}/")
    Staff.objects.filter(email="bob@aurum.example").update(
        invite_expires_at=timezone.now() - timedelta(seconds=1)
    )
    expired = Visitor().get(f"/join/{token}/")
    unknown = Visitor().get("/join/nonsense/")

    assert (foreign.status_code, expired.status_code, unknown.status_code) == (404, 409, 404)
    assert "valid for seven days" in expired.content.decode()


def test_a_forgotten_password_is_changed_by_the_link_in_the_mail(inside_aurum: ChainInfo) -> None:
    Staff.objects.filter(email=ALICE).update(language="en")
    client, elsewhere = Visitor(), Visitor()
    sign_in(elsewhere)

    client.post("/account/password/reset/", {"email": ALICE})
    [message] = mail.outbox
    found = re.search(
        r"http://aurum\.localhost(/account/password/reset/key/\S+)", str(message.body)
    )
    assert found
    form = client.get(found[1], follow=True)
    path = form.redirect_chain[-1][0]
    new = "a brand new password"
    client.post(path, {"password1": new, "password2": new})

    assert inside_aurum.name in message.subject
    assert message.to == [ALICE]
    assert not is_in(elsewhere)
    sign_in(client, password=new)
    assert is_in(client)


def test_an_unknown_address_gets_no_mail_and_the_same_answer() -> None:
    known = Visitor().post("/account/password/reset/", {"email": ALICE})
    unknown = Visitor().post("/account/password/reset/", {"email": "nobody@aurum.example"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mail.outbox] == [[ALICE]]


def test_the_mail_speaks_the_persons_language() -> None:
    Staff.objects.filter(email=ALICE).update(language="en")
    client = Visitor()
    client.cookies["language"] = "zh-hans"

    client.post("/account/password/reset/", {"email": ALICE})

    assert "Hello Alice" in mail.outbox[0].body


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one() -> None:
    here, there = Visitor(), Visitor()
    sign_in(here)
    sign_in(there)
    new = "a brand new password"

    here.post(
        "/account/password/change/",
        {"oldpassword": people.PASSWORD, "password1": new, "password2": new},
    )

    assert is_in(here)
    assert not is_in(there)


def test_name_phone_and_language_are_changed_by_oneself() -> None:
    client = Visitor()
    sign_in(client)

    client.post("/me/", {"name": "Alice Lin", "phone": "138 0013 8000", "language": "zh-hant"})

    alice = Staff.objects.get(email=ALICE)
    assert (alice.name, alice.phone, alice.language) == ("Alice Lin", "+8613800138000", "zh-hant")
    assert client.get("/me/")["Content-Language"] == "zh-hant"


def test_a_pin_is_set_by_oneself_and_a_trivial_one_refused() -> None:
    client = Visitor()
    sign_in(client)

    refused = client.post("/me/pin/", {"pin": "1234"})
    client.post("/me/pin/", {"pin": people.PIN})

    assert refused.status_code == 422
    assert Staff.objects.get(email=ALICE).check_password(people.PASSWORD)
    assert Staff.objects.get(email=ALICE).pin


def test_signing_out_leads_to_the_sign_in_page() -> None:
    client = Visitor()
    sign_in(client)

    client.post("/account/logout/")

    assert not is_in(client)


def test_the_account_page_takes_a_constant_number_of_queries(
    django_assert_max_num_queries: Any,
) -> None:
    client = Visitor()
    sign_in(client)
    client.get("/me/")

    with django_assert_max_num_queries(4):  # the search path, session, person with scope, app
        client.get("/me/")


def test_every_page_for_people_who_are_not_signed_in_renders() -> None:
    client = Visitor()
    pages = [
        "/account/login/",
        "/account/inactive/",
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/account/password/reset/key/done/",
        "/account/password/reset/key/abc-def/",
    ]

    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


def test_pages_of_the_password_render_for_who_is_signed_in() -> None:
    client = Visitor()
    sign_in(client)

    assert client.get("/account/logout/").status_code == 200
    assert client.get("/account/password/change/").status_code == 200
    assert client.get("/account/password/set/")["Location"] == "/account/password/change/"


def test_a_name_that_cannot_be_is_refused_on_ones_own_page() -> None:
    client = Visitor()
    sign_in(client)

    response = client.post("/me/", {"name": "a\u202eb", "phone": "", "language": ""})

    assert response.status_code == 422
    assert people.owner().name == "Alice"


def test_a_mail_server_that_is_away_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Any, **_options: Any) -> int:
        raise OSError("no route")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)

    response = Visitor().post("/account/password/reset/", {"email": ALICE})

    assert response.status_code == 503
    assert "could not be sent" in response.content.decode()
