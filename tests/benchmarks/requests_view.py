"""One view, with its model and its address, that B2 asks for in both projects."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import models
from django.http import HttpRequest, JsonResponse
from django.urls import path


class Person(models.Model):
    """Some columns of a customer, read by key; neither project makes this table."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=16, null=True)
    member_code = models.CharField(max_length=40, null=True)
    email = models.EmailField()
    joined_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        db_table = "customers_customer"
        managed = False

    def __str__(self) -> str:
        return self.name


def key(number: int) -> UUID:
    """Return the key of a row, the same in every schema."""
    return UUID(f"00000000-0000-7000-8000-{number:012x}")


@login_not_required
def people(request: HttpRequest, first: int, reads: int) -> JsonResponse:
    """Answer with some people, each read by its key with a statement of its own."""
    found = [Person.objects.get(pk=key(first + number)) for number in range(reads)]
    return JsonResponse(
        {"people": [{"name": each.name, "joined_at": each.joined_at} for each in found]}
    )


urlpatterns = [path("people/<int:first>/<int:reads>/", people)]
