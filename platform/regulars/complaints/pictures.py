"""Pictures of a complaint, made safe: what is kept was drawn anew by us, and is a JPEG.

What a file is, its content says, never its name. A child process under limits (`redrawing`) takes
it apart. Kept files lie in the storage of the installation, in the chain's folder, under random
names; `Entry.data["files"]` names them, and `read` gives only what a step of that complaint names.
What no step names `orphans` takes away a day later.
"""

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.complaints import redrawing
from regulars.complaints.models import Case, Entry
from regulars.errors import Invalid, NotFound, TooMany
from regulars.outbox import services as outbox
from regulars.tenancy import context
from regulars.tenancy.identifiers import new_id

FOLDER: Final = "complaints"
CONTENT_TYPE: Final = "image/jpeg"
MOST: Final = 6  # of one complaint
MOST_BYTES: Final = redrawing.MOST_BYTES
DROP: Final = "complaints.drop-pictures"
_TURNS: Final = threading.BoundedSemaphore(2)  # a large picture takes most of a gigabyte
_OF_THE_PUBLIC: Final = threading.BoundedSemaphore(1)  # of them: one is always the employees'
_PATIENCE: Final = 20  # seconds to wait for a turn
_WAIT: Final = 60  # seconds for the child; its own limits end it earlier
_COMMAND: Final = (sys.executable, "-I", "-m", "regulars.complaints.redrawing")
_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}
_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture that was drawn anew before; `digest` is of the file that was sent."""

    content: bytes
    digest: str


type Upload = IO[bytes] | Drawn


class PictureRefused(Invalid):
    """A file that is not kept; `fields["pictures"]` says why."""

    code = "picture-refused"


class Busy(TooMany):
    """More pictures than are drawn at once."""

    code = "pictures-busy"
    sentence = _("Many pictures are being looked at. Please send it again in half a minute.")


TOO_MANY: Final = _("At most six pictures fit one complaint.")
TOO_LARGE: Final = _("A picture may have at most 8 MB. Please send a smaller one.")
TOO_MANY_PIXELS: Final = _("A picture may have at most 40 megapixels. Please send a smaller one.")
NOT_A_PICTURE: Final = _("This is no JPEG, PNG or WebP picture.")
HEIC: Final = _("HEIC pictures cannot be read here. Please send it as JPEG.")
DAMAGED: Final = _("This picture is damaged. Please take or save it again.")


@contextmanager
def kept(
    uploads: Sequence[Upload], *, case_id: UUID | None = None, is_public: bool = False
) -> Iterator[tuple[str, ...]]:
    """Keep uploaded pictures for a block that names them in a step; a failed block keeps none.

    `case_id` is of the complaint they join; `is_public` are those of somebody who is not signed
    in. Raises PictureRefused, Busy.
    """
    if len(uploads) > (room(case_id) if case_id else MOST):
        raise _refused(TOO_MANY)
    drawn = [
        each.content
        if isinstance(each, Drawn)
        else redraw(each.read(MOST_BYTES + 1), is_public=is_public)
        for each in uploads
    ]
    names: list[str] = []
    try:
        names.extend(map(save, drawn))
        yield tuple(names)
    except BaseException:
        remove(names)
        raise


def save(content: bytes) -> str:
    """Keep a picture that we drew, and return its name; names rise with time (`orphans`)."""
    name = new_id().hex
    default_storage.save(_path(name), ContentFile(content))
    return name


def digest(upload: Upload) -> str:
    """Return what makes a picture the same one when it is sent again."""
    if isinstance(upload, Drawn):
        return upload.digest
    upload.seek(0)
    found = hashlib.sha256(upload.read(MOST_BYTES + 1)).hexdigest()
    upload.seek(0)
    return found[:32]


def shown(files: Sequence[str], sent: Sequence[str] = ()) -> Mapping[str, list[str]]:
    """Return what a step says of its pictures: their names, and digests of what was sent."""
    noted = {"sent": list(sent)} if sent else {}
    return {"files": list(files), **noted} if files else {}


def were_sent(case_id: UUID) -> frozenset[str] | None:
    """Return the digests of the pictures a complaint was sent; None if some were not noted."""
    steps = Entry.objects.filter(case=case_id, data__has_key="files")
    found: set[str] = set()
    for files, sent in steps.values_list("data__files", "data__sent"):
        if len(files) != len(sent or ()):
            return None
        found.update(sent)
    return frozenset(found)


def room(case_id: UUID) -> int:
    """Return how many more pictures a complaint takes."""
    return max(0, MOST - len(of_case(case_id)))


def check_room(case_id: UUID, files: Sequence[str]) -> None:
    """Raise PictureRefused if a complaint that the caller holds takes no so many more."""
    if files and len(files) > room(case_id):
        raise _refused(TOO_MANY)


def of_case(case_id: UUID) -> list[str]:
    """Return the names of a complaint's pictures, oldest first."""
    steps = Entry.objects.filter(case=case_id, data__has_key="files").order_by("id")
    return [name for files in steps.values_list("data__files", flat=True) for name in files]


