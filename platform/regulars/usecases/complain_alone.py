"""Somebody complains alone, without an account: raises, follows, answers, opens again (Q1).

Nobody is looked up while they wait, so the answer cannot say whether a phone number is known. Whose
complaint it is a handler finds out afterwards, where the number is that of whoever made the
purchase it is about; otherwise an employee does.

What is taken is limited by network address and chain (counted in the cache), and by store, which
the database counts under a lock: that limit holds whatever else is away. An address that is
refused takes nothing from its store's allowance.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import IO, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import SYSTEM, Actor, ActorKind
from regulars.complaints import pictures
from regulars.complaints.models import Case, Entry
from regulars.complaints.services import ending, opening, tending, writing
from regulars.complaints.services.opening import Draft
from regulars.errors import Conflict, NotFound, TooMany
from regulars.outbox import handler
from regulars.outbox import services as outbox
from regulars.purchases.models import Purchase
from regulars.tenancy import limits

CUSTOMER: Final = Actor(kind=ActorKind.CUSTOMER)
MATCH: Final = "complaint.match"
_DRAWING: Final = threading.BoundedSemaphore(4)  # requests of one process that bring pictures


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so many seconds."""

    most: int
    seconds: int


BY_ADDRESS: Final = Limit(20, 3_600)  # a shop's own wireless net is one address
BY_STORE: Final = Limit(60, 3_600)
BY_CHAIN: Final = Limit(2_000, 3_600)
WORDS: Final = Limit(20, 3_600)  # of one complaint's customer


class TooManyComplaints(TooMany):
    """More than people write."""

    code = "complaints-too-many"
    sentence = _(
        "Very many messages are coming in right now. What you wrote is still here: please send it"
        " again in a few minutes, or ring the shop."
    )


class SentBefore(Conflict):
    """Another browser sent this form: its complaint is no business of this one."""

    code = "complaint-sent-before"
    sentence = _("Please look it over once more, and send it again.")


def raised(
    *,
    draft: Draft,
    uploads: Sequence[IO[bytes]],
    address: str,
    now: datetime,
    key: str,
    is_same_browser: bool = False,
) -> Case:
    """Take a complaint of somebody we do not know; the same key is the same complaint.

    A key that was used before counts for the browser alone that keeps it (`is_same_browser`).
    What was changed in a form that had been taken before is a further word. `address` is what
    limits count by. Raises SentBefore, TooManyComplaints, ComplaintRefused, WordsMissing, TooLong,
    PictureRefused.
    """
    first = opening.known(key)
    if first is not None:
        if not is_same_browser:
            raise SentBefore
        return _more(first, draft, now=now)
    _count("complain", address, BY_ADDRESS)
    _check_room(draft.store_id, now=now)
    _count("complain-chain", "all", BY_CHAIN)
    with _turn(uploads), pictures.kept(uploads) as files, transaction.atomic():
        with outbox.in_order(f"complain-alone:{draft.store_id}"):
            if opening.known(key) is None:
                _check_room(draft.store_id, now=now)
            elif not is_same_browser:
                raise SentBefore
        complete = replace(draft, files=files, raised=Case.Raised.WEB)
        case = opening.open_case(actor=CUSTOMER, draft=complete, now=now, key=key)
        payload = {"complaint": str(case.pk)}
        outbox.enqueue(handler=MATCH, payload=payload, key=f"{MATCH}:{case.pk}")
    return case


def written(*, case_id: UUID, text: str, uploads: Sequence[IO[bytes]], now: datetime) -> Case:
    """Take a further word; one of a closed complaint opens it again.

    The same words and pictures on one day, without a word of ours between, are one. Raises
    NotFound, TooManyComplaints, WordsMissing, TooLong, PictureRefused.
    """
    _count("complaint-word", str(case_id), WORDS)
    key = _key(case_id, text, uploads, now=now)
    with transaction.atomic():
        case = _held(case_id)
        if writing.repeated(case, key) is not None:
            return case
    with (
        _turn(uploads),
        pictures.kept(uploads, case_id=case_id) as files,
        transaction.atomic(),
    ):
        return tending.customer_writes(
            _held(case_id), actor=CUSTOMER, text=text, now=now, key=key, files=files
        )


