"""The gateway of a laptop: nothing leaves it, everything is kept for the mailbox page.

An e-mail is kept as Django's file-based backend keeps one, every other message as a JSON file. A
message has one file by its key, so sending it twice would show.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from regulars.messages.gateways import lengths, letters
from regulars.messages.gateways.contract import (
    Absent,
    Accepted,
    Approval,
    Channel,
    Draft,
    Inbound,
    Outgoing,
    Rate,
    Receipt,
    Received,
    Reply,
    Unreadable,
)

_BETWEEN: Final = b"\n" + b"-" * 79 + b"\n"  # what Django writes after each mail


class Gateway:
    """A folder. `sender` is the ``Name <address>`` of e-mails, `home` the chain's sub-domain."""

    name: Final = "local"
    rate: Final = Rate(count=10_000)

    def __init__(self, *, folder: Path, channel: Channel, sender: str, home: str = "") -> None:
        """Take the mailbox's folder, which need not exist yet."""
        self._folder, self._channel, self._sender = folder, channel, sender
        self._home = home

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Keep the message. The provider's id is our key."""
        if outgoing.channel == "email":
            letter = letters.letter(outgoing, sender=self._sender, reply_to="", now=now)
            self._write(self._file(outgoing), letter.as_bytes() + _BETWEEN)
            return Accepted(provider_id=outgoing.key)
        kept = {
            **asdict(outgoing),
            "text": lengths.whole(outgoing),
            "at": now.isoformat(),
            "home": self._home,
        }
        written = json.dumps(kept, ensure_ascii=False, indent=1)
        self._write(self._file(outgoing), written.encode())
        count = lengths.parts(outgoing) if outgoing.channel == "sms" else 1
        return Accepted(provider_id=outgoing.key, parts=count)

    def receipts(self, request: Received) -> tuple[Receipt, ...]:
        """Read ``{"key": …, "state": "delivered" | "failed"}``, to try receipts by hand."""
        data = _object(request)
        state = data.get("state")
        if state != "delivered" and state != "failed":
            return ()
        key, reason = str(data.get("key", "")), "unreachable" if state == "failed" else ""
        return (Receipt(provider_id=key, key=key, state=state, at=request.at, reason=reason),)

    def inbound(self, request: Received) -> tuple[Inbound, ...]:
        """Read ``{"from": …, "text": …, "id": …}``, to try conversations by hand."""
        data = _object(request)
        if "text" not in data:
            return ()
        return (
            Inbound(
                sender=str(data.get("from", "")), to=str(data.get("to", "")),
                text=str(data["text"]), at=request.at, provider_id=str(data.get("id") or uuid4()),
            ),
        )  # fmt: skip

    def reply(self, request: Received) -> Reply:
        """Answer that it is kept."""
        _object(request)
        return Reply(status=204)

    def resolve(
        self, outgoing: Outgoing, *, since: datetime, now: datetime, provider_id: str = ""
    ) -> Receipt | Absent | None:
        """Say whether the message's file is there."""
        file = self._file(outgoing)
        if not file.exists():
            return Absent()
        at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return Receipt(provider_id=outgoing.key, key=outgoing.key, state="delivered", at=at)

    def submit(self, draft: Draft) -> str:
        """Take a template at once."""
        return f"LOCAL_{draft.name}"[:60]

    def approval(self, template: str) -> Approval:
        """Approve whatever was taken."""
        return Approval(state="approved")

    def _file(self, outgoing: Outgoing) -> Path:
        ending = "log" if outgoing.channel == "email" else "json"
        return self._folder / f"{self._channel}-{Path(outgoing.key).name}.{ending}"

    def _write(self, file: Path, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.{uuid4().hex}")
        unfinished.write_bytes(content)
        unfinished.rename(file)


def _object(request: Received) -> Mapping[str, Any]:
    try:
        value = json.loads(request.body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Unreadable("The callback is not a JSON object.")
    return value
