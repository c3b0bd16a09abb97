"""What people and programs are told while a chain is not paid for (S3)."""

from django.utils.translation import gettext_lazy as _

from regulars.billing import entitlements
from regulars.errors import Forbidden, Unpaid
from regulars.tenancy.context import ChainInfo


class ReadOnly(Forbidden):
    """Nothing can be changed until the subscription is paid; tills go on recording"""

    code = "read-only"
    sentence = _(
        "The subscription is not paid, so nothing can be changed; tills go on recording. An owner "
        "can pay under Settings → Subscription, and everything is open again at once."
    )


class Closed(Unpaid):
    """The workspace is closed until the subscription is paid"""

    code = "closed"
    sentence = _(
        "The workspace is closed because the subscription is not paid. Nothing is deleted. An "
        "owner can pay under Settings → Subscription, and everything is open again at once."
    )


def refuse(chain: ChainInfo, *, is_reading: bool, is_till: bool) -> None:
    """Raise Closed or ReadOnly for a call of a program, by how the chain stands; asks nobody."""
    found = entitlements.of(chain)
    if not found.is_open:
        raise Closed
    if not (found.may_change or is_reading or is_till):
        raise ReadOnly
