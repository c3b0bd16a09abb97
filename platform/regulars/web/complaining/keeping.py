"""Pictures that came along with a form that is shown again are kept, and shown with it.

A form carries them in a field of its own, signed for its number; it is limited how many one
address and one chain may leave here, and what is not kept has to be chosen once more.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import IO, Final
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from regulars.complaints import held_pictures, pictures
from regulars.complaints.held_pictures import Held
from regulars.complaints.pictures import Drawn, PictureRefused
from regulars.errors import NotFound, TooMany
from regulars.staff import selectors as staff
from regulars.tenancy import limits
from regulars.tenancy.limits import Try
from regulars.usecases import complain_alone
from regulars.web.complaining.forms import WordsForm

FIELD: Final = "kept"
DROPPED: Final = "kept-not"
_BY_ADDRESS: Final = 60  # pictures an hour
_BY_CHAIN: Final = 2_000
_SECONDS: Final = 3_600
_MOST_GUESSES: Final = 60
_GUESS_SECONDS: Final = 600


def of_form(request: HttpRequest, number: UUID) -> tuple[Held, ...]:
    """Return the pictures a form that was sent carries, without those it leaves out."""
    dropped = set(request.POST.getlist(DROPPED))
    carried = held_pictures.read(request.POST.get(FIELD, ""), number=number)
    return tuple(each for each in carried if each.name not in dropped)


def again(request: HttpRequest, form: WordsForm, number: UUID) -> dict[str, object]:
    """Keep the pictures of a form that is shown again; return what its page says of them."""
    if not form.errors:
        return {}
    before, fresh = len(form.held), form.fresh
    alive = {each.digest for each in form.files_sent if isinstance(each, Drawn)}
    held = [each for each in form.held if each.digest in alive]
    form.hold((*held, *_kept(request, fresh[: max(0, form.room - len(held))])))
    return {
        "kept": held_pictures.written(form.held, number=number),
        "held": form.held,
        "pictures_lost": len(form.held) < before + len(fresh),
    }


def _kept(request: HttpRequest, uploads: Sequence[IO[bytes]]) -> Iterator[Held]:
    """Keep what came along; whatever keeps us from it, the page says to choose it once more."""
    with contextlib.suppress(TooMany), complain_alone.turn(uploads):
        for upload in uploads:
            _count(request)
            with contextlib.suppress(PictureRefused):
                yield held_pictures.hold(upload)


@login_not_required
@require_GET
def small(request: HttpRequest, token: str) -> HttpResponse:
    """Give a small picture to the form that carries it. Raises NotFound, TooMany."""
    try:
        content = held_pictures.small(token)
    except NotFound:
        who = staff.network_of(request)
        limits.hit(what="complain-kept", who=who, most=_MOST_GUESSES, seconds=_GUESS_SECONDS)
        raise
    response = HttpResponse(content, content_type=pictures.CONTENT_TYPE)
    response["Cache-Control"] = f"private, max-age={_SECONDS}"
    response["Content-Disposition"] = 'inline; filename="picture.jpg"'
    return response


def _count(request: HttpRequest) -> None:
    limits.hits(
        Try(
            what="complain-keeps",
            who=staff.network_of(request),
            most=_BY_ADDRESS,
            seconds=_SECONDS,
        ),
        Try(what="complain-keeps", who="chain", most=_BY_CHAIN, seconds=_SECONDS),
    )
