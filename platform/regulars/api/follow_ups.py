"""Follow-ups: what is to be done for whom, what came of it, and changes of plan."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from regulars import audit
from regulars.api import care_shapes as shapes
from regulars.api import idempotency, pagination, resolving
from regulars.api.auth import key_of
from regulars.api.idempotency import Outcome
from regulars.api.pagination import CursorRefused
from regulars.api.promises import KEY, PAGING
from regulars.api.stores import listed
from regulars.api.views import Endpoint
from regulars.errors import Invalid
from regulars.followups.models import Task
from regulars.followups.plans import declared, selectors, services
from regulars.followups.plans.selectors import Item, Mark, Wanted
from regulars.kit import fields

_READ: Final = ("care.read", "care.write")
_WRITE: Final = "care.write"
_NARROWING: Final = [
    OpenApiParameter("guide", str, description="Number or id: only theirs."),
    OpenApiParameter("store", str, description="Code or id: only of customers of this store."),
    OpenApiParameter(
        "customer_id",
        {"type": "string", "format": "uuid"},
        description="One customer's, closed ones too.",
    ),
    OpenApiParameter("overdue", {"type": "boolean"}, description="Only what is late."),
]


class FollowUps(Endpoint):
    """Everything that waits to be done, and planning something more."""

    scopes = {"GET": _READ, "POST": _WRITE}

    @extend_schema(
        operation_id="follow_ups_list",
        parameters=[*PAGING, *_NARROWING],
        responses=listed(shapes.FollowUpAnswer, "FollowUpPage"),
    )
    def get(self, request: Request) -> Response:
        """List open follow-ups within the key's stores, those due first before the others."""
        actor = self.actor(request)
        limit, after = pagination.marked(request)
        found = selectors.page(
            actor=actor,
            wanted=_wanted(request, actor),
            after=Mark(after[0].date(), after[1]) if after else None,
            limit=limit,
            now=timezone.now(),
        )
        following = None
        if found.after is not None:
            day = datetime.combine(found.after.due_on, time(), UTC)
            following = pagination.encode(day, found.after.id)
        return Response({"data": [_shown(each) for each in found.items], "next": following})

    @extend_schema(
        operation_id="follow_ups_plan",
        parameters=[KEY],
        request=shapes.PlanShape,
        responses={201: shapes.FollowUpAnswer},
    )
    def post(self, request: Request) -> HttpResponse:
        """Note something to do with a customer on a day."""
        return idempotency.once(request, lambda: self._plan(request))

    def _plan(self, request: Request) -> Outcome:
        body = self.cleaned(shapes.PlanShape, request)
        actor, now, guide = self.actor(request), timezone.now(), body.get("guide")
        whose = resolving.acting_for(guide, actor=actor) if guide else None
        row = services.plan_by_hand(
            actor=actor,
            customer_id=resolving.customer_id(body["customer"], actor=actor),
            on=body["on"],
            title=body["title"],
            do=body["do"],
            owner_id=whose.id if whose else None,
            key=_key(request),
            now=now,
        )
        return Outcome(201, _one(self, request, row.pk))


class FollowUp(Endpoint):
    """One follow-up."""

    scopes = {"GET": _READ}

    @extend_schema(operation_id="follow_ups_read", responses=shapes.OneFollowUpAnswer)
    def get(self, request: Request, task_id: UUID) -> Response:
        """Return a follow-up in whatever state, with what is asked in it."""
        item = selectors.get(actor=self.actor(request), task_id=task_id, now=timezone.now())
        asked = declared.of(item.plan, item.step).asks
        schema = fields.schema(asked, language=get_language() or "en")
        return Response({**_shown(item), "asks": schema})


class Result(Endpoint):
    """What came of a follow-up."""

    scopes = {"POST": _WRITE}

    @extend_schema(
        operation_id="follow_ups_result",
        parameters=[KEY],
        request=shapes.ResultShape,
        responses=shapes.FollowUpAnswer,
    )
    def post(self, request: Request, task_id: UUID) -> HttpResponse:
        """Write the result down; with `next_on` the next step is a follow-up of its own."""
        return _moved(self, request, task_id, self._keep)

    def _keep(self, request: Request, task_id: UUID) -> None:
        body = self.cleaned(shapes.ResultShape, request)
        actor = resolving.acting_for(body.pop("guide"), actor=self.actor(request))
        told: dict[str, Any] = {
            "actor": actor,
            "task_id": task_id,
            "contact_id": body.pop("contact_id", None),
            "note": body.pop("note", ""),
            "key": _key(request),
            "now": timezone.now(),
        }
        if body["outcome"] == Task.Outcome.NOT_REACHED:
            services.attempt(**told)
        else:
            services.finish(**told, **body)


