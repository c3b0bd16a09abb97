"""Files in and out: the upload, the samples, the rejected rows."""

from typing import Final
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from regulars.errors import NotFound, RegularsError
from regulars.imports import faults, limits, selectors, services
from regulars.imports.columns.attributes import Subject
from regulars.imports.services.receiving import LIMIT
from regulars.staff import permissions
from regulars.web.imports import samples

ACCEPT: Final = ".csv,.tsv,.txt,.xlsx,.xlsm,.parquet"
_FORM_ROOM: Final = 64 * 1024
"""Bytes of a request that are not the file."""


@require_http_methods(["GET", "POST"])
@permissions.needs("imports.run")
def new(request: HttpRequest) -> HttpResponse:
    """Take a file in."""
    fault, status = "", 200
    if request.method == "POST":
        try:
            return HttpResponseRedirect(reverse("import", args=[_received(request)]))
        except RegularsError as error:
            fault, status = str(error), error.status
    context = {
        "place": "settings",
        "fault": fault,
        "limit": LIMIT,
        "limit_mb": LIMIT // limits.MIB,
        "accept": ACCEPT,
        "kind": request.GET.get("kind", ""),
    }
    return render(request, "imports/new.html", context, status=status)


def _received(request: HttpRequest) -> UUID:
    actor = permissions.acting(request)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > LIMIT + _FORM_ROOM:
        room = {"size": size // limits.MIB, "limit": LIMIT // limits.MIB}
        raise faults.FileFault("file.too-large", **room)
    file = request.FILES.get("file")
    if file is None:
        raise faults.FileFault("file.none")
    kind = request.POST.get("kind", "")
    row = services.receive(
        actor=actor,
        chunks=file.chunks(),
        file_name=file.name or "",
        now=timezone.now(),
        kind=Subject(kind) if kind in set(Subject) else None,
    )
    return row.pk


@require_GET
@permissions.needs("imports.run")
def sample(request: HttpRequest, kind: str) -> HttpResponse:
    """Give a sample file with the headings of this chain, in the language in use."""
    if kind not in set(Subject):
        raise NotFound
    name = _("customers sample") if kind == Subject.CUSTOMERS else _("purchases sample")
    response = HttpResponse(
        samples.written(Subject(kind)).encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.csv") or ""
    return response


@require_GET
@permissions.needs("imports.run")
def rejected(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """Give the rows that were not taken in, to be corrected and brought in again."""
    row = selectors.get(actor=permissions.acting(request), import_id=import_id)
    if not row.rejected_file or not default_storage.exists(row.rejected_file):
        raise NotFound(_("These rows are no longer kept."))
    file = default_storage.open(row.rejected_file, "rb")
    name = _("%(name)s, rejected rows") % {"name": row.name}
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.csv", content_type="text/csv; charset=utf-8"
    )
