"""Word by mail to those who run this installation: what a night repaired, what failed (S3)."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from regulars.billing.models import Night

STALE: Final = timedelta(days=3)
"""After which a night is told no more: later ones said it again."""
_LOG = logging.getLogger(__name__)


def tell_left(*, now: datetime) -> int:
    """Mail the nights that operators should know of and were not told; returns how many.

    To `OPERATORS_MAIL`, in the language of the installation. What cannot be sent is tried again.
    """
    if not settings.OPERATORS_MAIL:
        return 0
    left = Night.objects.filter(needs_telling=True, told_at=None, at__gt=now - STALE)
    told = 0
    for night in left.order_by("at"):
        try:
            _send(night)
        except (OSError, SMTPException) as error:
            _LOG.warning("Operators are not told of %s yet: %r", night, error)
            break
        Night.objects.filter(pk=night.pk).update(told_at=now)
        told += 1
    return told


def _send(night: Night) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Subscriptions of %(site)s need a look") % {"site": settings.BASE_DOMAIN}
        lines = [f"{night.at:%Y-%m-%d %H:%M} UTC", "", *(says(night.report)), ""]
        lines.append(_("Everything is listed by: %(command)s") % {"command": _COMMAND})
        message = EmailMessage(subject=subject, body="\n".join(lines), to=[settings.OPERATORS_MAIL])
    message.send()


_COMMAND: Final = "regulars billing nights · regulars operator link"


def says(report: dict[str, Any]) -> list[str]:
    """Return the sentences of a report that somebody should know of, in the current language."""
    named = report["names"]
    found = [
        (
            _("Repaired: %(chain)s (%(what)s)"),
            {"chain": named.get(key, key), "what": ", ".join(what)},
        )
        for key, what in report["repaired"].items()
    ]
    found += [
        (
            _("Could not be read: %(chain)s (%(what)s)"),
            {"chain": named.get(key, key), "what": fault},
        )
        for key, fault in report["failed"].items()
    ]
    found += [
        (_("Two subscriptions run: %(chain)s"), {"chain": named.get(key, key)})
        for key in report["twice"]
    ]
    found += [
        (_("Deleted here, and its subscription runs on: %(chain)s"), {"chain": named.get(key, key)})
        for key in report.get("charged_on", [])  # nights of before do not say it
    ]
    counts = (
        (_("Events of Stripe that failed: %(count)s"), report["failed_events"]),
        (_("Events of no chain we know: %(count)s"), report["unknown"]),
        (_("Messages waiting to be billed: %(count)s"), report["messages_waiting"]),
        (_("Calls to Stripe finished after a crash: %(count)s"), len(report["finished"])),
    )
    found += [(sentence, {"count": str(count)}) for sentence, count in counts if count]
    return [sentence % given for sentence, given in found]
