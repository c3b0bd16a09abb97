"""Letting an operator in by a link from the installation's own command line (ADR 22).

There is no account and no password. Whoever may run commands on the server prints a link that
opens once, for ten minutes; it gives one browser a session of eight hours. Both are random and are
kept as digests in the cache, so that nothing that is stored opens anything, and emptying the cache
signs everybody out.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

LINK_SECONDS: Final = 600
SESSION_SECONDS: Final = 8 * 3600
_ROUND: Final = "operator:round"
_LOG = logging.getLogger(__name__)

type View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who looks, by the name under which the link was made."""

    name: str


def cookie_name() -> str:
    """Return the name of the cookie; over HTTPS one that no other host can set."""
    return "__Host-operator" if settings.SESSION_COOKIE_SECURE else "operator"


def new_link(name: str) -> str:
    """Return a fresh token that lets somebody in once."""
    token = secrets.token_urlsafe(32)
    cache.set(_key("link", token), {"name": name, "round": _round()}, LINK_SECONDS)
    return token


def is_open(token: str) -> bool:
    """Say whether a link would let somebody in now."""
    return _kept("link", token) is not None


def enter(token: str) -> str | None:
    """Use a link up; returns the session's token, or None if it opens nothing any more."""
    kept = _kept("link", token)
    if kept is None or not cache.delete(_key("link", token)):
        return None  # of two who use it at once, one deletes it
    session = secrets.token_urlsafe(32)
    cache.set(_key("session", session), kept, SESSION_SECONDS)
    _LOG.warning("Operator %s signed in.", kept["name"])
    return session


def leave(request: HttpRequest) -> None:
    """End this session."""
    cache.delete(_key("session", request.COOKIES.get(cookie_name(), "")))


def end_all() -> None:
    """End every session and every link that was not used yet."""
    cache.set(_ROUND, secrets.token_hex(8), None)


def of(request: HttpRequest) -> Operator | None:
    """Return who looks; None without a session that still counts."""
    token = request.COOKIES.get(cookie_name(), "")
    kept = _kept("session", token) if token else None
    return Operator(name=kept["name"]) if kept else None


def remember(response: HttpResponse, session: str) -> None:
    """Give the browser its session: for this site only, out of reach of scripts."""
    response.set_cookie(
        cookie_name(),
        session,
        max_age=SESSION_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def operators_only(view: View) -> View:
    """Show a view to operators; anybody else reads how one gets in, and nothing more."""

    @never_cache
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        operator = of(request)
        if operator is None:
            return hidden(render(request, "operating/closed.html", status=403))
        return hidden(view(request, operator, *args, **kwargs))

    return checked


def hidden(response: HttpResponse) -> HttpResponse:
    """Keep an answer out of search engines."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _key(what: str, token: str) -> str:
    return f"operator:{what}:{hashlib.sha256(token.encode()).hexdigest()}"


def _round() -> str:
    """Return what changes when every session is ended; a new one where the cache lost it."""
    cache.add(_ROUND, secrets.token_hex(8), None)
    return str(cache.get(_ROUND, ""))


def _kept(what: str, token: str) -> dict[str, str] | None:
    """Return what is kept of a link or session of this round; while there is none, nothing."""
    kept: dict[str, str] | None = cache.get(_key(what, token))
    now = cache.get(_ROUND)
    return kept if kept is not None and now is not None and kept["round"] == now else None
