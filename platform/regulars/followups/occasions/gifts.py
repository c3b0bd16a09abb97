"""What the chain gives for an occasion: by tier and by taste (V3, C6)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars import registry
from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.customers import questions
from regulars.customers.models import Customer, LifeEvent
from regulars.errors import Invalid
from regulars.followups.models import Gift as Given
from regulars.followups.occasions import recurring
from regulars.followups.occasions.selectors import OF_LIFE, Upcoming
from regulars.points import tiers
from regulars.registry import selectors as declared
from regulars.registry import services as registry_services

# Two children have two birthdays; any other day noted twice, as after a merge, is still one.
ONE_EACH: Final = frozenset({f"{OF_LIFE}{LifeEvent.Kind.CHILD_BIRTHDAY}"})
_NOUN: Final = "gift"
_LONGEST_KEY: Final = 60
_LONGEST_TITLE: Final = 120


class GiftRefused(Invalid):
    """The rule of a gift cannot be kept; `fields` says why."""

    code = "gift-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """A gift of the chain and whom it is for.

    `occasions` are kinds of occasions, such as ``customer.birthday``; `tiers` keys of tiers, none
    meaning everybody. `tastes` are answers by question or customer's field, of which the customer
    must have given one for each. `cost_minor` is what one costs the chain, in minor units.
    """

    key: str
    title: str
    occasions: tuple[str, ...]
    cost_minor: int
    tiers: tuple[str, ...] = ()
    tastes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def is_for(self, *, kind: str, tier: str | None, answers: Mapping[str, str]) -> bool:
        """Say whether a customer of this tier and these answers gets it for an occasion."""
        if kind not in self.occasions or (self.tiers and tier not in self.tiers):
            return False
        return all(
            any(word in answers.get(question, "") for word in words)
            for question, words in self.tastes.items()
        )

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Order gifts by how closely they are meant for somebody, then by what they cost."""
        return len(self.tastes), bool(self.tiers), self.cost_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the chain gives for an occasion: what is meant for this customer, and what is not."""

    meant: tuple[Gift, ...]
    others: tuple[Gift, ...]


def rules() -> tuple[Gift, ...]:
    """Return the current chain's gifts, by key."""
    return tuple(_read(key, body) for key, body in sorted(declared.own(_NOUN).items()))


@transaction.atomic
def set_rule(*, actor: Actor, gift: Gift, now: datetime) -> None:
    """Add a gift, or change the one with its key. Raises Forbidden, GiftRefused."""
    require(actor, "rules.manage")
    _check(gift)
    body = asdict(gift)
    del body["key"]
    registry_services.keep(actor=actor, noun=_NOUN, key=gift.key, body=body, now=now)


@transaction.atomic
def remove_rule(*, actor: Actor, key: str, now: datetime) -> None:
    """Give this no more; what was handed over stays. Raises Forbidden."""
    require(actor, "rules.manage")
    registry_services.keep(actor=actor, noun=_NOUN, key=key, body={}, now=now)


def gift_for(*, customer_id: UUID, kind: str, now: datetime) -> Gift | None:
    """Return what the customer gets for an occasion, or nothing. At most two statements."""
    return _choose([(customer_id, kind)], now=now).get((customer_id, kind))


def gifts_for(occasions: Sequence[Upcoming], *, now: datetime) -> dict[str, Gift]:
    """Return what is still to be given, by `Upcoming.key`, for a page of occasions.

    Three statements however many there are; what was handed over for one already is left out.
    """
    chosen = _choose([(each.customer.id, each.kind) for each in occasions], now=now)
    asked = [each for each in occasions if (each.customer.id, each.kind) in chosen]
    had = given_for(asked)
    return {each.key: chosen[each.customer.id, each.kind] for each in asked if each.key not in had}


