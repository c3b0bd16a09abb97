"""Uploads that are too large end where they become so, on every page and before any view runs."""

from typing import Any, Final

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from regulars.complaints import pictures
from regulars.tenancy import hosts

_FORM_ROOM: Final = 1024 * 1024  # bytes of such a request that are not pictures
_PICTURES: Final = pictures.MOST * pictures.MOST_BYTES + _FORM_ROOM  # of those nobody signs in to


def limit_of(request: HttpRequest | None) -> int:
    """Return how many bytes a request may bring."""
    is_public = request is not None and request.path.startswith(hosts.FOR_CUSTOMERS)
    return min(_PICTURES, settings.UPLOAD_LIMIT_BYTES) if is_public else settings.UPLOAD_LIMIT_BYTES


def is_too_much(request: HttpRequest) -> bool:
    """Say whether a request told itself that it brings more, so that its files were not read."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) > limit_of(request)
    except ValueError:
        return True


class Limiter(FileUploadHandler):
    """The first handler of every upload: lets files through until they are too much together.

    The view then finds no file, and says why by the length of the request.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._limit = self._left = limit_of(request)
        self._is_over = False

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803  (Django names it)
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Notice a request that says itself that it is too large."""
        self._is_over = content_length > self._limit

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Refuse the first file of such a request; what stands before it is read."""
        super().new_file(*args, **kwargs)
        if self._is_over:
            raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand the chunk on, unless it is too much."""
        self._left -= len(raw_data)
        if self._left < 0:
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers behind."""
