"""Finding among a million customers, against pg_trgm and OFFSET on the same rows (B9).

Our side is the product's own selector, with scope and what decides who may read a phone. The other
side is one statement by psycopg for the same columns of the same customers, best matches first,
through a trigram index on every column that is searched.
"""

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import Actor
from regulars.customers import search_terms, selectors
from regulars.customers.models import Customer
from regulars.customers.selectors import Listed, Sort, rows
from regulars.staff.models import Assignment, Role, Staff
from regulars.stores.models import Store
from regulars.tenancy import statements
from tests import servers
from tests.benchmarks import measuring, search_rows
from tests.benchmarks.measuring import Reach, Report
from tests.factories import people

TITLE: Final = "Search among a million customers"
_LIMIT: Final = 30
_PAGE: Final = 30  # rows of the list on its page
_OFTEN: Final = 20  # of ours in one pair with one of theirs


@dataclass(frozen=True)
class Size:
    """How many customers there are, and in the small chain beside; the row of the deep page.

    `warm` is how often our side runs before it is timed: psycopg prepares a statement after five
    times, and a change of schema makes the database plan anew.
    """

    customers: int
    few: int
    deep: int
    pairs: int
    warm: int


FULL: Final = Size(customers=1_000_000, few=10_000, deep=900_000, pairs=measuring.PAIRS, warm=7)
SMALL: Final = Size(customers=2_000, few=200, deep=1_500, pairs=1, warm=1)


@dataclass(frozen=True)
class Kind:
    """One way to search: texts somebody types, and how pg_trgm is asked for the same."""

    name: str
    texts: tuple[str, ...]
    matches: str
    begins: str


KINDS: Final = (
    Kind(
        "two characters",
        ("王伟", "李娜", "小明", "子轩", "张丽", "建国", "欧阳", "怡诗", "陈静", "梦江"),
        "c.name LIKE '%%' || %(text)s || '%%'",
        "c.name LIKE %(text)s || '%%'",
    ),
    Kind(
        "pinyin initials, two letters",
        ("ww", "ln", "xm", "zl", "jg", "hj", "yf", "lq"),
        "c.initials LIKE '%%' || %(text)s || '%%'",
        "c.initials LIKE %(text)s || '%%'",
    ),
    Kind(
        "pinyin initials, three letters",
        ("wxm", "lzx", "zjg", "hyf", "lqh", "wjy", "pxm", "fqj"),
        "c.initials LIKE '%%' || %(text)s || '%%'",
        "c.initials LIKE %(text)s || '%%'",
    ),
    Kind(
        "the last four digits of a phone",
        ("8000", "1234", "5678", "0912", "4455", "7301", "6666", "2019"),
        # inside the last eight, as the product finds it
        "c.phone LIKE '%%' || %(text)s || '%%' AND right(c.phone, 8) LIKE '%%' || %(text)s || '%%'",
        "c.phone LIKE '%%' || %(text)s",
    ),
)


def measure(report: Report, size: Size) -> None:
    """Fill two chains, check the answers, then measure."""
    with measuring.inside("bloom"):
        search_rows.fill(size.few)
        office_of_few = _head_office()
    with measuring.inside() as chain:
        stores, guides = search_rows.fill(size.customers)
        _check_terms(report)
        office = _head_office()
        with _trigrams(chain.schema_name) as link:
            for kind in KINDS:
                _check_search(report, link, kind, office)
                _compare_search(report, link, kind, office, size)
        _compare_pages(report, office, size)
        _others(report, stores[7], guides[15])
    _compare_sizes(report, office, office_of_few, size)


def shown(actor: Actor, text: str) -> list[tuple[Listed, bool]]:
    """Search as the product does, and decide for every row who may read the phone."""
    found = selectors.search(actor=actor, text=text, limit=_LIMIT).customers
    return [(each, selectors.may_read_phone(actor, each.owner_id)) for each in found]


