"""What every endpoint shares."""

from typing import ClassVar, cast

from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from regulars import audit


class Endpoint(APIView):
    """An endpoint names the scope each method needs; `request.user` is the acting key's Actor."""

    scopes: ClassVar[dict[str, str | tuple[str, ...]]] = {}

    @staticmethod
    def actor(request: Request) -> audit.Actor:
        """Return who acts."""
        return cast(audit.Actor, request.user)

    @staticmethod
    def cleaned[S: Serializer](serializer: type[S], request: Request) -> dict[str, object]:  # type: ignore[type-arg]
        """Return the body in the serializer's shape, or raise its ValidationError."""
        checked = serializer(data=request.data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)
