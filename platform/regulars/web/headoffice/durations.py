"""How long something took, as figures tell it."""

from datetime import timedelta

from django.utils.translation import gettext as _

from regulars.web.complaints import durations

_MINUTE = 60


def told(seconds: float) -> str:
    """Write a length of time by the wall; under a minute is one."""
    return durations.words(timedelta(seconds=max(_MINUTE, seconds)))


def minutes(seconds: float) -> str:
    """Write a length of opening time, whose days mean nothing: hours and minutes."""
    hours, rest = divmod(max(1, int(seconds // _MINUTE)), _MINUTE)
    if hours and rest:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    if hours:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(minutes)s min") % {"minutes": rest}
