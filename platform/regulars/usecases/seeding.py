"""What a new chain begins with: its owner, its head shop, its trial (S1)."""

from allauth.account.models import EmailAddress
from django.db.models import Model
from django.utils.translation import gettext, override

from regulars.audit import SYSTEM
from regulars.audit import services as audit
from regulars.billing import services as billing
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy.models import Chain, Signup

FIRST_CODE = "001"


def seed(chain: Chain, signup: Signup) -> list[Model]:
    """Return the rows that make a chain usable at once; provisioning writes them into it.

    The password of the sign-up is hashed already, and its e-mail address was confirmed.
    """
    store = Store(
        code=FIRST_CODE,
        name=_shop_name(chain, signup),
        time_zone=chain.time_zone,
    )
    email = signup.owner_email.strip().lower()
    owner = Staff(
        email=email,
        password=signup.password,
        name=signup.owner_name,
        role=Role.OWNER,
        language=signup.language,
        home_store=store,
    )
    address = EmailAddress(user=owner, email=email, verified=True, primary=True)
    trial = billing.trial(chain=chain, now=signup.confirmed_at or signup.created_at)
    opened = audit.drafted(actor=SYSTEM, action="chain.opened", object_kind="staff")
    opened.object_id = owner  # type: ignore[assignment]  # the key it gets with this row
    return [store, owner, address, trial, opened]


def _shop_name(chain: Chain, signup: Signup) -> str:
    """Name the first shop after the company, in the chain's language; a store's name is short."""
    longest = Store._meta.get_field("name").max_length or 0
    with override(signup.language):
        name = gettext("%(company)s head shop") % {"company": chain.name}
    return name if len(name) <= longest else chain.name[:longest]
