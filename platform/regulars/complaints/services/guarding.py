"""Two tabs, two people: a step is taken only by whoever has seen what happened before it.

A page carries the `version` it was drawn with. When something happened since, the step is refused
once, with who and what, and the page is drawn anew with the words still in it.
"""

from typing import Final, NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.complaints import access, words
from regulars.complaints.models import Case
from regulars.complaints.services import writing
from regulars.complaints.services.escalating import ESCALATED, WARNED
from regulars.errors import Conflict
from regulars.staff.models import Staff

_BESIDE: Final = frozenset({WARNED, ESCALATED, "note"})  # take nothing away from a step
_NEWS: Final = _("Meanwhile: %(what)s (%(who)s, %(at)s).")


class _Last(NamedTuple):
    """What happened last: what, who, and the time of day."""

    what: str
    who: str
    at: str


class GoneOn(Conflict):
    """Something happened to the complaint since its page was drawn."""

    code = "complaint-gone-on"
    sentence = _(
        "Meanwhile: %(what)s (%(who)s, %(at)s). Your words are still here; "
        "look at what is new, then send them again."
    )


def hold(*, actor: Actor, case_id: UUID, version: int, key: str) -> Case:
    """Lock a complaint for a step from a page of this version, inside a transaction.

    A request that was taken already passes: its service answers it again. Raises GoneOn,
    Forbidden, NotFound.
    """
    case = access.locked(actor=actor, case_id=case_id)
    if writing.repeated(case, key) is None:
        told = _last(case, version)
        if told is not None:
            raise GoneOn(GoneOn.sentence, what=told.what, who=told.who, at=told.at)
    return case


def news(case: Case, *, version: int) -> str:
    """Return what happened since a page of this version was drawn, in a sentence; else nothing."""
    told = _last(case, version)
    if told is None:
        return ""
    return str(_NEWS) % {"what": told.what, "who": told.who, "at": told.at}


def _last(case: Case, version: int) -> _Last | None:
    """Return what happened last that the page does not show; two statements, none if nothing."""
    if case.version == version:
        return None
    past = writing.past(case.pk)[max(version, 0) :]
    fresh = [each for each in past if each.kind not in _BESIDE]
    if not fresh:
        return None
    last = next((each for each in reversed(fresh) if each.kind != "first-response"), fresh[-1])
    who: str | Promise = _("by itself")
    if last.by_customer:
        who = _("the customer")
    elif last.by_id is not None:
        who = Staff.objects.values_list("name", flat=True).get(pk=last.by_id)
    return _Last(words.step(last.kind), str(who), f"{timezone.localtime(last.at):%H:%M}")
