"""`regulars doctor`: checks everything, changes nothing, and names the cure of what is wrong."""

import dataclasses
import json

import click
from rich.console import Console
from rich.table import Table

from regulars.local import machine_checks, product_checks
from regulars.local.findings import Check, Finding, Surroundings, failed

CHECKS: dict[str, Check] = {
    "Python": machine_checks.python,
    "Packages": machine_checks.packages,
    "State folder": machine_checks.state_folder,
    "Disk": machine_checks.disk,
    "Port": machine_checks.port,
    "PostgreSQL program": machine_checks.postgres_program,
    "Valkey program": machine_checks.valkey_program,
    "Assets": machine_checks.front_end,
    "Browser for tests": machine_checks.chromium,
    "Database": product_checks.database,
    "Sessions": product_checks.sessions,
    "Two roles": product_checks.roles,
    "Schemas": product_checks.schemas,
    "Spare schemas": product_checks.spares,
    "Broker": product_checks.broker,
    "Worker": product_checks.worker,
    "Work given up": product_checks.work,
    "Website": product_checks.pages,
}
MARKS = {
    "ok": "[green]ok",
    "warning": "[yellow]warning",
    "failed": "[red]failed",
    "skipped": "[dim]skipped",
}


@click.command()
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
def doctor(output: str) -> None:
    """Check everything without changing anything. Exit code 1 if something failed."""
    here = Surroundings.here()
    findings = {name: examine(check, here) for name, check in CHECKS.items()}
    if output == "json":
        facts = {name: dataclasses.asdict(found) for name, found in findings.items()}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        Console(highlight=False).print(as_table(findings))
    if any(found.state == "failed" for found in findings.values()):
        raise SystemExit(1)


def examine(check: Check, here: Surroundings) -> Finding:
    """Run one check; one that breaks is a finding as well, so that the others still run."""
    try:
        return check(here)
    except Exception as error:  # noqa: BLE001 - a doctor who faints helps nobody
        return failed(
            f"{type(error).__name__}: {error}", cure="Report this: the check itself broke."
        )


def as_table(findings: dict[str, Finding]) -> Table:
    """Show the findings, the cure under what needs one."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, found in findings.items():
        table.add_row(name, MARKS[found.state], found.detail)
        if found.cure and found.state != "skipped":
            table.add_row("", "", f"→ {found.cure}")
    return table
