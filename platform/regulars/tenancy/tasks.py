"""Celery's side of tenancy: tasks that fail closed, and the chores of the control plane."""

import logging
from contextlib import nullcontext
from typing import Any, Final
from uuid import UUID

import kombu.exceptions
from celery import Task, shared_task
from django.conf import settings
from django.db import connections
from django.utils import timezone

from regulars.tenancy import context, directory, provisioning, releases
from regulars.tenancy.models import Chain

_LOG: Final = logging.getLogger(__name__)


class ChainUnavailable(RuntimeError):
    """The task names no chain, or one unknown, closed or not yet migrated; it did not run."""


class ChainTask(Task):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A task of one chain, which must be active and migrated: `chain_id`, its first keyword."""

    abstract = True

    def __call__(self, *args: Any, chain_id: str | None = None, **kwargs: Any) -> Any:
        """Run inside the chain, or raise ChainUnavailable without running."""
        context.reset()
        try:
            if not chain_id:
                raise ChainUnavailable(f"{self.name} was called without a chain.")
            chain = directory.by_id(UUID(chain_id))
            if chain is None or chain.state != Chain.State.ACTIVE:
                raise ChainUnavailable(f"{self.name}: chain {chain_id} is not active.")
            if chain.schema_version < releases.needed():
                raise ChainUnavailable(f"{self.name}: chain {chain_id} waits for its migration.")
            with context.inside(chain):
                return super().__call__(*args, chain_id=chain_id, **kwargs)
        finally:
            context.reset()


class Chore(Task):  # type: ignore[type-arg]
    """A task of the control plane: no chain is on either connection, whatever ran before."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run in the control plane, under both roles where this process has both."""
        context.reset()
        owner = context.public(using=releases.OWNER) if _is_owner() else nullcontext()
        try:
            with context.public(), owner:
                return super().__call__(*args, **kwargs)
        finally:
            context.reset()


def _is_owner() -> bool:
    return releases.OWNER in connections.settings


def wake(chore: "Task[..., int]") -> None:
    """Have a chore done now; if the broker is away, its next turn by the clock does it."""
    try:
        chore.apply_async(retry=False)
    except kombu.exceptions.OperationalError as error:
        _LOG.warning("The broker did not take the bell for %s: %s", chore.name, error)


@shared_task(name="regulars.tenancy.fill_spares", base=Chore)
def fill_spares() -> int:
    """Keep the pool of spare schemas full."""
    return provisioning.fill_spares(wanted=settings.SPARE_SCHEMAS)


@shared_task(name="regulars.tenancy.resume_signups", base=Chore)
def resume_signups() -> int:
    """Finish sign-ups that died half-way."""
    return provisioning.resume(now=timezone.now())
