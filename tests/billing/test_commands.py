"""`regulars billing …`: what an operator sees and does."""

from datetime import timedelta
from typing import Any

from click.testing import CliRunner, Result

from regulars.billing import catalogue
from regulars.billing.commands import billing
from regulars.billing.models import Event
from regulars.local.stripe import server
from tests.billing.paying import START, Payer
from tests.billing.test_events import take, told


def run(*words: str) -> Result:
    return CliRunner().invoke(billing, words, catch_exceptions=False)


def test_plans_are_shown_before_they_are_brought_to_stripe(
    simulator: server.Server, db: None
) -> None:
    shown, done, again = run("sync", "--dry-run"), run("sync"), run("sync")

    assert "make product regulars-start" in shown.output
    assert "nothing was done" in shown.output
    assert shown.output.splitlines()[:-1] == done.output.splitlines()[:-1]
    assert again.output == "Stripe has the plans as they are written.\n"
    assert catalogue.missing() == []


def test_subscriptions_are_listed_with_what_recurs(payer: Payer, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    payer.subscribed(plan="start", stores=3)

    found, everybody = run("list", "--state", "paid"), run("list")

    assert {"Aurum", "Bloom"} <= set(everybody.output.split())
    assert "Aurum" in found.output
    assert "Bloom" not in found.output
    assert "Recurs a month: 597.00 CNY" in found.output


def test_events_to_look_at_are_listed_and_replayed(payer: Payer, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    waiting, strange = told(customer=payer.customer), told(customer="cus_stranger")
    take(waiting)
    take(strange)

    listed = run("events").output
    replayed = run("replay", waiting["id"], strange["id"])

    assert waiting["id"] in listed
    assert strange["id"] in listed
    assert (replayed.exit_code, Event.objects.get(pk=waiting["id"]).state) == (1, "done")
    assert f"{strange['id']}: event-of-no-chain" in replayed.output
    assert waiting["id"] not in run("events").output
    assert waiting["id"] in run("events", "--all").output


def test_the_nights_work_can_be_done_by_day(payer: Payer) -> None:
    payer.pay(payer.link().url)
    take(told(customer="cus_stranger"), now=START + timedelta(seconds=1))

    found = run("reconcile")

    assert found.exit_code == 0
    assert f"Repaired {payer.chain.id}: plan, state" in found.output
    assert "1 events of no chain we know" in found.output