def _compare_search(
    report: Report, link: psycopg.Connection, kind: Kind, office: Actor, size: Size
) -> None:
    def ours() -> None:
        for text in kind.texts:
            shown(office, text)

    def theirs() -> None:
        for text in kind.texts:
            _by_trigrams(link, kind, text)

    _times(size.warm, ours)
    with CaptureQueriesContext(connection) as asked:
        shown(office, kind.texts[0])
    report.figure(f"statements of a search by {kind.name}", len(asked))
    theirs()
    each = measuring.took(ours) / len(kind.texts) * 1000
    report.figure(f"a search by {kind.name}", each, unit=" ms")
    ratios = measuring.paired(ours, theirs, pairs=size.pairs)
    report.ratio(f"pg_trgm ÷ ours, {kind.name}", ratios, Reach(at_least=100))


def _check_search(report: Report, link: psycopg.Connection, kind: Kind, office: Actor) -> None:
    """Hold our answers against all that the other side finds: nobody else, and nobody missing."""
    found = 0
    for text in kind.texts:
        ours = [each.id for each, _ in shown(office, text)]
        rows = _by_trigrams(link, kind, text, limit=None)
        best = [row[0] for row in rows if row[-1]]
        every = {row[0] for row in rows}
        assert len(set(ours)) == min(_LIMIT, len(every)), text
        assert set(ours) <= every, text
        first = min(len(best), _LIMIT)
        assert set(ours[:first]) <= set(best), text
        found += len(ours)
    assert found
    report.check(f"{kind.name}: {len(kind.texts)} answers, {found} customers, best ones first")


def _by_trigrams(
    link: psycopg.Connection, kind: Kind, text: str, limit: int | None = _LIMIT + 1
) -> list[tuple[Any, ...]]:
    """Find the customers of one page first, and only then their guides and stores."""
    source = rows.SOURCE.replace("customers_customer c", "page c")
    with psycopg.ClientCursor(link) as cursor:  # planned for the text, as the index likes it
        cursor.execute(
            f"WITH page AS (SELECT c.*, {kind.begins} AS is_best FROM customers_customer c "
            f"WHERE c.state = 'active' AND {kind.matches} "
            "ORDER BY is_best DESC, c.name LIMIT %(limit)s) "
            f"SELECT {rows.COLUMNS}, is_best FROM {source} ORDER BY is_best DESC, c.name",
            {"text": text, "limit": limit},
        )
        return cursor.fetchall()


def _compare_pages(report: Report, office: Actor, size: Size) -> None:
    """Compare the page behind a row of the whole list, newest first and by name."""
    orders: dict[Sort, str] = {"newest": "id DESC", "name": "pinyin, id"}
    for sort, order in orders.items():
        people = selectors.ordered(actor=office, sort=sort).values_list(*rows.FIELDS)
        [before] = people[size.deep - 1 : size.deep]
        mark = selectors.mark(Listed(*before), sort)
        keyed = partial(selectors.page, actor=office, sort=sort, after=mark, limit=_PAGE)
        offset = partial(_evaluated, people, size.deep)
        alone = partial(_keys_by_offset, order, size.deep)
        found = [each.id for each in keyed().customers]
        for other in (offset, alone):
            assert [row[0] for row in other()][:_PAGE] == found
        where = f"row {size.deep:,} by {sort}"
        report.check(f"the page after {where}")
        _times(size.warm, keyed)
        with CaptureQueriesContext(connection) as asked:
            keyed()
        report.figure(f"statements of the page after {where}", len(asked))
        took = statistics.median(measuring.took(keyed) for _ in range(size.warm)) * 1000
        report.figure(f"the page after {where}", took, unit=" ms")
        for what, other, reach in (
            ("OFFSET", offset, Reach(at_least=500)),
            ("OFFSET over keys alone, joined afterwards,", alone, None),
        ):
            ratios = measuring.paired(partial(_times, _OFTEN, keyed), other, pairs=size.pairs)
            report.ratio(f"{what} ÷ ours, {where}", [each * _OFTEN for each in ratios], reach)


