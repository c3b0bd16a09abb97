"""`make bench` runs every benchmark, `make bench B=3` one. Each prints what it measured."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
# What each measures is said in its module; the numbers are those of docs/performance.md.
BENCHMARKS = {"3": "bench_posting", "5": "bench_insights"}


def main(asked: list[str]) -> int:
    """Run the benchmarks asked for, or all that are there; return how many failed."""
    unknown = [each for each in asked if each not in BENCHMARKS]
    if unknown:
        known = ", ".join(BENCHMARKS)
        sys.stderr.write(f"There is no benchmark {unknown[0]!r}; there are {known}.\n")
        return 2
    failed = 0
    for number in asked or BENCHMARKS:
        name = BENCHMARKS[number]
        if (FOLDER / f"{name}.py").exists():
            sys.stdout.write(f"B{number}\n")
            sys.stdout.flush()
            failed += bool(subprocess.call([sys.executable, "-m", f"tests.benchmarks.{name}"]))
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
