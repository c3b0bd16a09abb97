"""Every benchmark runs small: its answers must be right; its times say nothing here."""

import importlib
from typing import Any

import pytest

from tests.benchmarks import measuring
from tests.benchmarks.catalog import BENCHMARKS


@pytest.mark.usefixtures("django_db_setup")
@pytest.mark.parametrize("number", BENCHMARKS)
def test_a_benchmark_checks_its_answers_and_measures_something(
    number: str, django_db_blocker: Any
) -> None:
    module = importlib.import_module(f"tests.benchmarks.{BENCHMARKS[number]}")
    report = measuring.Report(number, module.TITLE)

    with django_db_blocker.unblock(), measuring.database(f"bench{number}"):
        module.measure(report, module.SMALL)

    assert report.checked
    assert report.rows
