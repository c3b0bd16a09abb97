"""What a look at the figures asks for: place, period and order, all of it in the address."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from regulars.audit import Actor
from regulars.errors import NotFound
from regulars.insights.periods import Days
from regulars.insights.places import Map, Place
from regulars.insights.selectors import mapping
from regulars.staff import permissions
from regulars.tenancy import context
from regulars.web.periods import PeriodForm

_FILES: Final = ("csv", "xlsx")
_WORDS: Final = (
    "plan", "category", "product", "ask", "word", "survey", "figure", "mark", "only",
    "kind", "cause", "batch", "severity", "raised", "topic", "customer",
)  # fmt: skip
_LONGEST_WORD: Final = 200


@dataclass(frozen=True, kw_only=True)
class Look:
    """One person's question."""

    actor: Actor
    form: PeriodForm
    now: datetime
    today: date
    days: Days
    compare: Days | None
    region_id: UUID | None
    store_id: UUID | None
    other_id: UUID | None  # a second store: who bought in both
    guide_id: UUID | None
    narrowed: dict[str, str]  # by plan or survey, goods, question, cause …
    sort: str
    shows_all: bool

    @classmethod
    def of(cls, request: HttpRequest, *, default: str = "30d") -> "Look":
        """Read the address; `default` is the period when it names none.

        Raises NotFound for a place that cannot be one.
        """
        now = timezone.now()
        today = now.astimezone(context.current().zone).date()
        form = PeriodForm(request.GET, today=today, default=default)
        chosen = form.chosen
        compare = None
        if chosen.compare_start and chosen.compare_end:
            compare = Days(chosen.compare_start, chosen.compare_end)
        return cls(
            actor=permissions.acting(request),
            form=form,
            now=now,
            today=today,
            days=Days(chosen.start, chosen.end),
            compare=compare,
            **_places(request),
            other_id=_key(request, "with"),
            guide_id=_key(request, "guide"),
            narrowed={name: text for name in _WORDS if (text := _word(request, name))},
            sort=request.GET.get("sort", ""),
            shows_all="all" in request.GET,
        )

    @cached_property
    def period_query(self) -> dict[str, str]:
        """The part of the address that says when."""
        chosen = self.form.chosen
        query = {"period": chosen.preset, "compare": chosen.comparison}
        if chosen.preset == "custom":
            query |= {"start": chosen.start.isoformat(), "end": chosen.end.isoformat()}
        if chosen.comparison == "custom" and self.compare:
            query["compare_start"] = self.compare.first.isoformat()
            query["compare_end"] = self.compare.last.isoformat()
        return query

    def place(self, found: Map) -> Place:
        """Return what the look is about. Raises NotFound for what its actor may not see."""
        if self.other_id and self.store_id:
            pair = found.pair(self.store_id, self.other_id)
            if pair is None:
                raise NotFound
            return pair
        return mapping.place_of(found, region_id=self.region_id, store_id=self.store_id)

    @property
    def place_query(self) -> dict[str, str]:
        """The part of the address that says where."""
        if self.store_id:
            return {"store": str(self.store_id)}
        return {"region": str(self.region_id)} if self.region_id else {}

    @property
    def narrowed_query(self) -> dict[str, str]:
        """The part of the address that says which of the place's rows."""
        keys = {"with": self.other_id, "guide": self.guide_id}
        return {name: str(key) for name, key in keys.items() if key} | self.narrowed

    @property
    def chosen_place(self) -> str:
        """The value of the place in the form that chooses one."""
        return "".join(f"{kind}:{key}" for kind, key in self.place_query.items())

    @property
    def hidden(self) -> dict[str, str]:
        """What the form of the period has to hand on."""
        return {"sort": self.sort} if self.sort else {}

    def address(self, name: str, *args: str, **query: str) -> str:
        """Return the address of a page about the same place and period."""
        return self._with(reverse(name, args=args), {**self.place_query, **query})

    def rows(self, kind: str, **query: str) -> str:
        """Return the address of the rows behind a figure."""
        return self.address("insights_rows", kind, **query)

    def rows_of(
        self,
        kind: str,
        *,
        region: UUID | None = None,
        store: UUID | None = None,
        other: UUID | None = None,
    ) -> str:
        """Return the address of the rows of another place: a region, a store, or two together."""
        place = {"region": region, "store": store, "with": other}
        query = {name: str(key) for name, key in place.items() if key}
        return self._with(_rows_path(kind), query)

    def files(self, what: str) -> dict[str, str]:
        """Return the addresses of a table as files, by their endings."""
        narrowed = self.narrowed_query
        return {kind: self.address(f"insights_{kind}", what, **narrowed) for kind in _FILES}

    def elsewhere(self, *, region: UUID | None = None, store: UUID | None = None) -> str:
        """Return the address of this page about another place: a region, a store, or all."""
        place = {"store": str(store)} if store else {"region": str(region)} if region else {}
        return self._with(self._page, place)

    @cached_property
    def _page(self) -> str:
        return reverse("insights")

    @cached_property
    def _period(self) -> str:
        """The period as it is written in every address of a page, which may have hundreds."""
        return urlencode(self.period_query)

    def period_part(self, **query: str) -> str:
        """Return the part of an address that says when, and what else is given."""
        return f"{self._period}&{urlencode(query)}" if query else self._period

    def _with(self, path: str, query: dict[str, str]) -> str:
        return f"{path}?{self.period_part(**query)}"


@cache
def _rows_path(kind: str) -> str:
    return reverse("insights_rows", args=[kind])


def _places(request: HttpRequest) -> dict[str, UUID | None]:
    """Read the place from `region` or `store`, or from the form that chooses one (`place`)."""
    kind, _colon, text = request.GET.get("place", "").partition(":")
    if kind not in ("", "region", "store"):
        raise NotFound
    if kind:
        chosen = _uuid(text)
        return {"region_id": None, "store_id": None, f"{kind}_id": chosen}
    return {"region_id": _key(request, "region"), "store_id": _key(request, "store")}


def _key(request: HttpRequest, name: str) -> UUID | None:
    text = request.GET.get(name, "")
    return _uuid(text) if text else None


def _word(request: HttpRequest, name: str) -> str:
    """Return a word of the address as the database can take it."""
    return request.GET.get(name, "").replace("\0", "")[:_LONGEST_WORD]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
