"""What holds for the current chain: its vertical with head office's changes, and its policies."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from regulars import kit
from regulars.kit import Vertical, VerticalError, plain
from regulars.registry import loading
from regulars.registry.models import Declaration
from regulars.registry.policies import POLICIES, Value
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo

NOUNS: Final[dict[str, tuple[str, type]]] = {
    "field": ("fields", kit.Field),
    "possession": ("possessions", kit.Possession),
    "rate": ("rates", kit.Rate),
    "bonus": ("bonuses", kit.Bonus),
    "spend": ("spends", kit.Spend),
    "tier": ("tiers", kit.Tier),
    "complaint": ("complaints", kit.Complaint),
    "follow-up": ("follow_ups", kit.FollowUp),
    "message": ("messages", kit.Message),
    "survey": ("surveys", kit.Survey),
    "segment": ("segments", kit.Segment),
    "handover": ("handovers", kit.Handover),
}

# Settings of the chain that no vertical declares; whoever owns one reads and checks its bodies.
OWN_NOUNS: Final = frozenset({"complaint-as", "gateway", "gift", "template", "wording"})


@dataclass(frozen=True, slots=True)
class _Effective:
    chain: ChainInfo
    vertical: Vertical
    policies: dict[str, Value]
    own: dict[str, dict[str, dict[str, Any]]]


_LOG = logging.getLogger(__name__)
_known: dict[UUID, _Effective] = {}
_reading = threading.Lock()


def vertical() -> Vertical:
    """Return the current chain's vertical as head office left it.

    Kept in memory as long as the directory keeps the chain; a change makes both forget.
    """
    return _effective().vertical


def policy(key: str) -> Any:
    """Return a policy of the current chain; KeyError for one that is not declared."""
    return _effective().policies[key]


def own(noun: str) -> dict[str, dict[str, Any]]:
    """Return the bodies of one of OWN_NOUNS by key, for the current chain. Do not change them."""
    return _effective().own.get(noun, {})


def _effective() -> _Effective:
    chain = context.current()
    known = _known.get(chain.id)
    if known is None or known.chain is not chain:
        with _reading:
            known = _read(chain)
            if len(_known) > 2_000:  # one entry is some kilobytes
                _known.clear()
            _known[chain.id] = known
    return known


def _read(chain: ChainInfo) -> _Effective:
    rows = list(Declaration.objects.filter(store_id=None, region_id=None).order_by("changed_at"))
    policies: dict[str, Value] = {key: each.default for key, each in POLICIES.items()}
    policies |= {
        row.key: row.body["value"] for row in rows if row.noun == "policy" and row.key in POLICIES
    }
    settings: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        if row.noun in OWN_NOUNS and row.body:
            settings.setdefault(row.noun, {})[row.key] = row.body
    base = loading.base(chain.vertical)
    own = [row for row in rows if row.noun in NOUNS]
    try:
        return _Effective(chain, changed(base, own), policies, settings)
    except VerticalError:
        return _Effective(chain, fitting(base, own), policies, settings)


def fitting(base: Vertical, rows: list[Declaration]) -> Vertical:
    """Apply the chain's declarations one by one, without those that clash with an upgrade.

    A till must go on whatever a new version of the vertical brought; `conflicts` names the rest.
    """
    for row in rows:
        try:
            base = changed(base, [row])
        except VerticalError as error:
            _LOG.warning("%s: %s %s does not fit: %s", base.key, row.noun, row.key, error)
    return base


def conflicts() -> list[tuple[Declaration, str]]:
    """Return the current chain's declarations that no longer fit its vertical, with the reason."""
    vertical_ = loading.base(context.current().vertical)
    found = []
    rows = Declaration.objects.filter(store_id=None, region_id=None, noun__in=NOUNS)
    for row in rows.order_by("changed_at"):
        try:
            vertical_ = changed(vertical_, [row])
        except VerticalError as error:
            found.append((row, "; ".join(str(fault) for fault in error.faults)))
    return found


def changed(base: Vertical, rows: list[Declaration]) -> Vertical:
    """Return the vertical with declarations replaced, added or, by ``{"off": true}``, retired."""
    if not rows:
        return base
    parts: dict[str, Any] = {}
    for row in rows:
        attribute, noun = NOUNS[row.noun]
        nouns = parts.get(attribute, getattr(base, attribute))
        if row.body.get("off"):
            # Retired, not left out: the ledger and stored values still point at the key.
            parts[attribute] = tuple(
                replace(each, retired=True) if each.key == row.key else each for each in nouns
            )
            continue
        own: Any = plain.build(noun, {**row.body, "key": row.key})
        if any(each.key == row.key for each in nouns):
            parts[attribute] = tuple(
                grown(own, each) if each.key == row.key else each for each in nouns
            )
        else:
            parts[attribute] = (*nouns, own)
    return base.changed(**parts)


def grown(own: Any, base: Any) -> Any:
    """Return the chain's version of a noun with the steps and questions an upgrade added, retired.

    Keys are for ever, so without them the whole version would clash; head office may take them in.
    """
    if isinstance(own, kit.Complaint):
        return replace(own, asks=_with_retired(own.asks, base.asks))
    if isinstance(own, kit.Survey):
        return replace(own, questions=_with_retired(own.questions, base.questions))
    if not isinstance(own, kit.FollowUp):
        return own
    known = {step.key: step for step in base.steps}
    steps = [
        replace(step, ask=_with_retired(step.ask, known[step.key].ask))
        if step.key in known
        else step
        for step in own.steps
    ]
    return replace(own, steps=_with_retired(steps, base.steps))


def _with_retired(own: Sequence[Any], base: Sequence[Any]) -> tuple[Any, ...]:
    keys = {each.key for each in own}
    return (*own, *(_retired(each) for each in base if each.key not in keys))


def _retired(noun: Any) -> Any:
    if isinstance(noun, kit.Field):  # one that nobody is asked any more cannot be required
        return replace(noun, retired=True, required=False)
    return replace(noun, retired=True)


def forget(chain_id: UUID) -> None:
    """Read the chain's declarations again at the next use, in this process."""
    _known.pop(chain_id, None)


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration as head office sees it: what holds, and how it came to hold."""

    noun: Any
    is_changed: bool
    is_off: bool
    is_own: bool


def declarations(noun: str) -> list[Declared]:
    """Return every declaration of a noun for the current chain, left-out ones too. One query."""
    base = loading.base(context.current().vertical)
    rows = {
        row.key: row for row in Declaration.objects.filter(noun=noun, store_id=None, region_id=None)
    }
    attribute, kind = NOUNS[noun]
    found = []
    for each in getattr(base, attribute):
        row = rows.pop(each.key, None)
        off = row is not None and bool(row.body.get("off"))
        own: Any = each
        if row is not None and not off:
            own = grown(plain.build(kind, {**row.body, "key": row.key}), each)
        found.append(Declared(own, is_changed=row is not None, is_off=off, is_own=False))
    for row in rows.values():
        if row.body.get("off"):  # what is left of a version of something the vertical dropped
            continue
        own = plain.build(kind, {**row.body, "key": row.key})
        found.append(Declared(own, is_changed=True, is_off=False, is_own=True))
    return found
