"""How long until a clock runs out, or since: ``in 2 h 10 min``, ``35 min late``."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

_MINUTE: Final = 60
_HOUR: Final = 60
_DAY: Final = 24
_DAYS: Final = 2  # from here on hours are told in days


def words(lasting: timedelta) -> str:
    """Write how long something lasts, in the two largest units that say something."""
    minutes = max(int(lasting.total_seconds()) // _MINUTE, 0)
    hours, minutes = divmod(minutes, _HOUR)
    days, rest = divmod(hours, _DAY)
    if days >= _DAYS:
        if rest:
            return _("%(days)s d %(hours)s h") % {"days": days, "hours": rest}
        return _("%(days)s d") % {"days": days}
    if hours:
        if minutes:
            return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
        return _("%(hours)s h") % {"hours": hours}
    return _("%(minutes)s min") % {"minutes": minutes}


def due(at: datetime, *, now: datetime) -> str:
    """Write how far away a moment is, or how late it has become."""
    if at <= now:
        return _("%(lasting)s late") % {"lasting": words(now - at)}
    return _("in %(lasting)s") % {"lasting": words(at - now)}