def offers(*, customer_id: UUID, kinds: Collection[str], now: datetime) -> dict[str, Offer]:
    """Return what may be given to a customer for occasions of these kinds; at most two statements.

    What is meant for them comes first, closest first; the guide may choose another.
    """
    declared = [each for each in rules() if set(each.occasions) & set(kinds)]
    if not declared:
        return {}
    tier = tiers.of(customer_id, now=now)
    known = _answers([customer_id]).get(customer_id, {})
    found = {}
    for kind in kinds:
        able = sorted(
            (each for each in declared if kind in each.occasions),
            key=lambda each: each.rank,
            reverse=True,
        )
        meant = tuple(
            each
            for each in able
            if each.is_for(kind=kind, tier=tier.key if tier else None, answers=known)
        )
        others = tuple(each for each in able if each not in meant)
        if able:
            found[kind] = Offer(meant=meant, others=others)
    return found


def given_for(occasions: Sequence[Upcoming]) -> dict[str, Given]:
    """Return what was handed over for which of these occasions, by `Upcoming.key`."""
    if not occasions:
        return {}
    rows = Given.objects.filter(
        customer__in={each.customer.id for each in occasions},
        occasion_on__range=(min(e.on for e in occasions), max(e.on for e in occasions)),
    )
    had = {
        (row.customer_id, row.kind, row.occasion_on, row.kind in ONE_EACH and row.source): row
        for row in rows
    }
    found = {
        each.key: had.get(
            (each.customer.id, each.kind, each.on, each.kind in ONE_EACH and each.source)
        )
        for each in occasions
    }
    return {key: row for key, row in found.items() if row is not None}


def _choose(asked: Iterable[tuple[UUID, str]], *, now: datetime) -> dict[tuple[UUID, str], Gift]:
    gifts = rules()
    kinds = {kind for gift in gifts for kind in gift.occasions}
    wanted = [(customer_id, kind) for customer_id, kind in asked if kind in kinds]
    if not wanted:
        return {}
    ids = {customer_id for customer_id, _kind in wanted}
    reached = tiers.of_many(ids, now=now)
    answers = _answers(ids)
    found = {}
    for customer_id, kind in wanted:
        tier = reached.get(customer_id)
        known = answers.get(customer_id, {})
        fitting = [
            gift
            for gift in gifts
            if gift.is_for(kind=kind, tier=tier.key if tier else None, answers=known)
        ]
        if fitting:
            found[customer_id, kind] = max(fitting, key=lambda gift: gift.rank)
    return found


def _answers(ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Return what customers told us of their taste, as text by question or field. One statement."""
    rows = Customer.objects.filter(pk__in=ids).values_list("pk", "profile", "extra")
    return {
        pk: {
            **{key: _text(answer["value"]) for key, answer in profile.items() if "value" in answer},
            **{key: _text(value) for key, value in extra.items()},
        }
        for pk, profile, extra in rows
    }


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _read(key: str, body: Mapping[str, Any]) -> Gift:
    return Gift(
        key=key,
        title=body["title"],
        occasions=tuple(body["occasions"]),
        cost_minor=body["cost_minor"],
        tiers=tuple(body["tiers"]),
        tastes={question: tuple(words) for question, words in body["tastes"].items()},
    )


def _check(gift: Gift) -> None:
    faults: dict[str, list[Any]] = {}
    if not 0 < len(gift.key) <= _LONGEST_KEY:
        faults["key"] = [_("Give it a short key.")]
    if not 0 < len(gift.title.strip()) <= _LONGEST_TITLE:
        faults["title"] = [_("Say what is given.")]
    if gift.cost_minor < 0:
        faults["cost_minor"] = [_("A gift costs nothing or more.")]
    if not gift.occasions or set(gift.occasions) - set(kinds()):
        faults["occasions"] = [_("Choose what it is given for.")]
    known = {tier.key for tier in registry.vertical().tiers if not tier.retired}
    if set(gift.tiers) - known:
        faults["tiers"] = [_("There is no such level.")]
    asked = {each.key for each in questions.questions()}
    asked |= {each.key for each in questions.extra_fields()}
    if set(gift.tastes) - asked or not all(gift.tastes.values()):
        faults["tastes"] = [_("Choose a question and the answers that fit.")]
    if faults:
        raise GiftRefused(fields=faults)


def kinds() -> tuple[str, ...]:
    """Return the kinds of occasions a gift can be given for: life events and the file's dates."""
    own = (rule.kind for rule in recurring.rules() if not rule.owner)
    return (*(f"{OF_LIFE}{kind}" for kind in LifeEvent.Kind.values), *own)
