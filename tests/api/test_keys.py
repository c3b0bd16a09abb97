"""Keys open their own chain, for what they were made for, until they are revoked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from regulars import audit
from regulars.api import keys
from regulars.api.models import Key
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till


def test_without_a_key_nothing_is_answered(aurum: ChainInfo) -> None:
    answer = Client(headers={"host": "aurum.localhost"}).get("/api/v1/stores")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "key-refused"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic YWxpY2U6cHc=",
        "Bearer",
        "Bearer x",
        "Bearer rk_a_b",
        "Bearer rk_金_金",
        "Bearer " + "x" * 999,
    ],
)
def test_a_wrong_key_is_refused_whatever_it_looks_like(aurum: ChainInfo, header: str) -> None:
    client = Client(headers={"host": "aurum.localhost", "authorization": header})

    assert client.get("/api/v1/stores").status_code == 401


def test_a_key_of_one_chain_is_unknown_in_another(
    aurum: ChainInfo, bloom: ChainInfo, make_till: Callable[..., Till]
) -> None:
    secret = make_till(aurum).secret

    stranger = Till("bloom.localhost", secret)

    assert stranger.get("stores").status_code == 401


def test_a_revoked_key_stops_at_once(aurum: ChainInfo, till: Till, now: datetime) -> None:
    assert till.get("stores").status_code == 200
    with context.inside(aurum):
        keys.revoke(actor=audit.SYSTEM, key_id=Key.objects.get().pk, now=now)

    assert till.get("stores").status_code == 401


def test_a_key_may_do_what_its_scopes_say_and_no_more(
    aurum: ChainInfo, make_till: Callable[..., Till], sale: Callable[..., Any]
) -> None:
    reader = make_till(aurum, "customers.read")

    assert reader.get("customers").status_code == 200
    refused = reader.post("purchases", sale())
    assert refused.status_code == 403
    assert "till" in refused.json()["detail"]


def test_a_key_of_one_store_cannot_record_for_another(
    aurum: ChainInfo, make_till: Callable[..., Till], sale: Callable[..., Any]
) -> None:
    from tests.factories import people

    with context.inside(aurum):
        other = people.store(code="999")
    bound = make_till(aurum, "till", store_id=other.id)

    assert bound.post("purchases", sale()).status_code == 422
    assert bound.post("purchases", sale(store="999")).status_code == 201


def test_the_secret_is_not_kept(aurum: ChainInfo, till: Till) -> None:
    with context.inside(aurum):
        kept = Key.objects.values().get()

    assert till.secret.rpartition("_")[2] not in str(kept)


def test_too_many_calls_are_told_when_to_come_back(
    aurum: ChainInfo, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regulars.api.auth.PER_KEY_MINUTE", 2)

    answers = [till.get("stores") for _ in range(4)]

    assert [each.status_code for each in answers] == [200, 200, 429, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_behind_a_proxy_a_wrong_key_is_counted_by_who_sends_it(till: Till, settings: Any) -> None:
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    till.client.defaults["HTTP_AUTHORIZATION"] = "Bearer rk_wrong_wrong"
    till.client.defaults["REMOTE_ADDR"] = "10.0.0.1"  # the proxy, whoever asks

    def call(address: str) -> int:
        answer: Any = till.client.get("/api/v1/stores", headers={"x-forwarded-for": address})
        return int(answer.status_code)

    flood = {call("203.0.113.7") for _ in range(61)}

    assert flood == {401, 429}
    assert call("203.0.113.8") == 401


def test_a_method_that_an_address_does_not_have_is_said_and_not_a_fault(till: Till) -> None:
    answer = till.client.options("/api/v1/stores")

    assert answer.status_code == 405
    assert answer.json()["code"] == "method-not-allowed"
    assert "GET" in answer["Allow"]
