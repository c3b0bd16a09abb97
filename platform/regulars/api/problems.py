"""Errors as RFC 9457 problems: one handler for the whole API, a page that explains each code."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

from regulars import errors
from regulars.errors import RegularsError
from regulars.imports import faults as files

_LOG: Final = logging.getLogger(__name__)
MEDIA_TYPE: Final = "application/problem+json"
_FILE_TITLE: Final = "The file cannot be read as it is"
_OWN_OF_DRF: Final[dict[type[exceptions.APIException], str]] = {
    exceptions.ParseError: "The body cannot be read",
    exceptions.MethodNotAllowed: "There is no such method here",
    exceptions.NotAcceptable: "The answer cannot be had in this form",
    exceptions.UnsupportedMediaType: "The body is not of the type that is expected",
}
_FROM_DRF: Final[dict[type[Exception], type[RegularsError]]] = {
    exceptions.NotAuthenticated: errors.Unauthenticated,
    exceptions.AuthenticationFailed: errors.Unauthenticated,
    exceptions.PermissionDenied: errors.Forbidden,
    exceptions.NotFound: errors.NotFound,
    Http404: errors.NotFound,
    PermissionDenied: errors.Forbidden,
}


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem. Unknown faults are left to Django: they are ours."""
    request = context["request"]
    for kind, ours in _FROM_DRF.items():
        if isinstance(error, kind):
            error = ours()
            break
    if isinstance(error, exceptions.ValidationError):
        return _response(request, 422, "invalid", str(errors.Invalid()), list(_flat(error.detail)))
    if isinstance(error, exceptions.APIException):
        code = str(error.default_code).replace("_", "-")
        return _response(request, error.status_code, code, str(error.detail))
    if not isinstance(error, RegularsError):
        return None
    error.settle()
    faults = [
        {"pointer": pointer(name), "detail": str(sentence)}
        for name, sentences in error.fields.items()
        for sentence in sentences
    ]
    response = _response(request, error.status, error.code, str(error), faults)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _response(
    request: Any, status: int, code: str, detail: str, faults: list[dict[str, str]] | None = None
) -> Response:
    body = body_of(request, status=status, code=code, detail=detail, faults=faults)
    return Response(body, status=status, content_type=MEDIA_TYPE)


def body_of(
    request: Any,
    *,
    status: int,
    code: str,
    detail: str,
    faults: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Return the members of a problem; `type` is the page that explains the code."""
    body: dict[str, Any] = {
        "type": request.build_absolute_uri(f"/api/problems/{code}/"),
        "title": titles().get(code, code.replace("-", " ").capitalize()),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if faults:
        body["errors"] = faults
    return body


def pointer(path: str) -> str:
    """Return a dotted path as a JSON pointer: ``lines.0.quantity`` → ``#/lines/0/quantity``."""
    return "#/" + path.replace("~", "~0").replace("/", "~1").replace(".", "/")


def _flat(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Walk DRF's nested faults and say for each where it is."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from _flat(inner, here)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            here = f"{path}.{number}" if isinstance(inner, dict) else path
            yield from _flat(inner, here)
    else:
        yield {"pointer": pointer(path), "detail": str(detail)}


@dataclass(frozen=True, slots=True)
class Explained:
    """What the page of a code says."""

    status: int
    title: str
    sentence: errors.Text


def kinds() -> Iterator[type[RegularsError]]:
    """Return every error class of the product, the tree's inner ones first."""
    waiting = [RegularsError]
    while waiting:
        kind = waiting.pop(0)
        yield kind
        waiting += kind.__subclasses__()


def codes() -> dict[str, Explained]:
    """Return every code an answer can have: of our classes, of DRF's own, and of unusable files."""
    found: dict[str, Explained] = {}
    for kind in kinds():
        found.setdefault(kind.code, Explained(kind.status, _summary(kind), kind.sentence))
    for own, title in _OWN_OF_DRF.items():
        code = str(own.default_code).replace("_", "-")
        found[code] = Explained(own.status_code, title, str(own.default_detail))
    for code, sentence in files.SENTENCES.items():
        found[code] = Explained(files.FileFault.status, _FILE_TITLE, sentence)
    return found


def titles() -> dict[str, str]:
    """Return a short English title for each code."""
    return {code: each.title for code, each in codes().items()}


def _summary(kind: type[RegularsError]) -> str:
    return (kind.__doc__ or kind.code).strip().splitlines()[0].rstrip(".")


@csrf_exempt
def nowhere(request: HttpRequest) -> JsonResponse:
    """Answer an address that does not exist, or whose id is none, as programs expect."""
    error = errors.NotFound()
    body = body_of(request, status=error.status, code=error.code, detail=str(error))
    return JsonResponse(body, status=error.status, content_type=MEDIA_TYPE)


def explain(request: HttpRequest, code: str) -> HttpResponse:
    """Show the page a problem's `type` leads to."""
    known = codes().get(code)
    if known is None:
        raise Http404
    return render(request, "api/problem.html", {"code": code, "known": known})
