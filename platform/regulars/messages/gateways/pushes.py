"""What callbacks have in common: JSON, and times of Beijing and of Unix."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from regulars.messages.gateways.contract import Received, Unreadable

_BEIJING: Final = ZoneInfo("Asia/Shanghai")


def items(request: Received) -> list[Mapping[str, Any]]:
    """Return the objects in a body that is a list of them or one. Raises `Unreadable`."""
    try:
        value = json.loads(request.body)
    except ValueError as error:
        raise Unreadable("The callback is not JSON.") from error
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in found):
        raise Unreadable("The callback is not a list of objects.")
    return found


def in_beijing(at: datetime) -> datetime:
    """Return an instant as the clock in Beijing shows it."""
    return at.astimezone(_BEIJING)


def beijing(written: object) -> datetime:
    """Read ``2026-11-21 10:00:00`` of a clock in Beijing. Raises `Unreadable`."""
    try:
        return datetime.strptime(str(written), "%Y-%m-%d %H:%M:%S").replace(tzinfo=_BEIJING)
    except ValueError as error:
        raise Unreadable("A time in the callback cannot be read.") from error


def unix(seconds: object) -> datetime:
    """Read a Unix time. Raises `Unreadable`."""
    try:
        return datetime.fromtimestamp(int(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable("A time in the callback cannot be read.") from error


def true(value: object) -> bool:
    """Read what is written as true or as "true"."""
    return str(value).lower() == "true"


def digest(value: Mapping[str, Any]) -> str:
    """Return a name for something that has none, the same for each repetition of it."""
    written = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()[:40]