def read(case: Case, name: str) -> tuple[bytes, str]:
    """Return a picture of a complaint that the reader may see, and its content type.

    Raises NotFound for anything that no step of this complaint names.
    """
    if name not in of_case(case.pk):
        raise NotFound
    return content(name), CONTENT_TYPE


def content(name: str) -> bytes:
    """Return a picture of which the caller knows that a step names it. Raises NotFound."""
    if not default_storage.exists(_path(name)):
        raise NotFound
    with default_storage.open(_path(name), "rb") as file:
        return bytes(file.read())


def drop_unnamed(case_id: UUID, files: Sequence[str]) -> None:
    """Drop pictures that came along with a request which was taken before: no step names them."""
    names = set(files) - set(of_case(case_id)) if files else set()
    if names:
        outbox.enqueue(handler=DROP, payload={"names": sorted(names)})


def forget(case_ids: Iterable[UUID]) -> None:
    """Take the pictures of complaints away, with the transaction of the caller.

    Steps name none any more at once; the files go by the outbox, which tries until they are gone.
    """
    names: list[str] = []
    for step in Entry.objects.filter(case__in=list(case_ids), data__has_key="files"):
        names += step.data.pop("files")
        step.data.pop("sent", None)
        step.save(update_fields=["data"])
    if names:
        outbox.enqueue(handler=DROP, payload={"names": names})


def remove(names: Iterable[str]) -> None:
    """Remove files; what is not there is passed by."""
    for name in names:
        default_storage.delete(_path(name))


def redraw(content: bytes, *, is_public: bool = False, with_small: bool = False) -> bytes:
    """Return a picture as a JPEG with nothing else in it; `with_small`: as `redrawing.split` reads.

    Raises PictureRefused, Busy.
    """
    if len(content) > MOST_BYTES:
        raise _refused(TOO_LARGE)
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise _refused(HEIC)
    if not _looks_like_one(content):
        raise _refused(NOT_A_PICTURE)
    try:
        with _turn(is_public=is_public):
            ended = subprocess.run(
                (*_COMMAND, redrawing.WITH_SMALL) if with_small else _COMMAND,
                input=content, capture_output=True, env=_ENVIRONMENT, cwd="/",
                timeout=_WAIT, start_new_session=True, check=False,
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _refused(DAMAGED) from None
    if ended.returncode == redrawing.TOO_MANY_PIXELS:
        raise _refused(TOO_MANY_PIXELS)
    first = redrawing.split(ended.stdout)[0] if with_small else ended.stdout
    if ended.returncode != 0 or not first.startswith(b"\xff\xd8\xff"):
        raise _refused(DAMAGED)
    return ended.stdout


@contextmanager
def _turn(*, is_public: bool) -> Iterator[None]:
    """Wait until one more may be drawn; the public has one place of two at most. Raises Busy."""
    with ExitStack() as held:
        for slots in (_OF_THE_PUBLIC, _TURNS) if is_public else (_TURNS,):
            if not slots.acquire(timeout=_PATIENCE):
                raise Busy(retry_after=30)
            held.callback(slots.release)
        yield


def _looks_like_one(content: bytes) -> bool:
    return (
        content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")
    )  # fmt: skip


def _refused(sentence: str | Promise) -> PictureRefused:
    return PictureRefused(fields={"pictures": [sentence]})


def folder() -> str:
    """Return where the chain's pictures lie."""
    return f"{context.current().id}/{FOLDER}"


def _path(name: str) -> str:
    """Return where a picture lies; only names that we gave are ever looked for."""
    return f"{folder()}/{UUID(hex=name).hex}"
