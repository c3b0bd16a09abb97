"""`regulars ledger …`: whether the books add up."""

import json
from collections.abc import Iterator
from itertools import batched
from typing import Final

import click
from django.db import connection
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from regulars.points import verification
from regulars.points.verification import Finding
from regulars.tenancy import context, releases
from regulars.tenancy.models import Chain, Domain

_KEPT: Final = (Chain.State.ACTIVE, Chain.State.SUSPENDED)
_AT_ONCE: Final = 50  # a connection keeps 1.3 MB for each schema it has touched
_FOUND: Final = 1
_NOT_CHECKED: Final = 3  # 2 is a wrong command line
_MOST_SHOWN: Final = 20  # of one check in one chain; `-o json` has all

type Found = tuple[str, Finding]


@click.group()
def ledger() -> None:
    """Check the books of points."""


@ledger.command()
@click.argument("subdomains", metavar="[CHAIN]...", nargs=-1)
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
def verify(subdomains: tuple[str, ...], output: str) -> None:
    """Run every check over the ledgers of chains (sub-domains; all if none is named).

    Changes nothing and may run while tills work. Exit code 0 when everything adds up, 1 when
    something does not, 3 when some chain could not be checked and the others add up.
    """
    chains, refused = _chosen(subdomains)
    for sentence in refused:
        click.echo(f"Not checked: {sentence}", err=True)
    now = timezone.now()
    found: list[Found] = []
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("", total=len(chains) * len(verification.names()))
        for subdomain, chain in _in_turn(chains):
            progress.update(task, description=subdomain)
            with context.inside(chain):
                findings = verification.findings(now=now, tell=lambda _: progress.advance(task))
                found += [(subdomain, each) for each in findings]
    if output == "json":
        click.echo(json.dumps([_plain(each) for each in found], ensure_ascii=False, indent=1))
    elif chains:
        _show(found, chains=len(chains))
    if found:
        raise click.exceptions.Exit(_FOUND)
    if refused:
        raise click.exceptions.Exit(_NOT_CHECKED)


def _chosen(subdomains: tuple[str, ...]) -> tuple[list[tuple[str, Chain]], list[str]]:
    """Return the chains with their sub-domains, and a sentence for each that cannot be checked."""
    with context.public():
        domains = Domain.objects.select_related("tenant").order_by("domain")
        if subdomains:
            domains = domains.filter(domain__in=subdomains)
        else:
            domains = domains.filter(is_primary=True, tenant__state__in=_KEPT)
        chains = [(str(each.domain), each.tenant) for each in domains]
        newest = releases.head()
    missing = sorted(set(subdomains) - {name for name, _chain in chains})
    refused = [
        f"No chain has the sub-domain {name!r}: see `regulars chain list`." for name in missing
    ]
    checkable = []
    for name, chain in chains:
        if chain.state not in _KEPT:
            refused.append(f"{name} has no books: it is {chain.get_state_display()}.")
        elif chain.schema_version < newest:
            refused.append(f"{name} is behind this release: run `regulars chain migrate` first.")
        else:
            checkable.append((name, chain))
    return checkable, refused


def _in_turn(chains: list[tuple[str, Chain]]) -> Iterator[tuple[str, Chain]]:
    for batch in batched(chains, _AT_ONCE, strict=False):
        yield from batch
        if len(chains) > _AT_ONCE:
            connection.close()


def _plain(each: Found) -> dict[str, str]:
    subdomain, finding = each
    return {
        "chain": subdomain,
        "check": finding.check,
        "id": str(finding.object_id),
        "detail": finding.detail,
    }


def _show(found: list[Found], *, chains: int) -> None:
    console = Console()
    of = "the ledger of 1 chain" if chains == 1 else f"the ledgers of {chains} chains"
    if not found:
        console.print(f"{len(verification.names())} checks of {of}: everything adds up.")
        return
    table = Table("chain", "check", "row", "what disagrees")
    shown: dict[tuple[str, str], int] = {}
    for subdomain, finding in found:
        key = (subdomain, finding.check)
        shown[key] = shown.get(key, 0) + 1
        if shown[key] <= _MOST_SHOWN:
            table.add_row(subdomain, finding.check, str(finding.object_id), finding.detail)
    console.print(table)
    for (subdomain, check), count in shown.items():
        if count > _MOST_SHOWN:
            more = count - _MOST_SHOWN
            least = "at least " if count >= verification.MOST_FINDINGS else ""
            console.print(f"{subdomain}: {least}{more} more of {check}; -o json lists them.")
    console.print(
        f"{len(found)} findings in {of}. Change no row: what to do is in docs/operations.md, "
        "“Do the books add up?”."
    )
