"""Writing work down, and doing it."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import kombu.exceptions
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from regulars.outbox import handlers
from regulars.outbox.models import Job
from regulars.tenancy import context

MOST_ATTEMPTS: Final = 12
_LOG = logging.getLogger(__name__)


def enqueue(
    *,
    handler: str,
    payload: Mapping[str, Any] | None = None,
    key: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """Write work down in the caller's transaction, and ring for a worker when it commits.

    With a `key`, the same work is written once only. `due_at` puts it off.
    """
    job = Job(handler=handler, payload=dict(payload or {}), key=key)
    if due_at is not None:
        job.due_at = due_at
    Job.objects.bulk_create([job], ignore_conflicts=key is not None)
    if due_at is None:
        chain_id = str(context.current().id)
        transaction.on_commit(lambda: ring(chain_id))


def ring(chain_id: str) -> None:
    """Wake a worker for the chain. If the broker is away the sweeper finds the work."""
    from regulars.outbox.tasks import work_off

    try:
        work_off.apply_async(kwargs={"chain_id": chain_id}, retry=False)
    except kombu.exceptions.OperationalError as error:
        _LOG.warning("The broker did not take the bell for %s: %s", chain_id, error)


def work_off(*, limit: int = 200) -> int:
    """Do the due work of the current chain, one row at a time; return how many were done."""
    done = 0
    while done < limit:
        job = _claim()
        if job is None:
            break
        done += 1
    return done


def _claim() -> Job | None:
    """Take the next due row and do it. Workers pass by rows that others hold."""
    with transaction.atomic():
        job = (
            Job.objects.select_for_update(skip_locked=True)
            .filter(done_at=None, failed_at=None, due_at__lte=Now())
            .order_by("due_at")
            .first()
        )
        if job is None:
            return None
        found = handlers.find(job.handler)
        if found is None:
            _put_off(job, f"No handler is called {job.handler!r} in this code.")
            return job
        if found.lease is None:
            _do_inside(job, found)
            return job
        job.attempts += 1
        job.due_at = timezone.now() + found.lease
        job.save(update_fields=["attempts", "due_at"])
    _do_leased(job, found)
    return job


def _do_inside(job: Job, found: handlers.Handler) -> None:
    try:
        with transaction.atomic():
            found.work(**job.payload, now=timezone.now())
    except Exception as error:  # noqa: BLE001  (whatever a handler raises is kept with its row)
        _LOG.exception("%s failed", job.handler)
        job.attempts += 1
        _put_off(job, repr(error), is_over=_is_over(job, found, error))
    else:
        _finish(job)


def _do_leased(job: Job, found: handlers.Handler) -> None:
    try:
        found.work(**job.payload, now=timezone.now())
    except Exception as error:  # noqa: BLE001  (as above)
        _LOG.exception("%s failed", job.handler)
        _put_off(job, repr(error), is_over=_is_over(job, found, error))
    else:
        _finish(job)


def _finish(job: Job) -> None:
    job.done_at = timezone.now()
    job.fault = ""
    job.save(update_fields=["done_at", "fault"])


def _is_over(job: Job, found: handlers.Handler, error: Exception) -> bool:
    """Say whether the work is given up: it is of no use, or was tried MOST_ATTEMPTS times."""
    is_enough = found.gives_up and job.attempts >= MOST_ATTEMPTS
    return is_enough or isinstance(error, handlers.NoUse)


def _put_off(job: Job, fault: str, *, is_over: bool = False) -> None:
    """Try again later, each time after longer; what is over waits for a person."""
    now = timezone.now()
    job.fault = fault[:2000]
    if is_over:
        job.failed_at = now
    job.due_at = now + timedelta(seconds=min(3600, 5 * 2 ** min(job.attempts, 10)))
    job.save(update_fields=["attempts", "fault", "failed_at", "due_at"])


def extend(*, handler: str, key: str, lease: timedelta, now: datetime) -> None:
    """Say that leased work is still going on, so that nobody else begins it."""
    Job.objects.filter(handler=handler, key=key, done_at=None).update(due_at=now + lease)


def attempts(*, key: str) -> int:
    """Return how often work with this key was begun."""
    return Job.objects.filter(key=key).values_list("attempts", flat=True).first() or 0


def chains_with_work(chains: list[tuple[UUID, str]]) -> list[UUID]:
    """Return which of these (id, schema) have due work, in one statement over all of them.

    Schema names are our own random ones, checked by the database, so they are safe to place.
    """
    if not chains:
        return []
    parts = [
        f"SELECT '{chain_id}'::uuid WHERE EXISTS (SELECT 1 FROM \"{schema}\".outbox_job "  # noqa: S608
        "WHERE done_at IS NULL AND failed_at IS NULL AND due_at <= now())"
        for chain_id, schema in chains
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return [row[0] for row in cursor.fetchall()]


def given_up(chains: list[tuple[UUID, str]]) -> list[tuple[UUID, int, str]]:
    """Return which of these (id, schema) have work that was given up: how much, and the last fault.

    One statement over all of them; for operators.
    """
    if not chains:
        return []
    parts = [
        f"SELECT '{chain_id}'::uuid, count(*), (array_agg(handler || ': ' || fault "  # noqa: S608
        f'ORDER BY failed_at DESC))[1] FROM "{schema}".outbox_job WHERE failed_at IS NOT NULL '
        "HAVING count(*) > 0"
        for chain_id, schema in chains
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return list(cursor.fetchall())


@contextmanager
def in_order(name: str) -> Iterator[None]:
    """Hold a lock of the current chain until the transaction ends: one at a time does this."""
    schema = context.current().schema_name
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{schema}:{name}"]
        )
    yield


def clean_up(*, before: datetime) -> int:
    """Remove work that was done before a moment; what failed stays until somebody looks."""
    removed, _ = Job.objects.filter(done_at__lt=before).delete()
    return removed
