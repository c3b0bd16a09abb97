"""Pictures of a form that is shown again: drawn anew already, and kept for a day.

Nothing but the form names them, in words that are signed for it: its stamp's number, or the
complaint it belongs to. What is sent at last is copied into the complaint, so that no two share a
file and the same form may come once more; what lies here `orphans` takes away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Final
from uuid import UUID

from django.core import signing

from regulars.complaints import pictures, redrawing
from regulars.complaints.pictures import Drawn
from regulars.errors import NotFound
from regulars.tenancy import context

_SALT: Final = "regulars.complaints.held"
_SMALL: Final = "regulars.complaints.held.small"


@dataclass(frozen=True, slots=True)
class Held:
    """One such picture: names of both files, and the digest of what was sent."""

    name: str
    small: str
    digest: str

    @property
    def token(self) -> str:
        """What leads to the small picture; it holds in this chain only."""
        return _signer(_SMALL).sign(self.small)


def hold(upload: IO[bytes]) -> Held:
    """Draw a picture of somebody who is not signed in anew, and keep it.

    Raises PictureRefused, Busy.
    """
    digest = pictures.digest(upload)
    content = upload.read(pictures.MOST_BYTES + 1)
    whole, small = redrawing.split(pictures.redraw(content, is_public=True, with_small=True))
    return Held(pictures.save(whole), pictures.save(small), digest)


def written(held: Sequence[Held], *, number: UUID) -> str:
    """Return what a form carries of its pictures; `number` says which form it is."""
    words = [number.hex, *(part for each in held for part in (each.name, each.small, each.digest))]
    return _signer(_SALT).sign(".".join(words)) if held else ""


def read(text: str, *, number: UUID) -> tuple[Held, ...]:
    """Return the pictures that a form carries; none where it was signed for another one."""
    try:
        first, *words = _signer(_SALT).unsign(text).split(".")
    except signing.BadSignature:
        return ()
    if first != number.hex:
        return ()
    return tuple(Held(*words[at : at + 3]) for at in range(0, len(words), 3))


def drawn(held: Iterable[Held]) -> list[Drawn]:
    """Return the pictures themselves; those whose day is over are left out."""
    found: list[Drawn] = []
    for each in held:
        try:
            found.append(Drawn(pictures.content(each.name), each.digest))
        except NotFound:
            continue
    return found


def small(token: str) -> bytes:
    """Return a small picture by its token. Raises NotFound."""
    try:
        return pictures.content(_signer(_SMALL).unsign(token))
    except signing.BadSignature:
        raise NotFound from None


def _signer(salt: str) -> signing.Signer:
    return signing.Signer(salt=f"{salt}:{context.current().id}")
