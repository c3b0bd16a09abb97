"""What imports keep of customers, and how it goes: by time, and when somebody is erased (P5).

The last two of the services with which a domain takes part in merging change nothing: what an
import changed stays written to the record it changed, which a merge keeps too.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from regulars.imports import staging
from regulars.imports.models import Change, Import, Rejection
from regulars.imports.selectors import KEPT
from regulars.imports.services import removing

_State = Import.State
_OVER: Final = (_State.DONE, _State.UNDONE, _State.FAILED)
_ABANDONED: Final = (_State.UPLOADED, _State.CHECKED)


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Forget a person: what imports changed in them, and every file they may be in.

    A file cannot be searched for one person with certainty, so the files of all imports that are
    over go, with the excerpts of rows that were not taken in. Those not yet brought in stay.
    """
    Change.objects.filter(customer_id=customer_id).delete()
    over = Import.objects.select_for_update().filter(state__in=_OVER).order_by("pk")
    forget_files(list(over.exclude(file="", rejected_file="")))


def disclose(*, customer_id: UUID) -> list[dict[str, Any]]:
    """Return what imports wrote over in a customer, as it was and as it became."""
    rows = Change.objects.filter(customer_id=customer_id).order_by("import_id")
    return [
        {"import": str(row.import_id), "before": row.before, "after": row.after} for row in rows
    ]


def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Move nothing: see the module."""
    return {}


def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Undo nothing."""


@transaction.atomic
def clean_up(*, now: datetime) -> int:
    """Remove what is past its time; return of how many imports.

    Files, refused rows and what undoing would need go 30 days after an import was over; a file
    that nobody brought in goes with its row 30 days after it came.
    """
    abandoned = Q(state__in=_ABANDONED, created_at__lt=now - KEPT) | Q(
        state=_State.FAILED, loading_since=None, created_at__lt=now - KEPT
    )
    left = list(Import.objects.select_for_update().filter(abandoned).order_by("pk"))
    forget_files(left)
    ids = [row.pk for row in left]
    staging.empty(*ids)
    Import.objects.filter(pk__in=ids).delete()
    over = Import.objects.select_for_update().filter(
        state__in=_OVER, finished_at__lt=now - KEPT, finished_at__gt=now - KEPT - _LOOKS_BACK
    )
    past = list(over.order_by("pk"))
    forget_files(past)
    Change.objects.filter(import_id__in=[row.pk for row in past]).delete()
    return len(left) + len(past)


_LOOKS_BACK: Final = timedelta(days=60)
"""How far behind the limit the nightly job looks, so that it need not read all imports."""


def forget_files(rows: list[Import]) -> None:
    """Remove the files of imports and the excerpts of their refused rows, in one transaction."""
    removing.later([name for row in rows for name in (row.file, row.rejected_file)])
    ids = [row.pk for row in rows]
    Import.objects.filter(pk__in=ids).update(file="", rejected_file="")
    Rejection.objects.filter(import_id__in=ids).delete()
    for row in rows:  # rows shown of the file are part of it
        if "sample" in row.report:
            row.report = {**row.report, "sample": []}
            row.save(update_fields=["report"])
