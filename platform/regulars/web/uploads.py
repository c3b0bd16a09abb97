"""Uploads that are too large end where they become so, on every page and before any view runs."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class Limiter(FileUploadHandler):
    """The first handler of every upload: lets files through until they are too much together.

    The view then finds no file, and says why by the length of the request.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._left = settings.UPLOAD_LIMIT_BYTES
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
        self._is_over = content_length > self._left

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
