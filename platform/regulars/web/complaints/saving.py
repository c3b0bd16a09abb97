"""Filters somebody wants to come back to: saved under a name, and removed."""

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.complaints import access
from regulars.staff import permissions, saved
from regulars.staff.saved import ViewRefused
from regulars.web import toasts
from regulars.web.complaints import board, bulk_acts
from regulars.web.complaints.looks import Look

_MOST: Final = 1_000  # characters of an address that is looked at


@require_POST
@permissions.needs(access.VIEW)
def save_view(request: HttpRequest) -> HttpResponse:
    """Save what is looked at under a name, or with `drop` remove the filter of that name."""
    actor = permissions.acting(request)
    name = request.POST.get("name", "")
    look = Look.of(QueryDict(request.POST.get("query", "")[:_MOST]))
    if request.POST.get("drop"):
        saved.drop(actor=actor, page=board.PAGE, name=name)
        toasts.show(request, _("The saved filter is gone."))
    else:
        try:
            saved.keep(actor=actor, page=board.PAGE, name=name, query=look.query)
        except ViewRefused as fault:
            toasts.show(request, bulk_acts.sentence(fault), tone="bad")
        else:
            toasts.show(request, _("Saved. It stands above the list."))
    return HttpResponseRedirect(look.url)
