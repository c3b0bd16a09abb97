"""The stamp of a form: one form is one complaint, and nobody fills one in within a second.

A browser keeps its number until it has shown the page of the complaint, so that whoever lost the
answer and scans the code again sends the same one. The number opens nothing: a form whose number
was used leads to its complaint only in the browser that keeps it. Once the page was shown, whoever
goes back on a shared device begins another complaint.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from regulars.tenancy import context

COOKIE: Final = "complaining"
LEAST: Final = timedelta(seconds=3)  # to read the form and write a word
_KEPT_SECONDS: Final = 7 * 24 * 3600  # as long as drafts
_SALT: Final = "regulars.complaining.form"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which form it is, and when it was first shown."""

    number: UUID
    shown_at: datetime

    @property
    def text(self) -> str:
        """What the form carries."""
        return _signer().sign(f"{self.number.hex}.{int(self.shown_at.timestamp())}")


def of_browser(request: HttpRequest, *, now: datetime) -> Stamp:
    """Return the stamp for a form that is shown now."""
    try:
        number = UUID(hex=request.COOKIES.get(COOKIE, ""))
    except ValueError:
        number = uuid4()
    return Stamp(number, now)


def read(text: str) -> Stamp | None:
    """Return the stamp of a form that was sent; None for one that is not ours."""
    try:
        number, _dot, seconds = _signer().unsign(text).partition(".")
        return Stamp(UUID(hex=number), datetime.fromtimestamp(int(seconds), UTC))
    except (signing.BadSignature, ValueError):
        return None


def is_of_browser(request: HttpRequest, stamp: Stamp) -> bool:
    """Say whether this browser still keeps the number, so that it is whoever the form was for."""
    return request.COOKIES.get(COOKIE, "") == stamp.number.hex


def anew(*, now: datetime) -> Stamp:
    """Return a stamp nobody has, for a form whose number is somebody else's."""
    return Stamp(uuid4(), now)


def remember(response: HttpResponse, stamp: Stamp, *, path: str) -> None:
    """Keep the number in this browser."""
    response.set_cookie(
        COOKIE, stamp.number.hex, max_age=_KEPT_SECONDS, path=path, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE, httponly=True,
    )  # fmt: skip


def forget(response: HttpResponse, *, path: str) -> None:
    """Let the next form be another one."""
    response.delete_cookie(COOKIE, path=path, samesite="Lax")


def _signer() -> signing.Signer:
    return signing.Signer(salt=f"{_SALT}:{context.current().id}")
