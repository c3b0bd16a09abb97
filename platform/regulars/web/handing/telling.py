"""The mail of the evening before: whose day is tomorrow, and what they are given (C6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from regulars.followups.occasions import gifts, selectors
from regulars.followups.occasions.selectors import Upcoming, Wanted
from regulars.outbox import handler
from regulars.staff import selectors as staff
from regulars.staff.models import Staff
from regulars.tenancy import context, hosts
from regulars.usecases import tell_of_tomorrow
from regulars.web import mail
from regulars.web.today import words

MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line of the mail."""

    name: str
    occasion: str
    gift: str
    url: str
    without_guide: bool


@handler(tell_of_tomorrow.MAIL)
def write(*, staff_id: str, stores: list[str], zone: str, day: str, now: datetime) -> None:
    """Send one person their mail; nothing once it is tomorrow, or without anything to say."""
    person = Staff.objects.filter(pk=UUID(staff_id), state=Staff.State.ACTIVE).first()
    if person is None or not person.email or not person.told_by_mail:
        return
    if tell_of_tomorrow.is_over(zone=zone, day=day, now=now):
        return
    tomorrow = date.fromisoformat(day) + tell_of_tomorrow.DAY
    found = _found(person, [UUID(each) for each in stores], tomorrow)
    if not found:
        return
    language = person.language or context.current().language
    with translation.override(language):
        told = {
            "chain": context.current(),
            "person": person,
            "tomorrow": tomorrow,
            "rows": _rows(found[:MOST], person, language, now=now),
            "more": max(0, len(found) - MOST),
            "link": _address("first_page"),
            "account": _address("profile"),
        }
    mail.send(template="tomorrow", to=person.email, language=language, context=told)


def _found(person: Staff, store_ids: Sequence[UUID], day: date) -> list[Upcoming]:
    """Return their own customers' occasions of a day, then those of nobody's in their stores."""
    scope = staff.scope_of(person)
    own = selectors.read(scope, Wanted(first=day, last=day, owner_id=person.pk))
    if not store_ids:
        return own
    theirs = selectors.read(scope, Wanted(first=day, last=day, store_ids=store_ids))
    return own + [each for each in theirs if each.customer.owner_id is None]


def _rows(found: Sequence[Upcoming], person: Staff, language: str, *, now: datetime) -> list[Told]:
    given = gifts.gifts_for(found, now=now)
    return [
        Told(
            name=each.customer.name or each.customer.member_code or _("No name yet"),
            occasion=words.occasion(
                each.kind, label=each.label, title=each.title, language=language
            ),
            gift=given[each.key].title if each.key in given else "",
            url=_address("customer", each.customer.id),
            without_guide=each.customer.owner_id != person.pk,
        )
        for each in found
    ]


def _address(name: str, *args: UUID) -> str:
    return hosts.address(reverse(name, args=args, urlconf=settings.CHAIN_URLCONF))
