"""The list of the team: search, filters and pages."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, QueryDict

from regulars.audit import Scope
from regulars.staff import selectors
from regulars.staff.models import Assignment, Role, Staff

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the list is narrowed to."""

    words: str
    state: str
    role: str
    store: UUID | None

    @classmethod
    def of(cls, query: QueryDict) -> "Filters":
        """Read the address; values nobody knows count as none."""
        state, role = query.get("state", ""), query.get("role", "")
        return cls(
            words=" ".join(query.get("q", "").split())[:60],
            state=state if state in Staff.State.values else Staff.State.ACTIVE,
            role=role if role in Role.values else "",
            store=_uuid(query.get("store", "")),
        )

    @property
    def is_narrowed(self) -> bool:
        """Say whether anything but the state narrows the list."""
        return bool(self.words or self.role or self.store)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the list and the way to the next."""

    rows: list[Staff]
    next_url: str


def page(request: HttpRequest, scope: Scope, filters: Filters) -> Page:
    """Return one page in three statements, whatever its length."""
    people = _narrowed(selectors.visible(scope), filters)
    after = request.GET.get("after", "")
    name, _separator, key = after.rpartition("|")
    last_key = _uuid(key)
    if last_key is not None:
        people = people.filter(Q(name__gt=name) | Q(name=name, pk__gt=last_key))
    places = Assignment.objects.select_related("store", "region").order_by("pk")
    rows = list(
        people.select_related("home_store").prefetch_related(
            Prefetch("assignments", queryset=places)
        )[: PAGE + 1]
    )
    next_url = ""
    if len(rows) > PAGE:
        last = rows[PAGE - 1]
        query = request.GET.copy()
        query["after"] = f"{last.name}|{last.pk}"
        next_url = f"?{query.urlencode()}"
    return Page(rows=rows[:PAGE], next_url=next_url)


def counts(scope: Scope) -> dict[str, int]:
    """Return how many people are in each state, in one statement."""
    counted = selectors.visible(scope).order_by().values_list("state").annotate(Count("pk"))
    return {**dict.fromkeys(Staff.State.values, 0), **dict(counted)}


def _narrowed(people: QuerySet[Staff], filters: Filters) -> QuerySet[Staff]:
    people = people.filter(state=filters.state)
    if filters.role:
        people = people.filter(role=filters.role)
    if filters.store:
        at_store = Assignment.objects.filter(store=filters.store).values("staff")
        people = people.filter(Q(home_store=filters.store) | Q(pk__in=at_store))
    if filters.words:
        words = filters.words
        people = people.filter(
            Q(name__icontains=words) | Q(email__icontains=words) | Q(number__iexact=words)
        )
    return people


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
