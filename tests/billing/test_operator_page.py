"""The operators' page: who gets in, what it shows, and the one thing it does."""

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.billing.models import Call, Event, Subscription
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.web.operating import access
from regulars.web.operating.commands import operator as command
from tests.billing.paying import DAY, Payer
from tests.billing.test_events import take, told
from tests.factories.operating import filled

PAGES = ("/operator/", "/operator/subscriptions/", "/operator/events/", "/operator/events/?all=1")


@pytest.fixture(autouse=True)
def _fresh(db: None) -> None:
    cache.clear()


class Browser(Client):
    """A browser on the public site; afterwards the test is where it was before."""

    def request(self, **request: Any) -> Any:
        with context.public():
            return super().request(**request)


@pytest.fixture
def browser() -> Client:
    return Browser(headers={"host": "localhost"})


def link() -> str:
    said = CliRunner().invoke(command, ["link", "--name", "alice"], catch_exceptions=False)
    found = re.search(r"/operator/enter/\S+/", said.output)
    assert found is not None
    return found[0]


@pytest.fixture
def alice(browser: Client) -> Client:
    """An operator who has opened the page."""
    assert browser.post(link()).status_code == 302
    return browser


@pytest.mark.parametrize("path", [*PAGES, "/operator/events/evt_1/"])
def test_nobody_sees_anything_without_a_link(browser: Client, path: str) -> None:
    response = browser.get(path)

    assert response.status_code == 403
    assert "regulars operator link" in response.content.decode()
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/operator/events/evt_1/replay/", "/operator/leave/"])
def test_nobody_does_anything_without_a_link(browser: Client, path: str) -> None:
    assert browser.post(path).status_code == 403


def test_a_link_asks_first_and_opens_once(browser: Client) -> None:
    path = link()

    looked = [browser.get(path).status_code for _ in range(2)]
    entered = browser.post(path)
    again = Browser(headers={"host": "localhost"}).post(path)

    assert looked == [200, 200]
    assert (entered.status_code, entered["Location"]) == (302, "/operator/")
    assert again.status_code == 410
    assert browser.get("/operator/").status_code == 200
    assert browser.get(path).status_code == 410


def test_the_cookie_is_out_of_reach(browser: Client) -> None:
    browser.post(link())

    cookie = browser.cookies["operator"]

    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 28_800)
    with override_settings(SESSION_COOKIE_SECURE=True):
        assert access.cookie_name() == "__Host-operator"


def test_what_is_stored_opens_nothing(browser: Client) -> None:
    path = link()
    token = path.split("/")[-2]

    with context.public():
        digest = access._key("link", token)
        assert cache.get(digest)["name"] == "alice"

    assert token not in digest
    assert browser.post(f"/operator/enter/{digest.split(':')[-1]}/").status_code == 410


def test_a_forged_or_an_ended_session_sees_nothing(alice: Client) -> None:
    stranger = Browser(headers={"host": "localhost"})
    stranger.cookies["operator"] = "guess"

    CliRunner().invoke(command, ["end"], catch_exceptions=False)

    assert stranger.get("/operator/").status_code == 403
    assert alice.get("/operator/").status_code == 403


def test_ending_everything_closes_links_too(browser: Client) -> None:
    path = link()

    CliRunner().invoke(command, ["end"], catch_exceptions=False)

    assert browser.post(path).status_code == 410


def test_who_leaves_is_out(alice: Client) -> None:
    kept = alice.cookies["operator"].value

    alice.post("/operator/leave/")
    alice.cookies["operator"] = kept

    assert alice.get("/operator/").status_code == 403


def test_a_chain_s_address_has_no_operators_page(alice: Client) -> None:
    assert alice.get("/operator/", headers={"host": "aurum.localhost"}).status_code == 404


