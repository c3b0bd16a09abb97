"""The worker's side of the outbox."""

from datetime import timedelta
from itertools import batched
from typing import Final

from celery import shared_task
from django.db import connection
from django.utils import timezone

from regulars.outbox import schedule, services
from regulars.tenancy import context
from regulars.tenancy.models import Chain
from regulars.tenancy.tasks import ChainTask

_AT_ONCE: Final = 50  # a connection keeps 1.3 MB for each schema it has touched


@shared_task(name="regulars.outbox.work_off", base=ChainTask)
def work_off(*, chain_id: str) -> int:
    """Do the due work of one chain."""
    return services.work_off()


@shared_task(name="regulars.outbox.sweep")
def sweep() -> int:
    """Find work whose bell was lost, in every active chain."""
    with context.public():
        active = Chain.objects.filter(state=Chain.State.ACTIVE)
        chains = list(active.values_list("id", "schema_name"))
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
    """Ask every active chain to do what recurs."""
    with context.public():
        active = Chain.objects.filter(state=Chain.State.ACTIVE)
        ids = [str(each) for each in active.values_list("id", flat=True)]
    for chain_id in ids:
        recur.apply_async(kwargs={"chain_id": chain_id}, expires=240)
    return len(ids)


@shared_task(name="regulars.outbox.recur", base=ChainTask)
def recur(*, chain_id: str) -> None:
    """Write down and do what recurs in one chain."""
    schedule.write_down(zone=context.current().zone, now=timezone.now())


@shared_task(name="regulars.outbox.clean_up", base=ChainTask)
def clean_up(*, chain_id: str) -> int:
    """Remove work of one chain that was done more than a week ago."""
    return services.clean_up(before=timezone.now() - timedelta(days=7))
