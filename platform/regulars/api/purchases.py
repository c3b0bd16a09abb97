"""Purchases, returns and exchanges from tills."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from regulars import audit
from regulars.api import drafting, idempotency, pagination, problems, shapes, showing
from regulars.api.idempotency import Outcome
from regulars.api.promises import KEY, PAGING, SINCE
from regulars.api.stores import listed
from regulars.api.views import Endpoint, checked
from regulars.errors import NotFound, RegularsError
from regulars.purchases import selectors as purchases
from regulars.usecases import exchange, preview, record_purchase, take_return

_TILL: Final = "till"


class Purchases(Endpoint):
    """Record purchases, and read them."""

    scopes = {"GET": ("purchases.read", _TILL), "POST": _TILL}

    @extend_schema(
        operation_id="purchases_list",
        parameters=[*PAGING, SINCE],
        responses=listed(showing.PurchaseAnswer, "PurchasePage"),
    )
    def get(self, request: Request) -> Response:
        """List purchases and returns of the key's stores, in the order they were recorded."""
        rows = purchases.visible(self.actor(request).scope)
        page = pagination.page(request, rows, modified="recorded_at")
        return Response(page.as_body(showing.purchase))

    @extend_schema(
        operation_id="purchases_record",
        parameters=[KEY],
        request=shapes.PurchaseShape,
        responses={201: shapes.RecordedShape},
    )
    def post(self, request: Request) -> HttpResponse:
        """Record a purchase; answer with the points earned, the balance and why."""
        return idempotency.once(request, lambda: self._record(request))

    def _record(self, request: Request) -> Outcome:
        body = self.cleaned(shapes.PurchaseShape, request)
        return Outcome(201, _recorded(self.actor(request), body))


class Purchase(Endpoint):
    """One purchase."""

    scopes = {"GET": ("purchases.read", _TILL)}

    @extend_schema(operation_id="purchases_read", responses=showing.PurchaseAnswer)
    def get(self, request: Request, purchase_id: Any) -> Response:
        """Return a purchase with its lines and what of them can still be returned."""
        row = purchases.visible(self.actor(request).scope).filter(pk=purchase_id).first()
        if row is None:
            raise NotFound
        lines = [showing.line(each) for each in purchases.returnable(row.id)]
        return Response({**showing.purchase(row), "lines": lines})


class Preview(Endpoint):
    """What a purchase would earn."""

    scopes = {"POST": _TILL}

    @extend_schema(
        operation_id="purchases_preview",
        request=shapes.PreviewShape,
        responses=showing.PreviewAnswer,
    )
    def post(self, request: Request) -> Response:
        """Compute totals and points without recording anything. Needs no Idempotency-Key."""
        body = self.cleaned(shapes.PreviewShape, request)
        actor, now = self.actor(request), timezone.now()
        body.setdefault("occurred_at", now)
        draft = drafting.purchase(body, actor=actor)
        return Response(showing.preview(preview.preview(draft=draft, actor=actor, now=now)))


class Returns(Endpoint):
    """Goods that come back."""

    scopes = {"POST": _TILL}

    @extend_schema(
        operation_id="returns_take",
        parameters=[KEY],
        request=shapes.ReturnShape,
        responses={201: showing.ReturnedAnswer},
    )
    def post(self, request: Request) -> HttpResponse:
        """Take goods back; points are taken and given back in proportion."""
        return idempotency.once(request, lambda: self._take(request))

    def _take(self, request: Request) -> Outcome:
        body = self.cleaned(shapes.ReturnShape, request)
        return Outcome(201, _returned(self.actor(request), body))


class Exchanges(Endpoint):
    """Goods for goods."""

    scopes = {"POST": _TILL}

    @extend_schema(
        operation_id="exchanges_make",
        parameters=[KEY],
        request=shapes.ExchangeShape,
        responses={201: showing.ExchangedAnswer},
    )
    def post(self, request: Request) -> HttpResponse:
        """Take goods back and sell others, whole or not at all."""
        return idempotency.once(request, lambda: self._exchange(request))

    def _exchange(self, request: Request) -> Outcome:
        body = self.cleaned(shapes.ExchangeShape, request)
        actor = self.actor(request)
        draft = drafting.exchange(body, actor=actor)
        done = exchange.exchange(draft=draft, actor=actor, now=timezone.now())
        return Outcome(201, showing.exchanged(done))


class Batch(Endpoint):
    """What a till did while it was offline."""

    scopes = {"POST": _TILL}

    @extend_schema(
        operation_id="purchases_batch", request=shapes.BatchShape, responses=showing.BatchAnswer
    )
    def post(self, request: Request) -> Response:
        """Record entries one by one, each on its own; answer for each, in order.

        An entry is ``{"kind": "purchase" | "return", …}``. The receipt numbers make it safe to
        send a batch again: what was recorded answers `repeated`, so no Idempotency-Key is needed.
        """
        entries: Any = self.cleaned(shapes.BatchShape, request)["entries"]
        answers = [self._one(request, entry) for entry in entries]
        failed = sum(answer["status"] >= 400 for answer in answers)
        body = {"recorded": len(answers) - failed, "failed": failed, "results": answers}
        return Response(body)

    def _one(self, request: Request, entry: dict[str, Any]) -> dict[str, Any]:
        kind = entry.get("kind")
        rest = {name: value for name, value in entry.items() if name != "kind"}
        try:
            if kind == "purchase":
                return {"status": 201, "body": self._recorded(request, rest)}
            if kind == "return":
                return {"status": 201, "body": self._returned(request, rest)}
            raise ValidationError({"kind": ["Write purchase or return."]})
        except (RegularsError, ValidationError) as error:
            problem = problems.handler(error, {"request": request})
            assert problem is not None  # noqa: S101  (both kinds have one)
            return {"status": problem.status_code, "body": problem.data}

    def _recorded(self, request: Request, entry: dict[str, Any]) -> dict[str, Any]:
        return _recorded(self.actor(request), checked(shapes.PurchaseShape, entry))

    def _returned(self, request: Request, entry: dict[str, Any]) -> dict[str, Any]:
        return _returned(self.actor(request), checked(shapes.ReturnShape, entry))


def _recorded(actor: audit.Actor, body: Mapping[str, Any]) -> dict[str, Any]:
    draft = drafting.purchase(body, actor=actor)
    recorded = record_purchase.record(draft=draft, actor=actor, now=timezone.now())
    return showing.recorded(recorded)


def _returned(actor: audit.Actor, body: Mapping[str, Any]) -> dict[str, Any]:
    draft = drafting.goods_back(body, actor=actor)
    returned = take_return.take_return(draft=draft, actor=actor, now=timezone.now())
    return showing.returned(returned)
