"""Word by mail to the owners: a trial ends, a payment is late (S3)."""

from datetime import datetime
from typing import Final

from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.billing import settling
from regulars.billing.models import Subscription
from regulars.outbox import handler
from regulars.staff.models import Role, Staff
from regulars.tenancy import context, hosts
from regulars.web import mail

PLACE: Final = "/settings/billing/"


@handler("billing.notice")
def tell(*, notice: str, now: datetime) -> None:
    """Write to every owner in the chain's language, unless it no longer is so."""
    chain = context.current()
    row = Subscription.objects.get(chain_id=chain.id)
    stands = settling.stand(row, now=now)
    if stands.notice != notice:
        return  # paid meanwhile, or a later notice says it better
    owners = Staff.objects.filter(role=Role.OWNER, state=Staff.State.ACTIVE).exclude(email="")
    with translation.override(chain.language):
        zone = chain.zone
        at = stands.next_at
        day = formats.date_format(at.astimezone(zone), "DATE_FORMAT") if at else ""
        told = {"chain": chain, "says": says(notice, day), "link": hosts.address(PLACE)}
    for owner in owners:
        mail.send(
            template="billing_notice",
            to=str(owner.email),
            language=chain.language,
            context={**told, "person": owner},
        )


def says(notice: str, day: str) -> dict[str, str]:
    """Return subject and sentence of a notice; `day` is when the next step comes."""
    kind, _dash, rest = notice.rpartition("-")
    if kind == "trial":
        days = int(rest)
        subject = ngettext(
            "Your trial ends within %(days)s day", "Your trial ends within %(days)s days", days
        ) % {"days": days}
        text = _("Choose a plan by %(day)s and everything goes on as it is.")
    elif kind == "late":
        subject = _("Your subscription is not paid")
        text = _("Everything works until %(day)s. From then on your team can only look.")
    elif notice == "read-only":
        subject = _("Your team can only look now")
        text = _("Tills go on recording. From %(day)s nothing is sent by itself any more.")
    elif notice == "paused":
        subject = _("Nothing is sent by itself any more")
        text = _(
            "Your team can only look. Tills go on recording until %(day)s; then the workspace is "
            "closed."
        )
    elif kind == "closing":
        days = int(rest)
        subject = ngettext(
            "Your workspace is closed within %(days)s day",
            "Your workspace is closed within %(days)s days",
            days,
        ) % {"days": days}
        text = _("Pay by %(day)s and everything is open again at once. Nothing is deleted.")
    else:
        subject = _("Your workspace is closed")
        text = _("Nothing is deleted: take your data out, or pay and go on at once.")
    return {"subject": subject, "text": text % {"day": day}}
