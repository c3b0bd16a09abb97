"""The words of the subscription's page. Days are those of the chain, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from regulars.billing import entitlements, plans
from regulars.billing.models import Subscription
from regulars.billing.preview import Kind, Line
from regulars.billing.standing import Access, Reason, Standing
from regulars.web import dates, money

INVOICE_STATES: Final[Mapping[str, tuple[str | Promise, str]]] = {
    "draft": (gettext_lazy("being prepared"), "quiet"),
    "open": (gettext_lazy("to be paid"), "warning"),
    "paid": (gettext_lazy("paid"), "good"),
    "uncollectible": (gettext_lazy("not collected"), "bad"),
    "void": (gettext_lazy("void"), "quiet"),
}
_TONES: Final = {
    Subscription.State.TRIAL: "info",
    Subscription.State.PAID: "good",
    Subscription.State.LATE: "warning",
    Subscription.State.ENDED: "bad",
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """How a subscription stands: a tone, a word for it, what is so, and what that means."""

    tone: str
    state: str
    sentence: str
    then: str


def day(at: datetime | None) -> str:
    """Write the day of a moment."""
    if at is None:
        return ""
    return dates.day(
        timezone.localdate(at),
        today=timezone.localdate(),
        language=get_language() or "",
        weekday=False,
    )


def sentences(*each: str) -> str:
    """Write sentences one after another; in Chinese no space stands between them."""
    is_chinese = (get_language() or "").startswith("zh")
    return ("" if is_chinese else " ").join(filter(None, each))


def stores(number: int) -> str:
    """Write how many stores."""
    return ngettext("%(count)s store", "%(count)s stores", number) % {"count": money.count(number)}


def rhythm(interval: str) -> str:
    """Write how often something is paid."""
    return _("paid by the year") if interval == "year" else _("paid by the month")


def name(plan: str) -> str:
    """Write the name of a plan."""
    return str(plans.of(plan).name)


def standing(row: Subscription, stands: Standing, *, is_demo: bool) -> Words:
    """Say how a subscription stands."""
    tone = _TONES[Subscription.State(row.state)]
    if stands.reason is Reason.PAID and row.cancels_at is not None:
        tone = "warning"
    elif stands.since is not None and not is_demo:
        tone = "warning" if stands.access is Access.FULL else "bad"
    return Words(
        tone=tone,
        state=_state(row, stands),
        sentence=_sentence(row, stands),
        then=_("This is a demo: it stays open, whatever is paid.") if is_demo else _then(stands),
    )


def _state(row: Subscription, stands: Standing) -> str:
    if stands.reason is Reason.PAID and row.cancels_at is not None:
        return _("cancelled")
    if stands.reason is Reason.TRIAL_OVER and stands.since is not None:
        return _("trial over")
    if stands.reason is Reason.PAID and row.status == "trialing":
        return _("subscribed")
    return str(row.get_state_display())


def _sentence(row: Subscription, stands: Standing) -> str:
    told = {
        "plan": name(row.plan),
        "stores": stores(row.quantity),
        "rhythm": rhythm(row.interval),
        "since": day(stands.since),
        "day": day(row.period_ends_at),
    }
    match stands.reason:
        case Reason.TRIAL:
            text = _("You are trying %(plan)s free of charge until %(day)s.")
            return text % (told | {"day": day(row.trial_ends_at)})
        case Reason.TRIAL_OVER:
            text = _("Your free trial of %(plan)s ended on %(day)s.")
            return text % (told | {"day": day(row.trial_ends_at)})
        case Reason.LATE:
            return _("%(plan)s, %(stores)s, %(rhythm)s: not paid since %(since)s.") % told
        case Reason.CANCELLED:
            text = _("Your subscription to %(plan)s ended on %(day)s.")
            return text % (told | {"day": day(row.ended_at)})
    return _running(row) % told


def _running(row: Subscription) -> str:
    if row.cancels_at is not None:
        return _("%(plan)s, %(stores)s, %(rhythm)s. It is cancelled and goes on until %(day)s.")
    if row.next_plan:
        return _("%(plan)s, %(stores)s, %(rhythm)s. It changes on %(day)s.")
    if row.status == "trialing":
        return _("%(plan)s, %(stores)s, %(rhythm)s. It is free until %(day)s.")
    return _("%(plan)s, %(stores)s, %(rhythm)s. It renews on %(day)s.")


def _then(stands: Standing) -> str:
    """Say what is open, and what comes next if nothing is paid."""
    told = {"day": day(stands.next_at)}
    if stands.reason is Reason.PAID:
        return ""
    if stands.reason is Reason.TRIAL:
        return _("No card is needed until then. Subscribe earlier, and the free days stay free.")
    match stands.access:
        case Access.FULL:
            text = _("Everything works until %(day)s. From then on your team can only look.")
        case Access.READ_ONLY:
            text = _(
                "Your team can only look now, and tills go on recording. From %(day)s nothing is "
                "sent by itself any more. Pay, and everything is open at once."
            )
        case Access.PAUSED:
            text = _(
                "Your team can only look, nothing is sent by itself, and tills go on recording. On "
                "%(day)s the workspace is closed. Pay, and everything is open at once."
            )
        case _other:
            text = _("Nothing is deleted: take your data out, or pay and go on at once.")
    return text % told


def planned(row: Subscription) -> str:
    """Say what a change that waits for the end of the period will make of it."""
    if not row.next_plan:
        return ""
    told = {
        "day": day(row.period_ends_at),
        "plan": name(row.next_plan),
        "rhythm": rhythm(row.next_interval),
    }
    return _("From %(day)s: %(plan)s, %(rhythm)s.") % told


def line(found: Line) -> str:
    """Say what a line of an invoice is for."""
    told = {
        "plan": name(found.plan) if found.plan else "",
        "stores": stores(found.quantity),
        "count": money.count(found.quantity),
        "first": day(found.starts_at),
        "last": day(found.ends_at),
    }
    match found.kind:
        case Kind.PLAN:
            text = _("%(plan)s, %(stores)s, %(first)s to %(last)s")
        case Kind.FREE:
            text = _("%(plan)s, %(stores)s, free until %(last)s")
        case Kind.MORE:
            text = _("%(plan)s, %(stores)s, for the days from %(first)s to %(last)s")
        case Kind.BACK:
            text = _("Given back: %(plan)s, %(stores)s, not used from %(first)s to %(last)s")
        case Kind.MESSAGES:
            text = _("Messages beyond the allowance: %(count)s")
        case _other:
            return found.says
    return text % told


def allowance(share: entitlements.Share) -> str:
    """Say what of a plan does not hold what is there already."""
    told = {"used": money.count(share.used), "allowed": money.count(share.allowed)}
    texts = {
        "stores": _("You have %(used)s open stores, and it allows %(allowed)s."),
        "members": _("You have %(used)s members, and it allows %(allowed)s."),
        "messages": _("You sent %(used)s messages this month, and it includes %(allowed)s."),
    }
    return texts[share.what] % told
