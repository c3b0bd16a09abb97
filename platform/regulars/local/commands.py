"""`regulars up` and `regulars status`."""

import os
from collections.abc import Mapping
from typing import NoReturn

import click
from rich.console import Console

from regulars.local import card, faults, narration
from regulars.local.stack import Wishes
from regulars.local.state import State, Status
from regulars.local.supervisor import Supervisor


@click.command()
@click.option("--demo/--no-demo", default=None, help="Write demo chains if there are none yet.")
def up(demo: bool | None) -> None:
    """Start the whole product on this machine and run it until Ctrl-C.

    REGULARS_PORT (8000) and REGULARS_HOST (127.0.0.1) say where it listens, REGULARS_STATE
    (.regulars) where it keeps everything. DATABASE_URL with DATABASE_OWNER_URL, and REDIS_URL,
    replace the embedded servers, STRIPE_API_KEY the simulator of payments.
    """
    narrator = narration.Narrator()

    def show(status: Status) -> None:
        narrator.console.print(card.as_text(status))

    supervisor = Supervisor(
        State.from_environment(),
        wishes=wishes_from(os.environ, demo=demo),
        narrator=narrator,
        environment=os.environ,
        on_ready=show,
    )
    try:
        supervisor.run()
    except faults.LocalError as error:
        fail(str(error), exit_code=error.exit_code)


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json", "env"]),
    default="text",
    help="text is the card; env can be evaluated by a shell.",
)
def status(output: str) -> None:
    """Repeat the card of what runs: addresses, sign-ins, keys. Exit code 3 if nothing runs."""
    state = State.from_environment()
    found = Status.read(state)
    if found is None:
        if output == "json":
            click.echo('{"running": false, "ready": false}')
        fail(f"Nothing runs from {state.folder}. Start it with `make up`.", exit_code=3)
    if output == "text":
        Console(highlight=False).print(card.as_text(found))
    else:
        click.echo(card.as_json(found) if output == "json" else card.as_environment(found))


def wishes_from(environment: Mapping[str, str], *, demo: bool | None = None) -> Wishes:
    """Read where to listen; raises ClickException for a port that is none."""
    port = environment.get("REGULARS_PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.ClickException(f"REGULARS_PORT must be a number from 1 to 65535, not {port!r}.")
    return Wishes(
        host=environment.get("REGULARS_HOST") or "127.0.0.1",
        port=int(port),
        domain=environment.get("BASE_DOMAIN") or "localhost",
        demo=demo,
    )


def fail(sentence: str, *, exit_code: int) -> NoReturn:
    """Say what is wrong where errors are read, and leave."""
    click.echo(f"Error: {sentence}", err=True)
    raise SystemExit(exit_code)
