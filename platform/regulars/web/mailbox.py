"""The mailbox page of a laptop: what would have been sent. A server has nothing of it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.csp import CSP
from django.utils.text import Truncator
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from regulars.messages.models import Channel

_SEPARATOR = re.compile(rb"^-{79}\n", re.MULTILINE)  # written by Django between mails
_NEWEST = 200
_SHORT = 40  # characters of a message without a subject, in the list
_FRAME_POLICY: dict[str, list[str] | str] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],  # how mails are styled; scripts stay impossible
    "img-src": [CSP.SELF, "data:"],
    "frame-ancestors": [CSP.SELF],
    "sandbox": "",
}

type View = Callable[..., HttpResponse]


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail, or message on another channel, as the page shows it."""

    key: str
    subject: str
    sender: str
    to: str
    at: datetime
    text: str
    html: str
    channel: str = ""  # nothing for mail

    @property
    def url(self) -> str:
        """Return the page that shows this mail."""
        return reverse("mail", args=[self.key])

    @property
    def html_url(self) -> str:
        """Return where its HTML is shown in a frame; nothing when it has none."""
        return reverse("mail_html", args=[self.key]) if self.html else ""


def _on_a_laptop(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.LOCAL or settings.SMTP_URL:
            raise Http404
        return view(request, *args, **kwargs)

    return checked


@require_safe
@never_cache
@_on_a_laptop
def mailbox(request: HttpRequest, key: str = "") -> HttpResponse:
    """Show the list, and one mail of it."""
    mails = kept(Path(settings.MAILBOX_DIR))
    shown = _find(mails, key) if key else None
    return render(request, "public/mailbox.html", {"mails": mails, "mail": shown})


@require_safe
@never_cache
@_on_a_laptop
@xframe_options_sameorigin
@csp_override(_FRAME_POLICY)
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """Show the HTML of a mail alone, for the frame."""
    return HttpResponse(_find(kept(Path(settings.MAILBOX_DIR)), key).html)


def kept(folder: Path) -> list[Mail]:
    """Return the newest mails and messages in a folder, newest first.

    Django's file-based backend and the local gateway (`messages.gateways.local`) write there.
    """
    found = [*folder.glob("*.log"), *folder.glob("*.json")]
    files = sorted(found, key=lambda file: file.stat().st_mtime, reverse=True)
    mails = [
        mail
        for file in files[:_NEWEST]
        for mail in ([_message(file)] if file.suffix == ".json" else _read(file))
    ]
    return sorted(mails, key=lambda mail: mail.at, reverse=True)


def _message(file: Path) -> Mail:
    kept = json.loads(file.read_text())
    return Mail(
        key=file.stem,
        subject=kept["subject"] or Truncator(kept["text"]).chars(_SHORT),
        sender=kept["signature"],
        to=kept["to"],
        at=datetime.fromisoformat(kept["at"]),
        text=kept["text"],
        html="",
        channel=str(Channel(kept["channel"]).label),
    )


def _read(file: Path) -> list[Mail]:
    parts = [part for part in _SEPARATOR.split(file.read_bytes()) if part.strip()]
    return [_mail(f"{file.stem}-{number}", part) for number, part in enumerate(parts)]


def _mail(key: str, raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=policy.default)
    sent = message["Date"]
    return Mail(
        key=key,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        at=parsedate_to_datetime(str(sent)) if sent else datetime.now(UTC),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _find(mails: list[Mail], key: str) -> Mail:
    for mail in mails:
        if mail.key == key:
            return mail
    raise Http404


urlpatterns = [
    path("mailbox/", mailbox, name="mailbox"),
    path("mailbox/<str:key>/", mailbox, name="mail"),
    path("mailbox/<str:key>/html/", mail_html, name="mail_html"),
]
