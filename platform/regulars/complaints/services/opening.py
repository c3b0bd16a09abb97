"""A complaint is raised (Q1), and whoever hears it first owns it (Q2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor, ActorKind
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.complaints import access, numbers, pictures, templates, timing
from regulars.complaints.models import Case, Entry
from regulars.complaints.services import announcing, whose, writing
from regulars.customers.models import Customer
from regulars.customers.selectors import recognising, visibility
from regulars.errors import Forbidden, Invalid, NotFound
from regulars.kit import fields as kit_fields
from regulars.messages import keys
from regulars.outbox import services as outbox
from regulars.stores.models import Store
from regulars.tenancy import context

_TRIES: Final = 5


class ComplaintRefused(Invalid):
    """Something about the complaint cannot be kept; `fields` says what."""

    code = "complaint-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody complains about.

    `template` is the key of a kind of complaint, empty for one that fits none; then `severity`
    counts. `answers` are to what the template asks; those at the counter may be given later
    (`is_short`). `name`, `phone` and `email` are of somebody we do not know. `sent` are digests of
    what `files` were drawn from.
    """

    store_id: UUID
    raised: str
    text: str
    customer_id: UUID | None = None
    template: str = ""
    title: str = ""
    severity: str = Case.Severity.MEDIUM
    answers: Mapping[str, object] = field(default_factory=dict)
    is_short: bool = False
    purchase_id: UUID | None = None
    line_id: UUID | None = None
    possession_id: UUID | None = None
    product_code: str = ""
    product_name: str = ""
    batch: str = ""
    bought_on: date | None = None
    contact_id: UUID | None = None
    name: str = ""
    phone: str = ""
    email: str = ""
    language: str = ""
    files: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()


@transaction.atomic
def open_case(*, actor: Actor, draft: Draft, now: datetime, key: str) -> Case:
    """Write a complaint down and start its clocks; the same key is the same complaint.

    An employee who does so owns it; one from the web waits for the first who opens it. Pictures
    that a repeated request brought along again are dropped. Raises Forbidden, NotFound,
    ComplaintRefused, WordsMissing.
    """
    by_staff = actor.kind is ActorKind.STAFF
    if by_staff or actor.kind is ActorKind.KEY:
        require(actor, access.HANDLE)
    opened_as = keys.hashed(f"complaint:{key}")
    with outbox.in_order(f"complaint:{opened_as}"):
        known = Entry.objects.filter(key=opened_as).select_related("case").first()
        if known is not None:
            pictures.drop_unnamed(known.case_id, draft.files)
            return known.case
    case = _case(actor, draft, now)
    _save(case, now)
    writing.write(
        case, "opened", actor=actor, now=now, text=writing.words(draft.text), public=True,
        data=pictures.shown(draft.files, draft.sent), known_as=opened_as,
    )  # fmt: skip
    if actor.kind is not ActorKind.CUSTOMER:
        audit.record(
            actor=actor, action="complaint.opened", object_kind="complaint", object_id=case.pk,
            store_id=case.store_id, data={"number": case.number},
        )  # fmt: skip
    announcing.opened(case, at=now)
    return case


def known(key: str) -> Entry | None:
    """Return the first step of the complaint that was opened under a key; its case is read."""
    opened_as = keys.hashed(f"complaint:{key}")
    return Entry.objects.filter(key=opened_as).select_related("case").first()


def _case(actor: Actor, draft: Draft, now: datetime) -> Case:
    template = templates.find(draft.template) if draft.template else None
    faults: dict[str, list[Any]] = {}
    if len(draft.files) > pictures.MOST:
        faults["pictures"] = [pictures.TOO_MANY]
    if draft.template and (template is None or template.retired):
        faults["template"] = [_("Choose what the complaint is about.")]
    if template is None and draft.severity not in Case.Severity.values:
        faults["severity"] = [_("Choose how bad it is.")]
    store = Store.objects.filter(pk=draft.store_id).first()
    if store is None:
        faults["store"] = [_("Choose one of your stores.")]
    language = draft.language or context.current().language
    answers: dict[str, Any] = {}
    if template is not None:
        asked = templates.asks(template, by_customer=draft.raised == Case.Raised.WEB)
        answers, wrong = kit_fields.clean(
            asked, draft.answers, language=language, unknown="drop", partial=draft.is_short
        )
        faults |= {f"answers.{each.key}": [each.sentence] for each in wrong}
    if faults or store is None:
        raise ComplaintRefused(fields=faults)
    if actor.kind is not ActorKind.CUSTOMER and not actor.scope.covers(store.pk):
        raise Forbidden(_("You can only take complaints in your own stores."))
    customer = None
    if draft.customer_id is not None:
        customer = whose.held(_customer(actor, draft.customer_id))
    title = draft.title.strip() or (template.title.text(language) if template else "")
    severity = template.severity if template else draft.severity
    case = Case(
        number="",
        customer=customer,
        name=draft.name[:80],
        phone=draft.phone[:20],
        email=draft.email,
        language=draft.language,
        store=store,
        owner_id=actor.id if actor.kind is ActorKind.STAFF else None,
        raised=draft.raised,
        template=draft.template,
        template_version=templates.keep(template, now=now) if template else "",
        title=(title or draft.text.strip())[:120],
        severity=severity,
        wall_clock=template is not None and template.clock == "wall",
        answers=answers,
        purchase_id=draft.purchase_id,
        line_id=draft.line_id,
        possession_id=draft.possession_id,
        product_code=draft.product_code[:60],
        product_name=draft.product_name[:120],
        batch=draft.batch[:60],
        bought_on=draft.bought_on,
        contact_id=draft.contact_id,
        open_items=0,
        version=0,
        opened_at=now,
    )
    timing.start(case, store=store, times=timing.allowed(severity, template), now=now)
    return case


def _customer(actor: Actor, customer_id: UUID) -> Customer:
    """Return whose complaint it is: one of the actor's, or one who stands at their counter (Q2)."""
    try:
        return visibility.get(actor=actor, customer_id=customer_id)
    except NotFound:
        if actor.kind is not ActorKind.STAFF:
            raise
    card = recognising.card(actor=actor, customer_id=customer_id)
    return Customer.objects.get(pk=card.id)


def _save(case: Case, now: datetime) -> None:
    """Save under a number nobody has."""
    for left in reversed(range(_TRIES)):
        case.number = numbers.new(now)
        try:
            with transaction.atomic():
                case.save(force_insert=True)
        except IntegrityError:
            if not left:
                raise
        else:
            return
