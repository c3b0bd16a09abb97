"""Runs the simulator on its own: ``python -m regulars.local.stripe --folder … --port …``."""

import argparse
import os
import signal
import threading
from pathlib import Path

from regulars.local.stripe import server
from regulars.local.stripe.resources import account

ENDPOINT = "we_regulars"


def main() -> None:
    """Serve until a signal ends it; the secrets come from the environment.

    STRIPE_API_KEY is the key that is let in; with STRIPE_WEBHOOK_URL the endpoint `ENDPOINT` is
    told of every event, signed with STRIPE_WEBHOOK_SECRET.
    """
    parser = argparse.ArgumentParser(prog="python -m regulars.local.stripe")
    parser.add_argument("--folder", type=Path, default=Path(".regulars/stripe"))
    parser.add_argument("--port", type=int, default=12111)
    given = parser.parse_args()
    given.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    running = server.Server(
        given.folder / "simulator.sqlite3",
        port=given.port,
        key=os.environ.get("STRIPE_API_KEY") or server.KEY,
    )
    url = os.environ.get("STRIPE_WEBHOOK_URL")
    if url:
        secret = os.environ.get("STRIPE_WEBHOOK_SECRET")
        account.endpoint(running.api.world, url, ["*"], key=ENDPOINT, secret=secret)
    ended = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda number, frame: ended.set())
    with running:
        ended.wait()


if __name__ == "__main__":
    main()
