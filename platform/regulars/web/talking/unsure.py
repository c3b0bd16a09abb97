"""Messages that may have gone or not: whoever can find out says so; nothing is sent again."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regulars.messages.models import Channel
from regulars.messages.refusals import NotLikeThis
from regulars.messages.selectors import unsure
from regulars.messages.services import settling
from regulars.staff import permissions
from regulars.usecases import contact_words
from regulars.web import toasts

_MOST: Final = 50


@require_GET
@permissions.needs(unsure.PERMISSION)
def listed(request: HttpRequest) -> HttpResponse:
    """List them, the oldest first; three statements."""
    rows = unsure.of(permissions.acting(request))
    shown = list(rows[: _MOST + 1])
    context = {
        "place": "messages",
        "rows": [(row, contact_words.ICONS[Channel(row.channel)]) for row in shown[:_MOST]],
        "has_more": len(shown) > _MOST,
    }
    return render(request, "talking/unsure.html", context)


@require_POST
@permissions.needs(unsure.PERMISSION)
def resolve(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Take the word of who found out."""
    try:
        settling.resolve(
            actor=permissions.acting(request),
            contact_id=message_id,
            arrived=request.POST.get("arrived") == "yes",
            now=timezone.now(),
        )
    except NotLikeThis as fault:
        toasts.show(request, str(fault), tone="bad")
    else:
        toasts.show(request, _("Written down."))
    return HttpResponseRedirect(reverse("messages_unsure"))
