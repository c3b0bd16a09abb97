"""Complaints: raised by a partner's page or a call centre, and taken along their way.

The same services as on the pages: what those refuse is refused here. There is no other end than the
customer's satisfaction, no handing on and no approval: those are a manager's, on a page.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from regulars.api import complaint_shapes as shapes
from regulars.api import idempotency, pagination, resolving
from regulars.api.auth import key_of
from regulars.api.idempotency import HEADER, Outcome
from regulars.api.promises import KEY, PAGING
from regulars.api.stores import listed
from regulars.api.views import Endpoint
from regulars.audit import Actor
from regulars.complaints import access, numbers, selectors, services
from regulars.complaints.models import Case
from regulars.complaints.services import remedies
from regulars.complaints.services.opening import ComplaintRefused
from regulars.customers.selectors import visibility
from regulars.errors import Invalid, NotFound
from regulars.usecases import raise_complaint

READ: Final = "complaints.read"
WRITE: Final = "complaints.write"
_ID: Final = {"type": "string", "format": "uuid"}
_BESIDES: Final = (
    "Together with a store, a customer, an owner, a number, or complaints that are under way."
)
_FILTERS: Final = [
    OpenApiParameter("state", str, enum=Case.State.values),
    OpenApiParameter("severity", str, enum=Case.Severity.values, description=_BESIDES),
    OpenApiParameter("kind", str, description=f"Key of a kind of complaint. {_BESIDES}"),
    OpenApiParameter("store_id", _ID),
    OpenApiParameter("customer_id", _ID),
    OpenApiParameter("owner_id", _ID),
    OpenApiParameter("number", str, description="As the customer was told it."),
    OpenApiParameter("open", bool, description="Only those under way, or only those that ended."),
    OpenApiParameter("late", bool, description="Only those of which a clock has run out, or not."),
]
_VERBS: Final[Mapping[str, Callable[..., Case]]] = {
    "note": services.note,
    "message": services.write_to_customer,
    "apologise": services.apologise,
    "investigate": services.investigate,
    "find": services.find,
    "propose": services.propose,
    "refuse": services.refuse,
    "agree": services.agree,
    "do": services.do,
    "ask": services.ask,
    "answer": services.answered,
    "close": services.close,
    "reopen": services.reopen_for,
    "wait": services.wait,
    "resume": services.resume,
    "attempt": services.attempt,
    "tick": services.tick,
}


class Complaints(Endpoint):
    """Complaints of the key's stores."""

    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(
        operation_id="complaints_list",
        parameters=[*PAGING, *_FILTERS],
        responses=listed(shapes.ComplaintBrief, "ComplaintPage"),
    )
    def get(self, request: Request) -> Response:
        """List complaints in the order they were raised."""
        rows = _narrowed(request, access.visible(self.actor(request)))
        return Response(pagination.page(request, rows).as_body(shapes.brief))

    @extend_schema(
        operation_id="complaints_raise",
        parameters=[KEY],
        request=shapes.ComplaintWrite,
        responses={201: shapes.ComplaintAnswer},
    )
    def post(self, request: Request) -> HttpResponse:
        """Raise a complaint; its clocks start at once."""
        return idempotency.once(request, lambda: self._raise(request))

    def _raise(self, request: Request) -> Outcome:
        body = self.cleaned(shapes.ComplaintWrite, request)
        actor, guide = self.actor(request), body.pop("guide", None)
        by = resolving.acting_for(guide, actor=actor) if guide else actor
        customer = body.pop("customer", None)
        given = {name: value for name, value in body.items() if value is not None}
        draft = services.Draft(
            store_id=resolving.store_id(given.pop("store"), actor=actor),
            template=given.pop("kind", ""),
            customer_id=resolving.customer_id(customer, actor=actor) if customer else None,
            **given,
        )
        try:
            case = raise_complaint.raised(
                actor=by, draft=draft, now=timezone.now(), key=_once(request)
            )
        except ComplaintRefused as fault:  # in the words of the body
            named = {_MEMBERS.get(name, name): each for name, each in fault.fields.items()}
            raise ComplaintRefused(fields=named) from fault
        return Outcome(201, _whole(by, case.pk))


class Kinds(Endpoint):
    """What can be complained about."""

    scopes = {"GET": (READ, WRITE)}

    @extend_schema(operation_id="complaints_kinds", responses=shapes.KindsAnswer)
    def get(self, request: Request) -> Response:
        """List the kinds of complaint with what to ask, in the language of `Accept-Language`."""
        return Response({"data": shapes.kinds()})


class Complaint(Endpoint):
    """One complaint."""

    scopes = {"GET": READ}

    @extend_schema(operation_id="complaints_read", responses=shapes.ComplaintAnswer)
    def get(self, request: Request, complaint_id: UUID) -> Response:
        """Return a complaint with its steps, its checklist and what makes good."""
        return Response(_whole(self.actor(request), complaint_id))


class Steps(Endpoint):
    """What is done with a complaint."""

    scopes = {"POST": WRITE}

    @extend_schema(
        operation_id="complaints_step",
        parameters=[KEY],
        request=shapes.StepWrite,
        responses={201: shapes.ComplaintAnswer},
    )
    def post(self, request: Request, complaint_id: UUID) -> HttpResponse:
        """Take a step; 409 `complaint-list-open` where it is closed with something left to do."""
        return idempotency.once(request, lambda: self._step(request, complaint_id))

    def _step(self, request: Request, complaint_id: UUID) -> Outcome:
        _look_up(self.actor(request), complaint_id)
        body = self.cleaned(shapes.StepWrite, request)
        actor = resolving.acting_for(body.pop("guide"), actor=self.actor(request))
        name = body.pop("step")
        given = {**_LEFT_OUT.get(name, {}), **body}
        verb = partial(_VERBS[name], actor=actor, case_id=complaint_id, now=timezone.now())
        verb(key=_once(request), **given)
        return Outcome(201, _whole(actor, complaint_id))


