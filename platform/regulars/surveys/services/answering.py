"""What customers answer: the first tap is an answer already, and may be amended for a while.

Nobody signs in here. Whoever holds a link may answer what it names, once; a tablet asks for
nobody in particular, or about the receipt that was just handed to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.errors import Conflict, Invalid, NotFound
from regulars.kit import Survey, fields
from regulars.outbox import services as outbox
from regulars.purchases import selectors as purchases
from regulars.purchases.models import Purchase
from regulars.surveys import declared, links, scales
from regulars.surveys.models import Invitation
from regulars.surveys.services.asking import OPEN
from regulars.surveys.services.inviting import key_of
from regulars.tenancy import context, statements

AMENDED: Final = timedelta(days=3)
"""How long an answer may be changed by whoever gave it."""
AT_THE_TABLET: Final = timedelta(minutes=5)
"""How long the tablet asks about the receipt that was handed to it."""
SAME_HAND: Final = timedelta(seconds=30)
"""How long a page of the tablet stands for the customer who tapped on it; then it is the next's."""
_MOST_OF_PAGE: Final = 20
UNHAPPY: Final = "survey.unhappy"
_WORDS_COME: Final = timedelta(minutes=5)  # after the first tap; then somebody is told
_HOLD: Final = """
SELECT id FROM customers_customer WHERE id = %s AND state = 'active' FOR KEY SHARE"""
_State, _Way = Invitation.State, Invitation.Way


class NoSuchLink(NotFound):
    """Nothing is asked under this link."""

    code = "survey-link-unknown"
    sentence = _("This link leads nowhere. Please look at the message again, or ask in the shop.")


class LinkOver(Conflict):
    """It was too long ago to be asked or to change the answer."""

    code = "survey-link-over"
    sentence = _("This question is over. Thank you; you can always tell us in the shop.")


class BoughtElsewhere(Conflict):
    """The tablet of one store does not ask about what was bought in another."""

    code = "survey-bought-elsewhere"
    sentence = _(
        "This was bought in another of your stores: only the tablet there can ask about it."
    )


class NotAnswered(Invalid):
    """The first question has no answer yet, or something answered is none."""

    code = "survey-not-answered"
    sentence = _("Please tap one of the answers.")


@dataclass(frozen=True, slots=True)
class Opened:
    """What is behind a link: the survey, and the asking if there is one yet."""

    survey: Survey
    row: Invitation | None
    is_over: bool = False

    @property
    def is_answered(self) -> bool:
        """Say whether the first question has its answer."""
        return self.row is not None and self.row.answered_at is not None

    @property
    def language(self) -> str:
        """The language the customer was asked in; empty where nobody has been asked yet."""
        return self.row.language if self.row else ""


def opened(token: str, *, now: datetime) -> Opened:
    """Return what a link of a message or a receipt leads to; changes nothing.

    Raises NoSuchLink.
    """
    link = links.read(token)
    if link is None:
        raise NoSuchLink
    if link.kind == "purchase":
        return opened_purchase(link.id, now=now)
    row = Invitation.objects.select_related("store").filter(pk=link.id).first()
    survey = declared.find(row.survey) if row else None
    if row is None or survey is None or row.state not in (_State.ASKED, _State.ANSWERED):
        raise NoSuchLink
    if _was_at_tablet(row) and row.purchase_id is None:
        raise NoSuchLink  # nobody was ever given a link to it
    return Opened(survey, row, _is_over(row, now) or _was_at_tablet(row))


def opened_purchase(purchase_id: UUID, *, now: datetime) -> Opened:
    """Return what is asked about a purchase. Raises NoSuchLink."""
    surveys = declared.on(*declared.AFTER_PURCHASE)
    sold = Purchase.objects.filter(pk=purchase_id, kind=Purchase.Kind.SALE).first()
    if sold is None or not surveys:
        raise NoSuchLink
    key = key_of(surveys[0].key, sold.pk)
    row = Invitation.objects.select_related("store").filter(key=key).first()
    if row is not None and row.answered_at is not None:
        return Opened(surveys[0], row, _is_over(row, now) or _was_at_tablet(row))
    return Opened(surveys[0], row, now > sold.occurred_at + OPEN)


