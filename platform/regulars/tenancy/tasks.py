"""Celery's side of tenancy: tasks that fail closed, and the chores of the control plane."""

from typing import Any
from uuid import UUID

from celery import Task, shared_task
from django.conf import settings
from django.utils import timezone

from regulars.tenancy import context, directory, provisioning
from regulars.tenancy.models import Chain


class ChainUnavailable(RuntimeError):
    """The task names no chain, an unknown one, or one that is not active; it did not run."""


class ChainTask(Task):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A task of one chain: `chain_id` is its first keyword argument, and it must be active."""

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
            with context.inside(chain):
                return super().__call__(*args, chain_id=chain_id, **kwargs)
        finally:
            context.reset()


@shared_task(name="regulars.tenancy.fill_spares")
def fill_spares() -> int:
    """Keep the pool of spare schemas full."""
    return provisioning.fill_spares(wanted=settings.SPARE_SCHEMAS)


@shared_task(name="regulars.tenancy.resume_signups")
def resume_signups() -> int:
    """Finish sign-ups that died half-way."""
    return provisioning.resume(now=timezone.now())
