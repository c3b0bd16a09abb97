"""Trying words before they are kept: for one real customer, and for a hundred of them (C3)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from regulars.audit import Actor
from regulars.customers import selectors as customers
from regulars.customers.models import Customer, Possession
from regulars.kit import Message
from regulars.kit.labels import language_of
from regulars.messages import wording
from regulars.messages.selectors import rendering
from regulars.messages.selectors.facts import Subject
from regulars.messages.selectors.rendering import Rendered
from regulars.purchases.models import Purchase
from regulars.tenancy import context
from regulars.usecases import contacting
from regulars.usecases.phrasing import About

AMONG: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a text would be for the newest customers somebody sees.

    `ready` could get it as it is. `empty` are places without a value, by how many customers they
    keep from it. `alike` is how many of those who could would read the very same words but for
    their name, and `most_alike` how many may.
    """

    asked: int
    ready: int
    empty: dict[str, int]
    alike: int
    most_alike: int

    @property
    def is_mass_produced(self) -> bool:
        """Say whether too many would read the same."""
        return self.alike > self.most_alike


def latest(customer_id: UUID) -> About:
    """Return what a text would be about if nothing is named: the last purchase, the newest thing.

    Two statements.
    """
    bought, owned = _latest([customer_id])
    return About(purchase_id=bought.get(customer_id), possession_id=owned.get(customer_id))


def preview(
    message: Message, *, actor: Actor, customer_id: UUID, channel: str, now: datetime
) -> Rendered:
    """Fill a text, kept or not, for a customer; signed by their own guide. Raises NotFound."""
    customer = customers.get(actor=actor, customer_id=customer_id)
    subjects = _subjects([customer])
    (known,) = contacting.with_points(subjects, language=_language(customer), now=now)
    (rendered,) = rendering.render(message, [known], channel=channel)
    return rendered


def trial(message: Message, *, actor: Actor, channel: str, now: datetime) -> Trial:
    """Try a text on the newest customers the actor sees; a constant number of statements."""
    people = list(customers.visible(actor).order_by("-pk")[:AMONG])
    language = context.current().language
    known = contacting.with_points(_subjects(people), language=language, now=now)
    rendered = rendering.render(message, known, channel=channel)
    ready = [each for each in rendered if each.may_be_sent]
    alike = Counter(fingerprint(each) for each in ready)
    return Trial(
        asked=len(people),
        ready=len(ready),
        empty=dict(Counter(name for each in rendered for name in each.missing).most_common()),
        alike=max(alike.values(), default=0),
        most_alike=wording.policy().most_alike,
    )


def fingerprint(rendered: Rendered) -> str:
    """Return what texts of one wording share, whoever they name."""
    names = [rendered.values.get(f"customer.{name}", "") for name in ("name", "salutation")]
    return wording.fingerprint(rendered.text, names)


def _subjects(people: list[Customer]) -> list[Subject]:
    bought, owned = _latest([each.pk for each in people])
    return [
        Subject(
            customer_id=each.pk,
            purchase_id=bought.get(each.pk),
            possession_id=owned.get(each.pk),
        )
        for each in people
    ]


def _latest(ids: list[UUID]) -> tuple[dict[UUID, UUID], dict[UUID, UUID]]:
    sales = Purchase.objects.filter(customer_id__in=ids, kind=Purchase.Kind.SALE)
    things = Possession.objects.filter(customer_id__in=ids, ended_on=None)
    return _newest(sales), _newest(things)


def _newest(rows: Any) -> dict[UUID, UUID]:
    """Return the newest row of each customer; keys are made in the order of time."""
    found = rows.order_by("customer_id", "-pk").distinct("customer_id")
    return dict(found.values_list("customer_id", "pk"))


def _language(customer: Customer) -> str:
    return language_of(customer.language or context.current().language)
