"""Browsers at a chain's host."""

from typing import Any

from django.conf import settings
from django.test import Client

from regulars.staff.models import Staff
from regulars.tenancy import context, directory
from tests.factories import people


class Staying(Client):
    """After each request the test goes on in the chain it was in."""

    def request(self, **request: Any) -> Any:
        """Ask, and return to the chain that was active before."""
        before = context.current_or_none()
        try:
            return super().request(**request)
        finally:
            if before is not None:
                context.activate(before)


class Visitor(Staying):
    """A browser in English."""

    def __init__(self, chain: str = "aurum", **defaults: Any) -> None:
        super().__init__(headers={"host": f"{chain}.localhost"}, **defaults)
        self.cookies["language"] = "en"


def sign_in(
    client: Client, *, email: str = "alice@aurum.example", password: str = people.PASSWORD
) -> Any:
    """Fill in the sign-in form."""
    return client.post("/account/login/", {"login": email, "password": password})


def signed_in(*, email: str = "alice@aurum.example", chain: str = "aurum") -> Visitor:
    """Return a browser in which somebody is signed in, without the form and its password."""
    client = Visitor(chain)
    known = directory.find(chain)
    assert known is not None
    with context.inside(known):
        who = Staff.objects.filter(email=email, state=Staff.State.ACTIVE).first()
        if who is not None:  # where the form would refuse them nobody is in
            client.force_login(who, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def is_in(client: Client) -> bool:
    """Say whether the browser is signed in."""
    return bool(client.get("/me/").status_code == 200)
