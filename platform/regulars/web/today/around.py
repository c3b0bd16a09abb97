"""What else belongs to a morning: replies that wait, days that matter, who is slipping away."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.urls import reverse

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.complaints import selectors as complaints
from regulars.complaints.selectors.approvals import count_to_approve
from regulars.followups.occasions import gifts
from regulars.followups.occasions import selectors as occasions
from regulars.followups.occasions.selectors import Upcoming
from regulars.insights.selectors import quiet
from regulars.usecases import talking
from regulars.web import dates, phones
from regulars.web.customers import heading
from regulars.web.texts import festivals
from regulars.web.today import words

_OCCASIONS: Final = 8
_QUIET: Final = 3
_REPLIES: Final = 5
_TOMORROW: Final = timedelta(days=1)
_FESTIVALS: Final = timedelta(days=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """An occasion of today or tomorrow: whose, which, and the gift that is to be handed over."""

    url: str
    name: str
    words: str
    when: str
    times: int | None
    gift: str
    who: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A conversation in which the last word is the customer's."""

    url: str
    name: str
    text: str
    since: datetime


def replies(actor: Actor, *, now: datetime) -> dict[str, Any]:
    """Return what waits for an answer of this person, and where there is more of it."""
    found = talking.waiting(actor=actor, now=now, limit=_REPLIES)
    return {
        "replies": [
            Reply(
                url=reverse("conversation", args=[each.customer_id])
                if each.customer_id
                else reverse("stranger", args=[each.contact_id]),
                name=each.name or phones.masked(each.phone or each.address),
                text=each.text,
                since=each.since,
            )
            for each in found.rows
        ],
        "more_replies": reverse("messages") if found.total > len(found.rows) else "",
    }


def complaints_of(actor: Actor, *, now: datetime) -> dict[str, Any]:
    """Return how many complaints wait for this person, and remedies for their word."""
    return {
        "complaints": complaints.waiting(actor=actor, now=now),
        "to_approve": count_to_approve(actor),
    }


def of(actor: Actor, *, day: date, now: datetime, language: str) -> dict[str, Any]:
    """Return what stands below the tasks, within the actor's scope; constant statements."""
    if not allows(actor, "customers.view"):
        return {}
    page = occasions.page(
        actor=actor,
        wanted=occasions.Wanted(first=day, last=day + _TOMORROW),
        limit=_OCCASIONS,
    )
    given = gifts.gifts_for(page.occasions, now=now)
    is_own = actor.scope.own_customers_of is not None
    return {
        "occasions": [
            _day(each, gift=given.get(each.key), is_own=is_own, today=day, language=language)
            for each in page.occasions
        ],
        "more_occasions": page.after is not None,
        "festivals": festivals.coming(today=day, ahead=_FESTIVALS, language=language),
        "quiet": quiet.page(
            actor=actor, today=day, limit=_QUIET, order="saving" if is_own else "missed"
        ).customers,
    }


def _day(
    each: Upcoming, *, gift: gifts.Gift | None, is_own: bool, today: date, language: str
) -> Day:
    person = each.customer
    is_birthday = each.kind.endswith("birthday")
    return Day(
        url=heading.address(person.id),
        name=heading.called(person.name, person.member_code),
        words=words.occasion(each.kind, label=each.label, title=each.title, language=language),
        when=dates.near_day(each.on, today=today, language=language),
        times=each.times,
        gift=gift.title if gift else "",
        who="" if is_own else person.owner_name or "",
        icon=ICONS["birthday" if is_birthday else "other"],
    )


ICONS: Final = {"birthday": "cake", "other": "calendar-heart"}
