"""Files of pictures that no step names: the request was killed, or its form never sent again.

A file is written before the step that names it is committed, so whatever ends a request in between
leaves one. Names of files rise with time; those between a day and some days old are looked at, and
only the steps of that time can name them.
"""

from datetime import datetime, timedelta
from typing import Final

from django.core.files.storage import default_storage

from regulars.complaints import pictures
from regulars.complaints.models import Entry
from regulars.tenancy.identifiers import first_id

KEPT: Final = timedelta(days=1)  # no request and no form is under way so long
REACH: Final = timedelta(days=9)  # also after a week in which no worker ran
_SLACK: Final = timedelta(hours=1)  # between the clocks of machines
_LENGTH: Final = 32  # of a name; its 13th sign tells that it rises with time


def sweep(*, now: datetime) -> int:
    """Remove the current chain's pictures that no step names; return how many. Idempotent."""
    try:
        _folders, files = default_storage.listdir(pictures.folder())
    except FileNotFoundError:  # nobody sent one yet
        return 0
    first, last = first_id(now - REACH).hex, first_id(now - KEPT).hex
    old = {name for name in files if first <= name < last and _rises(name)}
    if not old:
        return 0
    since = first_id(now - REACH - _SLACK)
    steps = Entry.objects.filter(pk__gte=since, data__has_key="files")
    for named in steps.values_list("data__files", flat=True):
        old.difference_update(named)
    pictures.remove(old)
    return len(old)


def _rises(name: str) -> bool:
    return len(name) == _LENGTH and name[12] == "7"
