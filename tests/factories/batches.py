"""Texts that batches can send, and people of a batch's audience, made inside the active chain."""

from datetime import datetime
from typing import Any
from uuid import UUID

from regulars.audit import SYSTEM, Actor
from regulars.customers.models import Customer
from regulars.messages.models import Batch
from regulars.messages.services import templating
from regulars.outbox.models import Job
from regulars.stores.models import Store
from regulars.usecases import batching
from regulars.usecases.batching import Audience
from tests.factories import people
from tests.factories.contacts import person
from tests.factories.customers import NOW

WORDS = "{customer.salutation}您好，祝您中秋安康。{store.name}{guide.name}"
KEY = "moon-cakes"


def text(*, words: str = WORDS, **facts: Any) -> str:
    """Keep a greeting of the chain's own; return its key."""
    body = {
        "occasion": "mid-autumn",
        "purpose": "care",
        "channels": ["sms", "email"],
        "text": {"zh-Hans": words},
        "subject": {"zh-Hans": "中秋安康"},
        **facts,
    }
    templating.save(actor=SYSTEM, key=KEY, body=body, now=NOW)
    return KEY


def crowd(count: int, *, store: Store | None = None, **facts: Any) -> list[Customer]:
    """Make customers with a guide and a store, so that greetings can be signed."""
    home = store or people.first_store()
    guide = people.owner()
    return [person(store=home, owner=guide, **facts) for _ in range(count)]


def prepared(*, actor: Actor | None = None, audience: Audience | None = None, **how: Any) -> UUID:
    """Open a batch by text message; nothing is put together yet."""
    return batching.prepare(
        actor=actor or people.actor(people.owner()),
        **{
            "title": "Moon",
            "template": KEY,
            "channel": "sms",
            "audience": audience or Audience(),
            "now": NOW,
            **how,
        },
    )


def put_together(*, now: datetime = NOW, **how: Any) -> Batch:
    """Open a batch and have it put together."""
    pk = prepared(now=now, **how)
    work_off(now=now)
    return Batch.objects.get(pk=pk)


def work_off(*, now: datetime = NOW, slices: int = 1_000) -> None:
    """Put so many slices into batches, as a worker would, at a moment of the test's own."""
    for _ in range(slices):
        job = Job.objects.filter(handler=batching.HANDLER, done_at=None).order_by("due_at").first()
        if job is None:
            return
        batching.fill(**job.payload, now=now)
        Job.objects.filter(pk=job.pk).update(done_at=now)
