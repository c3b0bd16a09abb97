"""What a look at the figures asks for: place, period and order, all of it in the address."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from regulars.audit import Actor
from regulars.errors import NotFound
from regulars.insights.periods import Days
from regulars.staff import permissions
from regulars.tenancy import context
from regulars.web.periods import PeriodForm


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
    sort: str
    shows_all: bool

    @classmethod
    def of(cls, request: HttpRequest) -> "Look":
        """Read the address. Raises NotFound for a place that cannot be one."""
        now = timezone.now()
        today = now.astimezone(context.current().zone).date()
        form = PeriodForm(request.GET, today=today)
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
            region_id=_key(request, "region"),
            store_id=_key(request, "store"),
            sort=request.GET.get("sort", ""),
            shows_all="all" in request.GET,
        )

    @property
    def period_query(self) -> dict[str, str]:
        """The part of the address that says when."""
        chosen = self.form.chosen
        query = {"period": chosen.preset, "compare": chosen.comparison}
        if chosen.preset == "custom":
            query |= {"start": chosen.start.isoformat(), "end": chosen.end.isoformat()}
        return query

    @property
    def place_query(self) -> dict[str, str]:
        """The part of the address that says where."""
        if self.store_id:
            return {"store": str(self.store_id)}
        return {"region": str(self.region_id)} if self.region_id else {}

    @property
    def hidden(self) -> dict[str, str]:
        """What the form of the period has to hand on."""
        return {**self.place_query, **({"sort": self.sort} if self.sort else {})}

    def address(self, name: str, *args: str, **query: str) -> str:
        """Return the address of a page about the same place and period."""
        return _with(reverse(name, args=args), {**self.period_query, **self.place_query, **query})

    def files(self, what: str) -> dict[str, str]:
        """Return the addresses of a table as files, by their endings."""
        return {kind: self.address(f"insights_{kind}", what) for kind in ("csv", "xlsx")}

    def elsewhere(self, *, region: UUID | None = None, store: UUID | None = None) -> str:
        """Return the address of this page about another place: a region, a store, or all."""
        place = {"store": str(store)} if store else {"region": str(region)} if region else {}
        return _with(reverse("insights"), {**self.period_query, **place})


def _with(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _key(request: HttpRequest, name: str) -> UUID | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
