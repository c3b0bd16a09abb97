"""How many new customers files may bring in: somewhat more than the plan's members (S3).

Asked before anything is written. Tills and people are never refused a customer.
"""

from typing import Final

from django.utils.translation import gettext_lazy as _

from regulars.billing import entitlements
from regulars.customers import selectors as customers
from regulars.errors import Forbidden
from regulars.imports import selectors
from regulars.imports.columns.attributes import Subject
from regulars.imports.models import Import
from regulars.outbox import services as outbox
from regulars.tenancy import context

_LOCK: Final = "imports.members"


class MembersUsedUp(Forbidden):
    """The file brings in more new customers than the plan lets imports bring"""

    code = "plan-members"
    sentence = _(
        "This file brings in %(new)s new customers. Your plan %(plan)s includes %(allowed)s "
        "members, imports may go up to %(most)s, and you have %(members)s%(running)s. Nothing was "
        "brought in. An owner can choose a larger plan under Settings → Subscription."
    )
    while_others = _(", with %(count)s more being brought in now")


def refuse_beyond_plan(row: Import) -> None:
    """Raise MembersUsedUp if a checked import brings in too many new customers.

    Call it in the transaction that starts the import: two never take the same room.
    """
    new = brings(row)
    most = entitlements.of(context.current()).most_imported
    if most is None or new == 0:
        return
    with outbox.in_order(_LOCK):
        running = sum(_left(each) for each in _running(row))
        members = customers.count_active()
    if members + running + new > most:
        found = entitlements.of(context.current())
        raise MembersUsedUp(
            new=new,
            plan=found.plan.name,
            allowed=found.members,
            most=most,
            members=members,
            running=MembersUsedUp.while_others % {"count": running} if running else "",
        )


def brings(row: Import) -> int:
    """Return how many new customers a checked import brings in."""
    found = selectors.preview_of(row)
    if row.kind == Subject.CUSTOMERS:
        return found.new
    return int(found.details.get("customers_new", 0))


def _running(row: Import) -> list[Import]:
    return list(Import.objects.filter(state=Import.State.LOADING).exclude(pk=row.pk))


def _left(row: Import) -> int:
    """Return how many new customers a running import is still to bring in, at least."""
    made = row.counts.get("new", 0) if row.kind == Subject.CUSTOMERS else 0
    return max(0, brings(row) - int(made))
