"""Conversations: what waits for an answer, whose it is, and answering it (C12).

Who may see one: whoever may open the customer's file; the person it was handed to or who talks
with the customer; and everybody in the customer's store once its own guide has let it wait for
`messages.owner-minutes`. Senders nobody knows are for those who may hand customers over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import QuerySet

from regulars import registry
from regulars.audit import Actor
from regulars.audit.decisions import allows, require
from regulars.customers import selectors as customers
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.errors import NotFound
from regulars.messages.models import Channel, Contact
from regulars.tenancy import statements

type Whose = Literal["mine", "store", "unknown"]

PERMISSION: Final = "customers.edit"
OF_STRANGERS: Final = "customers.hand-over"
SOURCE: Final = "conversation"  # of `Contact.source`: an answer somebody wrote
BY: Final = "by"  # in `Contact.facts` of a message of theirs: who answered it
SYSTEM: Final = "system"  # a word that asks for no more: nobody answers it, it opens nothing
HANDED: Final = "handed"  # in `Contact.facts` of what waits: to whom, and at what time
HANDED_AT: Final = "handed_at"
FRESH: Final = timedelta(hours=48)  # as long is an answer what the customer asked for
WAITING: Final = timedelta(days=30)  # nobody waits longer
WRITTEN: Final = (Channel.SMS, Channel.EMAIL, Channel.WECHAT, Channel.WECOM, Channel.WEBHOOK)
_SHOWN: Final = 60  # messages of a conversation at once
_LONGEST: Final = 140  # characters of the last words in a list

# Who it waits for first: whom it was handed to, else the customer's own guide if still here. Only
# those of one's stores, and one's own: what was handed over or talked with once and has moved to
# another store waits there.
_WAITING: Final = """
WITH asked AS (
  SELECT m.customer_id, min(m.at) AS since, count(*) AS messages,
    (array_agg(m.id ORDER BY m.at DESC, m.id DESC))[1] AS newest,
    max(m.facts ->> 'handed') AS handed, max(m.facts ->> 'handed_at') AS handed_at
  FROM messaging_contact m JOIN customers_customer c ON c.id = m.customer_id
  WHERE m.state = 'received' AND m.at > %(oldest)s {only}
    AND (({within}) OR c.owner_id = %(own)s AND c.state = 'active')
  GROUP BY m.customer_id
), placed AS (
  SELECT a.*, c.name, c.member_code, c.phone, c.owner_id, s.name AS store_name,
    coalesce(a.handed::uuid, o.id) AS first,
    greatest(a.since, a.handed_at::timestamptz) AS first_since,
    t.staff_id AS talker, ({within}) AS is_near
  FROM asked a JOIN customers_customer c ON c.id = a.customer_id
  LEFT JOIN staff_staff o ON o.id = c.owner_id AND o.state = 'active'
  LEFT JOIN stores_store s ON s.id = c.home_store_id
  LEFT JOIN LATERAL (
    SELECT x.staff_id FROM messaging_contact x
     WHERE x.customer_id = a.customer_id AND x.source = 'conversation' AND x.at > %(fresh)s
     ORDER BY x.at DESC LIMIT 1) t ON true
), mine AS (
  SELECT p.*, CASE WHEN p.first = %(me)s OR (p.handed IS NULL AND p.talker = %(me)s) THEN 'mine'
    WHEN p.is_near AND (p.first IS NULL OR p.first_since <= %(late)s) THEN 'store' END AS whose
  FROM placed p
)
SELECT w.customer_id, w.newest, w.name, w.member_code, w.phone, w.owner_id, w.store_name, w.since,
  w.messages, w.whose, n.channel, n.text, n.facts -> 'media' IS NOT NULL
    AND n.facts -> 'media' <> '[]', count(*) OVER ()
