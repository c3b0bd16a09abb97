"""Somebody at the public page of a chain: forms as browsers send them."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from regulars.complaints import numbers
from regulars.complaints.models import Case
from regulars.web.complaining import once, places
from tests.factories import people
from tests.factories.visitors import Visitor


def place() -> str:
    """Return the place of the shop every chain begins with."""
    return places.of_store(people.first_store().pk)


def address(place: str, about: str = "other") -> str:
    """Return where the form is."""
    return f"/complain/{place}/?about={about}"


def stamp(*, seconds: int = 30, number: UUID | None = None) -> str:
    """Return the stamp of a form that was shown some seconds ago."""
    return once.Stamp(number or uuid4(), timezone.now() - timedelta(seconds=seconds)).text


def send(
    guest: Visitor, at: str = "", *, about: str = "other", ip: str = "203.0.113.7", **fields: Any
) -> Any:
    """Send a form."""
    body = {"once": stamp(), "text": "The clasp broke.", **fields}
    return guest.post(address(at or place(), about), body, REMOTE_ADDR=ip)


def raised(**fields: Any) -> Case:
    """Raise a complaint on the web, and return it."""
    before = set(Case.objects.values_list("pk", flat=True))
    answer = send(Visitor(), **fields)
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.exclude(pk__in=before).get()


def link(case: Case) -> str:
    """Return the private page of a complaint."""
    return f"/c/{numbers.token(case.pk)}/"


def picture(name: str = "clasp.jpg", **how: Any) -> SimpleUploadedFile:
    """Return a small photograph."""
    file = BytesIO()
    Image.new("RGB", how.pop("size", (40, 20)), how.pop("color", "red")).save(file, "JPEG", **how)
    return SimpleUploadedFile(name, file.getvalue(), content_type="image/jpeg")
