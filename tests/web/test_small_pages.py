"""Pages that have no story of their own: health, the choice of language."""

from django.test import Client

from regulars.tenancy.context import ChainInfo
from tests.factories.visitors import Visitor


def test_a_process_that_answers_is_live(db: None) -> None:
    assert Client(headers={"host": "localhost"}).get("/health/live").json() == {"status": "live"}


def test_without_a_broker_it_is_not_ready_and_says_what_is_missing(db: None) -> None:
    answer = Client(headers={"host": "localhost"}).get("/health/ready")

    assert answer.status_code == 503
    assert "broker" in answer.json()
    assert "database" not in answer.json()


def test_a_chosen_language_stays(aurum: ChainInfo) -> None:
    visitor = Visitor("aurum")

    visitor.post("/language/", {"language": "zh-hant", "next": "/account/login/"})

    assert visitor.get("/account/login/")["Content-Language"] == "zh-hant"


def test_choosing_a_language_leads_nowhere_else(aurum: ChainInfo) -> None:
    answer = Visitor("aurum").post(
        "/language/", {"language": "en", "next": "https://elsewhere.example/"}
    )

    assert answer["Location"] == "/"
