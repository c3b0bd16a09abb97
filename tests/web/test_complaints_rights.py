"""Somebody who is none of our customers asks what they wrote, or to have it erased (P5)."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from regulars.audit import SYSTEM
from regulars.complaints.models import Case
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints
from tests.factories.visitors import Visitor, signed_in

PAGE = "/complaints/rights/"


@pytest.fixture(autouse=True)
def _media(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> None:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def office() -> Visitor:
    """Head office."""
    return signed_in()


@pytest.fixture
def case() -> Case:
    return complaints.case(
        complaints.cast(), by=SYSTEM, customer_id=None, raised="web", name="Dora"
    )


def test_head_office_finds_it_by_number_and_makes_the_file(office: Visitor, case: Case) -> None:
    page = office.get(PAGE, {"number": case.number.replace("-", "")})
    file = office.post(PAGE, {"number": case.number, "asked": "by mail"})

    assert case.number in page.content.decode()
    assert file["Content-Disposition"] == f'attachment; filename="complaint-{case.number}.json"'
    assert json.loads(file.content)["complaints"][0]["name"] == "Dora"


def test_head_office_erases_it(office: Visitor, case: Case) -> None:
    answer = office.post(PAGE, {"number": case.number, "asked": "by mail", "erase": "yes"})

    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.name, case.title, case.state) == ("", "", "closed")
    assert office.get(PAGE, {"number": case.number}).status_code == 422


@pytest.mark.parametrize("number", ["2611-000000-0", "nonsense", "2611\0"])
def test_a_number_that_is_none_is_said(office: Visitor, number: str) -> None:
    answer = office.get(PAGE, {"number": number})

    assert answer.status_code == 422
    assert "There is no complaint with this number." in answer.content.decode()


def test_how_they_asked_is_needed(office: Visitor, case: Case) -> None:
    answer = office.post(PAGE, {"number": case.number, "erase": "yes"})

    assert answer.status_code == 422
    case.refresh_from_db()
    assert case.name == "Dora"


def test_of_a_customer_it_leads_to_their_file(office: Visitor) -> None:
    known = complaints.case(complaints.cast())

    answer = office.get(PAGE, {"number": known.number})

    assert "Open their file" in answer.content.decode()
