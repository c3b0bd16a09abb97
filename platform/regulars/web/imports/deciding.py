"""The buttons of an import: check, bring in, stop, take back, try again, name, remove."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.errors import RegularsError
from regulars.imports import faults, selectors, services
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.imports import columns, showing


@require_POST
@permissions.needs("imports.run")
def check(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Check once more with other answers."""
    actor = permissions.acting(request)
    row = selectors.get(actor=actor, import_id=import_id)
    try:
        services.check(
            actor=actor,
            import_id=row.pk,
            options=columns.options_of(request.POST),
            now=timezone.now(),
            is_again="again" in request.POST,
        )
    except services.NotNow:
        return _back(row.pk)
    except RegularsError as error:
        context = showing.preview(request, row, fault=str(error))
        return render(request, "imports/preview.html", context, status=error.status)
    return _back(row.pk)


@require_POST
@permissions.needs("imports.run")
def start(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Bring in what was checked."""
    return _do(request, import_id, services.start)


@require_POST
@permissions.needs("imports.run")
def cancel(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Call running work off."""
    return _do(request, import_id, services.cancel, keeps="keep" in request.POST)


@require_POST
@permissions.needs("imports.run")
def undo(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Take an import back as a whole."""
    return _do(request, import_id, services.undo)


@require_POST
@permissions.needs("imports.run")
def retry(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Do again what stopped by a fault."""
    try:
        return _do(request, import_id, services.retry)
    except faults.MappingFault:
        return HttpResponseRedirect(reverse("import_columns", args=[import_id]))


@require_POST
@permissions.needs("imports.run")
def rename(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Give it another name."""
    return _do(request, import_id, services.rename, name=request.POST.get("name", ""))


@require_POST
@permissions.needs("imports.run")
def remove(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Remove an import of which nothing stands."""
    actor = permissions.acting(request)
    services.remove(actor=actor, import_id=import_id, now=timezone.now())
    toasts.show(request, _("The file is removed."))
    return HttpResponseRedirect(reverse("imports"))


def _do(
    request: HttpRequest, import_id: UUID, service: Callable[..., Any], **given: Any
) -> HttpResponse:
    """Do it, and show where the import is now; another tab may have been quicker."""
    actor = permissions.acting(request)
    try:
        service(actor=actor, import_id=import_id, now=timezone.now(), **given)
    except (services.NotNow, services.UndoOver) as error:
        toasts.show(request, str(error), tone="warning")
    return _back(import_id)


def _back(import_id: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("import", args=[import_id]))
