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


def test_a_trial_is_moved_and_what_comes_of_it_is_so_at_once(payer: Payer) -> None:
    longer = run("trial", "aurum", "--days-left", "20").output
    over = run("trial", "aurum", "--days-left", "-8").output
    closed = run("trial", "aurum", "--days-left", "-61").output
    by_day = run("trial", "aurum", "--ends", "2099-01-01").output

    assert ": trial, full (trial)." in longer
    assert "trial, read-only (trial-over)." in over
    assert "Next: paused on" in over
    assert "trial, closed (trial-over)." in closed
    assert "Next: the trial ends on 2099-01-02 00:00 UTC." in by_day
    assert payer.access == "full"


def test_the_trial_of_who_pays_is_not_moved(payer: Payer) -> None:
    payer.subscribed()

    found = run("trial", "aurum", "--days-left", "-8")

    assert found.exit_code == 1
    assert "has-subscription" in found.output
    assert payer.access == "full"


def test_a_trial_needs_a_chain_and_a_day(payer: Payer) -> None:
    assert "No chain is called nobody." in run("trial", "nobody", "--days-left", "3").output
    assert "--ends or --days-left" in run("trial", "aurum").output


def test_a_chain_that_is_marked_as_a_demo_stays_open_and_no_longer_afterwards(payer: Payer) -> None:
    run("trial", "aurum", "--days-left", "-61")

    run("demo", "aurum", "on")
    opened = payer.access
    run("demo", "aurum", "off")

    assert (opened, payer.access) == ("full", "closed")
