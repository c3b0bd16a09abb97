"""What providers that send approved texts only say of the chain's messages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.errors import NotFound
from regulars.kit import Message, labels
from regulars.kit.labels import Language
from regulars.messages import placeholders
from regulars.messages.gateways.contract import Approving, Draft
from regulars.messages.selectors import templates
from regulars.messages.selectors.templates import Approved
from regulars.outbox import services as outbox
from regulars.registry import services as registry
from regulars.registry.models import Declaration

_PERMISSION: Final = "rules.manage"


@transaction.atomic
def keep(
    *,
    actor: Actor,
    key: str,
    provider: str,
    language: Language,
    approved: Approved | None,
    now: datetime,
) -> None:
    """Keep what a provider says of a message; None forgets it. Raises Forbidden, NotFound."""
    require(actor, _PERMISSION)
    _find(key)
    kept = _held(key)
    kept.pop((provider, language), None)
    if approved is not None:
        kept[provider, language] = approved
    body: dict[str, dict[str, Any]] = {}
    for (name, tongue), each in sorted(kept.items()):
        body.setdefault(name, {})[tongue] = each.plain()
    registry.keep(actor=actor, noun=templates.NOUN, key=key, body=body, now=now)


def _held(key: str) -> dict[tuple[str, Language], Approved]:
    """Return what providers said of a message; nobody else changes it until the transaction ends.

    Read from the database: what this process remembers may be older than another one's change.
    """
    with outbox.in_order(f"{templates.NOUN}:{key}"):
        row = Declaration.objects.filter(
            noun=templates.NOUN, key=key, region_id=None, store_id=None
        ).first()
    return templates.said(row.body if row else {})


def submit(
    *,
    actor: Actor,
    gateway: Approving,
    provider: str,
    key: str,
    language: Language,
    remark: str,
    now: datetime,
    signature: str = "",
    abroad: bool = False,
    examples: Mapping[str, str] | None = None,
) -> Approved:
    """Hand a message in for approval, and keep what the provider calls it.

    Its places are numbered from 1 in the order of the text: ``{customer.name}`` becomes ``${p1}``.
    Raises Forbidden, NotFound, and as `Gateway.send`: then nothing is kept.
    """
    require(actor, _PERMISSION)
    message = _find(key)
    text = message.text.text(language)
    places = {name: f"p{number}" for number, name in enumerate(places_of(text), start=1)}
    given = examples or {}
    draft = Draft(
        name=key,
        text=labels.fill(text, {name: f"${{{place}}}" for name, place in places.items()}),
        purpose=message.purpose,
        remark=remark,
        signature=signature,
        examples=tuple((place, given[name]) for name, place in places.items() if name in given),
        kinds=tuple((place, placeholders.kind_of(name)) for name, place in places.items()),
        abroad=abroad,
    )
    approved = Approved(
        id=gateway.submit(draft),
        state="pending",
        variables=tuple((place, name) for name, place in places.items()),
        signature=signature,
        text=text,
    )
    keep(actor=actor, key=key, provider=provider, language=language, approved=approved, now=now)
    return approved


def adopt(
    *,
    actor: Actor,
    provider: str,
    key: str,
    language: Language,
    id: str,  # noqa: A002  (it is what the provider calls the text)
    names: Mapping[str, str],
    now: datetime,
    signature: str = "",
    approved: bool = False,
) -> Approved:
    """Keep what a provider called a text that was handed in elsewhere.

    `names` are the provider's for our placeholders; one that is not named has none there.
    `approved` where the provider cannot be asked: then it is as whoever writes it down says.
    Raises Forbidden, NotFound.
    """
    require(actor, _PERMISSION)
    text = _find(key).text.text(language)
    told = Approved(
        id=id,
        state="approved" if approved else "pending",
        variables=tuple((names[name], name) for name in places_of(text) if names.get(name)),
        signature=signature,
        text=text,
    )
    keep(actor=actor, key=key, provider=provider, language=language, approved=told, now=now)
    return told


def track(
    *,
    actor: Actor,
    gateway: Approving,
    provider: str,
    key: str,
    language: Language,
    now: datetime,
) -> Approved:
    """Ask how far a provider is with a message, and keep its answer. Raises as `submit`.

    What was handed in anew while it was asked, is left as it is.
    """
    require(actor, _PERMISSION)
    known = templates.at_providers(key).get((provider, language))
    if known is None:
        raise NotFound
    answer = gateway.approval(known.id)
    told = replace(known, state=answer.state, reason=answer.reason)
    with transaction.atomic():
        current = _held(key).get((provider, language))
        if current is None:
            raise NotFound
        if (current.id, current.text) != (known.id, known.text):
            return current
        keep(actor=actor, key=key, provider=provider, language=language, approved=told, now=now)
    return told


def places_of(text: str) -> list[str]:
    """Return the placeholders of a text in the order in which they first stand there."""
    return list(dict.fromkeys(labels.PLACEHOLDER.findall(text)))


def _find(key: str) -> Message:
    message = templates.find(key)
    if message is None:
        raise NotFound
    return message
