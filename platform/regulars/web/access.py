"""What stays open to people while a chain is not paid for (S3).

Decided by the name of an address and by what came with the chain: a request asks nothing more.
Looking is open until the workspace is closed. What may change something is refused unless it is
named here, so that a new address is closed by itself.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.billing import entitlements, settling
from regulars.billing.models import Subscription
from regulars.billing.standing import Access, Reason, Standing
from regulars.complaints import access as complaints
from regulars.staff import permissions
from regulars.staff.models import Role, Staff
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.middleware import chain_of
from regulars.web.billing import saying

BILLING: Final = "billing"
"""How the names of all pages of the subscription begin; they are open whatever happens."""
OWN: Final = frozenset(
    {
        "account_change_password", "account_inactive", "account_login", "account_logout",
        "account_reauthenticate", "account_reset_password", "account_reset_password_done",
        "account_reset_password_from_key", "account_reset_password_from_key_done",
        "account_set_password", "change_address", "choose_language", "confirm_address", "join",
        "mfa_activate_totp", "mfa_authenticate", "mfa_deactivate_totp",
        "mfa_download_recovery_codes", "mfa_generate_recovery_codes", "mfa_index",
        "mfa_reauthenticate", "mfa_view_recovery_codes", "own_pin", "profile", "share_device",
        "stop_sharing", "switch_person", "turn", "welcome", "withdraw_address",
    }
)  # fmt: skip
"""Signing in and out, and one's own account."""
EXPORTS: Final = frozenset(
    {
        "batch_passed_csv", "batch_passed_xlsx", "complaints_csv", "complaints_xlsx",
        "customers_csv", "customers_export", "customers_xlsx", "gifts_csv", "gifts_xlsx",
        "import_rejected", "insights_csv", "insights_xlsx", "purchases_csv", "purchases_export",
        "purchases_xlsx",
    }
)  # fmt: skip
"""Taking data out: never refused."""
RIGHTS: Final = frozenset({"complaint_rights", "customer_disclose", "customer_erase", "leave"})
"""What customers have a right to, whoever owes what to whom: their data, its end, no messages."""
MACHINES: Final = frozenset({"api-problem", "api-reference", "message_callback", "openapi"})
"""What became of messages, and who wants no more; and what explains the API and its refusals."""
COUNTER: Final = frozenset(
    {
        "counter", "counter_card", "counter_customer", "counter_handover", "counter_preview",
        "counter_receipt", "counter_receipts", "counter_return", "counter_sale", "counter_survey",
    }
)  # fmt: skip
"""The till: it goes on until the workspace is closed."""
LOOKING: Final = frozenset({"complaint_reach", "customer_phone"})
"""Looked at by POST, because it is written down who looked."""
SAYS_ITSELF: Final = frozenset({"complain", "complain_start"})
"""Tells customers in words of its own that nobody would read a complaint, and where to turn."""
FOLLOWED: Final = frozenset({"followed_complaint", "followed_picture"})
"""A customer looks at what they complained of before; nobody writes to it any more."""
ALWAYS: Final = OWN | EXPORTS | RIGHTS | MACHINES | SAYS_ITSELF
WHILE_READ_ONLY: Final = ALWAYS | COUNTER | LOOKING
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_CALLS: Final = "/api/v1/"  # has its own door, see `api.auth`
type Handler = Callable[[HttpRequest], HttpResponseBase]


class AccessMiddleware:
    """Refuse what is not open to a chain that does not pay; comes after signing in."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        """Answer in place of a page that is not open."""
        chain = chain_of(request)
        if chain is None or chain.access == Access.FULL:
            return None
        match = request.resolver_match
        if match is None or request.path.startswith(_CALLS):
            return None
        name = match.url_name or ""
        if is_open(chain, name, is_looking=request.method in _SAFE):
            return None
        if not getattr(view, "login_required", True):  # a customer is not told who owes what
            return render(request, "errors/customers_away.html", status=HTTPStatus.FORBIDDEN)
        return _refused(request, chain)


def is_open(chain: ChainInfo, name: str, *, is_looking: bool) -> bool:
    """Say whether an address with this name is open now."""
    found = entitlements.of(chain)
    if found.may_change or name in ALWAYS or name.startswith(BILLING):
        return True
    if is_looking and name in FOLLOWED:
        return True
    return found.is_open and (is_looking or name in WHILE_READ_ONLY)


def _refused(request: HttpRequest, chain: ChainInfo) -> HttpResponseBase:
    """Say why, since when, and who can mend it; asks the database, as no open page does."""
    actor = permissions.acting(request)
    may_mend = permissions.allows(actor, "billing.manage")
    words = (_why(chain), _meanwhile(Access(chain.access)), _mended(may_mend=may_mend))
    context = {
        "is_closed": chain.access == Access.CLOSED,
        "sentence": saying.sentences(*words),
        "may_mend": may_mend,
        "files": _files(actor) if chain.access == Access.CLOSED else [],
    }
    return render(request, "errors/access.html", context, status=HTTPStatus.FORBIDDEN)


def _files(actor: Actor) -> list[tuple[str, str]]:
    """Return what somebody may take out of a closed workspace: addresses and words."""
    found = []
    if permissions.allows(actor, "customers.export"):
        found += [
            (reverse("customers_export"), _("Take customers out")),
            (reverse("purchases_export"), _("Take purchases out")),
        ]
    if permissions.allows(actor, "insights.export"):
        if permissions.allows(actor, complaints.VIEW):
            found.append((reverse("complaints_csv"), _("Take complaints out")))
        found += [
            (reverse("gifts_csv"), _("Take gifts out")),
            (reverse("insights_csv", args=["stores"]), _("Take figures out")),
        ]
    return found


def _why(chain: ChainInfo) -> str:
    row = Subscription.objects.filter(chain_id=chain.id).first()
    stands: Standing | None = settling.stand(row, now=timezone.now()) if row else None
    if row is None or stands is None or stands.since is None:
        return _("The subscription is not paid.")
    if stands.reason is Reason.CANCELLED:
        return _("The subscription ended on %(day)s.") % {"day": saying.day(row.ended_at)}
    day = saying.day(stands.since)
    if stands.reason is Reason.TRIAL_OVER:
        return _("The free trial ended on %(day)s, and no plan was chosen.") % {"day": day}
    return _("The subscription has not been paid since %(day)s.") % {"day": day}


def _meanwhile(access: Access) -> str:
    if access is Access.CLOSED:
        return _("Until it is paid the workspace is closed. Nothing is deleted.")
    if access is Access.PAUSED:
        return _(
            "Until it is paid your team can only look, and nothing is sent by itself; tills go on "
            "recording."
        )
    return _("Until it is paid your team can only look; tills go on recording.")


def _mended(*, may_mend: bool) -> str:
    if may_mend:
        return _("You can mend it: once it is paid, everything is open again at once.")
    owners = Staff.objects.filter(role=Role.OWNER, state=Staff.State.ACTIVE).order_by("name")
    names = ", ".join(owners.values_list("name", flat=True)[:3])
    text = _("%(names)s can mend it: once it is paid, everything is open again at once.")
    return text % {"names": names or _("The owner")}
