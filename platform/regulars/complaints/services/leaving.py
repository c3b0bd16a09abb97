"""Somebody leaves: their complaints are somebody else's at once, and it is written (Q2)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.complaints import people
from regulars.complaints.models import Case
from regulars.complaints.services import writing
from regulars.complaints.services.tending import HANDED_ON
from regulars.staff import selectors as staff
from regulars.staff.models import Staff
from regulars.tenancy import context


@transaction.atomic
def take_over(*, actor: Actor, leaver: Staff, successor_id: UUID | None, now: datetime) -> int:
    """Hand a leaver's open complaints on; return how many. Idempotent; the leaver has left already.

    Each goes to the successor where they work in its store, else to whoever answers for the store;
    where there is nobody it waits for the first who opens it. Who looks at it afresh in a second
    round is replaced, too, and is never its owner.
    """
    theirs = Case.objects.filter(Q(owner=leaver) | Q(reviewer=leaver))
    open_ones = theirs.exclude(state=Case.State.CLOSED).select_related("store").order_by("pk")
    cases = list(open_ones.select_for_update(of=("self",), no_key=True))
    with translation.override(context.current().language):
        why = gettext("%(name)s does not work here any more.") % {"name": leaver.name}
    for case in cases:
        _pass_on(case, actor=actor, leaver=leaver, heir=_heir(case, successor_id), why=why, now=now)
    return len(cases)


def _heir(case: Case, successor_id: UUID | None) -> UUID | None:
    near = staff.colleagues(store_ids=frozenset({case.store_id}))
    if successor_id is not None and near.filter(pk=successor_id).exists():
        return successor_id
    manager = people.first_manager(case)
    return manager.pk if manager else None


def _pass_on(
    case: Case, *, actor: Actor, leaver: Staff, heir: UUID | None, why: str, now: datetime
) -> None:
    data: dict[str, str] = {}
    if case.owner_id == leaver.pk:
        case.owner_id = heir
        data = {"from": str(leaver.pk), "to": str(heir or "")}
    if case.reviewer_id is not None and case.reviewer_id in (leaver.pk, case.owner_id):
        case.reviewer_id = people.reviewer(case)
        data["reviewer"] = str(case.reviewer_id or "")
    kind = HANDED_ON if "to" in data else "note"
    writing.write(case, kind, actor=actor, now=now, text=why, data=data)
    audit.record(
        actor=actor, action="complaint.handed-on", object_kind="complaint", object_id=case.pk,
        store_id=case.store_id, data=data,
    )  # fmt: skip
