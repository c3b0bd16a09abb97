"""What an unhappy answer does: whoever looks after the customer is told, never silently (Q7).

The customer's guide gets something to do today, and guide and store manager a mail; nobody's
answer goes to the manager, in one mail an hour for each store at most, since a tablet may be tapped
by anybody. Opening a complaint is offered there, not done: it is theirs to judge.
"""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from regulars.complaints import selectors as complaints
from regulars.customers.models import Customer
from regulars.customers.today import of_store
from regulars.followups.models import Task
from regulars.followups.plans import writing
from regulars.outbox import handler
from regulars.outbox import services as outbox
from regulars.staff.models import Role, Staff
from regulars.surveys import declared, scales
from regulars.surveys.models import Invitation
from regulars.surveys.services import answering
from regulars.tenancy import context

TELL: Final = "survey.tell"
_MOST_TOLD: Final = 5


@handler(answering.UNHAPPY)
def unhappy(*, invitation: str, now: datetime) -> None:
    """Give the guide something to do and ask for the mails; once, and not if it was amended."""
    row = Invitation.objects.filter(pk=UUID(invitation)).select_related("customer").first()
    if row is None or not row.unhappy or row.told_at is not None or row.seen_at is not None:
        return
    if row.customer is not None and row.customer.state == Customer.State.ACTIVE:
        _to_do(row, row.customer, now=now)
    of = str(row.pk) if row.customer_id else f"{row.store_id}:{now.astimezone(UTC):%Y%m%d%H}"
    for person in told(row):
        outbox.enqueue(
            handler=TELL,
            payload={"invitation": str(row.pk), "staff": str(person.pk)},
            key=f"{TELL}:{of}:{person.pk}",
        )
    Invitation.objects.filter(pk=row.pk, told_at=None).update(told_at=now)


def told(row: Invitation) -> list[Staff]:
    """Return who is told: the customer's guide and the store's managers, else head office."""
    working = Staff.objects.filter(state=Staff.State.ACTIVE).order_by("pk")
    store_id = (row.customer.home_store_id if row.customer else None) or row.store_id
    owner_id = row.customer.owner_id if row.customer else None
    here = Q(home_store=store_id) | Q(assignments__store=store_id)
    wanted = Q(pk=owner_id) if owner_id else Q(pk__in=())
    if store_id is not None:
        wanted |= here & Q(role=Role.STORE_MANAGER)
    found = list(working.filter(wanted).distinct()[:_MOST_TOLD])
    if found:
        return found
    return list(working.filter(role__in=[Role.HEAD_OFFICE, Role.OWNER])[:_MOST_TOLD])


def _to_do(row: Invitation, customer: Customer, *, now: datetime) -> None:
    """Note a call for today, unless a complaint is open: then its owner is on it already."""
    if complaints.open_of([customer.pk]):
        return
    writing.hold(customer.pk)
    row.refresh_from_db()  # until now they may have been erased, or become part of somebody
    if row.customer != customer or row.customer.state != Customer.State.ACTIVE or not row.answers:
        return
    survey = declared.find(row.survey)
    with translation.override(context.current().language):
        title = _("Unhappy answer: ring and listen")
        words = said(row, context.current().language)
    task = writing.by_hand(
        customer_id=customer.pk,
        guide_id=customer.owner_id,
        owner_id=customer.owner_id,
        store_id=customer.home_store_id or row.store_id,
        on=of_store(customer.home_store_id or row.store_id, now=now),
        title=f"{title} · {survey.title.text(context.current().language)}" if survey else title,
        do="call",
        key=f"survey:{row.pk}",
        now=now,
    )
    if not task.note:
        Task.objects.filter(pk=task.pk).update(note=words)


def said(row: Invitation, language: str) -> str:
    """Return what was answered, a line each: the question and the answer."""
    survey = declared.find(row.survey)
    if survey is None:
        return ""
    return "\n".join(scales.lines(survey, row.answers, language=language))
