"""The word on every page while something of the subscription needs somebody.

It is read from what comes with the chain (`ChainInfo`), which a warm request has: no question.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from django.utils.translation import gettext as _

from regulars.billing import settling
from regulars.billing.standing import TRIAL_NOTICES, Access, Reason
from regulars.staff import roles
from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from regulars.web import billing_notices
from regulars.web.billing import saying

_PERMISSION: Final = "billing.manage"
_MANAGE: Final = frozenset({Role.OWNER, Role.HEAD_OFFICE, Role.REGION_MANAGER, Role.STORE_MANAGER})
"""Who hears of what is not so yet; of what is closed to them everybody hears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """What every page says; `label` names the button, "" for who may not do anything about it."""

    access: str
    standing: str
    tone: str
    title: str
    text: str
    label: str


def words(chain: ChainInfo, *, role: str, now: datetime) -> Banner | None:
    """Return what a person with this role is told about the subscription, if anything."""
    access = Access(chain.access)
    if access is Access.FULL and (role not in _MANAGE or not _is_near(chain, now)):
        return None
    title, text = _told(chain, access, now)
    may = _PERMISSION in roles.may(role)
    is_hard = access is not Access.FULL
    if not may and not is_hard:
        text = ""
    if not may:
        text = saying.sentences(text, _("The owner of this workspace can mend it."))
    return Banner(
        access=chain.access,
        standing=chain.standing,
        tone="bad" if is_hard else "warning",
        title=title,
        text=text,
        label=_label(chain) if may else "",
    )


def _is_near(chain: ChainInfo, now: datetime) -> bool:
    if chain.standing == Reason.TRIAL:
        until = chain.standing_until
        return until is not None and until - now <= timedelta(days=max(TRIAL_NOTICES))
    return chain.standing in {Reason.TRIAL_OVER, Reason.LATE, settling.ENDING}


def _told(chain: ChainInfo, access: Access, now: datetime) -> tuple[str, str]:
    """Return what is so and what comes of it; mails to the owner say it in the same words."""
    until = chain.standing_until
    day = saying.day(until)
    if access is not Access.FULL:
        told = billing_notices.says(str(access), day)
    elif chain.standing == settling.ENDING:
        text = _("Everything goes on until %(day)s. Until then you can take it back.")
        return _("The subscription is cancelled"), text % {"day": day}
    elif chain.standing == Reason.TRIAL and until is not None and until > now:
        left = ceil((until - now) / timedelta(days=1))
        told = billing_notices.says(f"trial-{left}", day)
    elif chain.standing == Reason.TRIAL:  # the night has not come yet
        return _("The free trial is over"), _("Choose a plan and everything goes on as it is.")
    else:
        told = billing_notices.says("late-0", day)
    is_trial = chain.standing == Reason.TRIAL_OVER and access is Access.FULL
    return _("The free trial is over") if is_trial else told["subject"], told["text"]


def _label(chain: ChainInfo) -> str:
    if chain.standing == Reason.LATE:
        return _("See to the payment")
    if chain.standing == settling.ENDING:
        return _("Look at the subscription")
    return _("Choose a plan")
