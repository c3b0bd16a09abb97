"""From the public site into the workspace: one minute, one use, one chain."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import RequestFactory

from regulars.staff import handover
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from tests.factories import people

pytestmark = pytest.mark.usefixtures("inside_aurum")

EMAIL = "alice@aurum.example"


def token_for(chain: ChainInfo, *, email: str = EMAIL) -> str:
    """Make a link as the public site does, and take the token out of it."""
    with context.public():
        request = RequestFactory().get("/", headers={"host": "localhost:8000"})
        row = Chain.objects.get(pk=chain.id)
        link = handover.link(chain=row, email=email, request=request)
    assert link.startswith(f"http://{chain.subdomain}.localhost:8000/welcome/?token=")
    return parse_qs(urlsplit(link).query)["token"][0]


def test_a_token_stands_for_the_owner(inside_aurum: ChainInfo) -> None:
    assert handover.redeem(token=token_for(inside_aurum)) == people.owner()


def test_a_token_works_once(inside_aurum: ChainInfo) -> None:
    token = token_for(inside_aurum)
    handover.redeem(token=token)

    with pytest.raises(handover.HandoverRefused):
        handover.redeem(token=token)


def test_a_token_of_one_chain_opens_no_other(inside_aurum: ChainInfo, bloom: ChainInfo) -> None:
    token = token_for(inside_aurum)

    with context.inside(bloom), pytest.raises(handover.HandoverRefused):
        handover.redeem(token=token)


def test_a_token_is_over_after_a_minute(inside_aurum: ChainInfo, monkeypatch: Any) -> None:
    token = token_for(inside_aurum)
    later = time.time() + handover.VALID_SECONDS + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    with pytest.raises(handover.HandoverRefused):
        handover.redeem(token=token)


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c"])
def test_what_we_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(handover.HandoverRefused):
        handover.redeem(token=token)


def test_a_token_for_nobody_is_refused(inside_aurum: ChainInfo) -> None:
    with pytest.raises(handover.HandoverRefused):
        handover.redeem(token=token_for(inside_aurum, email="charlie@bloom.example"))


class KeepingCache:
    """Notes for how long things are kept."""

    def __init__(self) -> None:
        self.seconds: list[int] = []

    def add(self, _key: str, _value: str, *, timeout: int) -> bool:
        self.seconds.append(timeout)
        return True


def test_a_used_token_is_remembered_longer_than_it_lives(
    inside_aurum: ChainInfo, monkeypatch: Any
) -> None:
    kept = KeepingCache()
    monkeypatch.setattr(handover, "cache", kept)

    handover.redeem(token=token_for(inside_aurum))

    assert min(kept.seconds) > handover.VALID_SECONDS
