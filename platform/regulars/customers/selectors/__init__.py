"""Reading customers: finding, recognising, listing, and one customer's file."""

from regulars.customers.selectors.counting import count_active
from regulars.customers.selectors.listing import (
    SORTS,
    Filters,
    Page,
    Sort,
    mark,
    ordered,
    page,
)
from regulars.customers.selectors.profile import (
    Next,
    absorbed,
    consents_of,
    find_question,
    identities,
    life_events,
    next_question,
    notes,
    possessions,
)
from regulars.customers.selectors.recognising import (
    Card,
    anything,
    by_identities,
    card,
    recognise,
    resolve,
    same_phone,
)
from regulars.customers.selectors.rows import Listed
from regulars.customers.selectors.searching import Found, search
from regulars.customers.selectors.visibility import (
    get,
    is_withheld,
    may_read_phone,
    owned_count,
    reaches,
    survivor_of,
    visible,
    within,
)

__all__ = [
    "SORTS",
    "Card",
    "Filters",
    "Found",
    "Listed",
    "Next",
    "Page",
    "Sort",
    "absorbed",
    "anything",
    "by_identities",
    "card",
    "consents_of",
    "count_active",
    "find_question",
    "get",
    "identities",
    "is_withheld",
    "life_events",
    "mark",
    "may_read_phone",
    "next_question",
    "notes",
    "ordered",
    "owned_count",
    "page",
    "possessions",
    "reaches",
    "recognise",
    "resolve",
    "same_phone",
    "search",
    "survivor_of",
    "visible",
    "within",
]
