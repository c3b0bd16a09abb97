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
from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.text import Truncator
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from regulars.messages.gateways import local
from regulars.messages.gateways.contract import Inbound
from regulars.messages.models import Channel
from regulars.messages.services import receiving
from regulars.tenancy import context as tenancy
from regulars.tenancy import directory

_SEPARATOR = re.compile(rb"^-{79}\n", re.MULTILINE)  # written by Django between mails
_NEWEST = 200
_SHORT = 40  # characters of a message without a subject, in the list
_LONGEST = 1_000  # characters of an answer
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
    home: str = ""  # the chain's sub-domain
    is_answer: bool = False  # of the customer's, written on this page

    @property
    def url(self) -> str:
        """Return the page that shows this mail."""
        return reverse("mail", args=[self.key])

    @property
    def answer_url(self) -> str:
        """Return where its reader writes back; nothing where that is not known."""
        return reverse("mail_answer", args=[self.key]) if self.channel and self.home else ""

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
    """Show the list, and one mail of it, or the phone on which a message stands."""
    mails = kept(Path(settings.MAILBOX_DIR))
    shown = _find(mails, key) if key else None
    context = {
        "mails": [each for each in mails if not each.is_answer],
        "mail": shown,
        "bubbles": _bubbles(mails, shown) if shown and shown.channel else [],
    }
    return render(request, "public/mailbox.html", context)


def _bubbles(mails: list[Mail], shown: Mail) -> list[Mail]:
    """Return what stands on the phone of a message's reader, the oldest on top."""
    there = (shown.channel, shown.to, shown.home)
    found = [each for each in mails if (each.channel, each.to, each.home) == there]
    return sorted(found, key=lambda each: each.at)


@require_POST
@_on_a_laptop
def answer(request: HttpRequest, key: str) -> HttpResponse:
    """Write back as the customer whose phone it is: the chain gets it like a provider's word."""
    mail = _find(kept(Path(settings.MAILBOX_DIR)), key)
    chain, text = directory.find(mail.home), request.POST.get("text", "").strip()[:_LONGEST]
    if not mail.channel or chain is None:
        raise Http404
    if text:
        now = timezone.now()
        channel = next(each for each in Channel if str(each.label) == mail.channel)
        number = f"answer-{uuid4().hex}"
        message = Inbound(sender=mail.to, to="", text=text, at=now, provider_id=number)
        with tenancy.inside(chain):
            receiving.take_inbound(
                provider=local.Gateway.name, channel=channel, messages=[message], now=now
            )
        written = {
            "channel": channel.value,
            "to": mail.to,
            "text": text,
            "at": now.isoformat(),
            "home": mail.home,
            "is_answer": True,
        }
        file = Path(settings.MAILBOX_DIR) / f"{number}.json"
        file.write_text(json.dumps(written, ensure_ascii=False))
    return HttpResponseRedirect(mail.url)


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
        subject=kept.get("subject") or Truncator(kept["text"]).chars(_SHORT),
        sender=kept.get("signature", ""),
        to=kept["to"],
        at=datetime.fromisoformat(kept["at"]),
        text=kept["text"],
        html="",
        channel=str(Channel(kept["channel"]).label),
        home=kept.get("home", ""),
        is_answer=kept.get("is_answer", False),
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
    path("mailbox/<str:key>/answer/", answer, name="mail_answer"),
]
