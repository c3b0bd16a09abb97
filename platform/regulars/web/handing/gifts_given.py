"""What gifts cost, by store and month, and the gifts behind it: as a page and as a file (C6)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.followups.models import Gift
from regulars.followups.occasions import given
from regulars.followups.occasions.given import Which
from regulars.imports.writing.sheets import Line, Sheet
from regulars.points import tiers
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.tenancy.context import current
from regulars.web import money
from regulars.web.exports import files
from regulars.web.headoffice import people, sections
from regulars.web.headoffice.looks import Look
from regulars.web.headoffice.people import Named
from regulars.web.today import words

_MONTHS: Final = 12
_PAGE: Final = 50
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody looks at: twelve months in all their stores, or a month, or a store."""

    first: date
    last: date  # the first day of the last month
    store_id: UUID | None

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Read the address; what makes no sense narrows nothing."""
        today = timezone.now().astimezone(current().zone).date()
        month = _month(request.GET.get("month", ""))
        last = month or today.replace(day=1)
        first = month or tiers.since(last, _MONTHS - 1)
        return cls(first=first, last=last, store_id=_uuid(request.GET.get("store", "")))

    @property
    def which(self) -> Which:
        """The same as moments of head office's clock."""
        zone = current().zone
        until = tiers.since(self.last, -1)
        since = datetime.combine(self.first, time(), zone)
        return Which(
            since=since, until=datetime.combine(until, time(), zone), store_id=self.store_id
        )

    @property
    def query(self) -> str:
        """The same as an address."""
        parts = {"month": f"{self.first:%Y-%m}"} if self.first == self.last else {}
        if self.store_id:
            parts["store"] = str(self.store_id)
        return urlencode(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A gift as the list shows it."""

    gift: Gift
    occasion: str
    customer: Named | None
    store: str
    guide: str


@require_GET
@permissions.needs("insights.view")
def page(request: HttpRequest) -> HttpResponse:
    """Show what gifts cost by month and store; a month or a store leads to its gifts."""
    actor, asked = permissions.acting(request), Asked.of(request)
    names = dict(stores.visible(actor.scope).values_list("pk", "name"))
    is_narrow = bool(asked.query)
    context = {
        "place": "insights",
        "asked": asked,
        "currency": current().currency,
        "store_name": names.get(asked.store_id, "") if asked.store_id else "",
        "may_export": permissions.allows(actor, "insights.export"),
        "tabs": sections.tabs(Look.of(request), current="gifts_given"),
    }
    months = given.by_month(actor=actor, which=asked.which)
    context |= {
        "total": sum(each.cost_minor for each in months),
        "count": sum(each.gifts for each in months),
        "months": [
            (each, names.get(each.store_id, "—"), f"month={each.first:%Y-%m}&store={each.store_id}")
            for each in months
        ],
        "largest": max((each.cost_minor for each in months), default=0),
        "is_narrow": is_narrow,
    }
    if is_narrow:
        after = _uuid(request.GET.get("after", ""))
        found, following = given.page(actor=actor, which=asked.which, after=after, limit=_PAGE)
        context["rows"] = _rows(actor, found, names, get_language() or "")
        context["next_url"] = f"?{asked.query}&after={following}" if following else ""
    return render(request, "handing/gifts_given.html", context)


@require_GET
@permissions.needs("insights.export")
def file(request: HttpRequest, ending: str) -> StreamingHttpResponse:
    """Send the gifts looked at, a row for each. Raises TooManyRows."""
    actor, asked = permissions.acting(request), Asked.of(request)
    rows = given.count(actor=actor, which=asked.which)
    files.check_size(rows, ending=ending)
    language = get_language() or ""
    sheet = Sheet(
        title=_("Gifts"),
        headings=[
            _("Day"), _("Store"), _("Gift"), _("Given for"), _("Its day"), _("Customer"),
            _("Member code"), _("Guide"), _("Cost"),
        ],
        lines=_lines(actor, asked, language),
    )  # fmt: skip
    audit.record(
        actor=actor,
        action="insights.exported",
        object_kind="store" if asked.store_id else "",
        object_id=asked.store_id,
        data={"file": f"gifts-{asked.first}-{asked.last}.{ending}", "rows": rows},
    )
    return files.answer(sheet, name=f"gifts-{asked.first:%Y-%m}-{asked.last:%Y-%m}", ending=ending)


def _rows(actor: Actor, found: Iterable[Gift], names: dict[UUID, str], language: str) -> list[Row]:
    rows = list(found)
    buyers = people.customers(actor, (row.customer_id for row in rows))
    guides = people.guides(row.guide_id for row in rows)
    return [
        Row(
            gift=row,
            occasion=words.occasion(row.kind, label="", title="", language=language),
            customer=buyers.get(row.customer_id),
            store=names.get(row.store_id, "—"),
            guide=guides.get(row.guide_id, "") if row.guide_id else "",
        )
        for row in rows
    ]


def _lines(actor: Actor, asked: Asked, language: str) -> Iterator[Line]:
    """Make the rows while they are sent, when the request is over."""
    chain = current()
    names = dict(stores.visible(actor.scope).values_list("pk", "name"))
    for portion in given.portions(actor=actor, which=asked.which):
        with translation.override(language):
            rows = _rows(actor, portion, names, language)
        for row in rows:
            yield [
                row.gift.given_at.astimezone(chain.zone).date(),
                row.store,
                row.gift.title,
                row.occasion,
                row.gift.occasion_on,
                row.customer.text if row.customer else "",
                row.customer.member_code if row.customer else "",
                row.guide,
                money.major(row.gift.cost_minor, chain.currency),
            ]


def _month(text: str) -> date | None:
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return month if _FIRST_YEAR <= month.year <= _LAST_YEAR else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
