"""How days and moments read: near ones relative, lunar ones beside the solar."""

from datetime import date, datetime, tzinfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tyme4py.solar import SolarDay

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WEEKDAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "zh-hans": [f"周{name}" for name in "一二三四五六日"],
    "zh-hant": [f"週{name}" for name in "一二三四五六日"],
}
_LUNAR_MONTHS = ["正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊"]
_LUNAR_TENS = ("初", "十", "廿", "三")
_DIGITS = "一二三四五六七八九十"


def near(at: datetime, *, now: datetime, zone: tzinfo, language: str) -> str:
    """Write a moment as a person would: ``昨天 15:20``, ``5 minutes ago``, ``11月21日 15:20``."""
    seconds = (now - at).total_seconds()
    if 0 <= seconds < 60:
        return _("just now")
    if 0 <= seconds < 3600:
        minutes = int(seconds // 60)
        return ngettext("%(minutes)s minute ago", "%(minutes)s minutes ago", minutes) % {
            "minutes": minutes
        }
    local = at.astimezone(zone)
    today = now.astimezone(zone).date()
    return f"{near_day(local.date(), today=today, language=language)} {local:%H:%M}"


def near_day(on: date, *, today: date, language: str, weekday: bool = True) -> str:
    """Write a day: today, yesterday and tomorrow by name, others as ``day`` does."""
    match (on - today).days:
        case -1:
            return _("Yesterday")
        case 0:
            return _("Today")
        case 1:
            return _("Tomorrow")
    return day(on, today=today, language=language, weekday=weekday)


def day(on: date, *, today: date, language: str, weekday: bool = True) -> str:
    """Write a day: ``11月21日 周六``, ``Sat 21 Nov``; with its year when that is not this one."""
    name = _WEEKDAYS.get(language, _WEEKDAYS["en"])[on.weekday()] if weekday else ""
    if language in ("zh-hans", "zh-hant"):
        year = "" if on.year == today.year else f"{on.year}年"
        return f"{year}{on.month}月{on.day}日" + (f" {name}" if name and not year else "")
    if on.year == today.year:
        return f"{name} {on.day} {_MONTHS[on.month - 1]}".strip()
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def yearly(month: int, of_month: int, *, language: str) -> str:
    """Write a day that comes each year: ``3月29日``, ``29 Mar``."""
    if language in ("zh-hans", "zh-hant"):
        return f"{month}月{of_month}日"
    return f"{of_month} {_MONTHS[month - 1]}"


def lunar(on: date, *, language: str) -> str:
    """Write the lunar date of a solar day: ``八月十五``; in English ``lunar 8/15``."""
    found = SolarDay.from_ymd(on.year, on.month, on.day).get_lunar_day()
    month = found.get_month()  # negative for a leap month
    return lunar_text(abs(month), found.get_day(), leap=month < 0, language=language)


def lunar_text(month: int, of_month: int, *, leap: bool = False, language: str) -> str:
    """Write a lunar month (1–12) and day (1–30) that were stored as such."""
    if language not in ("zh-hans", "zh-hant"):
        text = _("lunar %(month)s/%(day)s") % {"month": month, "day": of_month}
        return f"{text} {_('(leap month)')}" if leap else text
    names = _LUNAR_MONTHS if language == "zh-hans" else [*_LUNAR_MONTHS[:-1], "臘"]
    sign = ("闰" if language == "zh-hans" else "閏") if leap else ""
    return f"{sign}{names[month - 1]}月{_lunar_day(of_month)}"


def _lunar_day(of_month: int) -> str:
    if of_month in (20, 30):
        return "二十" if of_month == 20 else "三十"
    tens, unit = divmod(of_month - 1, 10)
    if unit == 9:
        return "初十"
    return f"{_LUNAR_TENS[tens]}{_DIGITS[unit]}"
