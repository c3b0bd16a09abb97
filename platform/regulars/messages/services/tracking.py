"""Asking providers by itself how far they are with the texts that were handed in."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple, cast

from regulars.audit import SYSTEM
from regulars.errors import NotFound
from regulars.kit.labels import Language
from regulars.messages.gateways import catalog, chosen
from regulars.messages.gateways.contract import Approving, NotDone
from regulars.messages.selectors import templates
from regulars.messages.services import approving
from regulars.registry import selectors as declared

_LOG: Final = logging.getLogger(__name__)
_WAITS: Final = "pending"


class Waiting(NamedTuple):
    """A text, in one language, that a provider has not decided on yet."""

    key: str
    provider: str
    language: Language
    slot: str


def waiting() -> list[Waiting]:
    """Return the texts that wait at a provider which is chosen and can be asked."""
    slots = _asked()
    return [
        Waiting(key, provider, language, slots[provider])
        for key in declared.own(templates.NOUN)
        for (provider, language), each in templates.at_providers(key).items()
        if each.state == _WAITS and provider in slots
    ]


def track_all(*, now: datetime) -> Iterator[str]:
    """Ask after every text that waits, and yield what its provider says of each now.

    Calls providers: to be run outside a transaction. Who does not answer is asked again next time.
    """
    for each in waiting():
        try:
            told = approving.track(
                actor=SYSTEM,
                gateway=cast(Approving, chosen.opened(each.slot)),
                provider=each.provider,
                key=each.key,
                language=each.language,
                now=now,
            )
        except NotDone as fault:
            _LOG.info("%s says nothing of text %s: %s", each.provider, each.key, fault.code)
        except (NotFound, chosen.NotChosen):
            continue  # forgotten while others were asked after
        else:
            yield told.state


def _asked() -> dict[str, str]:
    """Return a slot of each chosen provider that approves texts."""
    found: dict[str, str] = {}
    for slot in catalog.SLOTS:
        provider = chosen.provider_of(slot)
        known = catalog.PROVIDERS.get(provider)
        if known is not None and known.approves:
            found.setdefault(provider, slot)
    return found
