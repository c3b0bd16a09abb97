"""Days for everybody that come: holidays of sun and moon, seasons; each with the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from regulars.followups import calendar
from regulars.followups.calendar import Season
from regulars.messages.selectors import templates
from regulars.tenancy import context
from regulars.web import dates
from regulars.web.texts import words

_SEASONS: Final[Mapping[Season, str | Promise]] = {
    "spring": _("Beginning of spring"),
    "summer": _("Beginning of summer"),
    "autumn": _("Beginning of autumn"),
    "winter": _("Beginning of winter"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Festival:
    """A day that comes; `words_url` is empty where the library has no words for it.

    `is_off` says whether the law of the chain's country gives it off, as far as it is announced.
    """

    on: date
    occasion: str
    label: str | Promise
    when: str
    is_off: bool
    words_url: str


def coming(*, today: date, ahead: timedelta, language: str) -> list[Festival]:
    """Return the days of the chain's country and zone within a span, in order.

    A day of the shop that has words, such as Mid-Autumn, leads to them. Asks the database nothing.
    """
    chain = context.current()
    country = calendar.country_of(chain.time_zone, otherwise=chain.country)
    spoken = {each.occasion for each in templates.library()}
    found = calendar.days(today, today + ahead, zone=chain.zone, country=country)
    return [
        Festival(
            on=each.on,
            occasion=each.occasion,
            label=_SEASONS[each.season] if each.season else words.OCCASIONS[each.occasion],
            when=dates.near_day(each.on, today=today, language=language),
            is_off=each.on in calendar.public_holidays(country, each.on.year).off,
            words_url=_words(each.occasion) if each.occasion in spoken else "",
        )
        for each in found
    ]


def _words(occasion: str) -> str:
    return f"{reverse('words')}?{urlencode({'occasion': occasion})}"