FROM mine w JOIN messaging_contact n ON n.id = w.newest
WHERE w.whose IS NOT NULL
ORDER BY w.whose, w.since LIMIT %(limit)s"""
_ONLY: Final = "AND m.customer_id = %(only)s"
_STRANGERS: Final = """
WITH asked AS (
  SELECT m.channel, m.address, min(m.at) AS since, count(*) AS messages,
    (array_agg(m.id ORDER BY m.at DESC, m.id DESC))[1] AS newest
  FROM messaging_contact m
  WHERE m.state = 'received' AND m.at > %(oldest)s AND m.customer_id IS NULL
  GROUP BY m.channel, m.address
)
SELECT a.newest, a.address, a.since, a.messages, a.channel, n.text,
  n.facts -> 'media' IS NOT NULL AND n.facts -> 'media' <> '[]', count(*) OVER ()
FROM asked a JOIN messaging_contact n ON n.id = a.newest
ORDER BY a.since LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One conversation in which the last word is the customer's.

    `contact_id` is their newest message, `since` when the oldest one came that nobody answered.
    `address` is a stranger's, in full; `phone` a customer's, in full.
    """

    contact_id: UUID
    customer_id: UUID | None
    whose: Whose
    name: str
    phone: str
    address: str
    owner_id: UUID | None
    store_name: str
    since: datetime
    count: int
    channel: str
    text: str
    has_media: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits: one's own first, then the store's, then strangers'; the longest waiting first."""

    rows: tuple[Waiting, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What was said with a customer, oldest first. `actor` is who asks, with the scope for it.

    `is_fresh`: they wrote lately, so an answer is service. `has_earlier`: there is more before.
    """

    actor: Actor
    customer: Customer
    messages: tuple[Contact, ...]
    waiting_since: datetime | None
    last_in: Contact | None
    is_fresh: bool
    has_earlier: bool
    mark: str  # changes with whatever a page of it would show


def waiting(*, actor: Actor, now: datetime, limit: int = 50) -> Queue:
    """Return what waits for an answer of this person, in two statements."""
    if not allows(actor, PERMISSION):
        return Queue(rows=(), total=0)
    known = _waiting(actor, now=now, limit=limit)
    strangers = _strangers(actor, now=now, limit=limit)
    rows = [_row(each) for each in known] + [_stranger(each) for each in strangers]
    total = sum(int(found[0][-1]) for found in (known, strangers) if found)
    return Queue(rows=tuple(rows[:limit]), total=total)


def count(*, actor: Actor, now: datetime) -> int:
    """Return how many conversations wait for an answer of this person."""
    return waiting(actor=actor, now=now, limit=1).total


def opened(*, actor: Actor, customer_id: UUID, now: datetime) -> tuple[Actor, Customer]:
    """Return who talks and the customer, if this person may see the conversation.

    The actor that is returned reaches the customer also where it is the store's turn. Raises
    Forbidden, NotFound.
    """
    require(actor, PERMISSION)
    try:
        return actor, customers.get(actor=actor, customer_id=customer_id)
    except NotFound:
        wider = of_the_store(actor)
        if wider is actor:
            raise
    customer = customers.get(actor=wider, customer_id=customer_id)
    if not (
        _takes_part(actor, customer, now) or _waiting(actor, now=now, limit=1, only=customer.pk)
    ):
        raise NotFound
    return wider, customer


def of_the_store(actor: Actor) -> Actor:
    """Return the same person with the scope of their stores instead of their own customers."""
    if actor.scope.own_customers_of is None:
        return actor
    return replace(actor, scope=replace(actor.scope, own_customers_of=None))


def conversation(
    *, actor: Actor, customer_id: UUID, now: datetime, before: datetime | None = None
) -> Conversation:
    """Return what was said with a customer lately, or before a moment; constant statements."""
    actor, customer = opened(actor=actor, customer_id=customer_id, now=now)
    rows = _newest(customer, now=now)
    if before:
        rows = rows.filter(at__lt=before)
    found = list(rows.select_related("staff")[: _SHOWN + 1])
    shown = found[:_SHOWN][::-1]
    last_in = next((each for each in found if is_message(each)), None)
    asked = [each.at for each in shown if each.state == Contact.State.RECEIVED]
    return Conversation(
        actor=actor,
        customer=customer,
        messages=tuple(shown),
        waiting_since=min(asked, default=None),
        last_in=last_in,
        is_fresh=last_in is not None and last_in.at > now - FRESH,
        has_earlier=len(found) > _SHOWN,
        mark=marked(shown),
    )


def mark_of(customer: Customer, *, now: datetime) -> str:
    """Return the mark of the newest messages, without reading what they say; one statement."""
    rows = _newest(customer, now=now).only("pk", "state", "settled_at")
    return marked(list(rows[:_SHOWN])[::-1])


def is_message(row: Contact) -> bool:
    """Say whether it is something of theirs to answer: asking for no more is not."""
    return row.direction == Contact.Direction.IN and row.facts.get(BY) != SYSTEM


def _newest(customer: Customer, *, now: datetime) -> QuerySet[Contact]:
    return Contact.objects.filter(customer=customer, at__lte=now).order_by("-at", "-pk")


def marked(rows: Sequence[Contact]) -> str:
    """Return a short text that differs when anything shown of these rows does."""
    newest = rows[-1].pk.hex[:16] if rows else ""
    settled = max((each.settled_at for each in rows if each.settled_at), default=None)
    states = sum(_STATES.index(each.state) + 1 for each in rows)
    return f"{len(rows)}.{newest}.{settled.timestamp() if settled else 0:.3f}.{states}"


_STATES: Final = [str(each) for each in Contact.State]


def stranger(*, actor: Actor, contact_id: UUID) -> list[Contact]:
    """Return what somebody wrote whom nobody knows, oldest first. Raises Forbidden, NotFound."""
    require(actor, OF_STRANGERS)
    one = Contact.objects.filter(pk=contact_id, customer=None, direction="in").first()
    if one is None:
        raise NotFound
    rows = of_sender(one).order_by("-at", "-pk")[:_SHOWN]
    return list(rows)[::-1]


def of_sender(one: Contact) -> Any:
    """Return the messages of the same unknown sender."""
    return Contact.objects.filter(
        customer=None, direction=Contact.Direction.IN, channel=one.channel, address=one.address
    )


def _waiting(
    actor: Actor, *, now: datetime, limit: int, only: UUID | None = None
) -> list[tuple[Any, ...]]:
    where, values = visibility.within_sql(of_the_store(actor).scope)
    named = {f"scope{place}": value for place, value in enumerate(values)}
    for name in named:
        where = where.replace("%s", f"%({name})s", 1)
    late = now - timedelta(minutes=registry.policy("messages.owner-minutes"))
    asked = {
        **named,
        "oldest": now - WAITING,
        "fresh": now - FRESH,
        "late": late,
        "me": actor.id,
        "own": actor.scope.own_customers_of,
        "only": only,
        "limit": limit,
    }
    sql = _WAITING.replace("{within}", where)
    return statements.every(sql.replace("{only}", _ONLY if only else ""), asked)


def _strangers(actor: Actor, *, now: datetime, limit: int) -> list[tuple[Any, ...]]:
    if not allows(actor, OF_STRANGERS):
        return []
    return statements.every(_STRANGERS, {"oldest": now - WAITING, "limit": limit})


def _takes_part(actor: Actor, customer: Customer, now: datetime) -> bool:
    """Say whether this person wrote to the customer lately: they go on talking."""
    rows = Contact.objects.filter(customer=customer, at__gt=now - FRESH, source=SOURCE)
    return rows.filter(staff=actor.id).exists()


def _row(found: tuple[Any, ...]) -> Waiting:
    (
        customer_id, newest, name, code, phone, owner_id, store, since, messages, whose, channel,
        text, has_media, _total,
    ) = found  # fmt: skip
    return Waiting(
        contact_id=newest,
        customer_id=customer_id,
        whose=whose,
        name=name or code or "",
        phone=phone or "",
        address="",
        owner_id=owner_id,
        store_name=store or "",
        since=since,
        count=messages,
        channel=channel,
        text=_cut(text),
        has_media=bool(has_media),
    )


def _stranger(found: tuple[Any, ...]) -> Waiting:
    newest, address, since, messages, channel, text, has_media, _total = found
    return Waiting(
        contact_id=newest,
        customer_id=None,
        whose="unknown",
        name="",
        phone="",
        address=address,
        owner_id=None,
        store_name="",
        since=since,
        count=messages,
        channel=channel,
        text=_cut(text),
        has_media=bool(has_media),
    )


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
