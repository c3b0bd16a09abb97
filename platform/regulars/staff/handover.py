"""From the public site into the new workspace: a link that signs its owner in once, for a minute.

Cookies of the public host do not reach a chain's host, so the public site hands over a signed
token. It names the chain and the address, and the chain's host takes it only once.
"""

from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from regulars.errors import Forbidden
from regulars.staff.models import Staff
from regulars.tenancy import context
from regulars.tenancy.models import Chain

VALID_SECONDS: Final = 60
_SALT: Final = "regulars.staff.handover"


class HandoverRefused(Forbidden):
    """The link is too old, was used, or belongs to another chain."""

    code = "handover-refused"
    sentence = _("This link has been used or is too old. Please sign in with your password.")


def link(*, chain: Chain, email: str, request: HttpRequest) -> str:
    """Return the absolute address on the chain's host that signs this person in, once."""
    content = {
        "chain": str(chain.id),
        "email": email.strip().lower(),
        "once": get_random_string(20),
    }
    token = signing.dumps(content, salt=_SALT)
    label = chain.domains.get(is_primary=True).domain
    port = request.get_host().partition(":")[2]
    host = f"{label}.{settings.BASE_DOMAIN}" + (f":{port}" if port else "")
    path = reverse("welcome", urlconf=settings.CHAIN_URLCONF)
    return f"{request.scheme}://{host}{path}?{urlencode({'token': token})}"


def redeem(*, token: str) -> Staff:
    """Return the person a token stands for, inside their chain; raises HandoverRefused.

    The mark that a token was used outlives the token itself, so it can never be used twice.
    """
    try:
        content = signing.loads(token, salt=_SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        raise HandoverRefused from None
    if content["chain"] != str(context.current().id):
        raise HandoverRefused
    if not cache.add(f"handover:{content['once']}", "used", timeout=2 * VALID_SECONDS):
        raise HandoverRefused
    staff = Staff.objects.filter(email=content["email"], state=Staff.State.ACTIVE).first()
    if staff is None:
        raise HandoverRefused
    return staff
