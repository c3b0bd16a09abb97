"""`regulars operator …`: the door of the operators' page."""

import click
from django.conf import settings
from django.urls import reverse

from regulars.tenancy import context
from regulars.web.operating import access

_MINUTES = access.LINK_SECONDS // 60


@click.group()
def operator() -> None:
    """Let operators into their page, and out of it."""


@operator.command()
@click.option("--name", required=True, help="Who it is for: stands on the page and in the log.")
def link(*, name: str) -> None:
    """Print a link that opens the operators' page, once and for ten minutes."""
    with context.public():
        path = reverse("operator_enter", args=[access.new_link(name[:60])])
    click.echo(f"{settings.PUBLIC_URL.rstrip('/')}{path}")
    click.echo(f"It opens once, within {_MINUTES} minutes. Give it to nobody else.", err=True)


@operator.command()
def end() -> None:
    """End every operator's session, and every link that was not used."""
    with context.public():
        access.end_all()
    click.echo("Nobody is signed in as an operator any more.")
