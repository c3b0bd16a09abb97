"""What the scheduler asks of a worker works whatever the worker did before."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from regulars.celery import app
from regulars.tenancy import context, provisioning, releases, tasks
from regulars.tenancy.models import Chain, Schema
from tests.prepared import sign_up


@pytest.fixture(autouse=True)
def _worker(own_database: str) -> Iterator[None]:
    """A worker that has just worked for nobody: neither connection points anywhere."""
    for alias in ("default", releases.OWNER):
        context.reset(using=alias)
    yield
    context.activate_public(using=releases.OWNER)


def spares() -> int:
    with context.public():
        return Schema.objects.filter(state=Schema.State.SPARE).count()


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_a_chore_works_again_and_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *_a, **_k: None)
    app.loader.import_default_modules()
    chore: Any = app.tasks[str(settings.CELERY_BEAT_SCHEDULE[name]["task"])]

    for _turn in range(2):
        assert isinstance(chore(), int)
        assert context.current_or_none() is None


def test_positive_control_without_its_wrapper_a_chore_has_nowhere_to_work() -> None:
    with pytest.raises(ImproperlyConfigured):
        tasks.resume_signups.run()


def test_the_pool_is_filled_again(now: datetime) -> None:
    sign_up(company="Carat", subdomain="carat", vertical="jewelry", now=now)
    tasks.fill_spares()
    with context.public():
        provisioning.drop_schema(
            name=Schema.objects.filter(state=Schema.State.SPARE).values_list("name", flat=True)[0]
        )

    made = tasks.fill_spares()

    assert made == 1
    assert spares() >= settings.SPARE_SCHEMAS


def test_a_sign_up_that_found_no_spare_is_finished_by_the_worker(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with context.public():
        Schema.objects.filter(state=Schema.State.SPARE).update(state=Schema.State.TAKEN)
    with monkeypatch.context() as website:
        website.setattr(provisioning, "OWNER", "none")  # the website may make no tables
        with pytest.raises(provisioning.NotReadyYet):
            sign_up(company="Carat", subdomain="carat", vertical="jewelry", now=now)

    finished = [tasks.resume_signups(), tasks.resume_signups()]

    assert finished == [1, 0]
    with context.public():
        assert Chain.objects.get(name="Carat").state == Chain.State.ACTIVE
