"""The OpenAPI document and its page; problems explain themselves."""

from typing import Any

import pytest
from django.test import Client

from regulars.api import problems
from regulars.tenancy.context import ChainInfo


@pytest.fixture
def visitor() -> Client:
    """Somebody without a key."""
    return Client(headers={"host": "aurum.localhost", "accept-language": "en"})


def test_the_document_describes_every_call_and_the_fields_of_the_industry(
    aurum: ChainInfo, visitor: Client
) -> None:
    document: dict[str, Any] = visitor.get("/api/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) >= {"/api/v1/purchases", "/api/v1/returns", "/api/v1/customers"}
    shapes = [
        each for name, each in document["components"]["schemas"].items() if "Customer" in name
    ]
    assert any("ring-size" in str(each) for each in shapes)


def test_the_page_shows_every_call(aurum: ChainInfo, visitor: Client) -> None:
    page = visitor.get("/api/docs/").content.decode()

    assert "/api/v1/purchases/preview" in page


def test_every_code_has_a_page(aurum: ChainInfo, visitor: Client) -> None:
    for code in problems.titles():
        assert visitor.get(f"/api/problems/{code}/").status_code == 200, code
    assert visitor.get("/api/problems/no-such-code/").status_code == 404


def test_an_address_that_does_not_exist_is_a_problem_for_programs(
    aurum: ChainInfo, visitor: Client
) -> None:
    for path in ("customers/not-an-id", "nothing/here"):
        for ask in (visitor.get, visitor.post):
            answer = ask(f"/api/v1/{path}")

            assert answer.status_code == 404
            assert answer["Content-Type"] == problems.MEDIA_TYPE
            assert answer.json()["code"] == "not-found"
