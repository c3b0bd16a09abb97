"""`regulars billing …`: plans at Stripe, who pays, what Stripe told, the night's work."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import click
from django.utils import timezone, translation
from rich.console import Console
from rich.table import Table

from regulars.billing import (
    alerting,
    catalogue,
    doubles,
    events,
    lifetime,
    overview,
    reconciling,
    settling,
)
from regulars.billing.models import Event, Reported, Subscription
from regulars.errors import RegularsError
from regulars.tenancy import context, directory

_FOUND = 1


@click.group()
def billing() -> None:
    """Plans, subscriptions, and what Stripe told us."""


@billing.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def sync(*, dry_run: bool) -> None:
    """Bring products and prices at Stripe up to the plans."""
    with context.public():
        steps = _asked(catalogue.missing)
        for step in steps:
            click.echo(step.says)
        if not steps:
            click.echo("Stripe has the plans as they are written.")
        elif dry_run:
            click.echo(f"{len(steps)} to do; nothing was done.")
        else:
            _asked(lambda: catalogue.sync(now=timezone.now()))
            click.echo(f"{len(steps)} done.")


@billing.command(name="list")
@click.option("--state", type=click.Choice(["trial", "paid", "late", "ended"]))
@click.option("--search", default="", help="A part of the name or sub-domain, or a customer's id.")
@click.option("--limit", default=200, show_default=True)
def list_(*, state: str | None, search: str, limit: int) -> None:
    """List subscriptions: state, plan, stores, what recurs a month, what comes next."""
    with context.public():
        found = overview.page(state=state or "", search=search, limit=limit, now=timezone.now())
        recurring = overview.recurring()
    _print(found)
    _say_recurring(recurring)


@billing.command()
def figures() -> None:
    """Say what recurs a month, who stands how, and what recurred at the end of past months."""
    now = timezone.now()
    with context.public():
        states, recurring = overview.by_state(), overview.recurring()
        months = overview.recurring_by_month(now=now)
    for state, count in states.items():
        click.echo(f"{state}: {count}")
    _say_recurring(recurring)
    for month, amounts in months:
        said = ", ".join(f"{minor / 100:,.2f} {name}" for name, minor in sorted(amounts.items()))
        click.echo(f"{month:%Y-%m}: {said or 'nothing'}")


@billing.command()
def trials() -> None:
    """List trials that end within two weeks."""
    with context.public():
        _print(overview.trials_ending(now=timezone.now(), limit=1000))


@billing.command()
@click.argument("subdomain")
@click.option("--ends", type=click.DateTime(["%Y-%m-%d"]), help="The last day, UTC.")
@click.option("--days-left", type=click.IntRange(-3650, 3650), help="Below 0: over since then.")
def trial(subdomain: str, *, ends: datetime | None, days_left: int | None) -> None:
    """Let a chain's trial end on another day: longer, shorter, or long over.

    Whatever comes of it is so at once, mails included.
    """
    if (ends is None) == (days_left is None):
        raise click.UsageError("Say either --ends or --days-left.")
    now = timezone.now()
    at = now + timedelta(days=days_left or 0)
    if ends is not None:
        at = timezone.make_aware(ends, UTC) + timedelta(days=1)
    with context.public():
        chain_id = _chain(subdomain)
        _say_standing(_asked(lambda: lifetime.move_trial(chain_id=chain_id, ends_at=at, now=now)))


@billing.command()
@click.argument("subdomain")
@click.argument("state", type=click.Choice(["on", "off"]))
def demo(subdomain: str, state: str) -> None:
    """Let a chain stay open whatever is paid, without limits (on), or no longer (off)."""
    now = timezone.now()
    with context.public():
        chain_id = _chain(subdomain)
        _say_standing(
            _asked(lambda: lifetime.mark_demo(chain_id=chain_id, is_demo=state == "on", now=now))
        )


@billing.command()
def late() -> None:
    """List who owes: since when, and what comes next."""
    with context.public():
        _print(overview.late(now=timezone.now(), limit=1000))


@billing.command()
def twice() -> None:
    """List chains of which more than one subscription runs, and say what to do."""
    with context.public():
        found = overview.twice(now=timezone.now(), limit=1000)
        for each in found:
            click.echo(f"{each.name} ({each.subdomain}, {each.customer})")
            ids = _asked(partial(doubles.running, each.customer))
            for number, subscription in enumerate(ids):
                click.echo(f"  {'to be ended' if number else 'counts here'}: {subscription}")
    if not found:
        click.echo("No chain has two subscriptions.")
        return
    click.echo(
        "End the younger ones in Stripe's Dashboard: cancel immediately, and refund what they "
        "charged. If the owner wants a younger one, end the older instead. "
        "Then: regulars billing reconcile"
    )
    raise click.exceptions.Exit(_FOUND)


@billing.command()
@click.option("--limit", default=50, show_default=True)
def messages(*, limit: int) -> None:
    """List messages beyond allowances, by month: what was told to the meter and what waits."""
    table = Table("chain", "month", "sent", "allowance", "forgiven", "told", "waits", "fault")
    with context.public():
        rows = list(Reported.objects.order_by("-asking", "-month", "-told")[:limit])
        names = overview.chain_names(row.chain_id for row in rows)
    for row in rows:
        numbers = (row.sent, row.allowance, row.forgiven, row.told, row.asking)
        shown = [f"{number:,}" for number in numbers]
        name = names.get(row.chain_id, str(row.chain_id))
        table.add_row(name, f"{row.month:%Y-%m}", *shown, row.fault)
    Console().print(table)


@billing.command(name="calls")
@click.option("--limit", default=50, show_default=True)
def calls_(*, limit: int) -> None:
    """List calls to Stripe that were refused or wait too long."""
    table = Table("chain", "call", "state", "tried", "asked", "fault")
    with context.public():
        rows = overview.failed_calls(now=timezone.now(), limit=limit)
        names = overview.chain_names(row.chain_id for row in rows)
    for row in rows:
        name = names.get(row.chain_id, str(row.chain_id)) if row.chain_id else ""
        asked = f"{row.asked_at:%Y-%m-%d %H:%M}"
        table.add_row(name, row.verb, row.state, str(row.attempts), asked, row.fault)
    Console().print(table)


@billing.command(name="nights")
@click.option("--limit", default=14, show_default=True)
def nights_(*, limit: int) -> None:
    """List the last reconciliations and what each repaired or found."""
    with context.public(), translation.override("en"):
        for night in overview.nights(limit=limit):
            report = night.report
            click.echo(f"{night.at:%Y-%m-%d %H:%M}  {report['read']} read, {report['moved']} moved")
            for sentence in alerting.says(report):
                click.echo(f"  {sentence}")


@billing.command(name="events")
@click.option("--all", "is_all", is_flag=True, help="Also those that are done or need nothing.")
@click.option("--limit", default=50, show_default=True)
def events_(*, is_all: bool, limit: int) -> None:
    """List the last events of Stripe that still need somebody, and why."""
    table = Table("id", "kind", "state", "tried", "received", "fault")
    with context.public():
        for each in overview.latest_events(is_all=is_all, limit=limit):
            table.add_row(
                each.id, each.kind, each.state, str(each.attempts),
                f"{each.received_at:%Y-%m-%d %H:%M}", each.fault,
            )  # fmt: skip
    Console().print(table)


@billing.command()
@click.argument("event_id", metavar="EVENT")
def event(event_id: str) -> None:
    """Show what an event carried, without secrets."""
    with context.public():
        found = Event.objects.filter(pk=event_id).first()
    if found is None:
        raise click.ClickException(f"No event is called {event_id}.")
    click.echo(f"{found.kind}, {found.state}, tried {found.attempts} times. {found.fault}")
    click.echo(json.dumps(overview.shown(found.payload), ensure_ascii=False, indent=1))


@billing.command()
@click.argument("ids", metavar="EVENT...", nargs=-1, required=True)
def replay(ids: tuple[str, ...]) -> None:
    """Work events again, whatever became of them."""
    failed = 0
    with context.public():
        for event_id in ids:
            try:
                click.echo(f"{event_id}: {events.replay(event_id=event_id, now=timezone.now())}")
            except RegularsError as error:
                failed += 1
                click.echo(f"{event_id}: {error.code}: {error}", err=True)
    if failed:
        raise click.exceptions.Exit(_FOUND)


@billing.command()
def reconcile() -> None:
    """Read every subscription again; exit code 1 when something could not be read."""
    with context.public():
        report = reconciling.reconcile(now=timezone.now())
    click.echo(f"{report.read} read, {len(report.moved)} moved on by time.")
    for chain_id, names in report.repaired.items():
        click.echo(f"Repaired {chain_id}: {', '.join(names)}")
    for of, verb in report.finished:
        click.echo(f"Finished a call left open: {verb} of {of or 'ours'}")
    for event_id in report.worked:
        click.echo(f"Worked an event that waited: {event_id}")
    for chain_id in report.metered:
        click.echo(f"Bills messages from now on: {chain_id}")
    if report.twice:
        click.echo(f"{len(report.twice)} chains have two subscriptions: `regulars billing twice`")
    for chain_id in report.charged_on:
        click.echo(f"Deleted, and its subscription runs on at Stripe: cancel it there: {chain_id}")
    if report.failed_events:
        click.echo(f"{report.failed_events} events failed: `regulars billing events`")
    if report.messages_waiting:
        click.echo("Messages wait to be billed: `regulars billing messages`")
    if report.unknown:
        click.echo(f"{report.unknown} events of no chain we know: `regulars billing events`")
    for chain_id, fault in report.failed.items():
        click.echo(f"Not read: {chain_id}: {fault}", err=True)
    if report.failed:
        raise click.exceptions.Exit(_FOUND)


def _chain(subdomain: str) -> UUID:
    found = directory.find(subdomain)
    if found is None:
        raise click.ClickException(f"No chain is called {subdomain}.")
    return found.id


def _say_standing(row: Subscription) -> None:
    stands = settling.stand(row, now=timezone.now())
    if row.chain.is_demo:
        click.echo(f"{row.chain.name}: a demo, open whatever is paid.")
        return
    click.echo(f"{row.chain.name}: {row.state}, {row.chain.access} ({stands.reason}).")
    if stands.next_at is not None:
        comes = "the trial ends" if stands.since is None else str(stands.next_access)
        click.echo(f"Next: {comes} on {stands.next_at:%Y-%m-%d %H:%M} UTC.")


def _print(lines: Iterable[overview.Line]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("chain", "sub-domain", "plan", "a month"):
        table.add_column(name, overflow="fold")
    for name in ("state", "access", "since", "next"):
        table.add_column(name, no_wrap=True)
    for each in lines:
        money = f"{each.monthly_minor / 100:,.2f} {each.currency}" if each.currency else ""
        step = " ".join([each.next_step.replace("-", " "), each.next_plan]).strip()
        plan = f"{each.plan} × {each.quantity}" if each.quantity else each.plan
        table.add_row(
            each.name, each.subdomain, plan, money, each.state, each.access,
            f"{each.since:%Y-%m-%d}" if each.since else "",
            f"{step}\n{each.next_at:%Y-%m-%d}" if each.next_at else "",
        )  # fmt: skip
    Console().print(table)


def _say_recurring(recurring: list[overview.Recurring]) -> None:
    for each in recurring:
        amount = f"{each.minor / 100:,.2f} {each.currency}"
        click.echo(f"Recurs a month: {amount}, paid by {each.paying} chains")


def _asked[T](ask: Callable[[], T]) -> T:
    try:
        return ask()
    except RegularsError as error:
        raise click.ClickException(f"{error.code}: {error}") from error
