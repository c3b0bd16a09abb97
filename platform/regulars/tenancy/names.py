"""Names: of schemas (random, never derived from input) and of sub-domains (checked input)."""

import re
import secrets
from typing import Final

from babel.core import get_global
from django.utils.translation import gettext_lazy as _

from regulars.errors import Invalid

SCHEMA_PATTERN: Final = r"^t_[a-z2-7]{26}$"
_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
SHORTEST, LONGEST = 3, 40

# Names that would mislead people, collide with our own hosts, or that browsers treat specially.
_RESERVED: Final = """
    about abuse account accounts admin administrator alerts api app apps assets auth autoconfig
    autodiscover backup beta billing blog broadcasthost careers cdn chain chains chat cloud cname
    community console contact customer customers dashboard data database db debug demo dev
    developer developers dns docs download downloads email example faq feedback files finance
    forum ftp git graphql health help helpdesk home host hostmaster http https id imap info
    internal invite isatap jobs kb legal live local localdomain localhost login logout logs mail
    mailbox mailer mailer-daemon marketing media members metrics mobile monitor mx my mysql
    network news newsletter no-reply noc nobody noreply notifications ns ns1 ns2 ns3 ns4 oauth
    office official old ops owner partner partners pay payment payments phpmyadmin pop pop3
    portal postgres postmaster preview pricing prices privacy private prod production proxy
    public redis register registry regulars root sales sandbox secure security server service
    services setup shop signin signup site sitemap smtp sql ssh ssl sso staff stage staging stat
    static stats status store stores stripe subdomain support sys sysadmin system team template
    templates tenant tenants terms test testing tests tls tmp trial undefined unsubscribe update
    updates upload uploads usenet user users uucp vertical verticals vpn web webhook webhooks
    webmail webmaster wiki worker wpad www www1 www2 www3 shuke
"""
RESERVED: Final = frozenset(_RESERVED.split())


class SubdomainRefused(Invalid):
    """The wished sub-domain cannot be used; the sentence says why."""

    code = "subdomain-refused"


def new_schema_name() -> str:
    """Return ``t_`` and 26 random base32 characters (130 bits: never guessed, never repeated)."""
    return "t_" + "".join(secrets.choice(_BASE32) for _ in range(26))


def checked_subdomain(wish: str) -> str:
    """Return the wished sub-domain in its canonical form.

    Raises SubdomainRefused with the reason. Only lower-case ASCII letters, digits and hyphens
    (RFC 1123 labels) are accepted; look-alikes from other alphabets therefore cannot exist.
    """
    name = wish.strip().lower()
    if not wish.strip().isascii():  # the Kelvin sign, for one, has a plain k as its lower case
        raise SubdomainRefused(
            _("Please use the letters a–z and digits only; write Chinese names in pinyin.")
        )
    if len(name) < SHORTEST:
        raise SubdomainRefused(_("At least %(count)s characters, please."), count=SHORTEST)
    if len(name) > LONGEST:
        raise SubdomainRefused(_("At most %(count)s characters, please."), count=LONGEST)
    if not _LABEL.fullmatch(name):
        raise SubdomainRefused(
            _("Only letters, digits and hyphens, and a letter or digit at both ends.")
        )
    if "--" in name:
        raise SubdomainRefused(_("Two hyphens in a row are not possible in an address."))
    if name.isdigit():
        raise SubdomainRefused(_("Please use at least one letter."))
    if name in RESERVED or name.startswith("t-"):
        raise SubdomainRefused(_("This name is reserved. Please choose another one."))
    return name


def country_of(time_zone: str) -> str:
    """Return the ISO 3166 country of a time zone, for reading phone numbers without a prefix."""
    return str(get_global("zone_territories").get(time_zone, "CN"))
