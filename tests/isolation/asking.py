"""Asking for an operation and undoing what that did, so that the next one finds the same world."""

import copy
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.db import transaction
from django.test import Client

from regulars.tenancy import context
from tests.isolation import table
from tests.isolation.operations import Operation
from tests.isolation.things import Things

_SIGN_IN: Final = "/account/login/"
_VARIES: Final = re.compile(
    r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken":[^}]*'
    r"|define-[0-9a-f]{8}"
)


@dataclass(frozen=True)
class Answer:
    """The status, with L for a way to the sign-in page, and the body without what always varies.

    Names of things that stand in the address are echoed by some pages: they are taken out.
    """

    status: str
    body: str

    @classmethod
    def of(cls, answer: Any, named: Things) -> "Answer":
        """Read an answer to the end."""
        where = answer.headers.get("Location", "")
        body = _VARIES.sub("", f"{where} {answer.getvalue().decode(errors='replace')}")
        for name in sorted(named.values(), key=len, reverse=True):
            body = body.replace(name, "…")
        return cls(f"{answer.status_code}{'L' if _SIGN_IN in where else ''}", body)


def ask(client: Client, operation: Operation, *sources: Things) -> Answer:
    """Ask for an operation on these things, with the body the table has for it."""
    cache.clear()
    cookies = copy.deepcopy(client.cookies)
    named = {key: text for source in sources for key, text in source.items()}
    if operation.is_api:
        body, kind = "{}", "application/json"
    else:
        body, kind = table.BODIES.get(str(operation), ""), "application/x-www-form-urlencoded"
    try:
        answer: Any = client.generic(
            operation.method,
            operation.url(*sources),
            body.format(**named) if not operation.is_api else body,
            content_type=kind,
            headers={"idempotency-key": "the same"},
        )
        return Answer.of(answer, named)
    finally:
        client.cookies = cookies


@contextmanager
def undone() -> Iterator[None]:
    """Take back what happens in the block."""
    with context.public(), transaction.atomic():
        with context.public():  # where a request leaves us is not where it found us
            yield
        transaction.set_rollback(True)


def tried(client: Client, operation: Operation, *sources: Things) -> Answer:
    """Ask, and take back what that did."""
    with undone():
        return ask(client, operation, *sources)


@contextmanager
def quietly() -> Iterator[None]:
    """Refusals are what these tests want: no line for each."""
    logger = logging.getLogger("django.request")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