@pytest.mark.parametrize("tongue", ["zh-hans", "zh-hant", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_in_every_language(alice: Client, path: str, tongue: str) -> None:
    alice.cookies["language"] = tongue

    response = alice.get(path)

    assert response.status_code == 200
    assert f'<html lang="{tongue}"' in response.content.decode()


def test_the_first_page_says_who_owes_what_recurs_and_what_failed(
    alice: Client, aurum: ChainInfo
) -> None:
    filled(aurum, 3)
    alice.cookies["language"] = "en"

    shown = alice.get("/operator/").content.decode()

    for words in ("Aurum", "¥597", "paid by 1 chain", "payment late", "Read-only", "invoice.paid",
                  "regulars billing twice", "Repaired: Aurum 金店", "recurring-cny"):  # fmt: skip
        assert words in shown
    assert "hush" not in shown


@pytest.mark.parametrize("path", PAGES)
def test_more_rows_ask_no_more_queries(
    alice: Client, aurum: ChainInfo, bloom: ChainInfo, path: str
) -> None:
    filled(aurum, 1)
    few = asked(alice, path)
    Event.objects.all().delete()
    Call.objects.all().delete()

    filled(aurum, 6)
    filled(bloom, 0)

    assert asked(alice, path) == few


def asked(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_subscriptions_are_found_by_state_and_name(
    alice: Client, aurum: ChainInfo, bloom: ChainInfo
) -> None:
    filled(aurum, 0)

    late = alice.get("/operator/subscriptions/?state=late").content.decode()
    found = alice.get("/operator/subscriptions/?q=bloo").content.decode()
    nothing = alice.get("/operator/subscriptions/?q=nobody&before=x&state=odd")

    assert ("Aurum" in late, "Bloom" in late) == (True, False)
    assert ("Aurum" in found, "Bloom" in found) == (False, True)
    assert nothing.status_code == 200


def test_a_trial_that_is_over_is_no_trial_any_more(alice: Client, aurum: ChainInfo) -> None:
    Subscription.objects.filter(chain_id=aurum.id).update(trial_ends_at=timezone.now() - DAY)
    alice.cookies["language"] = "en"

    shown = alice.get("/operator/subscriptions/?q=aurum").content.decode()

    assert "trial over" in shown


def test_lists_are_paged(alice: Client, aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regulars.web.operating.views._ROWS", 2)
    filled(aurum, 3)

    first = alice.get("/operator/events/").content.decode()
    (after,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = alice.get("/operator/events/" + after.replace("&amp;", "&")).content.decode()

    ids = [re.findall(r"/operator/events/(evt_\d)/", page) for page in (first, second)]
    assert ids == [["evt_0", "evt_1"], ["evt_2"]]


def test_an_event_shows_what_it_carried_and_no_secret(alice: Client, aurum: ChainInfo) -> None:
    filled(aurum, 1)

    shown = alice.get("/operator/events/evt_0/").content.decode()

    assert "client_secret" in shown
    assert "hush" not in shown
    assert alice.get("/operator/events/evt_none/").status_code == 404


def test_an_event_is_worked_again(alice: Client, payer: Payer) -> None:
    payload = told(customer=payer.customer)
    take(payload)
    Event.objects.update(state="failed", fault="timeout")

    response = alice.post(f"/operator/events/{payload['id']}/replay/")

    assert response["Location"] == f"/operator/events/{payload['id']}/"
    assert Event.objects.get().state == "done"


def test_an_event_of_no_chain_stays_and_one_of_a_chain_that_is_known_now_is_worked(
    alice: Client, payer: Payer
) -> None:
    Subscription.objects.filter(chain_id=payer.chain.id).update(customer="")
    payload = told(customer=payer.customer)
    take(payload)
    path = f"/operator/events/{payload['id']}/replay/"

    alice.post(path)
    before = Event.objects.get().state
    Subscription.objects.filter(chain_id=payer.chain.id).update(customer=payer.customer)
    alice.post(path)

    assert (before, Event.objects.get().state) == ("unknown", "done")
    assert alice.post("/operator/events/evt_none/replay/").status_code == 404


def test_stripe_being_away_is_said(alice: Client, payer: Payer) -> None:
    payload = told(customer=payer.customer)
    take(payload)
    with override_settings(STRIPE_API_BASE="http://127.0.0.1:9"):
        response = alice.post(f"/operator/events/{payload['id']}/replay/")

    assert response.status_code == 302
    assert Event.objects.get().state == "failed"


def test_guessing_links_is_slowed_down(browser: Client) -> None:
    tried = [browser.post(f"/operator/enter/guess-{n}/").status_code for n in range(22)]

    assert tried[:20] == [410] * 20
    assert tried[-1] == 429


def test_payloads_are_json(alice: Client, aurum: ChainInfo) -> None:
    filled(aurum, 1)

    shown = alice.get("/operator/events/evt_0/").content.decode()
    found = re.search(r"<pre[^>]*><code>(.*?)</code>", shown, re.DOTALL)

    assert found is not None
    assert json.loads(found[1].replace("&quot;", '"'))["data"]["object"]["metadata"] == {}
