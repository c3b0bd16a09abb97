"""Contacts: what there was with a customer, whether there may be more, calls, and what happened."""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from regulars import audit
from regulars.api import care_shapes as shapes
from regulars.api import idempotency, pagination, resolving
from regulars.api.auth import key_of
from regulars.api.idempotency import Outcome
from regulars.api.promises import KEY, PAGING
from regulars.api.stores import listed
from regulars.api.views import Endpoint
from regulars.complaints import selectors as complaints
from regulars.complaints.selectors import Standing
from regulars.customers import selectors as customers
from regulars.customers.selectors import visibility
from regulars.errors import Invalid, NotFound
from regulars.followups.plans import selectors as plans
from regulars.messages.models import Channel, Contact, Purpose
from regulars.messages.refusals import COMPLAINT
from regulars.usecases import reaching
from regulars.usecases.phrasing import About
from regulars.usecases.reaching import Way

_READ: Final = ("care.read", "care.write")
_WRITE: Final = "care.write"
_CUSTOMER: Final[Any] = {"type": "string", "format": "uuid"}


class Contacts(Endpoint):
    """What there was, and writing down what happened elsewhere."""

    scopes = {"GET": _READ, "POST": _WRITE}

    @extend_schema(
        operation_id="contacts_list",
        parameters=[
            *PAGING,
            OpenApiParameter("customer_id", _CUSTOMER, description="Only theirs."),
        ],
        responses=listed(shapes.ContactAnswer, "ContactPage"),
    )
    def get(self, request: Request) -> Response:
        """List contacts with customers of the key's stores, in the order they were written down."""
        rows, wanted = _visible(self.actor(request)), request.query_params.get("customer_id")
        if wanted:
            rows = rows.filter(customer=_uuid(wanted, "customer_id"))
        return Response(pagination.page(request, rows).as_body(_shown))

    @extend_schema(
        operation_id="contacts_log",
        parameters=[KEY],
        request=shapes.ContactShape,
        responses={201: shapes.ContactAnswer},
    )
    def post(self, request: Request) -> HttpResponse:
        """Write down a contact that has happened; it is flagged or not, and never refused."""
        return idempotency.once(request, lambda: self._log(request))

    def _log(self, request: Request) -> Outcome:
        body = self.cleaned(shapes.ContactShape, request)
        actor, customer_id, about = _who(self.actor(request), body)
        pk = reaching.log(
            actor=actor,
            customer_id=customer_id,
            channel=body["channel"],
            purpose=body["purpose"],
            at=body.get("at"),
            text=body.get("text", ""),
            about=about,
            key=_key(request),
            now=timezone.now(),
        )
        return Outcome(201, _one(actor, pk))


class OneContact(Endpoint):
    """One contact."""

    scopes = {"GET": _READ}

    @extend_schema(operation_id="contacts_read", responses=shapes.ContactAnswer)
    def get(self, request: Request, contact_id: UUID) -> Response:
        """Return a contact as it stands."""
        return Response(_one(self.actor(request), contact_id))


class Ways(Endpoint):
    """Whether a customer may be contacted."""

    scopes = {"GET": _READ}

    @extend_schema(
        operation_id="contacts_ways",
        parameters=[
            OpenApiParameter("customer_id", _CUSTOMER, required=True),
            OpenApiParameter("purpose", str, enum=Purpose.values, default=Purpose.CARE.value),
        ],
        responses=shapes.WaysAnswer,
    )
    def get(self, request: Request) -> Response:
        """Say by which ways a customer may be reached now, why not, and from when on."""
        query, actor, now = request.query_params, self.actor(request), timezone.now()
        purpose = query.get("purpose", Purpose.CARE.value)
        if purpose not in Purpose:
            raise Invalid(fields={"purpose": [f"Write one of: {', '.join(Purpose.values)}."]})
        pk = _uuid(query.get("customer_id", ""), "customer_id")
        try:
            customer_id = customers.get(actor=actor, customer_id=pk).pk
        except NotFound:
            raise Invalid(fields={"customer_id": [_("We know no such customer.")]}) from None
        standing = complaints.open_of([customer_id]).get(customer_id, ())
        rests = bool(standing) and purpose != Purpose.SERVICE
        found = reaching.ways(actor=actor, customer_id=customer_id, purpose=purpose, now=now)
        return Response(
            {
                "complaints": [_complaint(each) for each in standing],
                "ways": [_way(each, rests=rests) for each in found],
            }
        )


