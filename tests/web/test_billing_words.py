"""The words of invoices on the subscription's page."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from regulars.billing import preview, settling
from regulars.billing.models import Subscription
from regulars.billing.preview import Kind, Line
from regulars.web.billing import saying

FIRST, LAST = datetime(2031, 3, 2, 10, tzinfo=UTC), datetime(2031, 4, 2, 10, tzinfo=UTC)


def line(kind: Kind, *, plan: str = "chain", quantity: int = 2) -> str:
    return saying.line(
        Line(
            kind=kind,
            plan=plan,
            interval="month",
            quantity=quantity,
            amount_minor=100,
            starts_at=FIRST,
            ends_at=LAST,
            says="As Stripe words it",
        )
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.PLAN, "Chain, 2 stores, 2 Mar 2031 to 2 Apr 2031"),
        (Kind.FREE, "Chain, 2 stores, free until 2 Apr 2031"),
        (Kind.MORE, "Chain, 2 stores, for the days from 2 Mar 2031 to 2 Apr 2031"),
        (Kind.BACK, "Given back: Chain, 2 stores, not used from 2 Mar 2031 to 2 Apr 2031"),
        (Kind.MESSAGES, "Messages beyond the allowance: 2"),
        (Kind.OTHER, "As Stripe words it"),
    ],
)
def test_each_kind_of_line_has_its_words(kind: Kind, words: str) -> None:
    assert line(kind) == words


def test_one_store_is_one_store() -> None:
    assert line(Kind.PLAN, quantity=1).startswith("Chain, 1 store, ")


def test_only_addresses_of_pages_become_links() -> None:
    found: Any = SimpleNamespace(
        number=None,
        status="open",
        currency="cny",
        total=100,
        amount_remaining=100,
        created=int(FIRST.timestamp()),
        hosted_invoice_url="javascript:alert(1)",
        invoice_pdf="https://files.example/in_1.pdf",
    )

    invoice = preview._invoice(found)

    assert (invoice.page, invoice.file) == ("", "https://files.example/in_1.pdf")
    assert (invoice.number, invoice.at, invoice.currency) == ("", FIRST, "CNY")


@pytest.mark.parametrize(
    ("facts", "tone", "state"),
    [
        ({"state": "paid", "status": "trialing"}, "good", "subscribed"),
        ({"state": "paid", "status": "active"}, "good", "paid"),
        ({"state": "trial", "trial_ends_at": FIRST - timedelta(days=1)}, "warning", "trial over"),
        ({"state": "trial", "trial_ends_at": FIRST - timedelta(days=8)}, "bad", "trial over"),
    ],
)
def test_the_badge_says_how_serious_it_is(facts: dict[str, Any], tone: str, state: str) -> None:
    row = Subscription(**{"trial_ends_at": LAST, **facts})

    found = saying.standing(row, settling.stand(row, now=FIRST), is_demo=False)

    assert (found.tone, found.state) == (tone, state)


def test_between_chinese_sentences_stands_no_space() -> None:
    assert saying.sentences("One.", "", "Two.") == "One. Two."
    with translation.override("zh-hans"):
        assert saying.sentences("一。", "二。") == "一。二。"
