"""A session brings its person and their places in one statement, and nobody else."""

from typing import Any

import pytest
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.test import RequestFactory
from django.utils import timezone

from regulars.staff import arriving, selectors
from regulars.staff.models import Role, Staff
from regulars.tenancy import sessions
from tests.factories import people

pytestmark = pytest.mark.usefixtures("inside_aurum")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def request_of(person: Staff, **changed: Any) -> Any:
    """Return a request with the session of somebody who signed in."""
    request = RequestFactory().get("/")
    request.session = sessions.SessionStore()
    request.session.update(
        {
            SESSION_KEY: str(person.pk),
            "_auth_user_backend": BACKEND,
            HASH_SESSION_KEY: person.get_session_auth_hash(),
            **changed,
        }
    )
    return request


@pytest.mark.parametrize("role", Role)
def test_a_person_arrives_as_django_would_read_them_with_the_same_scope(role: Role) -> None:
    east, west = people.region(), people.region(code="west", name="西部")
    home, shop = people.store(code="e1", region=east), people.store(code="w1", region=west)
    kept = {"ownership": "franchise", "shares_customers": False, "shares_figures": False}
    franchise = people.store(code="fr", region=west, **kept)
    person = people.staff(role=role, regions=(east,), stores=(home, shop, franchise))

    arrived = arriving.person_of(request_of(person))

    assert isinstance(arrived, Staff)
    known = Staff.objects.get(pk=person.pk)
    fields = [field.attname for field in Staff._meta.concrete_fields]
    assert [getattr(arrived, name) for name in fields] == [getattr(known, name) for name in fields]
    assert arrived.places is not None
    assert selectors.scope_of(arrived) == selectors.scope_of(known)


def test_session_person_and_scope_take_two_statements(django_assert_num_queries: Any) -> None:
    request = request_of(people.staff(stores=(people.first_store(),)))
    request.session.save()
    request.session = sessions.SessionStore(request.session.session_key)

    with django_assert_num_queries(2):
        arrived = arriving.person_of(request)
        assert isinstance(arrived, Staff)
        selectors.actor_of(arrived, request=request)


@pytest.mark.parametrize(
    "changed",
    [{SESSION_KEY: "01a20238-0000-7000-8000-000000000000"}, {"_auth_user_backend": "another"},
     {HASH_SESSION_KEY: "of another password"}, {HASH_SESSION_KEY: ""}],
)  # fmt: skip
def test_a_session_that_does_not_fit_brings_nobody(changed: dict[str, str]) -> None:
    request = request_of(people.staff(), **changed)

    assert isinstance(arriving.person_of(request), AnonymousUser)


def test_who_left_does_not_arrive() -> None:
    person = people.staff()
    request = request_of(person)
    Staff.objects.filter(pk=person.pk).update(state=Staff.State.LEFT)

    assert isinstance(arriving.person_of(request), AnonymousUser)
    assert isinstance(get_user(request), AnonymousUser)


def test_a_session_signed_with_an_older_secret_goes_on(settings: Any) -> None:
    person = people.staff()
    request = request_of(person)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]

    assert arriving.person_of(request) == person
    assert request.session[HASH_SESSION_KEY] == person.get_session_auth_hash()


def test_sessions_that_django_wrote_are_read_and_those_that_ran_out_are_not() -> None:
    written = db.SessionStore()
    written["seen"] = 1
    written.save()
    key = written.session_key

    assert sessions.SessionStore(key).get("seen") == 1
    Session.objects.filter(pk=key).update(expire_date=timezone.now())
    late = sessions.SessionStore(key)
    assert late.get("seen") is None
    assert late.session_key is None
