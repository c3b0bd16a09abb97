"""`make bench` runs every benchmark, `make bench B=3` one, and writes docs/performance.md."""

import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

from regulars.local import valkey
from tests.benchmarks.catalog import BENCHMARKS


def main(asked: list[str]) -> int:
    """Run the benchmarks asked for, or all of them; return how many gave wrong answers."""
    unknown = [each for each in asked if each not in BENCHMARKS]
    if unknown:
        known = ", ".join(BENCHMARKS)
        sys.stderr.write(f"There is no benchmark {unknown[0]!r}; there are {known}.\n")
        return 2
    if len(asked) == 1:
        run(asked[0])
        return 0
    # each in a process of its own: what one leaves in memory is not measured by the next
    alone = [sys.executable, "-m", "tests.benchmarks"]
    return sum(bool(subprocess.call([*alone, each])) for each in asked or BENCHMARKS)


def run(number: str) -> None:
    """Run one benchmark full, with a cache of its own, and write what it found."""
    with tempfile.TemporaryDirectory() as folder, valkey.Server(Path(folder) / "valkey") as cache:
        os.environ["REDIS_URL"] = cache.url()
        _run(number)


def _run(number: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.benchmarks import measuring

    module = importlib.import_module(f"tests.benchmarks.{BENCHMARKS[number]}")
    report = measuring.Report(number, module.TITLE)
    measuring.say(f"B{number} {module.TITLE}")
    with measuring.database():
        module.measure(report, module.FULL)
        report.write()
    for what in report.short:
        measuring.say(f"short of its limit: {what}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