@transaction.atomic
def answer(
    *, token: str, given: Mapping[str, object], now: datetime, language: str = ""
) -> Invitation:
    """Take an answer by a link of a message or a receipt, or change it within AMENDED.

    What is left out stays, what is empty is taken away; the same again changes nothing. Raises
    NoSuchLink, LinkOver, NotAnswered.
    """
    found = opened(token, now=now)
    if found.is_over:
        raise LinkOver
    link = links.read(token)
    if found.row is None or (found.row.answered_at is None and _names_purchase(link)):
        row = _about_purchase(link, found.survey, _Way.RECEIPT, now=now)
    else:
        row = _locked(found.row.pk)
    if _was_at_tablet(row):  # this very moment
        raise LinkOver
    if row.way == _Way.TABLET:  # handed over, and answered by the link all the same
        row.way = _Way.RECEIPT if _names_purchase(link) else _Way.MESSAGE
    return _answered(row, found.survey, given, now=now, language=language)


@transaction.atomic
def hand_tablet(*, actor: Actor, purchase_id: UUID, store_id: UUID, now: datetime) -> None:
    """Let the tablet of the store it was bought in ask about a purchase for the next minutes.

    `store_id` is where the actor stands. Raises Forbidden, NoSuchLink, BoughtElsewhere, and
    LinkOver for what has been answered.
    """
    require(actor, "purchases.record")
    sold_in = purchases.visible(actor.scope).filter(pk=purchase_id).values_list("store", flat=True)
    bought_in = sold_in.first()
    if bought_in is None:
        raise NoSuchLink
    if bought_in != store_id:
        raise BoughtElsewhere
    found = opened_purchase(purchase_id, now=now)
    if found.is_over or found.is_answered:
        raise LinkOver
    row = _about_purchase(links.Link("purchase", purchase_id), found.survey, _Way.TABLET, now=now)
    row.way = _Way.TABLET
    row.state, row.asked_at, row.expires_at, row.why = _State.ASKED, now, now + OPEN, ""
    row.save()


def at_store(store_id: UUID, *, now: datetime) -> Invitation | None:
    """Return the receipt that was handed to the store's tablet last and waits for its answer."""
    rows = Invitation.objects.filter(
        store=store_id, way=_Way.TABLET, state=_State.ASKED, asked_at__gt=now - AT_THE_TABLET
    )
    return rows.order_by("-asked_at").first()


@transaction.atomic
def at_tablet(
    *,
    store_id: UUID,
    given: Mapping[str, object],
    now: datetime,
    once: UUID,
    answer_id: UUID | None = None,
    language: str = "",
) -> Invitation:
    """Take an answer of the store's tablet: the first one, or more of `answer_id`.

    The first is about the receipt that was handed over, else nobody's. `once` is the page's, so a
    double tap, or a tap after the tablet's answer got lost, is one answer; what comes later is
    the next customer's, however old the page. Raises NoSuchLink, LinkOver, NotAnswered.
    """
    page = uuid5(once, str(store_id))
    if answer_id is not None:
        row = _locked(answer_id)
        if not _is_theirs(row, store_id, now):
            raise NoSuchLink
        if row.amended_at is not None:  # their words are not shown again: empty takes none away
            given = {key: value for key, value in given.items() if value not in ("", None)}
    else:
        known = _tapped(page, store_id, now=now) or at_store(store_id, now=now)
        row = _locked(known.pk) if known else _nobodys(store_id, _unused(page), now=now)
        row.page = page
    survey = declared.find(row.survey)
    if survey is None:
        raise NoSuchLink
    return _answered(row, survey, given, now=now, language=language)


def unfinished_at(store_id: UUID, answer_id: UUID, *, now: datetime) -> Invitation | None:
    """Return the answer a store's tablet goes on with: until more was said, and for minutes."""
    row = Invitation.objects.filter(pk=answer_id, amended_at=None).first()
    return row if row is not None and _is_theirs(row, store_id, now) else None


def tablet_survey() -> Survey | None:
    """Return what a tablet asks: the survey after a purchase, else after a visit."""
    found = declared.on(*declared.AFTER_PURCHASE, declared.VISITED)
    return found[0] if found else None


def _tapped(page: UUID, store_id: UUID, *, now: datetime) -> Invitation | None:
    """Return what was answered on a page of a store's tablet a moment ago."""
    since = now - SAME_HAND
    lately = Invitation.objects.filter(store=store_id, answered_at__gte=since, page=page)
    return lately.filter(way=_Way.TABLET).order_by("-answered_at").first()


def _unused(page: UUID) -> UUID:
    """Return a key for one more answer of a page; twice at once it is the same."""
    key = page
    for _turn in range(_MOST_OF_PAGE):
        if not Invitation.objects.filter(key=key, answered_at__isnull=False).exists():
            return key
        key = uuid5(key, "next")
    raise LinkOver