class Snooze(Endpoint):
    """Putting a follow-up off."""

    scopes = {"POST": _WRITE}

    @extend_schema(
        operation_id="follow_ups_snooze",
        parameters=[KEY],
        request=shapes.SnoozeShape,
        responses=shapes.FollowUpAnswer,
    )
    def post(self, request: Request, task_id: UUID) -> HttpResponse:
        """Put a follow-up off; on a day the store is closed, until it opens next."""
        return _moved(self, request, task_id, self._later)

    def _later(self, request: Request, task_id: UUID) -> None:
        body = self.cleaned(shapes.SnoozeShape, request)
        services.snooze(
            actor=self.actor(request), task_id=task_id, until=body["until"], now=timezone.now()
        )


class HandOn(Endpoint):
    """Handing a follow-up to a colleague."""

    scopes = {"POST": _WRITE}

    @extend_schema(
        operation_id="follow_ups_hand_on",
        parameters=[KEY],
        request=shapes.HandOnShape,
        responses=shapes.FollowUpAnswer,
    )
    def post(self, request: Request, task_id: UUID) -> HttpResponse:
        """Let a colleague of the store do it; the customer keeps their guide."""
        return _moved(self, request, task_id, self._hand_on)

    def _hand_on(self, request: Request, task_id: UUID) -> None:
        body = self.cleaned(shapes.HandOnShape, request)
        key = self.actor(request)
        services.hand_on(
            actor=resolving.acting_for(body["guide"], actor=key),
            task_id=task_id,
            staff_id=_colleague(body["to"]),
            reason=body.get("reason", ""),
            now=timezone.now(),
        )


class LeaveOut(Endpoint):
    """Leaving a follow-up out."""

    scopes = {"POST": _WRITE}

    @extend_schema(
        operation_id="follow_ups_leave_out",
        parameters=[KEY],
        request=shapes.LeaveOutShape,
        responses=shapes.FollowUpAnswer,
    )
    def post(self, request: Request, task_id: UUID) -> HttpResponse:
        """Leave a follow-up out; who was not reached three times may be left out for that."""
        return _moved(self, request, task_id, self._leave_out)

    def _leave_out(self, request: Request, task_id: UUID) -> None:
        body = self.cleaned(shapes.LeaveOutShape, request)
        actor = resolving.acting_for(body["guide"], actor=self.actor(request))
        services.skip(actor=actor, task_id=task_id, why=body["why"], now=timezone.now())


def _wanted(request: Request, actor: audit.Actor) -> Wanted:
    """Return what narrows the list. Raises Invalid for what nobody answers to, CursorRefused."""
    query = {name: str(value).replace("\0", "") for name, value in request.query_params.items()}
    store, customer = query.get("store"), query.get("customer_id")
    overdue = query.get("overdue", "false")
    if overdue not in ("true", "false"):
        raise Invalid(fields={"overdue": ["Write true or false."]})
    try:
        customer_id = UUID(customer) if customer else None
    except ValueError as error:
        raise CursorRefused(fields={"customer_id": ["This is no id."]}) from error
    return Wanted(
        owner_id=resolving.guide_id(query.get("guide")),
        store_ids=(resolving.store_id(store, actor=actor),) if store else (),
        customer_id=customer_id,
        states=selectors.TASKS if customer_id else (Task.State.OPEN,),
        overdue=overdue == "true",
    )


def _moved(
    endpoint: Endpoint, request: Request, task_id: UUID, move: Callable[[Request, UUID], None]
) -> HttpResponse:
    """Do something with a follow-up once, and answer how it stands then."""

    def answer() -> Outcome:
        move(request, task_id)
        return Outcome(200, _one(endpoint, request, task_id))

    _one(endpoint, request, task_id)  # what is not theirs is not there, whatever the body
    return idempotency.once(request, answer)


def _colleague(word: str) -> UUID:
    try:
        found = resolving.guide_id(word)
    except Invalid as fault:
        raise Invalid(fields={"to": fault.fields["guide"]}) from fault
    assert found is not None  # noqa: S101  (only an empty word is nobody's)
    return found


def _key(request: Request) -> str:
    """Return the key of a write for the domain, which keeps it longer than its answer is kept."""
    return f"{key_of(request).id}:{request.headers[idempotency.HEADER]}"


def _one(endpoint: Endpoint, request: Request, task_id: UUID) -> dict[str, Any]:
    actor = endpoint.actor(request)
    return _shown(selectors.get(actor=actor, task_id=task_id, now=timezone.now()))


def _shown(item: Item) -> dict[str, Any]:
    step = declared.of(item.plan, item.step).label(get_language() or "en")
    names = (
        "id", "plan", "step", "purpose", "do", "due_on", "not_before", "state", "why", "store_id",
        "attempts", "outcome", "answers", "satisfaction", "next_step", "next_on", "note",
        "done_at", "contact_id",
    )  # fmt: skip
    return {
        **{name: getattr(item, name) for name in names},
        "customer": {"id": item.customer.id, "name": item.customer.name},
        "title": item.title or step or item.step,
        "started_by": item.source_kind,
        "started_by_id": item.source,
        "overdue": item.is_overdue,
        "rests": item.is_paused,
        "guide_id": item.owner_id,
        "done_by": item.done_by_id,
    }
