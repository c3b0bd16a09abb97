"""A till prints what the customer may say: both addresses come with the recorded purchase."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from regulars.complaints.models import Case
from regulars.surveys import declared
from regulars.surveys.models import Invitation
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.usecases import on_receipts
from tests.api.conftest import Till
from tests.factories import complaining, purchases
from tests.factories.visitors import Visitor

type Build = Callable[..., dict[str, Any]]


def path(address: str) -> str:
    return urlsplit(address).path


def test_both_lead_to_pages_about_this_very_purchase(
    till: Till, sale: Build, aurum: ChainInfo
) -> None:
    lines = [{"category": "gold", "product_name": "Ring 7", "gross_minor": 128_000}]
    body = till.post("purchases", sale(lines=lines)).json()
    links, guest = body["links"], Visitor()

    asked = guest.get(path(links["survey"]))
    guest.post(path(links["survey"]), {"recommend": "9"})
    kinds = guest.get(path(links["complaint"]))
    with context.inside(aurum):
        sent = complaining.send(guest, path(links["complaint"]).split("/")[2])

    assert {urlsplit(each).hostname for each in links.values()} == {"aurum.localhost"}
    assert (asked.status_code, kinds.status_code, sent.status_code) == (200, 200, 302)
    with context.inside(aurum):
        answer, case = Invitation.objects.get(), Case.objects.get()
        assert (str(answer.purchase_id), answer.way) == (body["id"], "receipt")
        assert (str(case.purchase_id), case.product_name) == (body["id"], "Ring 7")


def test_the_same_receipt_again_carries_the_same_addresses(till: Till, sale: Build) -> None:
    body = sale()

    first, again = (till.post("purchases", body).json() for _ in range(2))
    batch = till.post("purchases/batch", {"entries": [{"kind": "purchase", **body}]}).json()

    assert again["repeated"] is True
    assert first["links"] == again["links"] == batch["results"][0]["body"]["links"]


def test_where_no_survey_follows_a_purchase_none_is_printed(
    till: Till, sale: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(declared, "on", lambda *_starts: [])

    links = till.post("purchases", sale()).json()["links"]

    assert links["survey"] == ""
    assert links["complaint"]


def test_they_hold_in_their_own_chain_alone(till: Till, sale: Build, bloom: ChainInfo) -> None:
    links = till.post("purchases", sale()).json()["links"]

    for address in links.values():
        assert Visitor("bloom").get(path(address)).status_code == 404


def test_they_ask_nothing_of_the_database(
    inside_aurum: ChainInfo, django_assert_num_queries: Any
) -> None:
    sold = purchases.sale().purchase_id
    on_receipts.of(sold)

    with django_assert_num_queries(0):
        on_receipts.of(sold)
