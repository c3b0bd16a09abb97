"""`regulars billing …`: plans at Stripe, who pays, what Stripe told, the night's work."""

from collections.abc import Callable

import click
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from regulars.billing import catalogue, events, overview, reconciling
from regulars.errors import RegularsError
from regulars.tenancy import context

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
@click.option("--state", type=click.Choice(["trial", "paid", "late", "ended"]), default=None)
def list_(*, state: str | None) -> None:
    """List subscriptions: state, plan, stores, what recurs a month, what comes next."""
    table = Table("chain", "state", "access", "plan", "stores", "a month", "next")
    with context.public():
        for each in overview.lines(state=state, now=timezone.now()):
            money = f"{each.monthly_minor / 100:,.2f} {each.currency}" if each.currency else ""
            comes = f"{each.next_says} {each.next_at:%Y-%m-%d}" if each.next_at else ""
            table.add_row(
                each.name, each.state, each.access, each.plan, str(each.quantity), money, comes
            )
        recurring = overview.monthly_by_currency()
    Console().print(table)
    for currency, minor in recurring.items():
        click.echo(f"Recurs a month: {minor / 100:,.2f} {currency}")


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
    if report.unknown:
        click.echo(f"{report.unknown} events of no chain we know: `regulars billing events`")
    for chain_id, fault in report.failed.items():
        click.echo(f"Not read: {chain_id}: {fault}", err=True)
    if report.failed:
        raise click.exceptions.Exit(_FOUND)


def _asked[T](ask: Callable[[], T]) -> T:
    try:
        return ask()
    except RegularsError as error:
        raise click.ClickException(f"{error.code}: {error}") from error
