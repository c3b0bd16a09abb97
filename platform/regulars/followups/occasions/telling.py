"""The day before: whom to tell of whose occasion (C6)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from regulars.audit.actors import ALL
from regulars.customers import today
from regulars.followups.occasions import selectors
from regulars.followups.occasions.selectors import Due, Wanted


def tomorrow(*, now: datetime) -> Mapping[tuple[UUID | None, UUID | None], list[Due]]:
    """Return tomorrow's occasions by (guide, home store) of the customer, of the whole chain.

    Tomorrow is that of the customer's home store, so where it is another day already the answer is
    of another day too. Without a guide the store's manager is told; who has neither is in nobody's
    mail, but on head office's Today. Two statements. `Due.key` names what was told once.
    """
    days = today.by_store(now=now)
    ahead = timedelta(days=1)
    wanted = Wanted(first=days.every[0] + ahead, last=days.every[-1] + ahead)
    found: dict[tuple[UUID | None, UUID | None], list[Due]] = {}
    for each in selectors.due(ALL, wanted):
        if each.on == days.at(each.home_store_id) + ahead:
            found.setdefault((each.owner_id, each.home_store_id), []).append(each)
    return found
