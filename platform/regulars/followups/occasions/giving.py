"""Handing a gift over, and what gifts have cost."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from regulars import registry
from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.customers import calendar
from regulars.customers import today as days
from regulars.customers.models import Customer, LifeEvent
from regulars.customers.services.writing import locked
from regulars.errors import Conflict, Forbidden, Invalid
from regulars.followups.models import Gift, Occasion
from regulars.followups.occasions import gifts
from regulars.followups.occasions.selectors import OF_LIFE
from regulars.stores import selectors as stores

EARLY: Final = timedelta(days=31)
LATE: Final = timedelta(days=92)


class NoSuchGift(Invalid):
    """The chain does not give this for such an occasion."""

    code = "no-such-gift"
    sentence = _("This gift is not given for this occasion. Choose another one.")


class NotTheirDay(Invalid):
    """The customer has no such occasion near this day."""

    code = "not-their-day"
    sentence = _("This customer has no such day around that date. Look at their file again.")


class AlreadyGiven(Conflict):
    """Another gift was handed over for this very occasion."""

    code = "gift-already-given"
    sentence = _("For this occasion the customer already got: %(title)s.")


@transaction.atomic
def hand_over_gift(
    *,
    actor: Actor,
    customer_id: UUID,
    kind: str,
    source: UUID,
    occasion_on: date,
    gift_key: str,
    store_id: UUID,
    now: datetime,
    guide_id: UUID | None = None,
) -> Gift:
    """Write down a gift handed over in a store, and book its cost there; once for an occasion.

    The same gift for the same occasion again is the first one, however often it is sent; another
    raises AlreadyGiven. `guide_id` is who hands it over, the actor unless said. Raises Forbidden,
    NotFound, NoSuchGift, NotTheirDay. Locks the customer.
    """
    customer = locked(actor=actor, customer_id=customer_id)
    if not stores.visible(actor.scope).filter(pk=store_id).exists():
        raise Forbidden
    earlier = _given(customer, kind, source, occasion_on)
    if earlier is not None:
        if earlier.gift == gift_key:
            return earlier
        raise AlreadyGiven(title=earlier.title)
    rule = next((each for each in gifts.rules() if each.key == gift_key), None)
    if rule is None or kind not in rule.occasions:
        raise NoSuchGift
    _check_day(customer, kind, source, occasion_on, now=now)
    gift = Gift(
        customer=customer,
        kind=kind,
        source=source,
        occasion_on=occasion_on,
        gift=rule.key,
        title=rule.title,
        cost_minor=rule.cost_minor,
        store_id=store_id,
        guide_id=guide_id or actor.id,
        given_at=now,
    )
    Gift.objects.bulk_create([gift])
    audit.record(
        actor=actor,
        action="gift.handed-over",
        object_kind="customer",
        object_id=customer.pk,
        store_id=store_id,
        data={"gift": rule.key, "for": kind, "on": str(occasion_on), "cost_minor": rule.cost_minor},
    )
    return gift


class Near(NamedTuple):
    """An occasion of a customer near enough for a gift; `kind` and `source` as of `Due`."""

    on: date
    kind: str
    source: UUID
    label: str
    given: Gift | None


def near(*, customer: Customer, now: datetime) -> list[Near]:
    """Return a customer's occasions for which a gift may be handed over now, by day.

    Those that went by not long ago are among them. Four statements.
    """
    today = days.of_store(customer.home_store_id, now=now)
    found = []
    for event in LifeEvent.objects.filter(customer=customer).order_by("pk"):
        on = _falls_on(event, today - LATE)
        if on is not None and on <= today + EARLY:
            found.append((on, f"{OF_LIFE}{event.kind}", event.pk, event.label))
    dates = Occasion.objects.filter(
        customer=customer, source=customer.pk, next_on__range=(today - LATE, today + EARLY)
    )
    found += [(row.next_on, row.kind, row.source, "") for row in dates]
    kinds = set(gifts.kinds())
    had = list(Gift.objects.filter(customer=customer, occasion_on__gte=today - LATE))
    return [
        Near(on, kind, source, label, _of(had, kind, source, on))
        for on, kind, source, label in sorted(found, key=lambda each: (each[0], each[1]))
        if kind in kinds
    ]


def _of(had: Sequence[Gift], kind: str, source: UUID, on: date) -> Gift | None:
    for each in had:
        is_same = (each.kind, each.occasion_on) == (kind, on)
        if is_same and (kind not in gifts.ONE_EACH or each.source == source):
            return each
    return None


class Cost(NamedTuple):
    """What gifts of one kind of occasion cost a store in a period; money in minor units."""

    store_id: UUID
    kind: str
    gifts: int
    cost_minor: int


def costs(*, actor: Actor, since: datetime, until: datetime) -> list[Cost]:
    """Return what gifts handed over in [since, until) cost, by store and kind of occasion.

    Within the scope of the actor's figures. One statement. Raises Forbidden.
    """
    require(actor, "insights.view")
    rows = Gift.objects.filter(
        stores.within(actor.scope, "store_id", of="figures"),
        given_at__gte=since,
        given_at__lt=until,
    )
    summed = rows.values_list("store_id", "kind").annotate(Count("pk"), Sum("cost_minor"))
    return [Cost(*row) for row in summed.order_by("store_id", "kind")]


def _given(customer: Customer, kind: str, source: UUID, on: date) -> Gift | None:
    """Return what was given for the occasion."""
    rows = Gift.objects.filter(customer=customer, kind=kind, occasion_on=on)
    if kind in gifts.ONE_EACH:
        rows = rows.filter(source=source)
    return rows.first()


def _check_day(customer: Customer, kind: str, source: UUID, on: date, *, now: datetime) -> None:
    day = days.of_store(customer.home_store_id, now=now)
    if not day - LATE <= on <= day + EARLY:
        raise NotTheirDay
    if kind.removeprefix(OF_LIFE) in LifeEvent.Kind.values:
        event = LifeEvent.objects.filter(
            pk=source, customer=customer, kind=kind.removeprefix(OF_LIFE)
        ).first()
        if event is None or _falls_on(event, on) != on:
            raise NotTheirDay
    elif not Occasion.objects.filter(customer=customer, kind=kind, source=source).exists():
        raise NotTheirDay


def _falls_on(event: LifeEvent, day: date) -> date | None:
    return calendar.next_on(
        month=event.month,
        day=event.day,
        lunar=event.lunar,
        leap_month=event.leap_month,
        on_or_after=day,
        leap_day=registry.policy("customers.leap-day-birthday"),
    )
