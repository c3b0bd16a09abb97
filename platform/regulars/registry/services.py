"""Changing what a chain made of its vertical."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars import audit
from regulars.audit import services as audit_log
from regulars.errors import Invalid
from regulars.kit import VerticalError
from regulars.outbox import services as outbox
from regulars.registry import loading, selectors
from regulars.registry.models import Declaration
from regulars.registry.policies import POLICIES, Policy, Value
from regulars.tenancy import context, directory


class DeclarationRefused(Invalid):
    """The changed declaration would make the chain's rules contradict themselves."""

    code = "declaration-refused"
    sentence = _("This cannot be saved: %(faults)s")


class PolicyRefused(Invalid):
    """The value does not fit the policy."""

    code = "policy-refused"
    sentence = _("“%(value)s” is not possible here.")


@transaction.atomic
def declare(
    *, actor: audit.Actor, noun: str, key: str, body: Mapping[str, Any], now: datetime
) -> None:
    """Replace, add or leave out one declaration of the vertical for the whole chain.

    The vertical as a whole must still check; raises DeclarationRefused naming every fault.
    """
    chain = context.current()
    base = loading.base(chain.vertical)
    row = Declaration(noun=noun, key=key, body=dict(body), based_on=base.version, changed_at=now)
    others = Declaration.objects.filter(store_id=None, region_id=None, noun__in=selectors.NOUNS)
    others = others.exclude(noun=noun, key=key)
    try:
        selectors.changed(selectors.fitting(base, list(others.order_by("changed_at"))), [row])
    except VerticalError as error:
        faults = "; ".join(str(fault) for fault in error.faults)
        raise DeclarationRefused(faults=faults) from error
    _save(actor=actor, noun=noun, key=key, body=row.body, based_on=base.version, now=now)


@transaction.atomic
def follow_vertical(*, actor: audit.Actor, noun: str, key: str) -> None:
    """Forget the chain's own version, so that the vertical's holds again and follows upgrades."""
    Declaration.objects.filter(noun=noun, key=key, store_id=None, region_id=None).delete()
    audit_log.record(actor=actor, action="declaration.reset", object_kind=noun, data={"key": key})
    _announce(noun, key)


@transaction.atomic
def set_policy(*, actor: audit.Actor, key: str, value: Value, now: datetime) -> None:
    """Change a policy of the chain; raises PolicyRefused for a value that does not fit."""
    declared = POLICIES[key]
    _check(declared, value)
    _save(actor=actor, noun="policy", key=key, body={"value": value}, based_on="", now=now)


@transaction.atomic
def keep(
    *,
    actor: audit.Actor,
    noun: str,
    key: str,
    body: Mapping[str, Any],
    now: datetime,
    told: Mapping[str, Any] | None = None,
) -> None:
    """Keep one setting of a noun of the chain's own, which no vertical declares; {} removes it.

    `noun` is one of selectors.OWN_NOUNS; whoever owns the noun has checked the body. `told` is
    what the audit log is told instead of a body that holds secrets.
    """
    if noun not in selectors.OWN_NOUNS:
        raise KeyError(noun)
    _save(actor=actor, noun=noun, key=key, body=dict(body), based_on="", now=now, told=told)


@transaction.atomic
def remember(*, noun: str, key: str, body: Mapping[str, Any], now: datetime) -> None:
    """Keep a body under a key that stands for exactly it, once; nothing is said of a known one.

    `noun` is one of selectors.OWN_NOUNS. It is a copy of what was declared, not a decision of
    anybody's: nothing is written into the audit log.
    """
    if noun not in selectors.OWN_NOUNS:
        raise KeyError(noun)
    place = {"noun": noun, "key": key, "region_id": None, "store_id": None}
    _row, is_new = Declaration.objects.get_or_create(
        **place, defaults={"body": dict(body), "changed_at": now}
    )
    if is_new:
        _announce(noun, key)


def _check(declared: Policy, value: Value) -> None:
    fits = (
        value in declared.choices
        if declared.choices
        else isinstance(value, bool)
        if isinstance(declared.default, bool)
        else value is None or (isinstance(value, int) and not isinstance(value, bool))
    )
    if fits and isinstance(value, int) and not isinstance(value, bool):
        low, high = declared.minimum, declared.maximum
        fits = (low is None or value >= low) and (high is None or value <= high)
    if not fits:
        raise PolicyRefused(value=value)


def _save(
    *,
    actor: audit.Actor,
    noun: str,
    key: str,
    body: dict[str, Any],
    based_on: str,
    now: datetime,
    told: Mapping[str, Any] | None = None,
) -> None:
    Declaration.objects.update_or_create(
        noun=noun,
        key=key,
        region_id=None,
        store_id=None,
        defaults={"body": body, "based_on": based_on, "changed_at": now},
    )
    told = body if told is None else dict(told)
    audit_log.record(
        actor=actor, action="declaration.changed", object_kind=noun, data={"key": key, "body": told}
    )
    _announce(noun, key)


def _announce(noun: str, key: str) -> None:
    """Make every process read the chain's declarations again once this is committed.

    What was computed ahead from them is computed anew by the handler of the event.
    """
    outbox.enqueue(handler="registry.changed", payload={"noun": noun, "key": key})
    chain = context.current()
    selectors.forget(chain.id)
    transaction.on_commit(lambda: selectors.forget(chain.id))
    transaction.on_commit(lambda: directory.forget(chain.subdomain))
