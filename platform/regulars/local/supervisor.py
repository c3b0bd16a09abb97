"""Runs the whole product on one machine: starts every part, keeps it up, leaves none behind."""

import contextlib
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from regulars.local import chores, faults, locks, narration, parts, postgres, processes, roles
from regulars.local import valkey as valkeys
from regulars.local.stack import Addresses, Stack, Wishes, inherit
from regulars.local.state import PartStatus, State, Status

TICK = 0.2
READY_TIMEOUT = 60.0
MOST_FAILURES_AT_START = 3
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """One run of the product from one state folder.

    Everything happens in the thread that calls `run`, because a part ends with the thread that
    started it.
    """

    def __init__(
        self,
        state: State,
        *,
        wishes: Wishes,
        narrator: narration.Narrator,
        environment: Mapping[str, str],
        on_ready: Callable[[Status], None],
    ) -> None:
        """Take what was asked for; ``on_ready`` is called once, when the product can be used."""
        self.state = state
        self.wishes = wishes
        self.narrator = narrator
        self.on_ready = on_ready
        self.watched: list[parts.Watched] = []
        self._environment = environment
        self._stack: Stack | None = None
        self._is_ready = False

    def run(self) -> None:
        """Start everything, call ``on_ready``, and watch until a signal ends it.

        Raises a LocalError if something cannot be started; nothing is left running then either.
        """
        self.state.prepare()
        lock = locks.take(self.state.lock, is_in_use=lambda holder: True)
        if lock is None:
            raise faults.AlreadyRunningError(
                f"Regulars already runs from {self.state.folder} (process {self.state.holder()}). "
                "End it with Ctrl-C there, or choose another folder: REGULARS_STATE=…"
            )
        try:
            with ended_by_signals():
                try:
                    self._start()
                    while True:
                        time.sleep(TICK)
                        self._watch()
                except KeyboardInterrupt:
                    self.narrator.say("Stopping …")
                finally:
                    ignore_signals()
                    self._stop()
        finally:
            os.close(lock)

    def _start(self) -> None:
        if processes.is_port_taken(self.wishes.port, host=self.wishes.host):
            raise faults.PortTakenError(
                f"Port {self.wishes.port} is in use by another program. "
                f"Choose another one: REGULARS_PORT={self.wishes.port + 1} make up"
            )
        inherited = inherit(self._environment)
        servers = self._start_servers(inherited)
        stack = Stack(self.state, wishes=self.wishes, inherited=inherited, servers=servers)
        self._stack = stack
        self._publish(stack)
        chores.run(*stack.preparation(), narrator=self.narrator, meanwhile=self._watch)
        # One after the other: on two cores the pages are there seconds sooner.
        for name, program in stack.programs().items():
            self._begin(name, program)
            if name == "web":
                self._await_ready()
        self._seed(stack)
        self._is_ready = True
        self.on_ready(self._publish(stack))

    def _start_servers(self, inherited: Mapping[str, str]) -> Addresses:
        """Start the servers that the environment does not replace."""
        if "DATABASE_URL" in inherited:
            database, owner = inherited["DATABASE_URL"], inherited["DATABASE_OWNER_URL"]
        else:
            server = postgres.Server(
                self.state.folder / "postgres",
                port=self.state.port("postgres"),
                log=self.state.log("postgres"),
            )
            self._begin("PostgreSQL", server)
            roles.prepare_roles(server)
            database = server.url(user=postgres.APP, database=postgres.DATABASE)
            owner = server.url(user=postgres.OWNER, database=postgres.DATABASE)
        if "REDIS_URL" in inherited:
            return Addresses(database=database, owner=owner, broker=inherited["REDIS_URL"])
        broker = valkeys.Server(
            self.state.folder / "valkey",
            port=self.state.port("valkey"),
            log=self.state.log("valkey"),
        )
        self._begin("Valkey", broker)
        return Addresses(database=database, owner=owner, broker=broker.url())

    def _begin(self, name: str, part: parts.Part) -> None:
        """Start a part and watch it from now on."""
        self.watched.append(parts.Watched(name=name, part=part))
        part.start()

    def _seed(self, stack: Stack) -> None:
        """Put the plans on offer, and write the demo chains; the product is usable without."""
        for chore in filter(None, (stack.offer(), stack.demo())):
            try:
                chores.run([chore], narrator=self.narrator, meanwhile=self._watch)
            except faults.PartFailedError as error:
                self.narrator.say(f"{error}\nGoing on without it; the next start tries again.")

    def _await_ready(self) -> None:
        def is_settled() -> bool:
            self._watch()
            return is_answering(self.wishes) or any(
                each.failures >= MOST_FAILURES_AT_START for each in self.watched
            )

        with self.narrator.steps() as steps:
            step = steps.begin("Waiting until it answers")
            processes.wait_until(is_settled, timeout=READY_TIMEOUT, pause=0.05)
            if not is_answering(self.wishes):
                raise faults.PartFailedError(self._why_not_ready())
            steps.finish(step)

    def _why_not_ready(self) -> str:
        unsteady = [each for each in self.watched if each.failures]
        suspect = (unsteady or [each for each in self.watched if each.name == "web"])[0]
        return (
            f"{self.wishes.address}/health/ready does not answer 200. The log of {suspect.name}, "
            f"{suspect.part.log}, ends with:\n{processes.tail(suspect.part.log, lines=15)}"
        )

    def _watch(self) -> None:
        now = time.monotonic()
        changes = [part.tend(now=now, narrator=self.narrator) for part in self.watched]
        if any(changes) and self._stack:
            self._publish(self._stack)

    def _publish(self, stack: Stack) -> Status:
        """Write down what runs, for `regulars status`."""
        status = Status(
            pid=os.getpid(),
            is_ready=self._is_ready,
            address=self.wishes.address,
            state=str(self.state.folder),
            environment=stack.shared_environment(),
            demo_file=str(stack.demo_file),
            parts=tuple(
                PartStatus(
                    name=each.name,
                    pid=each.part.pid,
                    restarts=each.restarts,
                    log=str(each.part.log),
                )
                for each in self.watched
            ),
        )
        status.write(self.state)
        return status

    def _stop(self) -> None:
        """End the programs together, then what they stand on, in reverse order of the start."""
        for each in self.watched:
            if isinstance(each.part, parts.Program):
                each.part.ask_to_end()
        for each in reversed(self.watched):
            each.part.stop()
        (self.state.folder / "status.json").unlink(missing_ok=True)


def is_answering(wishes: Wishes) -> bool:
    """Say whether the product calls itself ready."""
    host = "127.0.0.1" if wishes.host == "0.0.0.0" else wishes.host  # noqa: S104 - compared only
    request = urllib.request.Request(
        f"http://{host}:{wishes.port}/health/ready",
        headers={"Host": urlsplit(wishes.address).netloc},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn the first signal of `ENDING` into one KeyboardInterrupt; the next change nothing."""

    def interrupt(number: int, frame: object) -> None:
        ignore_signals()
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def ignore_signals() -> None:
    """Let nothing interrupt the way down, which has its own time limits."""
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
