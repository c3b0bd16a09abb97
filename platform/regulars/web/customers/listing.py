"""The list of customers, and the search in every page's head."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from regulars.audit import Actor
from regulars.customers import questions
from regulars.customers import selectors as customers
from regulars.customers.models import Customer
from regulars.customers.selectors import Card, Filters, Listed
from regulars.followups import owners
from regulars.followups.owners import Waiting
from regulars.kit import Tier, fields
from regulars.messages.models import Contact
from regulars.messages.selectors import history
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.tenancy.context import current
from regulars.usecases import at_a_glance
from regulars.usecases.at_a_glance import Glance

_PAGE: Final = 30
_HITS: Final = 8
_SEEN: Final = 300  # of these, at most, the filter offers stores


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A customer as the list shows them."""

    person: Listed | Card
    phone_open: bool
    known: Glance
    tier: str
    waiting: Waiting | None = None
    last_contact: Contact | None = None


@require_GET
@permissions.needs("customers.view")
def customer_list(request: HttpRequest) -> HttpResponse:
    """List and search the customers of one's scope; htmx gets the rows alone."""
    actor = permissions.acting(request)
    text = request.GET.get("q", "").strip()[:80]
    filters = filters_of(request.GET, me=actor.id)
    is_guide = actor.scope.own_customers_of is not None
    is_mine = is_guide or (filters.owner_id is not None and filters.owner_id == actor.id)
    sort = cast(customers.Sort, _one_of(request.GET.get("sort"), customers.SORTS, "newest"))
    more, next_url, known = False, "", []
    if text:
        among = Customer.objects.filter(filters.condition) if filters else None
        found = customers.search(actor=actor, text=text, limit=_PAGE, among=among)
        people: Sequence[Listed] = found.customers
        more = found.more
        listed = {each.id for each in people}
        exact = customers.anything(actor=actor, text=text, region=current().country)
        known = [card for card in exact if card.id not in listed and not card.in_scope]
    else:
        after = request.GET.get("after", "")
        page = customers.page(actor=actor, filters=filters, sort=sort, after=after, limit=_PAGE)
        people = page.customers
        next_url = _next_url(request.GET, page.after)
    context = {
        "place": "customers",
        "text": text,
        "filters": filters,
        "sort": sort,
        "rows": rows(actor, people, is_mine=is_mine),
        "is_mine": is_mine,
        "me": actor.id,
        "today": timezone.now().astimezone(current().zone).date(),
        "known": rows(actor, known),
        "more": more,
        "limit": _PAGE,
        "next_url": next_url,
        "new_url": new_url(text),
        "may_import": permissions.allows(actor, "imports.run"),
    }
    if request.headers.get("HX-Request"):
        return render(request, "customers/list.html#rows", context)
    context |= {
        "genders": Customer.Gender.choices,
        "stores": stores.visible(actor.scope).values_list("pk", "name")[:_SEEN],
        "is_guide": is_guide,
        "may_hand_over": permissions.allows(actor, "customers.hand-over"),
        "may_export": permissions.allows(actor, "customers.export"),
        "extra": _extra_filters(filters),
    }
    return render(request, "customers/list.html", context)


@require_GET
@permissions.needs("customers.view")
def search(request: HttpRequest) -> HttpResponse:
    """Answer the search in the head of every page; without a script it leads to the list."""
    text = request.GET.get("q", "").strip()[:80]
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{reverse('customers')}?{urlencode({'q': text})}")
    actor = permissions.acting(request)
    found = customers.search(actor=actor, text=text, limit=_HITS) if text else None
    listed = {each.id for each in found.customers} if found else set()
    exact = customers.anything(actor=actor, text=text, region=current().country) if text else []
    context = {
        "text": text,
        "hits": [(each, customers.may_read_phone(actor, each.owner_id)) for each in found.customers]
        if found
        else [],
        "known": [card for card in exact if card.id not in listed],
        "more": bool(found and found.more),
        "may_sell": permissions.allows(actor, "purchases.record"),
    }
    return render(request, "customers/hits.html", context)


def rows(actor: Actor, people: Sequence[Listed | Card], *, is_mine: bool = False) -> list[Row]:
    """Add what purchases and points know of some customers, in one statement for all.

    On one's own list also what is planned and the last contact, in three statements more.
    """
    ids, now = [each.id for each in people], timezone.now()
    known = at_a_glance.of_many(ids, now=now)
    waiting = owners.waiting_of_many(ids) if is_mine and ids else {}
    contacts = history.latest(ids, now=now, limit=1) if is_mine and ids else {}
    language = get_language() or ""
    return [
        Row(
            person=each,
            phone_open=customers.may_read_phone(actor, each.owner_id),
            known=known[each.id],
            tier=_above_all(known[each.id].tier, language),
            waiting=waiting.get(each.id),
            last_contact=next(iter(contacts.get(each.id, ())), None),
        )
        for each in people
    ]


def _above_all(tier: Tier | None, language: str) -> str:
    """Return the name of a tier that is above the one everybody has."""
    return tier.label.text(language) if tier and tier.threshold > 0 else ""


def new_url(text: str) -> str:
    """Return the address of a new customer, with what was searched for where it belongs."""
    is_number = text and sum(sign.isdigit() for sign in text) >= len(text) / 2
    query = urlencode({"phone" if is_number else "name": text}) if text else ""
    return f"{reverse('customer_new')}?{query}" if query else reverse("customer_new")


def filters_of(query: QueryDict, *, me: UUID | None = None) -> Filters:
    """Read the filters of an address; what makes no sense narrows nothing.

    ``owner=me`` are the customers of whoever asks.
    """
    owner = query.get("owner", "")
    declared = {each.key: each for each in questions.extra_fields()}
    raw = {key: query[f"field.{key}"] for key in declared if query.get(f"field.{key}")}
    wanted: dict[str, fields.Value] = {}
    for key, value in raw.items():
        cleaned, faults = fields.clean(
            [declared[key]], {key: value}, language=get_language() or "", consented=[key]
        )
        if not faults and key in cleaned:
            one = cleaned[key]
            wanted[key] = one[0] if isinstance(one, list) and len(one) == 1 else one
    return Filters(
        store_id=_uuid(query.get("store", "")),
        owner_id=me if owner == "me" else _uuid(owner),
        without_owner=owner == "none",
        gender=_one_of(query.get("gender"), Customer.Gender.values, ""),
        import_id=_uuid(query.get("import", "")),
        extra=wanted,
    )


def _extra_filters(filters: Filters) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """Return (name, label, choices, chosen) of the vertical's fields that a list can filter by."""
    language = get_language() or ""
    return [
        (
            f"field.{each.key}",
            each.label.text(language),
            [(c.key, c.label.text(language)) for c in each.choices if not c.retired],
            str(filters.extra.get(each.key, "")),
        )
        for each in questions.extra_fields()
        if each.choices
    ]


def _next_url(query: QueryDict, after: str) -> str:
    if not after:
        return ""
    following = query.copy()
    following["after"] = after
    return f"?{following.urlencode()}"


def _one_of(value: str | None, known: Sequence[str], otherwise: str) -> str:
    return value if value is not None and value in known else otherwise


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
