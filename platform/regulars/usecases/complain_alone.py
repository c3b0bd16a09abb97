"""Somebody complains alone, without an account: raises, follows, answers, opens again (Q1).

Nobody is looked up while they wait, so the answer cannot say whether a phone number is known. Whose
complaint it is a handler finds out afterwards, where the number is that of whoever made the
purchase it is about; otherwise an employee does.

What is taken is limited by network address and chain (counted in the cache), and by store, which
the database counts under a lock: that limit holds whatever else is away. An address that is
refused takes nothing from its store's allowance, and a part of that is kept for receipts and for
addresses that did not complain of the store within the hour. What one customer may add to their
complaint the database counts as well.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import SYSTEM, Actor, ActorKind
from regulars.complaints import pictures
from regulars.complaints.models import Case, Entry
from regulars.complaints.pictures import Busy, Drawn, Upload
from regulars.complaints.services import ending, opening, tending, writing
from regulars.complaints.services.opening import Draft
from regulars.complaints.way import State
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
    """So many in so many seconds; of them so many are kept for whom a flood must not shut out."""

    most: int
    seconds: int
    for_receipts: int = 0
    for_newcomers: int = 0


BY_ADDRESS: Final = Limit(20, 3_600)  # a shop's own wireless net is one address
BY_STORE: Final = Limit(60, 3_600, for_receipts=15, for_newcomers=15)
BY_RECEIPT: Final = 5  # of one purchase within the time of BY_STORE
BY_CHAIN: Final = Limit(2_000, 3_600)
WORDS: Final = Limit(20, 3_600)  # of one complaint's customer
WORDS_A_DAY: Final = Limit(30, 24 * 3_600)
WORDS_UNANSWERED: Final = 50  # since we said something last
WORDS_EVER: Final = 500
_FLOOD: Final = "complained"  # what is noted of an address


class TooManyComplaints(TooMany):
    """More than people write."""

    code = "complaints-too-many"
    sentence = _(
        "Very many messages are coming in right now. What you wrote is still here: please send it"
        " again in a few minutes, or ring the shop."
    )


class TooManyWords(TooMany):
    """More than a customer may add to one complaint; all that was written is kept."""

    code = "complaint-words-too-many"
    sentence = _(
        "You wrote %(most)s messages about this today, and we have them all. Please go on tomorrow,"
        " or ring the shop."
    )


UNANSWERED: Final = _(
    "You wrote %(most)s messages since we answered last, and we have them all. Please wait for our"
    " answer, or ring the shop."
)
EVER: Final = _(
    "You wrote %(most)s messages about this, which is all one page holds. Please ring the shop."
)


class SentBefore(Conflict):
    """Somebody else seems to have sent this form: that complaint is no business of this one."""

    code = "complaint-sent-before"
    sentence = _("Please look it over once more, and send it again.")


def raised(
    *,
    draft: Draft,
    uploads: Sequence[Upload],
    address: str,
    now: datetime,
    key: str,
    is_same_browser: bool = False,
    shown_at: datetime | None = None,
) -> Case:
    """Take a complaint of somebody we do not know; the same key is the same complaint.

    A key that was used before counts for the browser alone that keeps it (`is_same_browser`), and
    for whoever had the form before it was taken: of one shown later (`shown_at`) the same words
    are needed, since a device in a shop is touched by many hands. What was changed or added in a
    form that had been taken before is a further word. `address` is what limits count by. Raises
    SentBefore, TooManyComplaints, TooManyWords, ComplaintRefused, WordsMissing, TooLong,
    PictureRefused, Busy.
    """
    first = opening.known(key)
    if first is not None:
        if not is_same_browser or not _is_theirs(first, draft, shown_at):
            raise SentBefore
        return _more(first, draft, uploads, now=now)
    _count("complain", address, BY_ADDRESS)
    who = f"{draft.store_id}:{address}"
    _check_room(draft, is_new=not limits.is_known(what=_FLOOD, who=who), now=now)
    _count("complain-chain", "all", BY_CHAIN)
    sent = tuple(pictures.digest(each) for each in uploads)
    with turn(uploads), pictures.kept(uploads, is_public=True) as files, transaction.atomic():
        with outbox.in_order(f"complain-alone:{draft.store_id}"):
            if opening.known(key) is None:
                is_new = not limits.is_known(what=_FLOOD, who=who)
                _check_room(draft, is_new=is_new, now=now)
                limits.note(what=_FLOOD, who=who, seconds=BY_STORE.seconds)
            elif not is_same_browser:
                raise SentBefore
        complete = replace(draft, files=files, sent=sent, raised=Case.Raised.WEB)
        case = opening.open_case(actor=CUSTOMER, draft=complete, now=now, key=key)
        payload = {"complaint": str(case.pk)}
        outbox.enqueue(handler=MATCH, payload=payload, key=f"{MATCH}:{case.pk}")
    return case


def written(*, case_id: UUID, text: str, uploads: Sequence[Upload], now: datetime) -> Case:
    """Take a further word; one of a closed complaint opens it again.

    The same words and pictures on one day, without a word of ours between, are one. Raises
    NotFound, TooManyComplaints, TooManyWords, WordsMissing, TooLong, PictureRefused, Busy.
    """
    _count("complaint-word", str(case_id), WORDS)
    key = _key(case_id, text, uploads, now=now)
    with transaction.atomic():
        case = _held(case_id)
        if writing.repeated(case, key) is not None:
            return case
        _check_words(case, now=now)
    sent = tuple(pictures.digest(each) for each in uploads)
    with (
        turn(uploads),
        pictures.kept(uploads, case_id=case_id, is_public=True) as files,
        transaction.atomic(),
    ):
        case = _held(case_id)
        if writing.repeated(case, key) is None:
            _check_words(case, now=now)
        return tending.customer_writes(
            case, actor=CUSTOMER, text=text, now=now, key=key, files=files, sent=sent
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


def _is_theirs(first: Entry, draft: Draft, shown_at: datetime | None) -> bool:
    """Say whether a form that was taken before is in the hands of whoever sent it then."""
    case = first.case
    known = (case.name, case.phone, case.email)
    given = (draft.name, draft.phone, draft.email)
    if any(one and other and one != other for one, other in zip(known, given, strict=True)):
        return False
    was_shown_before = shown_at is None or shown_at <= first.at
    return was_shown_before or (draft.text.strip() == first.text and known == given)


def _more(first: Entry, draft: Draft, uploads: Sequence[Upload], *, now: datetime) -> Case:
    case, text = first.case, writing.words(draft.text, needed=False)
    if not case.title:  # it was erased
        return case
    sent = pictures.were_sent(case.pk) if uploads else None
    fresh = [each for each in uploads if sent is not None and pictures.digest(each) not in sent]
    is_new = text not in ("", first.text)
    if not is_new and not fresh:
        return case
    said = text if is_new or case.state == State.CLOSED else ""
    return written(case_id=case.pk, text=said, uploads=fresh, now=now)


def _held(case_id: UUID) -> Case:
    rows = Case.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.exclude(title="")  # erased
    found = rows.select_related("store", "customer").filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def _key(case_id: UUID, text: str, uploads: Sequence[Upload], *, now: datetime) -> str:
    """Return what makes a word the same word when it is sent again."""
    ours = Entry.objects.filter(case=case_id, by_customer=False).order_by("-id")
    digest = hashlib.sha256(f"{ours.values_list('pk', flat=True).first()}\0{text}".encode())
    for upload in uploads:
        digest.update(pictures.digest(upload).encode())
    return f"{now:%Y%m%d}:{digest.hexdigest()}"


def _count(what: str, who: str, limit: Limit) -> None:
    try:
        limits.hit(what=what, who=who, most=limit.most, seconds=limit.seconds)
    except TooMany as refusal:
        raise TooManyComplaints(retry_after=refusal.retry_after) from None


def _check_room(draft: Draft, *, is_new: bool, now: datetime) -> None:
    """Raise TooManyComplaints if the store had its most within the hour; one statement.

    Who names a purchase has a part of that to themselves, a few for each; so have those who did
    not complain of the store within the hour (`is_new`).
    """
    window = timedelta(seconds=BY_STORE.seconds)
    lately = Case.objects.filter(
        store=draft.store_id, opened_at__gt=now - window, raised=Case.Raised.WEB
    )
    found = lately.order_by("-opened_at").values_list("opened_at", "purchase_id")
    rows = list(found[: BY_STORE.most])
    alike = [at for at, purchase_id in rows if purchase_id == draft.purchase_id]
    if draft.purchase_id is not None:
        most = BY_RECEIPT
    else:
        most = BY_STORE.most - BY_STORE.for_receipts - (0 if is_new else BY_STORE.for_newcomers)
    for times, allowed in (([at for at, _about in rows], BY_STORE.most), (alike, most)):
        if len(times) >= allowed:
            left = times[allowed - 1] + window - now
            raise TooManyComplaints(retry_after=max(1, int(left.total_seconds())))


def _check_words(case: Case, *, now: datetime) -> None:
    """Raise TooManyWords if the customer of a complaint that the caller holds wrote their most.

    What they answer when they are asked is always taken.
    """
    steps = Entry.objects.filter(case=case).order_by("-id")
    said = list(steps.filter(by_customer=True).values_list("pk", "at")[:WORDS_EVER])
    if len(said) >= WORDS_EVER:
        raise TooManyWords(EVER, most=WORDS_EVER)
    ours = steps.filter(by_customer=False, public=True).values_list("pk", flat=True).first()
    if sum(ours is None or key > ours for key, _at in said) >= WORDS_UNANSWERED:
        raise TooManyWords(UNANSWERED, most=WORDS_UNANSWERED)
    if len(said) < WORDS_A_DAY.most:
        return
    left = said[WORDS_A_DAY.most - 1][1] + timedelta(seconds=WORDS_A_DAY.seconds) - now
    if left > timedelta():
        raise TooManyWords(most=WORDS_A_DAY.most, retry_after=max(1, int(left.total_seconds())))


@contextmanager
def turn(uploads: Sequence[Upload]) -> Iterator[None]:
    """Let few bring pictures at once: drawing one anew keeps a core and a thread busy.

    Raises Busy.
    """
    if all(isinstance(each, Drawn) for each in uploads):
        yield
        return
    if not _DRAWING.acquire(blocking=False):
        raise Busy(retry_after=30)
    try:
        yield
    finally:
        _DRAWING.release()
