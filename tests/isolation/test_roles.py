"""Who may do what: the table of operations and roles, tried on every address."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import pytest

from regulars import audit
from regulars.api import auth, keys
from regulars.api.scopes import SCOPES
from regulars.audit import Scope, decisions
from regulars.staff import permissions, roles, selectors
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.usecases import reaching
from tests import counts
from tests.api.conftest import Till
from tests.counts import Note
from tests.isolation import asking, cast, operations, table, things
from tests.isolation.cast import Cast
from tests.isolation.table import Call, Page
from tests.prepared import NOW
from tests.staff.test_roles import TABLE

SCOPED: Final = "RSG"
LETTERS: Final = {role.value: letter for letter, role in cast.ROLES.items()}
GUARDED: Final = tuple(page for page in table.PAGES if page.permission)


@pytest.fixture
def company(aurum: ChainInfo) -> Iterator[Cast]:
    """Aurum with somebody of every role."""
    with asking.quietly():
        yield cast.assemble(aurum)


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(operations.of_routes()) == table.EVERY


def test_the_openapi_document_and_the_urlconf_know_the_same_calls(inside_aurum: ChainInfo) -> None:
    calls = {each for each in operations.of_routes() if each.is_api}

    assert set(operations.of_document()) | NOT_CALLS == calls


NOT_CALLS: Final = {operations.Operation("/api/v1/", "GET")}  # whatever else: not found


def test_every_part_of_an_address_has_a_thing(aurum: ChainInfo) -> None:
    made = things.make(aurum)

    for operation in operations.of_routes():
        operation.url(made)


def test_the_roles_of_a_row_are_those_that_have_its_permission() -> None:
    wrong = [
        str(page.operation)
        for page in GUARDED
        if {LETTERS[role] for role in TABLE[page.permission]} != set(page.roles)
    ]

    assert wrong == []


def tellers(page: Page) -> str:
    """Return whom to ask: everybody in the long version, otherwise those at the border.

    Each role of OHRSG may do what the next one may, so the last who may and the first who may not
    tell of all; analysts are beside that order.
    """
    if counts.IS_LONG:
        return table.ROLES
    line = table.ROLES.removesuffix("A")
    inside = [letter for letter in line if letter in page.roles]
    outside = [letter for letter in line if letter not in page.roles]
    beside = "A" if page.permission and (page.roles[-1:] == "A" or not outside) else ""
    return "".join([*inside[-1:], *outside[:1], beside])


def faults(company: Cast, pages: Iterable[Page]) -> tuple[list[str], int]:
    """Ask for every row; return what is answered differently, and how often was asked."""
    found, asked = [], 0
    for page in pages:
        for letter in tellers(page):
            told = asking.tried(company.browsers[letter], page.operation, company.near)
            wanted = page.answer if letter in page.roles else "403"
            asked += 1
            if told.status != wanted:
                found.append(f"{page.operation} as {letter}: {told.status}, not {wanted}")
    return found, asked


@pytest.mark.proof("every operation of a workspace as each of the six roles, with things of theirs")
def test_each_role_is_answered_as_the_table_says(company: Cast, record_property: Note) -> None:
    found, asked = faults(company, table.PAGES)

    assert found == []
    record_property("operations", len(table.PAGES))
    record_property("requests", asked)


def strays(company: Cast, pages: Iterable[Page]) -> tuple[list[str], int]:
    """Ask scoped people for things of another store; return what is answered differently."""
    found, asked = [], 0
    for page in pages:
        if not page.elsewhere:
            continue
        never = things.absent(company.far)
        for letter in [each for each in SCOPED if each in page.roles][-counts.of(1, proof=3) :]:
            browser = company.browsers[letter]
            far = [company.far]
            if letter == "G" and page.operation.route.startswith("/customers/"):
                far.append(company.beside)  # the same store, another guide's customer
            absent = asking.tried(browser, page.operation, never)
            for place in far:
                told = asking.tried(browser, page.operation, place)
                asked += 1
                if told.status != page.elsewhere or (told.status == "404" and told != absent):
                    found.append(f"{page.operation} as {letter}: {told.status}")
    return found, asked


@pytest.mark.proof(
    "region manager, store manager and guide with ids of another region's store, guides with those"
    " of a colleague's customer: answered like an id that never was, body and all"
)
def test_what_lies_in_another_store_is_not_there(company: Cast, record_property: Note) -> None:
    found, asked = strays(company, table.PAGES)

    assert found == []
    record_property("requests", asked)


def opening(page: Page) -> frozenset[str]:
    """Return the permission of a row, with those that it is worth nothing without."""
    of_one = ALSO_OF.get(str(page.operation), ())
    return frozenset({page.permission, *ALSO.get(page.permission, ()), *of_one})


def borders(company: Cast, pages: Iterable[Page], patch: pytest.MonkeyPatch) -> list[str]:
    """Take from the owner the permission of each row, then everything else; return what is odd."""
    found = []
    for page in pages:
        cases = (
            (roles.EVERY_PERMISSION - {page.permission}, "403"),
            (opening(page), page.answer),
        )
        for may, wanted in cases:
            patch.setattr(roles, "may", lambda _role, may=may: may)
            told = asking.tried(company.browsers["O"], page.operation, company.near)
            if told.status != wanted:
                found.append(f"{page.operation} with {sorted(may)[:3]}…: {told.status}")
    return found


# What a permission is worth nothing without: whoever changes customers must see them.
_SEEING: Final = ("customers.view",)
ALSO: Final = {
    "care.view": _SEEING,
    "complaints.handle": ("complaints.view",),
    "customers.edit": _SEEING,
    "customers.erase": _SEEING,
    "customers.export": _SEEING,
    "customers.hand-over": (*_SEEING, "customers.edit"),
    "customers.merge": _SEEING,
    "customers.reveal-phone": (*_SEEING, "complaints.view", "complaints.handle"),
    "insights.export": ("insights.view",),
    "rules.manage": (*_SEEING, "customers.edit"),
    "team.manage": (*_SEEING, "customers.hand-over"),
}
# What one operation alone is worth nothing without.
ALSO_OF: Final = {
    "GET /complaints/complaints.csv": ("complaints.view",),
    "GET /complaints/complaints.xlsx": ("complaints.view",),
    # Said by whoever began the contact, here somebody else, or who sees to others' care.
    "POST /customers/{pk}/messages/{contact_id}/over/": (reaching.OF_OTHERS,),
}


@pytest.mark.proof("each row with every permission but its own, and with its own alone")
def test_it_is_the_permission_that_opens_an_operation(
    company: Cast, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    pages = GUARDED[:: counts.of(3, proof=1)]

    assert borders(company, pages, monkeypatch) == []
    record_property("requests", 2 * len(pages))


def _open_every_page(patch: pytest.MonkeyPatch) -> None:
    for module in (decisions, permissions):
        patch.setattr(module, "require", lambda _actor, _permission: None)


def _see_every_store(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(selectors, "scope_of", lambda _staff: Scope(everything=True))


@pytest.mark.proof("without the check of permissions, and without the scope")
@pytest.mark.parametrize(
    ("switch_off", "look"),
    [(_open_every_page, faults), (_see_every_store, strays)],
    ids=["permissions", "scope"],
)
def test_positive_control_without_its_guard_a_row_is_answered_differently(
    company: Cast,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Note,
    switch_off: Callable[[pytest.MonkeyPatch], None],
    look: Callable[[Cast, Iterable[Page]], tuple[list[str], int]],
) -> None:
    switch_off(monkeypatch)
    pages = [each for each in GUARDED if each.elsewhere == "404"][:: counts.of(6, proof=1)]

    found, asked = look(company, pages)

    assert len(found) >= len(pages) // 3  # some are open to all, some services check again
    record_property("requests", asked)
    record_property("found", f"{len(found)} answers that the table does not allow")


def till(chain: ChainInfo, scopes: Iterable[str]) -> Till:
    """Return a till whose key has these scopes."""
    with context.inside(chain):
        key = keys.create(
            actor=audit.SYSTEM, name="till", scopes=list(scopes), store_id=None, now=NOW
        )
    made = Till(f"{chain.subdomain}.localhost", key.secret)
    made.client.raise_request_exception = False
    return made


def odd_scopes(chain: ChainInfo, calls: Iterable[Call]) -> tuple[list[str], int]:
    """Ask with each scope of a call alone, and without all; return what is answered otherwise."""
    made, asked = things.make(chain), 0
    tills: dict[tuple[str, ...], Till] = {}
    found = []
    for call in calls:
        cases: list[tuple[tuple[str, ...], str]] = [
            ((scope,), call.answer) for scope in call.scopes
        ]
        cases.append((tuple(scope for scope in SCOPES if scope not in call.scopes), "403"))
        for scopes, wanted in cases:
            caller = tills[scopes] = tills.get(scopes) or till(chain, scopes)
            with asking.quietly():
                told = asking.tried(caller.client, call.operation, made)
            asked += 1
            if told.status != wanted:
                found.append(f"{call.operation} with {scopes}: {told.status}")
    return found, asked


SCOPED_CALLS: Final = tuple(call for call in table.CALLS if call.scopes)


@pytest.mark.proof("each call with a key that has one of its scopes alone, and with all but those")
def test_it_is_the_scope_of_a_key_that_opens_a_call(
    aurum: ChainInfo, record_property: Note
) -> None:
    found, asked = odd_scopes(aurum, SCOPED_CALLS)

    assert found == []
    record_property("requests", asked)


@pytest.mark.proof("the same without asking for the scope")
def test_positive_control_without_its_guard_any_key_is_let_in(
    aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    monkeypatch.setattr(auth.HasScope, "has_permission", lambda *_given: True)

    found, asked = odd_scopes(aurum, SCOPED_CALLS[:: counts.of(6, proof=1)])

    assert found
    record_property("requests", asked)
    record_property("found", f"{len(found)} answers that the table does not allow")
