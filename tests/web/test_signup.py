"""Signing up on the public site, as a visitor does it."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connections
from django.test import Client

from regulars.staff.models import Staff
from regulars.tenancy import context, directory, provisioning, tasks
from regulars.tenancy.models import Chain, Schema, Signup
from tests.factories.visitors import Visitor, is_in, sign_in

FORM = {
    "company": "克拉珠宝",
    "subdomain": "carat",
    "vertical": "jewelry",
    "owner_name": "王卡罗",
    "owner_email": "carol@carat.example",
    "password": "correct horse battery",
    "language": "zh-hans",
    "currency": "CNY",
    "time_zone": "Asia/Shanghai",
}


@pytest.fixture
def visitor(db: None) -> Client:
    """Somebody at the public site, reading English."""
    cache.clear()
    client = Client(headers={"host": "localhost"})
    client.cookies["language"] = "en"
    return client


def wish(visitor: Client, **changes: str) -> str:
    """Fill in the form and return the link of the mail."""
    mail.outbox.clear()
    answer = visitor.post("/signup/", FORM | changes)
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r"http://localhost(/signup/confirm/\S+/)", str(mail.outbox[0].body))
    assert found is not None
    return found[1]


def chain_named(name: str) -> Chain | None:
    with context.public():
        return Chain.objects.filter(name=name).first()


def test_from_the_form_to_a_workspace_one_is_signed_in_to(visitor: Client) -> None:
    link = wish(visitor)
    assert visitor.get(link).status_code == 200
    assert chain_named("克拉珠宝") is None, "looking at the link makes nothing: scanners look too"

    page = visitor.post(link).content.decode()
    door = re.search(r"http://carat\.localhost(/\S*?token=[\w.:%-]+)", page)
    assert door is not None
    directory._entries.clear()
    owner = Visitor("carat")
    owner.get(door[1], follow=True)

    assert is_in(owner)
    found = chain_named("克拉珠宝")
    assert found is not None
    assert (found.state, found.vertical, found.country) == ("active", "jewelry", "CN")
    with context.inside(found):
        assert Staff.objects.get().role == "owner"


def test_the_password_of_the_form_signs_in(visitor: Client) -> None:
    visitor.post(wish(visitor))
    directory._entries.clear()
    owner = Visitor("carat")

    sign_in(owner, email="carol@carat.example", password=FORM["password"])

    assert is_in(owner)


def test_opening_the_link_again_shows_the_address_and_signs_nobody_in(visitor: Client) -> None:
    link = wish(visitor)
    visitor.post(link)

    page = visitor.get(link).content.decode()

    assert "carat.localhost" in page
    assert "token=" not in page


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("company", ""),
        ("subdomain", "www"),
        ("subdomain", "金店"),
        ("subdomain", "aurum"),
        ("subdomain", "a'; drop schema public; --"),
        ("vertical", "no-such-industry"),
        ("owner_email", "nobody"),
        ("owner_email", "x@y.example\nBcc: all@z.example"),
        ("password", "short"),
        ("password", "password1234"),
        ("language", "tlh"),
        ("currency", "XXX"),
        ("time_zone", "Mars/Olympus"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_no_mail_is_sent(
    visitor: Client, member: str, value: str
) -> None:
    mail.outbox.clear()

    answer: Any = visitor.post("/signup/", FORM | {member: value})

    assert answer.status_code == 422
    assert member in answer.context["form"].errors
    assert mail.outbox == []


def test_every_fault_is_said_at_once_a_taken_address_too(visitor: Client) -> None:
    answer: Any = visitor.post("/signup/", FORM | {"password": "short", "subdomain": "aurum"})

    assert set(answer.context["form"].errors) == {"password", "subdomain"}
    assert "at least 10 characters" in answer.content.decode()


def test_the_address_is_checked_while_one_types(visitor: Client) -> None:
    free = visitor.get("/signup/check/", {"subdomain": "Carat"}).content.decode()
    taken = visitor.get("/signup/check/", {"subdomain": "aurum"}).content.decode()

    assert "carat" in free
    assert "taken" in taken


def test_of_two_who_wished_for_one_name_the_second_is_told_and_can_choose_another(
    visitor: Client,
) -> None:
    winner = wish(visitor)
    loser = wish(visitor, company="Second", owner_email="second@carat.example")
    visitor.post(winner)

    told = visitor.post(loser)
    assert told.status_code == 409
    assert "taken" in told.content.decode()
    again = visitor.post(loser, {"subdomain": "aurum"})
    assert again.status_code == 409
    done = visitor.post(loser, {"subdomain": "carat-two"})

    assert done.status_code == 200
    assert chain_named("Second") is not None


def test_without_a_spare_one_waits_for_the_worker_which_is_woken(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    with context.public():
        spares = list(
            Schema.objects.filter(state=Schema.State.SPARE).values_list("name", flat=True)
        )
        Schema.objects.filter(name__in=spares).update(state=Schema.State.TAKEN)
    monkeypatch.setattr(provisioning, "OWNER", "none")  # the website may make no tables
    woken: list[str] = []
    monkeypatch.setattr(tasks, "wake", lambda chore: woken.append(chore.name))
    link = wish(visitor)

    with django_capture_on_commit_callbacks(execute=True):
        answer: Any = visitor.post(link)
    page = visitor.get(answer.url).content.decode()
    bar = visitor.get(answer.url, headers={"HX-Request": "true"}).content.decode()

    assert woken == ["regulars.tenancy.resume_signups"]
    assert "Preparing your workspace" in page
    assert "20%" in bar
    assert "<html" not in bar

    with context.public():
        Schema.objects.filter(name__in=spares).update(state=Schema.State.SPARE)
    there = visitor.get(answer.url, headers={"HX-Request": "true"})
    assert there.headers["HX-Refresh"] == "true"
    assert "is ready" in visitor.get(answer.url).content.decode()


def test_a_link_that_is_not_ours_is_explained(visitor: Client) -> None:
    assert visitor.get("/signup/confirm/nonsense/").status_code == 404
    assert visitor.post("/signup/confirm/nonsense/").status_code == 404
    assert visitor.get("/signup/progress/nonsense/").status_code == 404


def test_too_many_wishes_are_slowed_down(visitor: Client) -> None:
    answers = [
        visitor.post("/signup/", FORM | {"subdomain": f"carat-{number}"}) for number in range(7)
    ]

    assert [each.status_code for each in answers][:5] == [200] * 5
    assert answers[-1].status_code == 422


def test_a_mail_server_that_does_not_answer_leaves_nothing_behind(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_message: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("regulars.web.mail.send", unreachable)

    answer = visitor.post("/signup/", FORM)

    assert answer.status_code == 503
    with context.public():
        assert not Signup.objects.filter(subdomain="carat").exists()


def test_which_chain_was_it_is_told_by_mail_only(visitor: Client) -> None:
    visitor.post(wish(visitor))
    mail.outbox.clear()

    known = visitor.post("/which-chain/", {"email": "Carol@carat.example"}).content.decode()
    unknown = visitor.post("/which-chain/", {"email": "nobody@carat.example"}).content.decode()

    assert "http://carat.localhost/" in str(mail.outbox[0].body)
    assert "carat.localhost" not in str(mail.outbox[1].body)
    assert "carat.localhost" not in known + unknown


def test_without_a_spare_schema_one_waits_on_a_page_that_goes_on_by_itself(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    visitor = Client(headers={"host": "localhost"})
    link = wish(visitor)
    with context.public():
        Schema.objects.filter(state="spare").update(state="dropped")
    monkeypatch.setattr(provisioning, "OWNER", "not-there")  # as in the web process

    sent_on: Any = visitor.post(link)
    waiting = visitor.get(sent_on.url)
    monkeypatch.undo()
    with context.public():
        provisioning.make_spare()
    done = visitor.get(sent_on.url)

    assert sent_on.status_code == 302
    assert waiting.status_code == 200
    assert "token=" not in waiting.content.decode()
    assert "token=" in done.content.decode()
    connections["owner"].close()
