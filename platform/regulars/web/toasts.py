"""Short words after something was done, with a way to undo it where there is one."""

from django.contrib import messages
from django.http import HttpRequest

_LEVELS = {
    "good": messages.SUCCESS,
    "info": messages.INFO,
    "warning": messages.WARNING,
    "bad": messages.ERROR,
}
_UNDO = "undo:"


def show(request: HttpRequest, text: str, *, tone: str = "good", undo: str = "") -> None:
    """Show a toast on this answer, or on the next page after a redirect.

    ``undo`` is an address that takes a POST. What a toast offers must be reachable elsewhere too.
    """
    messages.add_message(request, _LEVELS[tone], text, extra_tags=f"{_UNDO}{undo}" if undo else "")


def undo_address(message: object) -> str:
    """Return the address that undoes what a message tells of, or nothing."""
    tags = str(getattr(message, "extra_tags", "") or "")
    return tags.removeprefix(_UNDO) if tags.startswith(_UNDO) else ""


def tone(message: object) -> str:
    """Return the tone of a message."""
    level = getattr(message, "level", messages.INFO)
    return next((name for name, known in _LEVELS.items() if known == level), "info")
