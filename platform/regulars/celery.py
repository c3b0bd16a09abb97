"""The Celery application. The broker only wakes workers; the work itself is in PostgreSQL."""

import gc
import os
from typing import Any

from celery import Celery, bootsteps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.settings")
app = Celery("regulars")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class Sessions(bootsteps.Step):
    """Ends a worker at its start that could not keep chains apart."""

    def __init__(self, parent: Any, **options: Any) -> None:
        from regulars.tenancy import pooling  # the settings are read by now

        super().__init__(parent, **options)
        pooling.prove_at_start()


class Connections(bootsteps.Step):
    """Lets a worker's connections serve every chain in turn before they are replaced."""

    def __init__(self, parent: Any, **options: Any) -> None:
        from django.conf import settings

        from regulars.tenancy.backend.base import DatabaseWrapper

        super().__init__(parent, **options)
        DatabaseWrapper.chains_kept = settings.CHAINS_PER_WORKER_CONNECTION


class Memory(bootsteps.Step):
    """Keeps what a worker has loaded for good out of the way of its garbage collector."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        gc.collect()
        gc.freeze()  # before children are forked: what is never looked at stays shared with them


app.steps["worker"].update({Sessions, Connections, Memory})
