"""Whom and what a complaint is about, as the page that led here says it, and what may be chosen."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.complaints.models import Case
from regulars.complaints.services import writing
from regulars.customers import selectors as customers
from regulars.customers.selectors import Card
from regulars.messages.models import Contact
from regulars.purchases import selectors as purchases
from regulars.purchases.models import Purchase
from regulars.tenancy import context
from regulars.usecases import talking
from regulars.web import dates, money
from regulars.web.customers import file

_BEFORE: Final = timedelta(days=1)
_QUOTED: Final = 8  # messages
_LATEST: Final = 12  # purchases to choose among
CARRIED: Final = ("purchase", "line", "possession", "contact", "store", "raised")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Who complains, of what, and what we know of it; nothing where nobody is known yet."""

    card: Card | None
    contact: Contact | None
    words: str  # what they wrote, quoted
    goods: tuple[tuple[str, str], ...]  # (purchase or purchase:line, words)
    chosen_goods: str
    things: tuple[tuple[str, str], ...]
    chosen_thing: str
    raised: str

    @property
    def customer_id(self) -> UUID | None:
        """Return who complains."""
        return self.card.id if self.card else None


def of(request: HttpRequest, actor: Actor) -> About:
    """Read the address: everything it names must be there for this person. Raises NotFound."""
    asked = {name: _uuid(request.GET.get(name, "")) for name in ("customer", *CARRIED)}
    contact = _contact(actor, asked["contact"])
    sold = _purchase(actor, asked["purchase"])
    customer_id = asked["customer"] or (contact.customer_id if contact else None)
    customer_id = customer_id or (sold.customer_id if sold else None)
    card = customers.card(actor=actor, customer_id=customer_id) if customer_id else None
    found = _purchases(actor, card)
    if sold is not None and sold.pk not in {each.pk for each in found}:
        if card is not None and sold.customer_id != card.id:
            raise Http404
        found = [sold, *found]
    things = _things(card)
    line, thing = asked["line"], asked["possession"]
    goods = tuple(pair for each in found for pair in _words(each))
    wanted = f"{sold.pk}:{line}" if sold and line else str(sold.pk) if sold else ""
    return About(
        card=card,
        contact=contact,
        words=_quoted(contact),
        goods=goods,
        chosen_goods=wanted if wanted in dict(goods) else "",
        things=things,
        chosen_thing=str(thing) if thing and str(thing) in dict(things) else "",
        raised=_raised(request, contact),
    )


def _raised(request: HttpRequest, contact: Contact | None) -> str:
    asked = request.GET.get("raised", "")
    if asked in Case.Raised.values and asked != Case.Raised.WEB:
        return asked
    return Case.Raised.MESSAGE if contact else Case.Raised.COUNTER


def _contact(actor: Actor, contact_id: UUID | None) -> Contact | None:
    """Return a message of theirs, for somebody who may read it. Raises NotFound, Forbidden."""
    if contact_id is None:
        return None
    found = Contact.objects.filter(pk=contact_id, direction=Contact.Direction.IN).first()
    if found is None:
        raise Http404
    if found.customer_id is None:
        require(actor, talking.OF_STRANGERS)
    else:
        talking.opened(actor=actor, customer_id=found.customer_id, now=timezone.now())
    return found


def _quoted(contact: Contact | None) -> str:
    """Return what they wrote: this message and those of the day before it, in their order."""
    if contact is None:
        return ""
    same = Contact.objects.filter(
        customer=contact.customer_id, direction=Contact.Direction.IN, channel=contact.channel,
        address=contact.address, at__gt=contact.at - _BEFORE, at__lte=contact.at,
    )  # fmt: skip
    newest = same.exclude(text="").order_by("-at", "-pk").values_list("text", flat=True)
    return "\n".join(f"“{text}”" for text in reversed(newest[:_QUOTED]))[: writing.LONGEST_TEXT]


def _purchase(actor: Actor, purchase_id: UUID | None) -> Purchase | None:
    """Return the purchase of a receipt; whoever sells may look at any, as at the counter."""
    if purchase_id is None:
        return None
    require(actor, "purchases.record")
    rows = purchases.with_lines(Purchase.objects.filter(pk=purchase_id))
    found = rows.exclude(kind=Purchase.Kind.VOID).first()
    if found is None:
        raise Http404
    return found


def _purchases(actor: Actor, card: Card | None) -> list[Purchase]:
    """Return what they bought last: all of one's own customers, else what one's stores sold."""
    if card is None:
        return []
    rows = Purchase.objects if card.in_scope else purchases.visible(actor.scope)
    theirs = rows.filter(customer_id=card.id, kind=Purchase.Kind.SALE)
    return list(purchases.with_lines(theirs).order_by("-id")[:_LATEST])


def _words(purchase: Purchase) -> list[tuple[str, str]]:
    """Return a purchase and, where there are several, its lines as choices."""
    lines = list(purchase.lines.all())
    names = [each.product_name or each.product_code or each.category for each in lines]
    today, language = timezone.localdate(), get_language() or ""
    day = dates.near_day(purchase.business_day, today=today, language=language, weekday=False)
    paid = money.money(purchase.paid_minor, context.current().currency)
    whole = " · ".join(filter(None, (day, "、".join(names[:3]), paid)))
    if len(lines) < 2:
        return [(str(purchase.pk), whole)]
    each_line = [
        (f"{purchase.pk}:{line.pk}", f"{day} · {name}")
        for line, name in zip(lines, names, strict=True)
        if name
    ]
    return [(str(purchase.pk), whole), *each_line]


def _things(card: Card | None) -> tuple[tuple[str, str], ...]:
    if card is None or not card.in_scope:
        return ()
    found = file.things(customers.possessions(card.id), get_language() or "")
    return tuple((str(each.id), each.title or each.kind) for each in found)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
