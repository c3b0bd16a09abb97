"""What the vertical and the chain say about a kind of complaint (Q6).

Head office changes templates while complaints are under way: each goes on with what it was opened
with. A copy of it is kept under a digest of its content, once however many complaints it has.
"""

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from regulars import registry
from regulars.complaints import checklist
from regulars.complaints.models import Case
from regulars.kit import Complaint, Field, Label, plain
from regulars.registry import selectors, services
from regulars.tenancy import context

_NOUN: Final = "complaint-as"


def find(key: str) -> Complaint | None:
    """Return a template as it is now, also one that is retired. See `of` for a complaint's."""
    return next((each for each in registry.vertical().complaints if each.key == key), None)


def offered() -> tuple[Complaint, ...]:
    """Return the kinds of complaint that can be raised now."""
    return tuple(each for each in registry.vertical().complaints if not each.retired)


def keep(template: Complaint, *, now: datetime) -> str:
    """Keep a copy of a template for the complaints opened with it; return what it is known by."""
    body = plain.dump(template)
    written = json.dumps(body, sort_keys=True, ensure_ascii=False)
    version = hashlib.sha256(written.encode()).hexdigest()[:16]
    services.remember(noun=_NOUN, key=version, body=body, now=now)
    return version


def of(case: Case) -> Complaint | None:
    """Return the template a complaint was opened with, None if none fitted; no statement."""
    if not case.template:
        return None
    if case.template_version in selectors.own(_NOUN):
        return _kept(context.current().id, case.template_version)
    return find(case.template)


@lru_cache(maxsize=4_000)  # a version never changes; one is some kilobytes
def _kept(_chain: UUID, version: str) -> Complaint:
    return plain.build(Complaint, selectors.own(_NOUN)[version])


def asks(template: Complaint, *, by_customer: bool) -> tuple[Field, ...]:
    """Return what a template asks; nothing is required of a customer that they cannot know."""
    return tuple(
        replace(each, required=False) if by_customer and not each.asks_customer else each
        for each in template.asks
    )


def advice(template: Complaint | None) -> tuple[Label, ...]:
    """Return what the customer is told to do at once; not every urgent step is for them."""
    urgent = template.urgent if template else ()
    return tuple(each.says for each in urgent if each.says and not each.retired)


def items(case: Case, language: Any = None) -> tuple[checklist.Item, ...]:
    """Return the checklist of a complaint in a language; the chain's where none is named."""
    return checklist.items(of(case), language or context.current().language)
