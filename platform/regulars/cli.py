"""The command line of Regulars: ``regulars …`` for operators, plugin authors and laptops.

Commands are found by name and imported when they are used, so ``--help`` is quick and a part that
is not installed is missed only by those who call it.
"""

import importlib
import os
import sys
from dataclasses import dataclass

import click


@dataclass(frozen=True, kw_only=True)
class Lazy:
    """Where a command is, and what it needs before it can be imported."""

    place: str
    says: str
    is_django: bool = False
    """It reads settings and models, so it joins the product that runs here."""


COMMANDS = {
    "up": Lazy(place="regulars.local.commands:up", says="Run the whole product on this machine."),
    "status": Lazy(place="regulars.local.commands:status", says="Repeat addresses and sign-ins."),
    "doctor": Lazy(place="regulars.local.doctor:doctor", says="Check everything, change nothing."),
    "chain": Lazy(
        place="regulars.tenancy.commands:chain",
        says="List, suspend, migrate, export, restore and delete chains.",
        is_django=True,
    ),
    "billing": Lazy(
        place="regulars.billing.commands:billing",
        says="Plans at Stripe, who pays, what Stripe told.",
        is_django=True,
    ),
    "operator": Lazy(
        place="regulars.web.operating.commands:operator",
        says="Open the operators' page, and close it.",
        is_django=True,
    ),
    "ledger": Lazy(
        place="regulars.points.commands:ledger",
        says="Check that the books of points add up.",
        is_django=True,
    ),
    "vertical": Lazy(
        place="regulars.registry.commands:vertical", says="Write and check verticals."
    ),
    "demo": Lazy(
        place="regulars.local.demo:demo", says="Write demo chains and real data.", is_django=True
    ),
    "import": Lazy(
        place="regulars.imports.commands:import_", says="Bring files in.", is_django=True
    ),
    "prepare": Lazy(
        place="regulars.local.django_commands:prepare",
        says="Bring the database up to this release.",
        is_django=True,
    ),
    "shell": Lazy(
        place="regulars.local.django_commands:shell",
        says="Open a Python shell in the product.",
        is_django=True,
    ),
    "manage": Lazy(
        place="regulars.local.django_commands:manage",
        says="Run any Django command.",
        is_django=True,
    ),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; one that is not installed says so when it is called."""
        if cmd_name not in COMMANDS:
            return None
        lazy = COMMANDS[cmd_name]
        if lazy.is_django:
            _set_up_django()
        module, name = lazy.place.split(":")
        try:
            found = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            return _missing(cmd_name, error)
        if not isinstance(found, click.Command):
            raise TypeError(f"{lazy.place} is no command.")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.says) for name, lazy in COMMANDS.items()])


def _missing(name: str, error: ModuleNotFoundError) -> click.Command:
    """Make a command that says which module is missing."""

    @click.command(name, context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def missing(arguments: tuple[str, ...]) -> None:
        raise click.ClickException(
            f"`regulars {name}` is not installed here (no module {error.name!r})."
        )

    return missing


def _set_up_django() -> None:
    """Join the product that runs from the state folder, unless the environment names another."""
    if not os.environ.get("DATABASE_URL"):
        from regulars.local.state import State, Status

        running = Status.read(State.from_environment())
        if running is not None:
            os.environ.update(running.environment)
        elif not _asks_for_help():
            raise click.ClickException(
                "There is no database: start the product with `make up` in another terminal, "
                "or set DATABASE_URL."
            )
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.settings"  # whatever another project set
    import django

    django.setup()


def _asks_for_help() -> bool:
    return bool({"--help", "-h"} & set(sys.argv))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="regulars")
def main() -> None:
    """Regulars: the CRM a chain of shops uses to turn buyers into regulars."""


if __name__ == "__main__":
    main(prog_name="regulars")
