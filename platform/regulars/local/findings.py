"""What a check of `regulars doctor` answers."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from regulars.local.commands import wishes_from
from regulars.local.stack import Wishes
from regulars.local.state import State, Status


@dataclass(frozen=True, kw_only=True)
class Finding:
    """How one thing is. A warning and a failure name their cure."""

    state: Literal["ok", "warning", "failed", "skipped"]
    detail: str
    cure: str = ""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the checks look at: the state folder, what runs from it, and the environment."""

    state: State
    status: Status | None
    wishes: Wishes
    environment: Mapping[str, str]

    @classmethod
    def here(cls) -> "Surroundings":
        """Look around; a running product's addresses stand in for those not given."""
        state = State.from_environment()
        status = Status.read(state)
        environment = {**(status.environment if status else {}), **os.environ}
        wishes = wishes_from(environment)
        return cls(state=state, status=status, wishes=wishes, environment=environment)


type Check = Callable[[Surroundings], Finding]


def ok(detail: str) -> Finding:
    """All is well."""
    return Finding(state="ok", detail=detail)


def warning(detail: str, *, cure: str) -> Finding:
    """Works, but something will be missed."""
    return Finding(state="warning", detail=detail, cure=cure)


def failed(detail: str, *, cure: str) -> Finding:
    """Does not work."""
    return Finding(state="failed", detail=detail, cure=cure)


def skipped(detail: str) -> Finding:
    """Cannot be told, because something it needs is not there."""
    return Finding(state="skipped", detail=detail)
