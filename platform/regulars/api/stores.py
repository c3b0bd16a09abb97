"""Stores and guides, to read."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from regulars.api import pagination
from regulars.api.promises import PAGING
from regulars.api.views import Endpoint
from regulars.staff.models import Role, Staff
from regulars.stores import selectors as stores
from regulars.stores.models import Store


class StoreShape(serializers.Serializer[Store]):
    """A store as it is answered."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField(allow_null=True, help_text="Code of the region.")
    city = serializers.CharField()
    time_zone = serializers.CharField()
    open = serializers.BooleanField(help_text="False for a store that was closed for good.")


class GuideShape(serializers.Serializer[Staff]):
    """A guide as they are answered."""

    id = serializers.UUIDField()
    number = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    store_id = serializers.UUIDField(allow_null=True)


def listed[S: serializers.BaseSerializer[Any]](shape: type[S], name: str) -> Any:
    """Return the schema of a page of rows."""
    fields = {
        "data": shape(many=True),
        "next": serializers.CharField(allow_null=True, help_text="Cursor of the next page."),
    }
    return type(name, (serializers.Serializer,), fields)


class Stores(Endpoint):
    """Stores the key may see."""

    scopes = {"GET": ("stores.read", "till")}

    @extend_schema(
        operation_id="stores_list", parameters=PAGING, responses=listed(StoreShape, "StorePage")
    )
    def get(self, request: Request) -> Response:
        """List the stores this key may see, closed ones too, the oldest first."""
        rows = stores.visible(self.actor(request).scope).select_related("region")
        return Response(pagination.page(request, rows).as_body(_store))


class Guides(Endpoint):
    """People who serve customers."""

    scopes = {"GET": ("stores.read", "till")}

    @extend_schema(
        operation_id="guides_list", parameters=PAGING, responses=listed(GuideShape, "GuidePage")
    )
    def get(self, request: Request) -> Response:
        """List the people who work in the stores this key may see."""
        scope = self.actor(request).scope
        rows = Staff.objects.filter(state=Staff.State.ACTIVE)
        if not scope.everything:
            rows = rows.filter(home_store_id__in=scope.store_ids)
        return Response(pagination.page(request, rows).as_body(_guide))


def _store(store: Store) -> dict[str, Any]:
    return {
        "id": store.id,
        "code": store.code,
        "name": store.name,
        "region": store.region.code if store.region else None,
        "city": store.city,
        "time_zone": store.time_zone,
        "open": stores.is_open(store),
    }


def _guide(staff: Staff) -> dict[str, Any]:
    return {
        "id": staff.id,
        "number": staff.number,
        "name": staff.name,
        "role": staff.role,
        "store_id": staff.home_store_id,
    }
