"""The place Messages: what waits for an answer, one's own first."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from regulars import registry
from regulars.audit import Actor
from regulars.customers import selectors as customers
from regulars.messages.models import Channel
from regulars.messages.selectors import unsure
from regulars.staff import permissions
from regulars.usecases import contact_words, talking
from regulars.usecases.talking import Waiting
from regulars.web.talking import counting

_MOST: Final = 100
_TITLES: Final[dict[str, str | Promise]] = {
    "mine": _("Waiting for you"),
    "store": _("Waiting in your stores"),
    "unknown": _("Senders nobody knows"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One conversation that waits."""

    found: Waiting
    icon: str
    channel: str | Promise
    address_open: bool


@require_GET
@permissions.needs(talking.PERMISSION)
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits for an answer; htmx gets the lists alone."""
    actor = permissions.acting(request)
    found = talking.waiting(actor=actor, now=timezone.now(), limit=_MOST)
    counting.keep(request, found.total)
    rows = [_row(actor, each) for each in found.rows]
    groups = [
        (title, [each for each in rows if each.found.whose == whose])
        for whose, title in _TITLES.items()
    ]
    context: dict[str, Any] = {
        "place": "messages",
        "groups": [(title, members) for title, members in groups if members],
        "total": found.total,
        "shown": len(rows),
        "minutes": registry.policy("messages.owner-minutes"),
        "may_send_many": permissions.allows(actor, "rules.manage"),
    }
    if not request.headers.get("HX-Request"):
        context["unsure"] = unsure.of(actor).count()
    name = "talking/queue.html" if request.headers.get("HX-Request") else "talking/list.html"
    return render(request, name, context)


@require_GET
@permissions.needs(talking.PERMISSION)
def count(request: HttpRequest) -> HttpResponse:
    """Answer with how many conversations wait, for the rail; nothing for none.

    Every page asks, so it is counted once in some seconds for each person.
    """
    total = counting.kept(request)
    if total is None:
        total = talking.count(actor=permissions.acting(request), now=timezone.now())
        counting.keep(request, total)
    return render(request, "talking/count.html", {"total": total})


def _row(actor: Actor, found: Waiting) -> Row:
    channel = Channel(found.channel)
    return Row(
        found=found,
        icon=contact_words.ICONS[channel],
        channel=channel.label,
        address_open=customers.may_read_phone(actor, found.owner_id),
    )
