"""The settings page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regulars.staff import permissions
from regulars.web.settings import entries


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Show what this person may arrange; everybody has at least their own account."""
    context = {"place": "settings", "groups": entries.cards(permissions.acting(request))}
    return render(request, "settings/start.html", context)