class Remedies(Endpoint):
    """What makes good."""

    scopes = {"POST": WRITE}

    @extend_schema(
        operation_id="complaints_remedy",
        parameters=[KEY],
        request=shapes.RemedyWrite,
        responses={201: shapes.RemedyAnswer},
    )
    def post(self, request: Request, complaint_id: UUID) -> HttpResponse:
        """Ask for a remedy. Somebody approves it on a page; it is carried out there."""
        return idempotency.once(request, lambda: self._ask(request, complaint_id))

    def _ask(self, request: Request, complaint_id: UUID) -> Outcome:
        _look_up(self.actor(request), complaint_id)
        body = self.cleaned(shapes.RemedyWrite, request)
        actor = resolving.acting_for(body.pop("guide"), actor=self.actor(request))
        row = remedies.ask(
            actor=actor, case_id=complaint_id, wish=remedies.Wish(**body), now=timezone.now(),
            key=_once(request),
        )  # fmt: skip
        return Outcome(201, shapes.remedy(row))


# Words and lists that a step may leave out; whether it needs words the services say.
_TEXT: Final = {"text": ""}
_LEFT_OUT: Final[Mapping[str, Mapping[str, Any]]] = {
    **{name: _TEXT for name, members in shapes.STEPS.items() if "text" in members},
    "propose": {**_TEXT, "remedies": (), "cause_told": False},
}


def _look_up(actor: Actor, complaint_id: UUID) -> None:
    """Raise NotFound before a body is judged: what is not the key's is not there at all."""
    if not access.visible(actor).filter(pk=complaint_id).exists():
        raise NotFound


def _once(request: Request) -> str:
    """Return what the services know this call by."""
    return f"api:{key_of(request).id}:{request.headers.get(HEADER, '')}"


def _whole(actor: Actor, complaint_id: UUID) -> dict[str, Any]:
    found = selectors.one(actor=actor, case_id=complaint_id, language=get_language() or "en")
    who = found.case.customer
    is_kept = who is not None and visibility.is_withheld(actor.scope, who.home_store_id)
    return shapes.whole(found, is_told=not is_kept)


def _narrowed(request: Request, rows: QuerySet[Case]) -> QuerySet[Case]:
    """Return what the filters of the address leave. Invalid names those that cannot be read."""
    query = {name: str(text).replace("\0", "") for name, text in request.query_params.items()}
    faults = {
        name: [f"Write one of: {', '.join(known)}."]
        for name, known in _KNOWN.items()
        if name in query and query[name] not in known
    }
    for name in ("store_id", "customer_id", "owner_id"):
        if name in query:
            try:
                rows = rows.filter(**{name: UUID(query[name])})
            except ValueError:
                faults[name] = ["This is no id."]
    if faults:
        raise Invalid(fields=faults)
    for name, column in _COLUMNS.items():
        if name in query:
            rows = rows.filter(**{column: query[name]})
    if "number" in query:
        rows = rows.filter(number=numbers.read(query["number"]) or "")
    if "open" in query:
        is_over = Q(state=Case.State.CLOSED)
        rows = rows.filter(~is_over if query["open"] == "true" else is_over)
    if _under_way(query):
        rows = rows.filter(_AMONG_OPEN)
    elif query.keys() & _RARE and not query.keys() & _NEAR:
        told = [f"Name one of {', '.join(_NEAR)} as well, or open=true."]
        raise Invalid(fields=dict.fromkeys(sorted(query.keys() & _RARE), told))
    if "late" in query:
        is_late = Q(urgent_at__lte=timezone.now())
        rows = rows.filter(is_late if query["late"] == "true" else ~is_late)
    return rows


def _under_way(query: Mapping[str, str]) -> bool:
    """Say whether a list is of open complaints alone.

    They are few and have indexes of their own; in the order of their ids the list would be looked
    for among everything that was ever raised.
    """
    is_open = query.get("state", Case.State.CLOSED) != Case.State.CLOSED
    return is_open or query.get("open") == "true" or query.get("late") == "true"


_AMONG_OPEN: Final = Func(
    F("pk"),
    ArraySubquery(Case.objects.exclude(state=Case.State.CLOSED).values("pk")),
    template="(%(expressions)s))",
    arg_joiner=" = ANY(",
    output_field=BooleanField(),
)
_RARE: Final = frozenset({"severity", "kind"})
"""What may hold for a few of a million, and has no index."""
_NEAR: Final = ("store_id", "customer_id", "owner_id", "number")
_MEMBERS: Final = {
    "template": "kind", "purchase": "purchase_id", "line": "line_id",
    "possession": "possession_id",
}  # fmt: skip
_TRUTH: Final = ("true", "false")
_KNOWN: Final[Mapping[str, Sequence[str]]] = {
    "state": Case.State.values,
    "severity": Case.Severity.values,
    "open": _TRUTH,
    "late": _TRUTH,
}
_COLUMNS: Final = {"state": "state", "severity": "severity", "kind": "template"}
