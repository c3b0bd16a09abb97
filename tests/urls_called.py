"""Every address of the product is asked for by some test; what is not is named, with why."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

_FOLDER = "REGULARS_TEST_URLS"
_called: set[str] = set()
EXEMPT: dict[str, str] = {}


class Recorder:
    """Middleware that notes the route of each request the tests make."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        if request.resolver_match is not None:
            _called.add(request.resolver_match.route)


def start(folder: Path) -> None:
    """Say where the workers leave what they called."""
    os.environ[_FOLDER] = str(folder)


def leave() -> None:
    """Write down what this process called."""
    if _FOLDER in os.environ:
        path = Path(os.environ[_FOLDER]) / f"urls-{os.getpid()}.txt"
        path.write_text("\n".join(sorted(_called)))


def uncalled() -> list[str]:
    """Return the routes no process asked for and no reason excuses."""
    called = set(_called)
    for path in Path(os.environ[_FOLDER]).glob("urls-*.txt"):
        called.update(path.read_text().splitlines())
    known = {route for name in _urlconfs() for route in _routes(get_resolver(name))}
    return sorted(known - called - EXEMPT.keys())


def is_whole_run(config: pytest.Config) -> bool:
    """Say whether every test was asked for."""
    asked = config.option.keyword or config.option.markexpr
    return not asked and config.args_source.name == "TESTPATHS"


def _urlconfs() -> tuple[str, str]:
    return settings.ROOT_URLCONF, settings.CHAIN_URLCONF


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        own = str(each.pattern)
        route = prefix + (own.removeprefix("^") if prefix else own)  # as Django joins them
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from _routes(each, route)
