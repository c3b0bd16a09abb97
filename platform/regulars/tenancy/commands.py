"""`regulars chain …`: what an operator does with chains."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
from django.db import connections
from django.utils import timezone, translation
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from regulars.errors import RegularsError
from regulars.tenancy import context, lifecycle, preparation, provisioning, releases, transfer
from regulars.tenancy.models import Chain, Domain


def _for_operators(command: Callable[..., None]) -> Callable[..., None]:
    """Turn refusals into a sentence and an exit code, and insist on the owner role."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        if releases.OWNER not in connections.settings:
            raise click.ClickException(
                "Set DATABASE_OWNER_URL: these commands work under the owner role. "
                "On a laptop: eval $(regulars status -o env)."
            )
        try:
            command(*args, **kwargs)
        except RegularsError as error:
            with translation.override("en"):  # as everything else here
                raise click.ClickException(str(error)) from error

    return run


def _find(name: str) -> Chain:
    with context.public():
        domain = Domain.objects.select_related("tenant").filter(domain=name).first()
    if domain is None:
        raise click.ClickException(
            f"No chain has the sub-domain {name!r}: see `regulars chain list`."
        )
    found: Chain = domain.tenant
    return found


@click.group()
def chain() -> None:
    """List, suspend, migrate, export, restore and delete chains."""


@chain.command("list")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
@_for_operators
def list_(output: str) -> None:
    """List every chain with its state and the version of its schema."""
    with context.public():
        newest = releases.head()
        rows = [
            {
                "subdomain": next((d.domain for d in each.domains.all() if d.is_primary), ""),
                "name": each.name,
                "vertical": each.vertical,
                "state": each.state,
                "reason": each.state_reason,
                "behind": newest - each.schema_version,
                "fault": each.schema_fault,
                "created": each.created_at.isoformat(timespec="seconds"),
                "id": str(each.id),
            }
            for each in Chain.objects.prefetch_related("domains").order_by("created_at")
        ]
    if output == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = Table("sub-domain", "name", "vertical", "state", "behind", "created")
    for row in rows:
        state = f"{row['state']} ({row['reason']})" if row["reason"] else str(row["state"])
        table.add_row(
            *(str(row[key]) for key in ("subdomain", "name", "vertical")),
            state,
            str(row["behind"] or ""),
            str(row["created"]),
        )
    Console().print(table)


@chain.command()
@click.argument("subdomain")
@click.option("--reason", required=True, help="Shown to nobody but operators.")
@_for_operators
def suspend(subdomain: str, reason: str) -> None:
    """Close a workspace and its jobs at once; nothing is lost. A subscription goes on."""
    lifecycle.suspend(chain_id=_find(subdomain).id, reason=reason)
    click.echo(
        f"{subdomain} is suspended. A subscription it has goes on being charged: if it should not, "
        "cancel it in Stripe's Dashboard."
    )


@chain.command()
@click.argument("subdomain")
@_for_operators
def resume(subdomain: str) -> None:
    """Open a suspended workspace again."""
    lifecycle.resume(chain_id=_find(subdomain).id)
    click.echo(f"{subdomain} is open again.")


@chain.command()
@click.argument("subdomain")
@click.argument("new_subdomain")
@_for_operators
def rename(subdomain: str, new_subdomain: str) -> None:
    """Give a chain another sub-domain; the old one leads to it."""
    lifecycle.rename(chain_id=_find(subdomain).id, subdomain=new_subdomain)
    click.echo(f"{subdomain} is now {new_subdomain}.")


@chain.command()
@click.option("--spares", type=int, default=3, show_default=True)
@_for_operators
def migrate(spares: int) -> None:
    """Bring the template and every chain up to this code; goes on past a failure."""
    console = Console()
    with console.status("Migrating…") as status:
        outcome = preparation.prepare(
            spares=spares, report=lambda what: status.update(f"Migrating {what}…")
        )
    console.print(f"{len(outcome.migrated)} chains migrated, {len(outcome.failed)} failed.")
    for name, fault in outcome.failed.items():
        console.print(f"{name}: {fault}")
    if outcome.failed:
        raise click.exceptions.Exit(1)


@chain.command()
@_for_operators
def provision() -> None:
    """Finish sign-ups that stopped half-way."""
    click.echo(f"{provisioning.resume(now=timezone.now())} chains became active.")


@contextmanager
def _progress(finished: str) -> Iterator[transfer.Report]:
    """Show which table it is at, and that it came to its end."""
    with Progress() as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)
        bar.update(task, description=finished, completed=bar.tasks[0].total)


@chain.command()
@click.argument("subdomain")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@_for_operators
def export(subdomain: str, target: Path) -> None:
    """Write a chain to one file that can be restored anywhere."""
    with _progress("Exported") as report:
        transfer.export(chain_id=_find(subdomain).id, target=target, report=report)
    click.echo(f"{target} ({target.stat().st_size:,} bytes)")


@chain.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--subdomain", help="Under another sub-domain than it had.")
@_for_operators
def restore(source: Path, subdomain: str | None) -> None:
    """Bring an exported chain back as a chain of its own."""
    with _progress("Restored") as report:
        restored = transfer.restore(source=source, subdomain=subdomain, report=report)
    click.echo(f"{restored.name} is active.")


@chain.command()
@click.argument("subdomain")
@click.option("--confirm", required=True, help="The sub-domain once more.")
@click.option("--export-to", type=click.Path(dir_okay=False, path_type=Path))
@_for_operators
def delete(subdomain: str, confirm: str, export_to: Path | None) -> None:
    """Remove a chain for ever: its schema, its files, its sub-domain.

    Refused while a subscription of it runs.
    """
    if confirm != subdomain:
        raise click.ClickException("Write the sub-domain twice: SUBDOMAIN --confirm SUBDOMAIN.")
    found = _find(subdomain)
    if export_to is not None:
        transfer.export(chain_id=found.id, target=export_to)
    lifecycle.delete(chain_id=found.id, now=timezone.now())
    click.echo(f"{subdomain} is gone.")
