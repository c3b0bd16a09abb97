"""Files in: upload one, correct what its columns mean, check, start, and ask how far it is."""

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from regulars.api import idempotency, pagination
from regulars.api import import_shapes as shapes
from regulars.api.idempotency import Outcome
from regulars.api.promises import KEY, PAGING
from regulars.api.stores import listed
from regulars.api.views import Endpoint
from regulars.errors import NotFound
from regulars.imports import contract, faults, limits, selectors, services
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Assignment, Mapping
from regulars.imports.models import Import as Row
from regulars.imports.reading.report import Choices
from regulars.imports.services.receiving import LIMIT

_SCOPE = "imports"
_FORM_ROOM = 64 * 1024


class Imports(Endpoint):
    """Files that were brought in."""

    scopes = {"GET": _SCOPE, "POST": _SCOPE}
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="imports_list",
        parameters=PAGING,
        responses=listed(shapes.ImportBrief, "ImportPage"),
    )
    def get(self, request: Request) -> Response:
        """List imports, the oldest first."""
        rows = selectors.visible(self.actor(request)).defer("report", "mapping")
        return Response(pagination.page(request, rows.order_by()).as_body(_brief))

    @extend_schema(
        operation_id="imports_upload",
        parameters=[KEY],
        request={"multipart/form-data": shapes.ImportUpload},
        responses={201: shapes.ImportAnswer},
    )
    def post(self, request: Request) -> HttpResponse:
        """Take a file in; its columns are guessed. A large one is looked at in the background."""
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size > LIMIT + _FORM_ROOM:
            room = {"size": size // limits.MIB, "limit": LIMIT // limits.MIB}
            raise faults.FileFault("file.too-large", **room)
        sent = self.cleaned(shapes.ImportUpload, request)
        file: Any = sent["file"]
        digest = hashlib.sha256(repr((sent.get("kind"), sent.get("name"))).encode())
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
        return idempotency.once(
            request, lambda: self._received(request, sent), body_digest=digest.digest()
        )

    def _received(self, request: Request, sent: dict[str, Any]) -> Outcome:
        kind = sent.get("kind")
        row = services.receive(
            actor=self.actor(request),
            chunks=sent["file"].chunks(),
            file_name=sent["file"].name or "",
            now=timezone.now(),
            kind=Subject(kind) if kind else None,
            name=sent.get("name", ""),
        )
        return Outcome(201, shapes.whole(row))


class Import(Endpoint):
    """One import."""

    scopes = {"GET": _SCOPE, "PATCH": _SCOPE}

    @extend_schema(operation_id="imports_read", responses=shapes.ImportAnswer)
    def get(self, request: Request, import_id: UUID) -> Response:
        """Say how far an import is, and what is known of it."""
        row = selectors.get(actor=self.actor(request), import_id=import_id)
        return Response(shapes.whole(row))

    @extend_schema(
        operation_id="imports_change",
        parameters=[KEY],
        request=shapes.ImportChange,
        responses=shapes.ImportAnswer,
    )
    def patch(self, request: Request, import_id: UUID) -> HttpResponse:
        """Correct how the file is read and what its columns mean."""
        return idempotency.once(request, lambda: self._change(request, import_id))

    def _change(self, request: Request, import_id: UUID) -> Outcome:
        sent: dict[str, Any] = self.cleaned(shapes.ImportChange, request)
        given: dict[str, Any] = {
            "actor": self.actor(request),
            "import_id": import_id,
            "now": timezone.now(),
        }
        with transaction.atomic():
            row = selectors.get(actor=given["actor"], import_id=import_id)
            if "name" in sent:
                row = services.rename(**given, name=sent["name"])
            if "reading" in sent or "kind" in sent:
                kind = Subject(sent["kind"]) if "kind" in sent else None
                choices = Choices(**sent.get("reading", {}))
                row = services.look_again(**given, choices=choices, kind=kind)
            if {"columns", "constants", "values"} & sent.keys():
                if not selectors.is_looked_at(row):
                    raise services.NotNow
                row = services.assign(**given, mapping=_mapped(row, sent))
        return Outcome(200, shapes.whole(row))


class Check(Endpoint):
    """Finding out what would happen."""

    scopes = {"POST": _SCOPE}

    @extend_schema(
        operation_id="imports_check",
        parameters=[KEY],
        request=shapes.CheckShape,
        responses={202: shapes.ImportAnswer},
    )
    def post(self, request: Request, import_id: UUID) -> HttpResponse:
        """Check the file in the background; 409 `import-same-file` when it was brought in."""
        return idempotency.once(request, lambda: self._check(request, import_id))

    def _check(self, request: Request, import_id: UUID) -> Outcome:
        sent: dict[str, Any] = self.cleaned(shapes.CheckShape, request)
        is_again = sent.pop("again")
        row = services.check(
            actor=self.actor(request),
            import_id=import_id,
            options=contract.Options(**sent),
            now=timezone.now(),
            is_again=is_again,
        )
        return Outcome(202, shapes.whole(row))


class Start(Endpoint):
    """Bringing in what was checked."""

    scopes = {"POST": _SCOPE}

    @extend_schema(
        operation_id="imports_start",
        parameters=[KEY],
        request=None,
        responses={202: shapes.ImportAnswer},
    )
    def post(self, request: Request, import_id: UUID) -> HttpResponse:
        """Bring the file in, in the background."""
        return idempotency.once(request, lambda: self._start(request, import_id))

    def _start(self, request: Request, import_id: UUID) -> Outcome:
        row = services.start(actor=self.actor(request), import_id=import_id, now=timezone.now())
        return Outcome(202, shapes.whole(row))


class Cancel(Endpoint):
    """Calling running work off."""

    scopes = {"POST": _SCOPE}

    @extend_schema(
        operation_id="imports_cancel",
        parameters=[KEY],
        request=shapes.CancelShape,
        responses={202: shapes.ImportAnswer},
    )
    def post(self, request: Request, import_id: UUID) -> HttpResponse:
        """Stop a check, or a bringing in: what is in is taken back unless `keep` is true."""
        return idempotency.once(request, lambda: self._cancel(request, import_id))

    def _cancel(self, request: Request, import_id: UUID) -> Outcome:
        sent = self.cleaned(shapes.CancelShape, request)
        row = services.cancel(
            actor=self.actor(request),
            import_id=import_id,
            now=timezone.now(),
            keeps=bool(sent["keep"]),
        )
        return Outcome(202, shapes.whole(row))


class Undo(Endpoint):
    """Taking an import back."""

    scopes = {"POST": _SCOPE}

    @extend_schema(
        operation_id="imports_undo",
        parameters=[KEY],
        request=None,
        responses={202: shapes.ImportAnswer},
    )
    def post(self, request: Request, import_id: UUID) -> HttpResponse:
        """Take an import back as a whole, in the background; possible for 30 days."""
        return idempotency.once(request, lambda: self._undo(request, import_id))

    def _undo(self, request: Request, import_id: UUID) -> Outcome:
        row = services.undo(actor=self.actor(request), import_id=import_id, now=timezone.now())
        return Outcome(202, shapes.whole(row))


class Rejected(Endpoint):
    """The rows that were not taken in."""

    scopes = {"GET": _SCOPE}

    @extend_schema(
        operation_id="imports_rejected", responses={(200, "text/csv"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, import_id: UUID) -> HttpResponseBase:
        """Give every rejected row with its line, column and reason, as CSV."""
        row = selectors.get(actor=self.actor(request), import_id=import_id)
        if not row.rejected_file or not default_storage.exists(row.rejected_file):
            raise NotFound
        file = default_storage.open(row.rejected_file, "rb")
        return FileResponse(file, filename="rejected.csv", content_type="text/csv; charset=utf-8")


def _brief(row: Row) -> dict[str, Any]:
    return shapes.brief(row)


def _mapped(row: Row, sent: dict[str, Any]) -> Mapping:
    """Put what was sent over the mapping as it stands; columns are named by their headings."""
    before = selectors.mapping_of(row)
    wanted = {each["heading"]: each["attribute"] for each in sent.get("columns", [])}
    unknown = wanted.keys() - {column.heading for column in before.columns}
    if unknown:
        raise faults.MappingFault([_no_column(heading) for heading in sorted(unknown)])
    columns = tuple(
        Assignment(column.heading, wanted.get(column.heading, column.attribute))
        for column in before.columns
    )
    return msgspec.structs.replace(
        before,
        columns=columns,
        constants=sent.get("constants", before.constants),
        options=msgspec.structs.replace(before.options, **sent.get("values", {})),
    )


def _no_column(heading: str) -> str:
    return f"The file has no column “{heading}”."
