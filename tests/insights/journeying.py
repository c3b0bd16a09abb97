"""Runs `regulars demo completejourney` in a process of its own and tells what it took.

python -m tests.insights.journeying
"""

import json
import re
import resource
import sys
from pathlib import Path

import django
from django.conf import settings

if __name__ == "__main__":
    django.setup()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

    from regulars.local.demo import demo

    demo(["completejourney"], standalone_mode=False)
    status = Path("/proc/self/status").read_text("ascii")
    mine = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert mine is not None
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    sys.stdout.write(json.dumps({"megabytes": [int(mine[1]) // 1024, children // 1024]}) + "\n")
