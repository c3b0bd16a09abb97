"""Customers, their balances and their statements."""

from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from regulars.api import customer_shapes as forms
from regulars.api import idempotency, pagination, resolving, shapes
from regulars.api.idempotency import Outcome
from regulars.api.promises import KEY, PAGING, SINCE
from regulars.api.stores import listed
from regulars.api.views import Endpoint
from regulars.customers import selectors, services
from regulars.customers.models import Customer as Row
from regulars.customers.selectors import Card
from regulars.points import selectors as points
from regulars.tenancy import context

_READ = ("customers.read", "till")
_WAYS = ("phone", "member_code", "card")
_OWN_NAMES = ("id", "name", "phone", "member_code", "gender", "email", "address", "language")
COLUMNS: Final[dict[str, str]] = {
    **{name: name for name in _OWN_NAMES},
    "store_id": "home_store_id",
    "guide_id": "owner_id",
    **{name: name for name in ("extra", "joined_at", "changed_at")},
}


class Customers(Endpoint):
    """Customers of the chain."""

    scopes = {"GET": "customers.read", "POST": ("customers.write", "till")}

    @extend_schema(
        operation_id="customers_list",
        parameters=[*PAGING, SINCE],
        responses=listed(forms.CustomerAnswer, "CustomerPage"),
    )
    def get(self, request: Request) -> HttpResponse:
        """List customers within the key's stores; with `modified_since` in the order of change."""
        rows = selectors.visible(self.actor(request))
        return pagination.answer(request, rows, COLUMNS, modified="changed_at")

    @extend_schema(
        operation_id="customers_create",
        parameters=[KEY],
        request=forms.CustomerWrite,
        responses={201: forms.CustomerAnswer},
    )
    def post(self, request: Request) -> HttpResponse:
        """Create a customer; 409 `phone-known` when somebody with this phone is there."""
        return idempotency.once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Outcome:
        body: dict[str, Any] = self.cleaned(forms.CustomerWrite, request)
        actor = self.actor(request)
        store, guide = body.pop("store", None), body.pop("guide", None)
        row = services.create(
            actor=actor,
            now=timezone.now(),
            identities=[(source, number) for source, number in body.pop("external", [])],
            extra=body.pop("extra", None),
            home_store_id=resolving.store_id(store, actor=actor, at_till=True) if store else None,
            owner_id=resolving.guide_id(guide),
            same_phone_is_fine=body.pop("same_phone_is_fine"),
            values=body,
        )
        return Outcome(201, _customer(row))


class Customer(Endpoint):
    """One customer."""

    scopes = {"GET": "customers.read", "PATCH": ("customers.write", "till")}

    @extend_schema(operation_id="customers_read", responses=forms.CustomerAnswer)
    def get(self, request: Request, customer_id: UUID) -> Response:
        """Return a customer; one that was merged is answered by the one it became."""
        row = selectors.get(actor=self.actor(request), customer_id=customer_id)
        return Response(_customer(row))

    @extend_schema(
        operation_id="customers_change",
        parameters=[KEY],
        request=forms.CustomerChange,
        responses=forms.CustomerAnswer,
    )
    def patch(self, request: Request, customer_id: UUID) -> HttpResponse:
        """Change what is sent and nothing else."""
        return idempotency.once(request, lambda: self._change(request, customer_id))

    def _change(self, request: Request, customer_id: UUID) -> Outcome:
        body: dict[str, Any] = self.cleaned(forms.CustomerChange, request)
        actor, now = self.actor(request), timezone.now()
        extra, shared = body.pop("extra", None), body.pop("same_phone_is_fine")
        with transaction.atomic():
            row = services.update(
                actor=actor,
                customer_id=customer_id,
                values=body,
                now=now,
                same_phone_is_fine=shared,
            )
            if extra:
                row = services.set_extra(
                    actor=actor, customer_id=row.pk, values=extra, how="api", now=now
                )
        return Outcome(200, _customer(row))


class Find(Endpoint):
    """Recognising somebody at the counter."""

    scopes = {"GET": _READ}

    @extend_schema(
        operation_id="customers_find",
        parameters=[
            OpenApiParameter("phone", str, description="Whole number, as people write it."),
            OpenApiParameter("member_code", str),
            OpenApiParameter("card", str),
            OpenApiParameter("source", str, description="With `number`: of another system."),
            OpenApiParameter("number", str),
        ],
        responses=forms.CardsAnswer,
    )
    def get(self, request: Request) -> Response:
        """Return the counter cards of whoever has exactly this phone, code, card or number."""
        reference: dict[str, Any] = {
            way: request.query_params[way] for way in _WAYS if way in request.query_params
        }
        if "source" in request.query_params:
            number = request.query_params.get("number", "")
            reference["external"] = [request.query_params["source"], number]
        checked = shapes.CustomerReference(data=reference)
        checked.is_valid(raise_exception=True)
        found = resolving.cards(checked.validated_data, actor=self.actor(request))
        balances = points.balances_of_many([each.id for each in found], now=timezone.now())
        return Response({"data": [_card(each, balances.get(each.id, 0)) for each in found]})


class Balance(Endpoint):
    """Points of one customer."""

    scopes = {"GET": _READ}

    @extend_schema(operation_id="customers_balance", responses=forms.BalanceAnswer)
    def get(self, request: Request, customer_id: UUID) -> Response:
        """Return what the customer may use now; points that have run out are not counted."""
        card = selectors.card(actor=self.actor(request), customer_id=customer_id)
        held = points.balance(customer_id=card.id, now=timezone.now())
        return Response(
            {
                "balance": held.available - held.debt,
                "available": held.available,
                "debt": held.debt,
                "expiring": held.expiring,
                "expires_at": held.expires_at,
            }
        )


class Points(Endpoint):
    """Statement of one customer."""

    scopes = {"GET": "customers.read"}

    @extend_schema(
        operation_id="customers_points",
        parameters=PAGING,
        responses=listed(forms.EntryAnswer, "EntryPage"),
    )
    def get(self, request: Request, customer_id: UUID) -> Response:
        """Return the entries of a customer's points, the newest first, each with its reason."""
        row = selectors.get(actor=self.actor(request), customer_id=customer_id)
        limit, before = pagination.asked(request)
        entries = points.statement(
            customer_id=row.pk,
            language=get_language() or context.current().language,
            before=before,
            limit=limit + 1,
        )
        more = len(entries) > limit
        following = pagination.encode(None, entries[limit - 1].id) if more else None
        return Response({"data": [_entry(each) for each in entries[:limit]], "next": following})


def _customer(row: Row) -> dict[str, Any]:
    return {name: getattr(row, column) for name, column in COLUMNS.items()}


def _card(card: Card, balance: int) -> dict[str, Any]:
    return {
        "id": card.id,
        "name": card.name,
        "phone": _masked(card.phone),
        "member_code": card.member_code,
        "balance": balance,
        "warnings": list(card.warnings),
    }


def _masked(phone: str | None) -> str | None:
    """Leave the country and the last four digits."""
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}" if phone else None


def _entry(entry: points.Entry) -> dict[str, Any]:
    names = ("id", "at", "verb", "amount", "balance", "store_id", "purchase_id")
    shown = {name: getattr(entry, name) for name in names}
    return {**shown, "sentences": list(entry.sentences)}
