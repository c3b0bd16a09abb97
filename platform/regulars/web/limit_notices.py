"""Word by mail to the owners: what their plan includes is nearly or quite used up (S3)."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from regulars.billing import entitlements, resting
from regulars.billing.entitlements import Share
from regulars.outbox import handler
from regulars.staff.models import Role, Staff
from regulars.tenancy import context, hosts
from regulars.usecases import subscribe
from regulars.web import mail, money
from regulars.web.billing_notices import PLACE


@handler(subscribe.NEAR)
def tell(*, what: str, step: int, now: datetime) -> None:
    """Write to every owner in the chain's language, unless it is no longer so."""
    chain = context.current()
    found = entitlements.of(chain)
    share = next(
        (
            each
            for each in entitlements.shares(found.plan, subscribe.usage(now))
            if each.what == what and each.percent >= step
        ),
        None,
    )
    if share is None or found.is_demo:
        return
    is_billed = what == "messages" and resting.bills_messages()
    owners = Staff.objects.filter(role=Role.OWNER, state=Staff.State.ACTIVE, email__gt="")
    with translation.override(chain.language):
        words = says(share, plan=str(found.plan.name), is_billed=is_billed)
        told = {"chain": chain, "says": words, "link": hosts.address(PLACE)}
    for owner in owners:
        mail.send(
            template="billing_notice",
            to=str(owner.email),
            language=chain.language,
            context={**told, "person": owner},
        )


def says(share: Share, *, plan: str, is_billed: bool) -> dict[str, str]:
    """Return subject and sentence: how much is used, and what happens at the end of it."""
    told = {
        "plan": plan,
        "used": money.count(share.used),
        "allowed": money.count(share.allowed),
        "most": money.count(share.allowed * entitlements.IMPORTS_UP_TO // 100),
    }
    is_full = share.percent >= 100
    match share.what:
        case "stores":
            subject = (
                _("All stores of your plan are open")
                if is_full
                else _("Your plan has room for few more stores")
            )
            text = _(
                "%(used)s of %(allowed)s stores of %(plan)s are open. What is open stays open; for "
                "more, choose a larger plan."
            )
        case "members":
            subject = (
                _("Your plan's members are used up")
                if is_full
                else _("Your plan has room for few more members")
            )
            text = _(
                "You have %(used)s of %(allowed)s members of %(plan)s. Tills and your team go on "
                "adding new ones; files bring new ones in up to %(most)s. For more, choose a "
                "larger plan."
            )
        case _other:
            subject = (
                _("This month's messages are used up")
                if is_full
                else _("This month's messages are nearly used up")
            )
            text = _of_messages(is_billed=is_billed)
    return {"subject": subject, "text": text % told}


def _of_messages(*, is_billed: bool) -> str:
    if is_billed:
        return _(
            "%(used)s of %(allowed)s messages of %(plan)s went this month. What goes beyond is "
            "billed by the message."
        )
    return _(
        "%(used)s of %(allowed)s messages of %(plan)s went this month. At the end of them, "
        "messages to many wait for the next month, or for a larger plan; messages of service "
        "always go."
    )
