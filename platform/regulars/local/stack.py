"""What the product consists of on one machine: its environment, its programs, its preparation."""

import dataclasses
import importlib.util
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from regulars.local import assets, chores, faults, parts
from regulars.local.state import State

WEBHOOK_PATH = "/webhooks/stripe/"
"""Where the website takes what Stripe, or the simulator, tells it."""
SHARED = (
    "BASE_DOMAIN",
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "REDIS_URL",
    "REGULARS_DEMO_FILE",
    "REGULARS_LOCAL",
    "REGULARS_PORT",
    "REGULARS_STATE",
    "SECRET_KEY",
    "STRIPE_API_BASE",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
)
"""What another program needs in its environment to work with the running product."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the person asked for: where to listen, and whether to bring demo chains."""

    host: str = "127.0.0.1"
    port: int = 8000
    domain: str = "localhost"
    demo: bool | None = None
    """None: demo chains in the embedded database, none in a database that was given."""

    @property
    def address(self) -> str:
        """The public address, as a browser on this machine writes it."""
        return f"http://{self.domain}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the servers are; the owner's address goes only to what migrates, makes or seeds."""

    database: str
    owner: str
    broker: str


class Stack:
    """The product of one state folder, once its servers are known."""

    def __init__(
        self, state: State, *, wishes: Wishes, inherited: Mapping[str, str], servers: Addresses
    ) -> None:
        """Compose the environment of every part; ``inherited`` is our own."""
        self.state = state
        self.servers = servers
        self._inherited = inherited
        self._wishes = wishes
        self.demo_file = state.demo(inherited.get("DATABASE_URL"))
        self.environment = {
            **inherited,
            "BASE_DOMAIN": wishes.domain,
            "DATABASE_URL": servers.database,
            "DJANGO_SETTINGS_MODULE": "regulars.settings",
            "PYTHONUNBUFFERED": "1",
            "REDIS_URL": servers.broker,
            "REGULARS_DEMO_FILE": str(self.demo_file),
            "REGULARS_LOCAL": inherited.get("REGULARS_LOCAL", "1"),
            "REGULARS_PORT": str(wishes.port),
            "REGULARS_STATE": str(state.folder),
            "SECRET_KEY": inherited.get("SECRET_KEY") or state.secret_key(),
        }
        self.environment.pop("DATABASE_OWNER_URL", None)
        self.simulates_stripe = "STRIPE_API_KEY" not in inherited
        if self.simulates_stripe:
            self.environment |= {
                "STRIPE_API_BASE": f"http://127.0.0.1:{state.port('stripe')}",
                "STRIPE_API_KEY": state.stripe_key(),
                "STRIPE_WEBHOOK_SECRET": state.stripe_webhook_secret(),
            }

    def shared_environment(self) -> dict[str, str]:
        """Give what an operator's command needs, the owner's address included."""
        shared = {name: self.environment[name] for name in SHARED if name in self.environment}
        return {**shared, "DATABASE_OWNER_URL": self.servers.owner}

    def preparation(self) -> list[list[chores.Chore]]:
        """Say what has to be done before the product can run; the lanes may run side by side."""
        prepare = self._chore("Preparing the database", "prepare", "-m", "django", "prepare")
        building = []
        if importlib.util.find_spec("regulars.web.assets"):
            building.append(
                self._chore("Building what browsers load", "assets", "-m", "regulars.web.assets")
            )
        collect = ("-m", assets.__name__, str(self.state.folder))
        building.append(self._chore("Collecting what browsers load", "static", *collect))
        return [[prepare], building]

    def programs(self) -> dict[str, parts.Program]:
        """Give the programs of the product by name, in the order of their start."""
        cores = min(os.cpu_count() or 2, 4)
        processes = self._inherited.get("REGULARS_WEB_WORKERS") or str(cores)
        threads = self._inherited.get("REGULARS_WEB_THREADS") or "8"
        web = [
            *("-m", "granian", "regulars.wsgi:application", "--interface", "wsgi", "--no-ws"),
            *("--host", self._wishes.host, "--port", str(self._wishes.port)),
            *("--workers", processes, "--blocking-threads", threads),
            *("--respawn-failed-workers", "--workers-kill-timeout", "5"),
        ]
        celery = ("-m", "celery", "-A", "regulars.celery")
        worker = [
            *(*celery, "worker", "--loglevel", "INFO", "--concurrency", str(cores)),
            *("--without-mingle", "--without-gossip"),
        ]
        schedule = str(self.state.folder / "scheduler" / "schedule")
        scheduler = [*celery, "beat", "--loglevel", "INFO", "--pidfile", "", "-s", schedule]
        return {
            **({"stripe": self._stripe()} if self.simulates_stripe else {}),
            "web": self._program("web", web),
            "worker": self._program("worker", worker, is_owner=True),
            "scheduler": self._program("scheduler", scheduler),
        }

    def _stripe(self) -> parts.Program:
        """Give the simulator of payments, which tells the website what happens."""
        port = urlsplit(self.environment["STRIPE_API_BASE"]).port
        program = self._program(
            "stripe",
            [
                *("-m", "regulars.local.stripe", "--port", str(port)),
                *("--folder", str(self.state.folder / "stripe")),
            ],
        )
        webhook = f"http://{self._wishes.domain}:{self._wishes.port}{WEBHOOK_PATH}"
        environment = {**program.environment, "STRIPE_WEBHOOK_URL": webhook}
        return dataclasses.replace(program, environment=environment)

    def offer(self) -> chores.Chore | None:
        """Say how the plans come to the simulator of payments; None with the real service."""
        if not self.simulates_stripe:
            return None
        return self._chore(
            "Putting the plans on offer", "offer", "-m", "regulars.cli", "billing", "sync"
        )

    def demo(self) -> chores.Chore | None:
        """Say how the demo chains are written, or None if they are there or not wanted."""
        wanted = self._wishes.demo
        if wanted is None:
            wanted = "DATABASE_URL" not in self._inherited
        possible = importlib.util.find_spec("regulars.local.demo") is not None
        if not wanted or not possible or self.demo_file.exists():
            return None
        return self._chore("Writing the demo chains", "demo", "-m", "regulars.cli", "demo", "seed")

    def _program(self, name: str, arguments: list[str], *, is_owner: bool = False) -> parts.Program:
        return parts.Program(
            command=[sys.executable, *arguments],
            environment=self._for_owner() if is_owner else self.environment,
            log=self.state.log(name),
            folder=self.state.folder,
        )

    def _chore(self, title: str, name: str, *arguments: str) -> chores.Chore:
        return chores.Chore(
            title=title,
            command=[sys.executable, *arguments],
            environment=self._for_owner(),
            log=self.state.log(name),
            folder=self.state.folder,
        )

    def _for_owner(self) -> dict[str, str]:
        return {**self.environment, "DATABASE_OWNER_URL": self.servers.owner}


def inherit(environment: Mapping[str, str]) -> dict[str, str]:
    """Take over our environment: an empty address is none, half a database is refused."""
    given = dict(environment)
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "STRIPE_API_KEY"):
        if not given.get(name):
            given.pop(name, None)
    if "DATABASE_URL" in given and "DATABASE_OWNER_URL" not in given:
        raise faults.LocalError(
            "DATABASE_URL is set, so DATABASE_OWNER_URL is needed as well: one role owns the "
            "tables and prepares the database, the other one runs the product."
        )
    return given