def answered(*, case_id: UUID, satisfied: bool, text: str, now: datetime) -> Case:
    """Take whether they are satisfied; twice the same is once. Raises NotNow besides."""
    _count("complaint-word", str(case_id), WORDS)
    with transaction.atomic():
        case = _held(case_id)
        asked = Entry.objects.filter(case=case_id, kind="asked").order_by("-id")
        key = f"{'yes' if satisfied else 'no'}:{asked.values_list('pk', flat=True).first()}"
        return ending.answer(case, actor=CUSTOMER, satisfied=satisfied, text=text, now=now, key=key)


@handler(MATCH)
def match(*, complaint: str, now: datetime) -> None:
    """Say whose a complaint is, if its number is that of whoever made the purchase. Idempotent."""
    case = Case.objects.filter(pk=UUID(complaint), customer=None).first()
    if case is None or not case.phone or case.purchase_id is None:
        return
    bought = Purchase.objects.select_related("customer").filter(pk=case.purchase_id).first()
    who = bought.customer if bought else None
    if who is None or who.phone != case.phone:
        return
    try:
        tending.attach(actor=SYSTEM, case_id=case.pk, customer_id=who.pk, now=now, key=MATCH)
    except NotFound:  # erased meanwhile: it stays nobody's
        return


def _more(first: Entry, draft: Draft, *, now: datetime) -> Case:
    case, text = first.case, writing.words(draft.text, needed=False)
    if text in ("", first.text) or not case.title:  # without a title it was erased
        return case
    return written(case_id=case.pk, text=text, uploads=(), now=now)


def _held(case_id: UUID) -> Case:
    rows = Case.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.exclude(title="")  # erased
    found = rows.select_related("store", "customer").filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def _key(case_id: UUID, text: str, uploads: Sequence[IO[bytes]], *, now: datetime) -> str:
    """Return what makes a word the same word when it is sent again."""
    ours = Entry.objects.filter(case=case_id, by_customer=False).order_by("-id")
    digest = hashlib.sha256(f"{ours.values_list('pk', flat=True).first()}\0{text}".encode())
    for upload in uploads:
        digest.update(hashlib.sha256(upload.read(pictures.MOST_BYTES + 1)).digest())
        upload.seek(0)
    return f"{now:%Y%m%d}:{digest.hexdigest()}"


def _count(what: str, who: str, limit: Limit) -> None:
    try:
        limits.hit(what=what, who=who, most=limit.most, seconds=limit.seconds)
    except TooMany as refusal:
        raise TooManyComplaints(retry_after=refusal.retry_after) from None


def _check_room(store_id: UUID, *, now: datetime) -> None:
    """Raise TooManyComplaints if the store had its most within the hour; one statement."""
    since = now - timedelta(seconds=BY_STORE.seconds)
    lately = Case.objects.filter(store=store_id, opened_at__gt=since, raised=Case.Raised.WEB)
    times = list(lately.order_by("-opened_at").values_list("opened_at", flat=True)[: BY_STORE.most])
    if len(times) >= BY_STORE.most:
        left = times[-1] + timedelta(seconds=BY_STORE.seconds) - now
        raise TooManyComplaints(retry_after=max(1, int(left.total_seconds())))


@contextmanager
def _turn(uploads: Sequence[IO[bytes]]) -> Iterator[None]:
    """Let few bring pictures at once: drawing one anew keeps a core and a thread busy."""
    if not uploads:
        yield
        return
    if not _DRAWING.acquire(blocking=False):
        raise TooManyComplaints(
            _("Many pictures are being looked at. Please send it again in half a minute."),
            retry_after=30,
        )
    try:
        yield
    finally:
        _DRAWING.release()
