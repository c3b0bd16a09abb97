"""Browsers at a chain's host."""

from typing import Any

from django.test import Client

from regulars.tenancy import context
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
    """Return a browser in which somebody has signed in by password."""
    client = Visitor(chain)
    sign_in(client, email=email)
    client.cookies["language"] = "en"  # signing in chose the person's own
    return client


def is_in(client: Client) -> bool:
    """Say whether the browser is signed in."""
    return bool(client.get("/me/").status_code == 200)
