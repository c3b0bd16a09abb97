"""Ringing for a worker while the broker is away."""

import logging
import time

import pytest

from regulars.local import processes
from regulars.outbox import services
from regulars.outbox.tasks import work_off


def test_nobody_waits_for_a_broker_that_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = f"redis://127.0.0.1:{processes.free_port()}/0"
    monkeypatch.setattr(work_off.app.conf, "broker_write_url", nowhere)
    monkeypatch.setattr(work_off.app.conf, "broker_url", nowhere)
    services.ring("first")  # what is loaded once is not waited for again
    began = time.perf_counter()

    with caplog.at_level(logging.WARNING, logger=services.__name__):
        services.ring("second")

    assert "did not take the bell for second" in caplog.text
    assert time.perf_counter() - began < 2  # six seconds when it tried again and again
