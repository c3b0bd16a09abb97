"""Two records that are one person: find the other, compare side by side, merge, undo."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from regulars.audit import Actor
from regulars.customers import selectors as customers
from regulars.customers.models import Customer
from regulars.customers.services import merging
from regulars.errors import RegularsError
from regulars.points import selectors as points
from regulars.purchases import selectors as purchases
from regulars.staff import permissions
from regulars.usecases import merge as merge_story
from regulars.web import phones, toasts
from regulars.web.customers import heading, listing
from regulars.web.customers.forms import ADDRESS

_LABELS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "phone": gettext_lazy("Phone"),
    "member_code": gettext_lazy("Member code"),
    "gender": gettext_lazy("Gender"),
    "age_band": gettext_lazy("Age"),
    "email": gettext_lazy("E-mail"),
    "address": gettext_lazy("Home address"),
    "owner_id": gettext_lazy("Guide"),
    "home_store_id": gettext_lazy("Home store"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One value of both records; `differs` when somebody has to choose."""

    name: str
    label: str
    kept: str
    absorbed: str
    differs: bool


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.merge")
def merge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose the other record, then compare, then merge."""
    actor, kept = heading.opened(request, pk)
    other_id = _uuid(request.POST.get("with") or request.GET.get("with", ""))
    if other_id is None:
        return _find(request, actor, kept)
    absorbed = customers.get(actor=actor, customer_id=other_id)
    fault = ""
    if request.method == "POST":
        try:
            merge_story.merge(
                actor=actor,
                kept_id=kept.pk,
                absorbed_id=absorbed.pk,
                take=[name for name in merging.VALUES if request.POST.get(name) == "absorbed"],
                now=timezone.now(),
            )
        except RegularsError as refusal:
            fault = str(refusal)
        else:
            undo = reverse("customer_unmerge", args=[absorbed.pk])
            toasts.show(request, _("The two are one customer now."), undo=undo)
            return HttpResponseRedirect(heading.address(kept.pk))
    both = [kept.pk, absorbed.pk]
    standings = purchases.standing_of_many(both)
    balances = points.balances_of_many(both, now=timezone.now())
    context = {
        **heading.shown(kept),
        "absorbed": absorbed,
        "absorbed_name": heading.called(absorbed.name, absorbed.member_code),
        "rows": list(_compare(actor, kept, absorbed)),
        "sides": [(each, standings.get(each), balances.get(each, 0)) for each in both],
        "fault": fault,
    }
    return render(request, "customers/merge.html", context, status=409 if fault else 200)


@require_POST
@permissions.needs("customers.merge")
def unmerge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a merged record a customer of its own again."""
    actor = permissions.acting(request)
    try:
        apart = merge_story.unmerge(actor=actor, absorbed_id=pk, now=timezone.now())
    except (merging.LaterMergeFirst, merging.NotMerged) as refusal:
        toasts.show(request, str(refusal), tone="bad")
    else:
        toasts.show(request, _("They are two customers again."))
        return HttpResponseRedirect(heading.address(apart.pk))
    return HttpResponseRedirect(heading.address(pk))


def _find(request: HttpRequest, actor: Actor, kept: Customer) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:80]
    if text:
        found = customers.search(actor=actor, text=text, limit=10).customers
        candidates = [each for each in found if each.id != kept.pk]
    else:
        candidates = _likely(actor, kept)
    context = {
        **heading.shown(kept),
        "text": text,
        "rows": listing.rows(actor, candidates),
    }
    template = "customers/merge_find.html"
    part = "#candidates" if request.headers.get("HX-Request") else ""
    return render(request, f"{template}{part}", context)


def _likely(actor: Actor, kept: Customer) -> list[customers.Listed]:
    """Return who shares the phone's tail or the name, before anything is typed."""
    found: dict[UUID, customers.Listed] = {}
    for text in filter(None, (kept.phone and kept.phone[-8:], kept.name)):
        hits = customers.search(actor=actor, text=text, limit=6).customers
        found |= {each.id: each for each in hits if each.id != kept.pk}
    return list(found.values())[:8]


def _compare(actor: Actor, kept: Customer, absorbed: Customer) -> Iterator[Compared]:
    for name, label in _LABELS.items():
        ours, theirs = (_text(actor, each, name) for each in (kept, absorbed))
        if ours or theirs:
            yield Compared(
                name=name,
                label=str(label),
                kept=ours,
                absorbed=theirs,
                differs=bool(ours and theirs) and getattr(kept, name) != getattr(absorbed, name),
            )


def _text(actor: Actor, customer: Customer, name: str) -> str:
    match name:
        case "phone" if customer.phone:
            may_read = customers.may_read_phone(actor, customer.owner_id)
            return phones.revealed(customer.phone) if may_read else phones.masked(customer.phone)
        case "gender":
            return str(customer.get_gender_display())
        case "owner_id":
            return customer.owner.name if customer.owner else ""
        case "home_store_id":
            return customer.home_store.name if customer.home_store else ""
        case "address":
            parts = (customer.address.get(part, "") for part in ADDRESS)
            return " ".join(filter(None, parts))
    return str(getattr(customer, name) or "")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
