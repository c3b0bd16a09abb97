"""What a process has loaded for good is not looked through for garbage again and again."""

import gc
import importlib
import sys
from collections.abc import Iterator

import pytest

from regulars import celery
from regulars.tenancy import pooling


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_in_a_worker() -> None:
    celery.Memory(parent=None)

    assert gc.get_freeze_count() > 10_000


def test_in_the_website(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooling, "prove_at_start", lambda: None)
    monkeypatch.delitem(sys.modules, "regulars.wsgi", raising=False)

    importlib.import_module("regulars.wsgi")

    assert gc.get_freeze_count() > 10_000
