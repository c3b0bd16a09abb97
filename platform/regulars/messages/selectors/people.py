"""Whom we would contact: where they live, what they wish, how they are reached."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from regulars.audit import Scope
from regulars.customers import consents
from regulars.customers.models import Consent, Customer, Identity
from regulars.customers.selectors import visibility
from regulars.messages import suppression
from regulars.messages.models import Channel, Purpose, Suppression
from regulars.messages.quiet import zone_of
from regulars.tenancy import context, statements

_PEOPLE: Final = """
SELECT c.id, c.home_store_id, c.time_zone, s.time_zone, c.phone, c.email,
  c.profile -> 'promotions' ->> 'value',
  (SELECT array_agg(i.source || ' ' || i.number ORDER BY i.id) FROM customers_identity i
   WHERE i.customer_id = c.id AND i.source IN ('wechat', 'wecom'))
FROM customers_customer c LEFT JOIN stores_store s ON s.id = c.home_store_id
WHERE c.id = ANY(%s) AND """
_ASKED_AS: Final = {Channel.WECOM: "wechat"}  # one consent for the two
_BY_PHONE: Final = frozenset({Channel.SMS, Channel.CALL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What decides whether somebody may be contacted, besides the budget."""

    id: UUID
    home_store_id: UUID | None
    zone: ZoneInfo
    phone: str
    email: str
    numbers: dict[str, str]  # by which WeChat and WeCom know them; the newest of each
    promotions: str  # what they think of them: "welcome", "neutral", "unwelcome" or ""
    standing: consents.Standing

    def address(self, channel: str) -> str:
        """Return where a channel reaches them; nothing if it does not, or is not known here."""
        if channel in _BY_PHONE:
            return self.phone
        if channel == Channel.WEBHOOK:
            return str(self.id)
        return self.email if channel == Channel.EMAIL else self.numbers.get(channel, "")

    def wishes(self, *, purpose: str, channel: str, wish: str = "") -> bool:
        """Say whether the customer's own wish lets this be (C2, P5).

        Service always passes. Care is for whoever did not refuse it. Selling is for those who
        agreed to it, or welcome promotions and did not refuse; never for those who do not want
        any. `wish` is the purpose they were asked about if it is another, such as "survey".
        """
        if purpose == Purpose.SERVICE:
            return True
        asked = asked_as(channel)
        given = self.standing.given(purpose, asked)
        if given is False or (wish and self.standing.given(wish, asked) is False):
            return False
        if purpose == Purpose.SELLING:
            return self.promotions != "unwelcome" and (
                given is True or self.promotions == "welcome"
            )
        return True


def asked_as(channel: str) -> str:
    """Return the channel of consents that a channel of contacts is asked for with."""
    asked = _ASKED_AS.get(Channel(channel), channel)
    return asked if asked in consents.CHANNELS else ""


def of_many(ids: Collection[UUID], *, scope: Scope, purposes: Iterable[str]) -> dict[UUID, Person]:
    """Return the active customers of these whom a scope reaches, in two statements."""
    where, values = visibility.within_sql(scope)
    rows = statements.every(_PEOPLE + where, (list(ids), *values))
    said = defaultdict(list)
    for row in Consent.objects.filter(customer__in=ids, purpose__in=set(purposes)):
        said[row.customer_id].append(row)
    default = context.current().zone
    return {
        pk: Person(
            id=pk,
            home_store_id=home,
            zone=zone_of((own, local), default=default),
            phone=phone or "",
            email=email,
            numbers=dict(each.split(" ", 1) for each in numbers or ()),
            promotions=promotions or "",
            standing=consents.Standing(said[pk]),
        )
        for pk, home, own, local, phone, email, promotions, numbers in rows
    }


def suppressed(addresses: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return which of these (channel, address) are on the list, and why; one statement."""
    by_digest = {
        (channel, suppression.digest(address)): (channel, address)
        for channel, address in addresses
        if address and channel in suppression.CHANNELS
    }
    if not by_digest:
        return {}
    digests = {digest for _channel, digest in by_digest}
    rows = Suppression.objects.filter(digest__in=digests)
    return {
        by_digest[channel, digest]: reason
        for channel, digest, reason in rows.values_list("channel", "digest", "reason")
        if (channel, digest) in by_digest
    }


def who(channel: str, address: str) -> UUID | None:
    """Return the one customer whom a channel reaches under an address; None for none or several."""
    active = Customer.objects.filter(state=Customer.State.ACTIVE)
    source, number = channel, address
    if channel in _BY_PHONE:
        source, found = "phone", active.filter(phone=address)
    elif channel == Channel.EMAIL:
        number, found = address.lower(), active.filter(email__iexact=address)
    else:
        found = active.none()
    # Besides what the file says: numbers somebody wrote down, or said an unknown sender's were.
    known = Identity.objects.filter(source=source, number=number)
    noted = active.filter(pk__in=known.values("customer"))
    # United, not or-ed: each side is looked up by its own index.
    ids = list(found.values_list("pk", flat=True).union(noted.values_list("pk", flat=True))[:2])
    return ids[0] if len(ids) == 1 else None  # a number that two share is nobody's for certain
