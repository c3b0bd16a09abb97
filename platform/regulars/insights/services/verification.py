"""Comparing the rollups with the rows, at night, and making them anew when they differ."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from regulars.audit import SYSTEM
from regulars.audit import services as audit
from regulars.insights.counting import COUNTS
from regulars.insights.models import State
from regulars.insights.services import folding, writing
from regulars.points import verification as books
from regulars.tenancy import context

_MOST: Final = 50
_LOG = logging.getLogger(__name__)

type Finding = dict[str, Any]


def differences() -> list[Finding]:
    """Return where the rollups are not what the rows say, at most fifty places; change nothing.

    Each statement sees one state of everything, so that it may run while tills write.
    """
    findings: list[Finding] = []
    for groups in folding.parts(folding.known_groups()):
        parameters = {"groups": groups, "zone": context.current().time_zone, "most": _MOST}
        for group, day, *counts in _rows(writing.WRONG_DAYS, parameters):
            findings.append(_finding(group, [day], counts))
    for group, first, last, *counts in _rows(writing.WRONG_PERIODS, {"most": _MOST}):
        findings.append(_finding(group, [first, last], counts))
    return findings[:_MOST]


@books.check("rollup-differs-from-rows")
def _asked() -> Iterator[tuple[UUID, str]]:
    for found in differences():
        yield UUID(found["group"]), f"{' – '.join(found['days'])}: {found['differs'] or 'buyers'}"


def verify(*, now: datetime) -> list[Finding]:
    """Return the differences, and write down that somebody looked."""
    findings = differences()
    State.objects.update(verified_at=now, findings=findings)
    return findings


def verify_and_repair(*, now: datetime) -> list[Finding]:
    """Verify; where something was wrong, say so loudly and make everything anew."""
    findings = verify(now=now)
    if findings:
        _LOG.error("Rollups differ from the rows in %d places: %s", len(findings), findings[:3])
        audit.record(actor=SYSTEM, action="insights.repaired", data={"findings": findings})
        folding.rebuild(now=now)
    return findings


def _finding(group: Any, days: list[Any], counts: list[int]) -> Finding:
    """Name what differs; nothing named means that only the days of earlier purchases do."""
    pairs = zip(counts[: len(COUNTS)], counts[len(COUNTS) :], strict=True)
    differs = {
        name: {"rows": int(rows), "kept": int(kept)}
        for name, (rows, kept) in zip(COUNTS, pairs, strict=True)
        if rows != kept
    }
    return {"group": str(group), "days": [str(day) for day in days], "differs": differs}


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
