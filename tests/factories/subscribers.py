"""An owner at the subscription's page, with a simulated Stripe, in real time."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from regulars.billing import catalogue, gateway, settling
from regulars.billing.models import Subscription
from regulars.local.stripe import server
from regulars.tenancy.context import ChainInfo
from tests import simulated_stripe
from tests.billing import paying
from tests.factories.visitors import Visitor, signed_in

PLACE = "/settings/billing/"
_FORM = r'<form[^>]*data-billing="{name}"[^>]*>(.*?)</form>'
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@contextmanager
def _running(file: Path) -> Iterator[server.Server]:
    with (
        simulated_stripe.running(file) as simulator,
        override_settings(
            STRIPE_API_KEY=simulator.key,
            STRIPE_API_BASE=simulator.address,
            STRIPE_WEBHOOK_SECRET=paying.SECRET,
        ),
    ):
        gateway._client.cache_clear()
        yield simulator


@cache
def _account(folder: Path) -> Path:
    """Write an account with our plans in it, once: there are some forty calls in that."""
    file = folder / "subscribers.sqlite3"
    with _running(file):
        catalogue.sync(now=timezone.now())
    return file


@pytest.fixture
def priced(db: None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The official client of a simulator with our plans in it, which the settings name."""
    file = tmp_path / "account.sqlite3"
    shutil.copy(_account(tmp_path_factory.getbasetemp()), file)
    with _running(file) as simulator:
        yield simulated_stripe.client(simulator)


def row_of(chain: ChainInfo) -> Subscription:
    """Return what we hold."""
    return Subscription.objects.get(chain_id=chain.id)


def without_trial(chain: ChainInfo) -> None:
    """Let the free days be over, so that Checkout takes money at once."""
    Subscription.objects.filter(chain_id=chain.id).update(
        trial_ends_at=timezone.now() - timedelta(days=1)
    )


def subscribed(
    chain: ChainInfo, *, plan: str = "start", interval: str = "month", client: Visitor | None = None
) -> Visitor:
    """Subscribe by the page, pay, and come home; returns the owner's browser."""
    without_trial(chain)
    browser = client or signed_in()
    wish = {"plan": plan, "interval": interval, "currency": "CNY"}
    paying.pay(leads_to(browser.post(f"{PLACE}subscribe/", wish)))
    browser.get(f"{PLACE}back/", {"looked": 3})
    return browser


def leads_to(answer: Any) -> str:
    """Return where a page of ours goes on to by itself."""
    assert answer.status_code == 200, answer.content.decode()[-2000:]
    url = answer["Refresh"].removeprefix("0; url=")
    assert f'href="{url}"' in unescape(answer.content.decode())
    return str(url)


def form(page: str, name: str) -> dict[str, str]:
    """Return what a form of the page sends when its button is pressed."""
    found = re.search(_FORM.format(name=name), page, re.DOTALL)
    assert found is not None, f"No form {name}"
    sent = {key: unescape(value) for key, value in _FIELD.findall(found[1])}
    return {key: value for key, value in sent.items() if key != "csrfmiddlewaretoken"}


def change_form(browser: Visitor, *, plan: str, interval: str = "month") -> dict[str, str]:
    """Open the page of a change, and return what agreeing to it sends."""
    answer = browser.get(f"{PLACE}change/", {"plan": plan, "interval": interval})
    assert answer.status_code == 200, answer.content.decode()[-2000:]
    return form(answer.content.decode(), "change")


def told(chain: ChainInfo) -> Subscription:
    """Let us know what Stripe knows, as a webhook does."""
    settling.settle(chain_id=chain.id, now=timezone.now())
    return row_of(chain)


def totals(stripe: Any, chain: ChainInfo) -> list[int]:
    """Return the totals of the chain's invoices, the oldest first."""
    found = stripe.invoices.list({"customer": row_of(chain).customer, "limit": 100}).data
    return [each.total for each in reversed(found)]
