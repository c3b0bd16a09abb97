"""One demo chain: signed up as anybody signs up, then its story written into it."""

from datetime import datetime
from typing import Any, Final

from django.db import connections
from django.utils.translation import gettext_lazy as _

from regulars.api import keys
from regulars.api.models import Key
from regulars.audit import SYSTEM
from regulars.audit.models import Entry
from regulars.errors import Conflict
from regulars.insights.services import folding
from regulars.local.demo import content, shopkeeping
from regulars.local.demo.shopping import Size
from regulars.local.demo.story import WRITTEN, Story, Tell
from regulars.tenancy import context, directory, provisioning, signup
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain, Domain
from regulars.tenancy.releases import OWNER
from regulars.tenancy.signup import Wish

_KEY: Final = "Demo till"
_TABLES: Final = "customers_customer purchases_purchase purchases_line points_posting points_leg"


class AddressTaken(Conflict):
    """A chain of somebody's own has the sub-domain."""

    code = "demo-address-taken"
    sentence = _("The address “%(subdomain)s” belongs to a chain that is no demo.")


def write(vertical: str, *, size: Size, now: datetime, password: str, tell: Tell) -> dict[str, Any]:
    """Sign the chain of a vertical up and write its story; return its part of the card.

    Resumable: what an earlier attempt left is continued, and a story that was written stays.
    Raises AddressTaken.
    """
    company = content.company(vertical)
    tell(0, size.purchases, "sign-up")
    chain = signed_up(wish=_wish(vertical, password=password), now=now)
    with context.inside(chain):
        if not Entry.objects.filter(action=WRITTEN).exists():
            Story(size, now=now, password=password, tell=tell).write()
        key = _new_key(now=now)
        tell(size.purchases, size.purchases, "figures")
        folding.fold(now=now, wait=True)
    _analyse(chain)
    return {
        "name": company.company,
        "vertical": vertical,
        "subdomain": chain.subdomain,
        "api_key": key,
        "sign_ins": shopkeeping.sign_ins(company, subdomain=chain.subdomain, password=password),
    }


def signed_up(*, wish: Wish, now: datetime) -> ChainInfo:
    """Sign a demo chain up as a visitor would; one that an earlier attempt began is finished.

    Raises AddressTaken.
    """
    with context.public():
        domain = Domain.objects.select_related("tenant").filter(domain=wish.subdomain).first()
        if domain is None:
            _signup, token = signup.start(wish=wish, now=now)
            chain = signup.confirm(token=token, now=now)
        elif domain.tenant.owner_email != wish.owner_email:
            raise AddressTaken(subdomain=wish.subdomain)
        else:
            chain = provisioning.provision(chain_id=domain.tenant.pk, now=now)
        if not chain.is_demo:
            Chain.objects.filter(pk=chain.pk).update(is_demo=True)
            chain.refresh_from_db()
            directory.changed(chain)
        return ChainInfo.of(chain, subdomain=wish.subdomain)


def _wish(vertical: str, *, password: str) -> Wish:
    company = content.company(vertical)
    return Wish(
        company=company.company,
        subdomain=vertical,
        vertical=vertical,
        owner_name=company.owner,
        owner_email=shopkeeping.address(vertical, "owner"),
        password=password,
        language="zh-hans",
        currency="CNY",
        time_zone="Asia/Shanghai",
    )


def _new_key(*, now: datetime) -> str:
    """Make the till's key; a key of an earlier attempt that nobody saw is revoked."""
    for key in Key.objects.filter(name=_KEY, revoked_at=None):
        keys.revoke(actor=SYSTEM, key_id=key.id, now=now)
    scopes = ["till", "customers.read", "purchases.read", "stores.read"]
    made = keys.create(actor=SYSTEM, name=_KEY, scopes=scopes, store_id=None, now=now)
    return made.secret


def _analyse(chain: ChainInfo) -> None:
    """Let the planner know the tables at once; only their owner may."""
    if OWNER not in connections.settings:
        return
    with context.inside(chain, using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(_TABLES.split()))
