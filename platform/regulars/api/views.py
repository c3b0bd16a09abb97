"""What every endpoint shares."""

from functools import cache
from typing import Any, ClassVar, cast

from rest_framework.exceptions import ValidationError
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
    def cleaned[S: Serializer](serializer: type[S], request: Request) -> dict[str, Any]:  # type: ignore[type-arg]
        """Return the body in the serializer's shape, or raise its ValidationError."""
        return checked(serializer, request.data)


def checked[S: Serializer](serializer: type[S], data: object) -> dict[str, Any]:  # type: ignore[type-arg]
    """Return data in the serializer's shape, or raise its ValidationError."""
    try:
        return dict(_checker(serializer).run_validation(data))
    except ValidationError:
        again = serializer(data=data)
        again.is_valid(raise_exception=True)  # says what is wrong, and where
        raise


@cache
def _checker[S: Serializer](serializer: type[S]) -> S:  # type: ignore[type-arg]
    """Return one serializer for every body of its shape.

    A new one copies every field it has, which takes longer than checking a receipt. Checking by
    itself keeps nothing.
    """
    return serializer()