class Calls(Endpoint):
    """Reserving a call."""

    scopes = {"POST": _WRITE}

    @extend_schema(
        operation_id="contacts_call",
        parameters=[KEY],
        request=shapes.CallShape,
        responses={201: shapes.ContactAnswer},
    )
    def post(self, request: Request) -> HttpResponse:
        """Reserve a call before dialling; 409 says why not, and `Retry-After` from when on."""
        return idempotency.once(request, lambda: self._reserve(request))

    def _reserve(self, request: Request) -> Outcome:
        body = self.cleaned(shapes.CallShape, request)
        actor, customer_id, about = _who(self.actor(request), body)
        pk = reaching.call(
            actor=actor,
            customer_id=customer_id,
            purpose=body["purpose"],
            task_id=about.task_id,
            complaint_id=about.complaint_id,
            key=_key(request),
            now=timezone.now(),
        )
        return Outcome(201, _one(actor, pk))


class Messages(Endpoint):
    """Sending words to one customer."""

    scopes = {"POST": "messages.send"}

    @extend_schema(
        operation_id="contacts_send",
        parameters=[KEY],
        request=shapes.MessageShape,
        responses={201: shapes.ContactAnswer},
    )
    def post(self, request: Request) -> HttpResponse:
        """Have a message sent by the chain's provider; wishes, budget and words are looked at."""
        return idempotency.once(request, lambda: self._send(request))

    def _send(self, request: Request) -> Outcome:
        body = self.cleaned(shapes.MessageShape, request)
        actor, customer_id, about = _who(self.actor(request), body)
        pk = reaching.send(
            actor=actor,
            customer_id=customer_id,
            channel=body["channel"],
            purpose=body["purpose"],
            text=body.get("text", ""),
            subject=body.get("subject", ""),
            about=replace(about, template=body.get("template", "")),
            key=_key(request),
            now=timezone.now(),
        )
        return Outcome(201, _one(actor, pk))


class Over(Endpoint):
    """What became of a call."""

    scopes = {"POST": _WRITE}

    @extend_schema(
        operation_id="contacts_over",
        parameters=[KEY],
        request=shapes.OverShape,
        responses=shapes.ContactAnswer,
    )
    def post(self, request: Request, contact_id: UUID) -> HttpResponse:
        """Say what became of a call that was reserved."""
        _one(self.actor(request), contact_id)  # what is not theirs is not there, whatever the body
        return idempotency.once(request, lambda: self._conclude(request, contact_id))

    def _conclude(self, request: Request, contact_id: UUID) -> Outcome:
        body = self.cleaned(shapes.OverShape, request)
        actor = resolving.acting_for(body["guide"], actor=self.actor(request))
        reaching.conclude(
            actor=actor,
            contact_id=contact_id,
            reached={"reached": True, "not-reached": False}.get(body["result"]),
            text=body.get("text", ""),
            now=timezone.now(),
        )
        return Outcome(200, _one(actor, contact_id))


def _who(key: audit.Actor, body: dict[str, Any]) -> tuple[audit.Actor, UUID, About]:
    """Return who acts, with whom, and what about. Raises Invalid for a follow-up of another."""
    actor = resolving.acting_for(body["guide"], actor=key)
    customer_id = resolving.customer_id(body["customer"], actor=key)
    task_id = body.get("follow_up_id")
    if task_id is not None:
        try:
            item = plans.get(actor=key, task_id=task_id, now=timezone.now())
        except NotFound:
            item = None
        if item is None or item.customer.id != customer_id:
            raise Invalid(fields={"follow_up_id": ["This customer has no such follow-up."]})
    return actor, customer_id, About(task_id=task_id, complaint_id=body.get("complaint_id"))


def _visible(actor: audit.Actor) -> QuerySet[Contact]:
    people = visibility.visible(actor)  # the permission, and who is merged or erased
    if actor.scope == audit.ALL:
        return Contact.objects.exclude(customer=None)
    return Contact.objects.filter(customer__in=people.values("pk"))


def _one(actor: audit.Actor, contact_id: UUID) -> dict[str, Any]:
    row = _visible(actor).filter(pk=contact_id).first()
    if row is None:
        raise NotFound
    return _shown(row)


def _shown(row: Contact) -> dict[str, Any]:
    names = (
        "id", "customer_id", "direction", "purpose", "channel", "state", "at", "uses_allowance",
        "flagged", "store_id", "text", "created_at",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "guide_id": row.staff_id,
        "follow_up_id": row.source_id if row.source == reaching.FOLLOW_UP else None,
        "complaint_id": row.source_id if row.source == reaching.COMPLAINT else None,
    }


def _way(way: Way, *, rests: bool) -> dict[str, Any]:
    why = way.refusal.why if way.refusal else COMPLAINT if rests else None
    return {
        "channel": Channel(way.channel).value,
        "by_hand": way.by_hand,
        "possible": why is None,
        "why": why,
        "possible_at": way.refusal.possible_at if way.refusal and not rests else None,
    }


def _complaint(standing: Standing) -> dict[str, Any]:
    return {"id": standing.case_id, "number": standing.number, "guide_id": standing.owner_id}


def _key(request: Request) -> str:
    return f"api:{key_of(request).id}:{request.headers[idempotency.HEADER]}"


def _uuid(text: str, name: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(fields={name: ["This is no id."]}) from error
