"""One import in a process of its own, which says how much memory it took at most.

``python -m tests.benchmarks.imports_alone DATABASE KIND PATH``, started by `bench_imports`.
"""

import json
import os
import resource
import sys
import tempfile
from pathlib import Path

import django


def main(name: str, kind: str, path: Path) -> None:
    """Bring the file in, and print rows and megabytes as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from regulars.imports import contract
    from regulars.imports.columns.attributes import Subject
    from regulars.local.demo.journey_import import Plan
    from tests import servers
    from tests.benchmarks import bench_imports, measuring
    from tests.benchmarks.imports_files import Part

    servers.point_at(name)
    subject = Subject(kind)
    values = {"source": "completejourney", "zone": "UTC", "rounds_money": True}
    named = {"product_type": "product_name", "department": "category"}
    plan = Plan(
        kind=subject,
        path=path,
        name=path.stem,
        columns=named if subject is Subject.PURCHASES else {},
        values=values if subject is Subject.PURCHASES else {"source": "old"},
        options=contract.Options(create_stores=True),
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        bench_imports.alone(Path(folder)),
        measuring.inside(),
    ):
        row = bench_imports.bring_in(Part(plan, 0))
        rows = row.counts["lines" if subject is Subject.PURCHASES else "new"]
    status = Path("/proc/self/status").read_text(encoding="ascii")
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    found = {"VmHWM": int(status.split("VmHWM:")[1].split()[0]) / 1024, "child": child / 1024}
    sys.stdout.write(json.dumps({**found, "rows": rows}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
