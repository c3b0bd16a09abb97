"""How many complaints wait for one person: kept for seconds, as every page asks."""

import logging
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Final

import redis
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from regulars.complaints import access, selectors
from regulars.complaints.selectors import Waiting
from regulars.staff import permissions

_LASTS: Final = timedelta(seconds=20)
_LOG = logging.getLogger(__name__)


@require_GET
@permissions.needs(access.VIEW)
def count(request: HttpRequest) -> HttpResponse:
    """Answer with how many complaints wait, for the rail; nothing for none."""
    waiting = waiting_for(request, now=timezone.now())
    return render(request, "complaints/count.html", {"waiting": waiting})


def waiting_for(request: HttpRequest, *, now: datetime) -> Waiting:
    """Return what waits for whoever asks, counted once in some seconds."""
    try:
        found = cache.get(_key(request))
    except redis.RedisError as error:
        _LOG.warning("Complaints are counted each time, the cache is away: %s", error)
        found = None
    if isinstance(found, list):
        total, mine, late, unowned = found
        return Waiting(total=total, mine=mine, late=late, unowned=unowned)
    waiting = selectors.waiting(actor=permissions.acting(request), now=now)
    try:
        cache.set(_key(request), list(astuple(waiting)), timeout=int(_LASTS.total_seconds()))
    except redis.RedisError as error:
        _LOG.warning("What was counted is not remembered, the cache is away: %s", error)
    return waiting


def forget(request: HttpRequest) -> None:
    """Count anew next time: this person has just moved something."""
    try:
        cache.delete(_key(request))
    except redis.RedisError as error:
        _LOG.warning("What waits is told some seconds late, the cache is away: %s", error)


def _key(request: HttpRequest) -> str:
    # The chain is part of every key (see `tenancy.caching`).
    return f"complaints:count:{request.user.pk}"
