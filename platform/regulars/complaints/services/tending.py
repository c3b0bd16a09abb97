"""What happens beside the way: words to and fro, waiting, ticks, and who owns a complaint (Q2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.audit import SYSTEM, Actor, ActorKind
from regulars.audit import services as audit
from regulars.complaints import access, checklist, pictures, templates, timing
from regulars.complaints.models import Case
from regulars.complaints.services import announcing, ending, remedies, whose, writing
from regulars.complaints.services.writing import NotNow
from regulars.complaints.way import End, State
from regulars.customers.selectors import visibility
from regulars.errors import Invalid
from regulars.staff import selectors as staff
from regulars.tenancy import context

HANDED_ON: Final = "handed-on"


class OwnerRefused(Invalid):
    """Somebody who cannot own this complaint."""

    code = "complaint-owner-refused"


def note(*, actor: Actor, case_id: UUID, text: str, now: datetime, key: str) -> Case:
    """Write something down for colleagues; the customer does not see it."""
    with transaction.atomic():
        case = access.locked(actor=actor, case_id=case_id)
        if writing.repeated(case, key) is None:
            kept = writing.words(text)
            writing.write(case, "note", actor=actor, now=now, text=kept, key=key)
        return case


def write_to_customer(*, actor: Actor, case_id: UUID, text: str, now: datetime, key: str) -> Case:
    """Tell the customer how it stands; the next word is due anew. Raises NotNow if it is closed."""
    with transaction.atomic():
        case = _open(actor, case_id)
        if writing.repeated(case, key) is None:
            kept = writing.words(text)
            writing.first_response(case, actor=actor, now=now, how="message")
            writing.write(
                case, "message-out", actor=actor, now=now, text=kept, public=True, key=key
            )
        return case


def attempt(*, actor: Actor, case_id: UUID, how: str, now: datetime, key: str) -> Case:
    """Note that the customer could not be reached; after three a manager may end it."""
    with transaction.atomic():
        case = _open(actor, case_id)
        if writing.repeated(case, key) is None:
            writing.write(
                case, ending.ATTEMPT, actor=actor, now=now, public=True, key=key, data={"how": how}
            )
        return case


def wait(*, actor: Actor, case_id: UUID, text: str, now: datetime, key: str) -> Case:
    """Stop the clocks until the customer comes back; they read what we wait for."""
    with transaction.atomic():
        case = _open(actor, case_id)
        if writing.repeated(case, key) is None:
            kept = writing.words(text)
            writing.first_response(case, actor=actor, now=now, how="waiting")
            timing.pause(case, now=now)
            writing.write(case, "waiting", actor=actor, now=now, text=kept, public=True, key=key)
        return case


def resume(*, actor: Actor, case_id: UUID, now: datetime, key: str) -> Case:
    """Let the clocks go on without a word of the customer."""
    with transaction.atomic():
        case = _open(actor, case_id)
        if writing.repeated(case, key) is None and case.paused_at is not None:
            timing.resume(case, store=case.store, now=now)
            writing.write(case, "resumed", actor=actor, now=now, key=key)
        return case


def customer_writes(
    case: Case,
    *,
    actor: Actor,
    text: str,
    now: datetime,
    key: str,
    files: Sequence[str] = (),
    sent: Sequence[str] = (),
) -> Case:
    """Take a word of the customer into a complaint that the caller holds; clocks go on.

    A complaint that was closed is opened again, but not one that was none, nor one of two of which
    the other is still open: its owner is told there. `sent` are digests of what `files` were drawn
    from. Raises PictureRefused where `files` are too many.
    """
    if writing.repeated(case, key) is not None:
        pictures.drop_unnamed(case.pk, files)
        return case
    pictures.check_room(case.pk, files)
    if case.state == State.CLOSED and not _stays_closed(case, now=now):
        return ending.reopen(case, actor=actor, text=text, now=now, key=key, files=files, sent=sent)
    kept = writing.words(text, needed=not files)
    if case.state not in (State.DONE, State.ASKED, State.CLOSED):  # those wait for a yes or a no
        timing.resume(case, store=case.store, now=now)
    writing.write(
        case, "message-in", actor=actor, now=now, text=kept, public=True, key=key,
        data=pictures.shown(files, sent),
    )  # fmt: skip
    return case


def _stays_closed(case: Case, *, now: datetime) -> bool:
    """Say whether a word of the customer opens a closed complaint not again.

    The words stay here: the other complaint may be another person's. It is told that there are.
    """
    if case.ended != End.DUPLICATE:
        return case.ended == End.SPAM
    if case.duplicate_of is None:
        return False
    rows = Case.objects.filter(pk=case.duplicate_of).exclude(state=State.CLOSED)
    other = rows.select_for_update(of=("self",), no_key=True).select_related("store").first()
    if other is None:
        return False
    with translation.override(context.current().language):
        told = gettext("The customer wrote again, in complaint %(number)s, which is the same.")
    writing.write(other, "note", actor=SYSTEM, now=now, text=told % {"number": case.number})
    return True


def tick(*, actor: Actor, case_id: UUID, item: str, text: str, now: datetime, key: str) -> Case:
    """Tick what only a person can know, with words. Raises NotNow for what ticks itself."""
    with transaction.atomic():
        case = _open(actor, case_id)
        if writing.repeated(case, key) is None:
            if item not in {each.key for each in templates.items(case) if each.by_hand}:
                raise NotNow
            kept = writing.words(text)
            data = {"item": item}
            writing.write(
                case, checklist.TICKED, actor=actor, now=now, text=kept, data=data, key=key
            )
        return case


def take(*, actor: Actor, case_id: UUID, now: datetime) -> Case:
    """Open a complaint: the first employee who does so owns it, everybody else only reads."""
    with transaction.atomic():
        case = access.locked(actor=actor, case_id=case_id)
        if case.owner_id is None and actor.kind is ActorKind.STAFF and case.state != State.CLOSED:
            case.owner_id = actor.id
            writing.write(case, "taken", actor=actor, now=now)
        return case


def hand_on(
    *, actor: Actor, case_id: UUID, staff_id: UUID, reason: str, now: datetime, key: str
) -> Case:
    """Give a complaint to another owner, with a manager's reason. Raises OwnerRefused."""
    with transaction.atomic():
        case = access.locked(actor=actor, case_id=case_id, permission=access.MANAGE)
        if writing.repeated(case, key) is not None:
            return case
        if case.state == State.CLOSED:
            raise NotNow
        kept = writing.words(reason)
        near = staff.colleagues(store_ids=frozenset({case.store_id}))
        if staff_id == case.owner_id or not near.filter(pk=staff_id).exists():
            raise OwnerRefused(fields={"owner": [_("Choose a colleague who works in this store.")]})
        before, case.owner_id = case.owner_id, staff_id
        data = {"from": str(before or ""), "to": str(staff_id)}
        writing.write(case, HANDED_ON, actor=actor, now=now, text=kept, data=data, key=key)
        audit.record(
            actor=actor, action="complaint.handed-on", object_kind="complaint", object_id=case.pk,
            store_id=case.store_id, data=data,
        )  # fmt: skip
        return case


def attach(*, actor: Actor, case_id: UUID, customer_id: UUID, now: datetime, key: str) -> Case:
    """Say whose complaint it is, where it came from somebody we did not know."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        if writing.repeated(case, key) is not None:
            return case
        if case.customer_id is not None:
            raise NotNow
        case.customer = whose.held(visibility.get(actor=actor, customer_id=customer_id))
        data = {"customer": str(case.customer_id)}
        writing.write(case, "attached", actor=actor, now=now, data=data, key=key)
        remedies.drop_own(case, actor=actor, now=now)
        if case.state != State.CLOSED:
            announcing.opened(case, at=case.opened_at)
        return case


def _open(actor: Actor, case_id: UUID) -> Case:
    case = access.worked(actor=actor, case_id=case_id)
    if case.state == State.CLOSED:
        raise NotNow
    return case