def _evaluated(people: Any, offset: int) -> list[tuple[Any, ...]]:
    """Ask for the same list as everybody does: by the number of the row."""
    return list(people[offset : offset + _PAGE + 1])


def _keys_by_offset(order: str, offset: int) -> list[tuple[Any, ...]]:
    """Count past the rows by key alone, and join only those of the page."""
    source = rows.SOURCE.replace(" LEFT", " USING (id) LEFT", 1)
    by_page = ", ".join(f"c.{each}" for each in order.split(", "))
    return statements.every(
        f"WITH page AS (SELECT id FROM customers_customer WHERE state = 'active' "
        f"ORDER BY {order} OFFSET %s LIMIT %s) "
        f"SELECT {rows.COLUMNS} FROM page JOIN {source} ORDER BY {by_page}",
        [offset, _PAGE + 1],
    )


def _compare_sizes(report: Report, office: Actor, office_of_few: Actor, size: Size) -> None:
    """Compare our side among many customers with our side among few, the same texts in turn."""
    for kind in KINDS:
        ratios = [
            _batch("aurum", office, kind, size) / _batch("bloom", office_of_few, kind, size)
            for _ in range(size.pairs)
        ]
        what = f"{kind.name} among {size.customers:,} ÷ among {size.few:,}"
        report.ratio(what, ratios, Reach(at_most=1.5))


def _batch(subdomain: str, actor: Actor, kind: Kind, size: Size) -> float:
    def search() -> None:
        for text in kind.texts:
            shown(actor, text)

    with measuring.inside(subdomain):
        _times(size.warm, search)
        return measuring.took(partial(_times, size.warm, search))


def _others(report: Report, store: Store, guide: Staff) -> None:
    """Say what the same searches take those who see less."""
    manager = people.staff(name="Carol", role=Role.STORE_MANAGER, stores=(store,))
    Assignment.objects.create(staff=guide, store=store)
    for who, actor in (("a store manager", manager), ("a guide", guide)):
        seen = people.actor(actor)
        texts = [text for kind in KINDS for text in kind.texts]
        for text in texts:
            shown(seen, text)
        took = measuring.took(lambda: [shown(seen, text) for text in texts])  # noqa: B023
        report.figure(f"any of these searches by {who}", took / len(texts) * 1000, unit=" ms")


def _check_terms(report: Report) -> None:
    """Hold what was filled in against what the product itself would have written."""
    sample = Customer.objects.order_by("-phone")[:500]
    for each in sample:
        expected = search_terms.of(each.name, each.phone)
        assert (each.pinyin, each.initials) == expected[:2], each.name
        assert sorted(set(each.tokens)) == sorted(expected.tokens), each.name
    report.check(f"{len(sample)} customers have the search terms the product would have given them")


@contextmanager
def _trigrams(schema: str) -> Iterator[psycopg.Connection]:
    """Index every column that is searched by trigrams, and open the other side's connection."""
    name = str(connection.settings_dict["NAME"])
    urls = {key: f"{url.rsplit('/', 1)[0]}/{name}" for key, url in servers.addresses().items()}
    with psycopg.connect(urls["super"], autocommit=True) as link:
        link.execute(f'CREATE EXTENSION pg_trgm SCHEMA "{schema}"'.encode())
        link.execute(f"SET search_path = {schema}".encode())
        columns = ", ".join(f"{each} gin_trgm_ops" for each in ("name", "initials", "phone"))
        link.execute(b"SET maintenance_work_mem = '512MB'")
        link.execute(
            f"CREATE INDEX bench_trgm ON customers_customer USING gin ({columns})".encode()
        )
        link.execute(b"ANALYZE customers_customer")
    with psycopg.connect(urls["default"], autocommit=True) as link:
        link.execute(f"SET search_path = {schema}".encode())
        yield link


def _head_office() -> Actor:
    return people.actor(people.staff(name="Dora", role=Role.HEAD_OFFICE))


def _times(count: int, work: Callable[[], object]) -> None:
    for _ in range(count):
        work()
