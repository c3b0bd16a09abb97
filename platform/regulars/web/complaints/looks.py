"""What somebody looks at on the page of complaints, as it stands in the address."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final, Literal
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.complaints import numbers
from regulars.complaints.models import Case
from regulars.complaints.selectors import Mark, Wanted, Whose
from regulars.tenancy.context import current

type View = Literal["list", "board"]

WITHOUT_KIND: Final = "none"  # complaints that no template fitted
ME: Final = "me"
DAYS: Final = "custom"
SORTS: Final[Mapping[str, str | Promise]] = MappingProxyType(
    {
        "late": _("Late"),
        "unowned": _("Not opened yet"),
        "waiting": _("Waiting for the customer"),
        "second": _("Second round"),
    }
)
PERIODS: Final[Mapping[str, str | Promise]] = MappingProxyType(
    {
        "": _("Not closed yet"),
        "7": _("Closed in the last 7 days"),
        "30": _("Closed in the last 30 days"),
        "90": _("Closed in the last 90 days"),
        "365": _("Closed in the last 365 days"),
        DAYS: _("Closed between two days"),
    }
)
_STATES: Final = tuple(each for each in Case.State if each is not Case.State.CLOSED)
_LONGEST: Final = 80
_LONGEST_PERIOD: Final = timedelta(days=731)
_DAY: Final = timedelta(days=1)
_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One way to look at complaints; what is empty narrows nothing.

    `sorts` are keys of `SORTS`, `over` one of `PERIODS`: with it those that are over are shown.
    `column` is the state of the board that a phone shows.
    """

    view: View = "list"
    whose: Whose = Whose.ALL
    sorts: frozenset[str] = frozenset()
    state: str = ""
    severity: str = ""
    kind: str = ""
    store_id: UUID | None = None
    owner: str = ""
    product: str = ""
    over: str = ""
    first: date | None = None
    last: date | None = None
    text: str = ""
    column: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> "Look":
        """Read an address; what makes no sense narrows nothing."""
        over = _one_of(query.get("over", ""), PERIODS)
        text = query.get("q", "").strip()[:_LONGEST]
        is_board = query.get("view") == "board" and not over and numbers.read(text) is None
        first, last = (
            _day(query.get(name, "")) if over == DAYS else None for name in ("from", "to")
        )
        return cls(
            view="board" if is_board else "list",
            whose=Whose(_one_of(query.get("whose", ""), list(Whose)) or Whose.ALL),
            sorts=frozenset(() if over else SORTS.keys() & set(query.getlist("is"))),
            state="" if over or is_board else _one_of(query.get("state", ""), _STATES),
            severity=_one_of(query.get("severity", ""), Case.Severity.values),
            kind=query.get("kind", "").replace("\0", "").strip()[:60],
            store_id=uuid_of(query.get("store", "")),
            owner=_owner(query.get("owner", "")),
            product=query.get("product", "").strip()[:_LONGEST],
            over=over,
            first=first,
            last=last,
            text=text,
            column=_one_of(query.get("column", ""), _STATES) if is_board else "",
        )

    def wanted(self, actor: Actor, *, now: datetime) -> Wanted:
        """Return the same as the selectors take it."""
        since, until = self._period(now)
        owner_id = actor.id if self.owner == ME else uuid_of(self.owner)
        return Wanted(
            whose=self.whose,
            store_ids=(self.store_id,) if self.store_id else (),
            states=(self.state,) if self.state else (),
            templates=("" if self.kind == WITHOUT_KIND else self.kind,) if self.kind else (),
            severities=(self.severity,) if self.severity else (),
            late="late" in self.sorts,
            closed=bool(self.over),
            text=self.text,
            owner_id=owner_id,
            unowned="unowned" in self.sorts,
            waiting="waiting" in self.sorts,
            second_round="second" in self.sorts,
            product=self.product,
            closed_since=since,
            closed_until=until,
        )

    def _period(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Return from when until before when it was closed, by head office's days."""
        if not self.over:
            return None, None
        zone = current().zone
        today = now.astimezone(zone).date()
        if self.over != DAYS:
            first, last = today - int(self.over) * _DAY + _DAY, today
        else:
            last = self.last or today
            first = max(self.first or last - _LONGEST_PERIOD, last - _LONGEST_PERIOD)
        return (
            datetime.combine(first, time(), zone),
            datetime.combine(last + _DAY, time(), zone),
        )

    @property
    def query(self) -> str:
        """Return what stands in the address; the same look has the same words."""
        one: dict[str, str | list[str]] = {
            "view": self.view if self.view == "board" else "",
            "whose": self.whose if self.whose is not Whose.ALL else "",
            "is": sorted(self.sorts),
            "state": self.state,
            "severity": self.severity,
            "kind": self.kind,
            "store": str(self.store_id or ""),
            "owner": self.owner,
            "product": self.product,
            "over": self.over,
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
            "q": self.text,
            "column": self.column,
        }
        return urlencode({name: value for name, value in one.items() if value}, doseq=True)

    @property
    def url(self) -> str:
        """Return where it is looked at."""
        query = self.query
        return f"{reverse('complaints')}?{query}" if query else reverse("complaints")

    @property
    def narrows(self) -> bool:
        """Say whether anything besides whose they are is chosen."""
        return self != Look(view=self.view, whose=self.whose, column=self.column)

    @property
    def narrows_more(self) -> bool:
        """Say whether something is chosen that stands among the further filters."""
        return bool(self.kind or self.owner or self.product or self.severity or self.state)

    def but(self, **changes: object) -> str:
        """Return the address of the same look with something else about it."""
        return f"?{replace(self, **changes).query}"  # type: ignore[arg-type]


def mark_of(text: str) -> Mark | None:
    """Read where the last page ended; what makes no sense begins at the front."""
    at, _comma, pk = text.partition(",")
    found = uuid_of(pk)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Mark(moment, found) if found is not None and moment.tzinfo is not None else None


def written(mark: Mark) -> str:
    """Return a mark as it stands in an address."""
    return f"{mark.at.isoformat()},{mark.id}"


def uuid_of(text: str) -> UUID | None:
    """Return an id out of an address or a form, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _owner(text: str) -> str:
    return ME if text == ME else str(uuid_of(text) or "")


def _one_of(text: str, known: Collection[str]) -> str:
    return text if text in known else ""


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if _EARLIEST <= found <= _LATEST else None
