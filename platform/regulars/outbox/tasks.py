"""The worker's side of the outbox."""

from datetime import datetime, timedelta
from itertools import batched
from typing import Final

from celery import shared_task
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from regulars.outbox import schedule, services
from regulars.tenancy import context, releases
from regulars.tenancy.models import Chain
from regulars.tenancy.tasks import ChainTask

_AT_ONCE: Final = 50  # a connection keeps 1.3 MB for each schema it has touched


@shared_task(name="regulars.outbox.work_off", base=ChainTask)
def work_off(*, chain_id: str) -> int:
    """Do the due work of one chain."""
    return services.work_off()


@shared_task(name="regulars.outbox.sweep")
def sweep() -> int:
    """Find work whose bell was lost, in every chain that can be worked in."""
    with context.public():
        chains = list(_workable().values_list("id", "schema_name"))
    found = 0
    for batch in batched(chains, _AT_ONCE, strict=False):
        with context.public():
            for chain_id in services.chains_with_work(list(batch)):
                services.ring(str(chain_id))
                found += 1
        connection.close()
    return found


@shared_task(name="regulars.outbox.tick")
def tick() -> int:
    """Ask every chain that can be worked in to do what recurs."""
    with context.public():
        ids = [str(each) for each in _workable().values_list("id", flat=True)]
    for chain_id in ids:
        recur.apply_async(kwargs={"chain_id": chain_id}, expires=240)
    return len(ids)


def _workable() -> QuerySet[Chain]:
    """Return the active chains; work of one that waits for its migration waits with it."""
    return Chain.objects.filter(state=Chain.State.ACTIVE, schema_version__gte=releases.needed())


@shared_task(name="regulars.outbox.recur", base=ChainTask)
def recur(*, chain_id: str) -> None:
    """Write down and do what recurs in one chain."""
    schedule.write_down(zone=context.current().zone, now=timezone.now())


@schedule.nightly("outbox.clean-up")
def clean_up(*, now: datetime) -> None:
    """Remove work of one chain that was done more than a week ago."""
    services.clean_up(before=now - timedelta(days=7))
