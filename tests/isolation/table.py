"""What each operation of a chain answers to whom. A new operation needs a row.

A row of ``pages.txt``: method, address, who may, what they are answered, what is answered to the
scoped of them (region and store manager, guide) about a thing of another store, what a stranger is
answered, and the permission. O owner, H head office, R region manager, S store manager, G guide, A
analyst; who is not named is answered 403. ``302L`` leads to the sign-in page, which is what a
stranger is answered where nothing else (``-``) is written. Forms are sent empty unless BODIES has
them.

A row of ``calls.txt``: method, address, what a key is answered, the scopes of which it needs one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.isolation.operations import Operation

ROLES: Final = "OHRSGA"
SIGN_IN: Final = "302L"


@dataclass(frozen=True, kw_only=True)
class Page:
    """What people are answered."""

    operation: Operation
    roles: str
    answer: str
    elsewhere: str
    stranger: str
    permission: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """What keys are answered."""

    operation: Operation
    answer: str
    scopes: tuple[str, ...]


BODIES: Final = {
    "POST /switch/share/": "store={store}",
    "POST /customers/{pk}/question/": "key=promotions&decline=1",
}


def _page(line: str) -> Page:
    method, route, roles, answer, elsewhere, stranger, permission = line.split()
    return Page(
        operation=Operation(route, method),
        roles=roles.replace("-", ""),
        answer=answer,
        elsewhere="" if elsewhere == "-" else elsewhere,
        stranger=SIGN_IN if stranger == "-" else stranger,
        permission="" if permission == "-" else permission,
    )


def _call(line: str) -> Call:
    method, route, answer, scopes = line.split()
    return Call(
        operation=Operation(route, method),
        answer=answer,
        scopes=() if scopes == "-" else tuple(scopes.split("|")),
    )


def _lines(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()


PAGES: Final = tuple(_page(line) for line in _lines("pages.txt"))
CALLS: Final = tuple(_call(line) for line in _lines("calls.txt"))
EVERY: Final = frozenset(each.operation for each in PAGES) | {each.operation for each in CALLS}
