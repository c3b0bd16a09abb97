"""The card at the end of a start: addresses, sign-ins and keys, for people and for programs.

The demo chains are read from the file that ``REGULARS_DEMO_FILE`` names, which `regulars demo seed`
writes when it is done::

    {"chains": [{"name": "…", "vertical": "jewelry", "subdomain": "jewelry", "api_key": "…",
                 "sign_ins": [{"role": "owner", "email": "…", "password": "…", "pin": "…"}]}]}

``api_key`` and ``pin`` may be missing.
"""

import json
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from regulars.local.state import Status


def chains(status: Status) -> list[dict[str, Any]]:
    """Read the demo chains, each with its address; an empty list where there are none."""
    file = Path(status.demo_file)
    if not file.exists():
        return []
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["chains"]
    where = urlsplit(status.address)
    return [
        {**chain, "address": f"{where.scheme}://{chain['subdomain']}.{where.netloc}"}
        for chain in found
    ]


def as_json(status: Status) -> str:
    """Give everything a program may want to know."""
    facts = {
        "running": True,
        "ready": status.is_ready,
        "pid": status.pid,
        "address": status.address,
        "mailbox": mailbox(status),
        "payments": payments(status),
        "state": status.state,
        "environment": dict(status.environment),
        "parts": [vars(part) for part in status.parts],
        "chains": chains(status),
    }
    return json.dumps(facts, ensure_ascii=False, indent=2)


def as_environment(status: Status) -> str:
    """Give lines for a shell: ``set -a; eval "$(regulars status -o env)"``."""
    facts = {
        **status.environment,
        "REGULARS_ADDRESS": status.address,
        "REGULARS_PID": str(status.pid),
    }
    for chain in chains(status):
        if chain.get("api_key"):
            name = chain["subdomain"].upper().replace("-", "_")
            facts[f"REGULARS_API_KEY_{name}"] = chain["api_key"]
    return "\n".join(f"{name}={shlex.quote(value)}" for name, value in facts.items())


def as_text(status: Status) -> RenderableType:
    """Draw the card."""
    places = _grid()
    places.add_row("Website, sign-up", status.address)
    places.add_row("Mailbox (all mail sent here)", mailbox(status))
    if payments(status):
        places.add_row("Payments (simulated)", payments(status))
    places.add_row("State and logs", f"{status.state}/logs")
    content: list[RenderableType] = [places]
    for chain in chains(status):
        content += ["", _chain(chain)]
    title = "Regulars is ready" if status.is_ready else "Regulars is starting"
    content += ["", Text("make status repeats this · make doctor checks it · Ctrl-C ends it")]
    return Panel(Group(*content), title=title, expand=False, padding=(1, 2))


def mailbox(status: Status) -> str:
    """Give the page that shows the mail the product sent."""
    return f"{status.address}/mailbox/"


def payments(status: Status) -> str | None:
    """Give the page of the Stripe simulator, or None where the real service is used."""
    return status.environment.get("STRIPE_API_BASE")


def _chain(chain: dict[str, Any]) -> RenderableType:
    grid = _grid()
    grid.add_row(Text(str(chain["name"]), style="bold"), Text(chain["address"], style="bold"))
    for person in chain.get("sign_ins", []):
        secret = person["password"] + (f"   PIN {person['pin']}" if person.get("pin") else "")
        grid.add_row(f"  {person['role']}", f"{person['email']}   {secret}")
    if chain.get("api_key"):
        grid.add_row("  API key", chain["api_key"])
    return grid


def _grid() -> Table:
    grid = Table.grid(padding=(0, 3))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    return grid