def _names_purchase(link: links.Link | None) -> bool:
    return link is not None and link.kind == "purchase"


def _is_over(row: Invitation, now: datetime) -> bool:
    if row.trigger and row.source is None:  # they were erased
        return True
    if row.answered_at is not None:
        return now > row.answered_at + AMENDED
    return row.expires_at is not None and now > row.expires_at


def _is_theirs(row: Invitation, store_id: UUID, now: datetime) -> bool:
    """Say whether a store's tablet took this answer, a few minutes ago at most."""
    is_here = row.way == _Way.TABLET and row.store_id == store_id
    return is_here and row.answered_at is not None and now <= row.answered_at + AT_THE_TABLET


def _was_at_tablet(row: Invitation) -> bool:
    """Say whether it was answered on a device that many hands touch: no link shows it."""
    return row.way == _Way.TABLET and row.answered_at is not None


def _locked(pk: UUID) -> Invitation:
    """Lock an asking, its customer's row first, as merging does."""
    rows = Invitation.objects.filter(pk=pk)
    customer_id = rows.values_list("customer_id", flat=True).first()
    if customer_id is not None:
        statements.one(_HOLD, (customer_id,))
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        raise NoSuchLink
    return row


def _about_purchase(
    link: links.Link | None, survey: Survey, way: str, *, now: datetime
) -> Invitation:
    """Lock the one asking there is about a purchase; it is made if nobody was asked yet."""
    sold = Purchase.objects.filter(pk=link.id).first() if link else None
    if sold is None:
        raise NoSuchLink
    customer_id = sold.customer_id
    if customer_id is not None and not statements.one(_HOLD, (customer_id,)):
        # Merged this moment: the purchase is the survivor's by now; of an erased one nobody's.
        sold.refresh_from_db(fields=["customer"])
        customer_id = sold.customer_id if statements.one(_HOLD, (sold.customer_id,)) else None
    made = Invitation(
        survey=survey.key,
        trigger=survey.starts,
        source=sold.pk,
        key=key_of(survey.key, sold.pk),
        purchase_id=sold.pk,
        customer_id=customer_id,
        store_id=sold.store_id,
        guide_id=sold.guide_id,
        way=way,
        state=_State.ASKED,
        happened_at=sold.occurred_at,
        asked_at=now,
        expires_at=now + OPEN,
    )
    Invitation.objects.bulk_create([made], ignore_conflicts=True)
    row = Invitation.objects.select_for_update(of=("self",)).get(key=made.key)
    if row.state in (_State.WAITING, _State.LEFT_OUT):
        # They answer before a message asked them, so none will.
        row.state, row.why, row.way = _State.ASKED, "", way
        row.asked_at, row.expires_at = now, now + OPEN
    return row


def _nobodys(store_id: UUID, key: UUID, *, now: datetime) -> Invitation:
    survey = tablet_survey()
    if survey is None:
        raise NoSuchLink
    made = Invitation(
        survey=survey.key,
        trigger="",
        key=key,
        store_id=store_id,
        way=_Way.TABLET,
        state=_State.ASKED,
        happened_at=now,
        asked_at=now,
        expires_at=now + OPEN,
    )
    Invitation.objects.bulk_create([made], ignore_conflicts=True)
    return Invitation.objects.select_for_update(of=("self",)).get(key=key)


def _answered(
    row: Invitation, survey: Survey, given: Mapping[str, object], *, now: datetime, language: str
) -> Invitation:
    if _is_over(row, now):
        raise LinkOver
    kept, faults = fields.clean(
        declared.questions(survey),
        given,
        language=language or context.current().language,
        unknown="drop",
        partial=True,
    )
    answers: dict[str, Any] = {**row.answers, **kept}
    answers = {key: value for key, value in answers.items() if value is not None}
    if faults or scales.first(survey).key not in answers:
        told = {each.key: [each.sentence] for each in faults}
        raise NotAnswered(fields=told)
    if row.answered_at is not None and answers == row.answers:
        return row
    row.answers = answers
    row.unhappy = scales.is_unhappy(survey, answers)
    row.state, row.why = _State.ANSWERED, ""
    row.amended_at = now if row.answered_at is not None else None
    row.answered_at = row.answered_at or now
    row.language = row.language or language
    row.save()
    if row.unhappy and row.told_at is None:
        outbox.enqueue(
            handler=UNHAPPY,
            payload={"invitation": str(row.pk)},
            key=f"{UNHAPPY}:{row.pk}:{row.amended_at or ''}",
            due_at=now + _WORDS_COME,
        )
    return row
