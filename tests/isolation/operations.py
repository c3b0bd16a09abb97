"""Every operation of a chain: each address of the URLconf with each method it answers."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.urls import URLPattern, URLResolver, get_resolver

from regulars.api import documents
from tests.isolation import things
from tests.isolation.things import Things

CHAIN: Final = "regulars.urls_chain"
_PART: Final = re.compile(r"\{(\w+)\}")
_CONVERTED: Final = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Views that answer whatever method: pages of an address that names nothing, and the like.
ANY_METHOD: Final = {"/api/openapi.json", "/api/docs/", "/api/problems/{code}/", "/api/v1/"}


@dataclass(frozen=True, order=True)
class Operation:
    """One method of one address, its parts written as OpenAPI writes them."""

    route: str
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def is_api(self) -> bool:
        """Say whether programs call it, with a key."""
        return self.route.startswith("/api/v1/")

    @property
    def things(self) -> tuple[str, ...]:
        """Return the kinds of things its address names, in their order."""
        kinds = (things.kind_of(self.route, part) for part in _PART.findall(self.route))
        return tuple(kind for kind in kinds if kind is not None)

    def url(self, *sources: Things) -> str:
        """Return the address with its first thing from the first source, and so on."""
        waiting = list(sources)

        def place(found: re.Match[str]) -> str:
            kind = things.kind_of(self.route, found[1])
            if kind is None:
                return things.word(self.route, found[1])
            source = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            return source[kind]

        return _PART.sub(place, self.route)


def routes(urlconf: str = CHAIN) -> dict[str, Callable[..., Any]]:
    """Return every address of a URLconf with its view."""
    return dict(sorted(_walk(get_resolver(urlconf), "/")))


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for each in resolver.url_patterns:
        own = _CONVERTED.sub(lambda found: f"{{{found[1] or found[2]}}}", str(each.pattern))
        route = prefix + own.removeprefix("^").removesuffix("$")
        if isinstance(each, URLResolver):
            yield from _walk(each, route)
        elif isinstance(each, URLPattern):
            yield route, each.callback


def of_routes(urlconf: str = CHAIN) -> list[Operation]:
    """Return every operation of a URLconf; a view that takes any method is one of `ANY_METHOD`."""
    return [
        Operation(route, method)
        for route, view in routes(urlconf).items()
        for method in (["GET"] if route in ANY_METHOD else _methods(view))
    ]


def _methods(view: Callable[..., Any]) -> list[str]:
    """Return what a view answers; raises LookupError if it does not say."""
    kind = getattr(view, "view_class", getattr(view, "cls", None))
    if kind is not None:
        # allauth's forms take PUT for POST
        has = [each for each in _METHODS if hasattr(kind, each.lower())]
        return has if hasattr(kind, "scopes") else [each for each in has if each != "PUT"]
    while view is not None:
        told = inspect.getclosurevars(view).nonlocals.get("request_method_list")
        if told is not None:
            return [each for each in _METHODS if each in told]
        view = getattr(view, "__wrapped__", None)  # type: ignore[assignment]
    raise LookupError("Say with require_http_methods what this view answers.")


def of_document() -> list[Operation]:
    """Return every operation of the OpenAPI document; call it inside a chain."""
    return sorted(
        Operation(path, method.upper())
        for path, methods in documents._document()["paths"].items()
        for method in methods
        if method.upper() in _METHODS
    )
