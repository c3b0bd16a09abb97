"""Django's own commands, run inside the product that runs on this machine."""

import click
from django.core import management

ANYTHING = {"ignore_unknown_options": True, "help_option_names": []}


@click.command(context_settings=ANYTHING)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def prepare(arguments: tuple[str, ...]) -> None:
    """Bring the database up to this release; does nothing if it is."""
    run("prepare", *arguments)


@click.command(context_settings=ANYTHING)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def shell(arguments: tuple[str, ...]) -> None:
    """Open a Python shell with the models imported."""
    run("shell", *arguments)


@click.command(context_settings=ANYTHING)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run any Django command, as ``manage.py`` would."""
    run(*arguments)


def run(*arguments: str) -> None:
    """Hand the arguments to Django."""
    management.execute_from_command_line(["regulars manage", *arguments])
