"""Writing twice does it once: the first 2xx answer under a key is kept and replayed.

The answer is kept in the transaction of the change itself, so that there is never a change without
its answer or an answer without its change. While the first call runs it holds an advisory lock of
its transaction; a second one sees that and is told to wait instead of doing anything.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from regulars.api.auth import key_of
from regulars.api.models import Answer
from regulars.errors import Conflict, Invalid
from regulars.outbox import schedule
from regulars.tenancy import context, statements

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(days=7)
_LOOK: Final = statements.squeezed("""
    WITH lock AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)) AS ours)
    SELECT lock.ours, answer.fingerprint, answer.status, answer.body
    FROM lock LEFT JOIN api_answer AS answer ON answer.api_key_id = %s AND answer.key = %s
""")
# Nothing is written when the first call ended between our look and our lock.
_KEEP: Final = (
    "INSERT INTO api_answer (api_key_id, key, fingerprint, status, body) "
    "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)


class KeyMissing(Invalid):
    """Every write needs an Idempotency-Key header"""

    status: ClassVar[int] = 400
    code = "idempotency-key-missing"
    sentence = _("Send an Idempotency-Key header: 1 to 80 visible characters, new for each write.")


class KeyReused(Invalid):
    """The same Idempotency-Key was sent with another body"""

    code = "idempotency-key-reused"
    sentence = _("This Idempotency-Key was used for something else. Make a new one for each write.")


class StillRunning(Conflict):
    """The first call with this Idempotency-Key is still running"""

    code = "idempotency-key-in-use"
    sentence = _("The same call is still running. Ask again in a second.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a write answers: a status of HTTP and plain data."""

    status: int
    body: Any


def once(
    request: Request, work: Callable[[], Outcome], *, body_digest: bytes | None = None
) -> HttpResponse:
    """Do the work unless this key has been answered before, in one transaction.

    `body_digest` stands for a body that is too large to be held in memory.

    Raises KeyMissing, KeyReused or StillRunning; what the work raises undoes everything and keeps
    no answer, so that the same key can be sent again once the cause is mended.
    """
    key = _key(request)
    fingerprint = _fingerprint(request, request.body if body_digest is None else body_digest)
    api_key_id: UUID = key_of(request).id
    with transaction.atomic():
        name = f"{context.current().schema_name}:{api_key_id}:{key}"
        found = statements.one(_LOOK, (name, api_key_id, key))
        assert found is not None  # noqa: S101  (one row of the lock is one row)
        ours, known, status, body = found
        if not ours:
            raise StillRunning(retry_after=1)
        if known is not None:
            if known != fingerprint:
                raise KeyReused
            return _answer(status, bytes(body), replayed=True)
        outcome = work()
        body = msgspec.json.encode(outcome.body)
        kept = (api_key_id, key, fingerprint, outcome.status, body)
        if not statements.run(_KEEP, kept):
            raise StillRunning(retry_after=1)  # the caller asks again
    return _answer(outcome.status, body, replayed=False)


def _key(request: Request) -> str:
    key = request.headers.get(HEADER, "")
    if not 1 <= len(key) <= 80 or not key.isascii() or not key.isprintable():
        raise KeyMissing
    return key


def _fingerprint(request: Request, body: bytes) -> str:
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    digest.update(body)
    return digest.hexdigest()


def _answer(status: int, body: bytes, *, replayed: bool) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="application/json")
    if replayed:
        response["Idempotency-Replayed"] = "true"
    return response


@schedule.nightly("api.forget-answers")
def forget_answers(*, now: datetime) -> None:
    """Remove answers older than a week; from then on the receipt's own number replays it."""
    Answer.objects.filter(created_at__lt=now - KEPT_FOR).delete()
