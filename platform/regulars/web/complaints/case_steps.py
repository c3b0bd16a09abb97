"""What is sent from a complaint's page: every act, and what becomes of its remedies."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.audit.decisions import PasswordNeeded
from regulars.complaints import access, selectors, services
from regulars.complaints.models import Remedy
from regulars.complaints.services import guarding, remedies
from regulars.customers import selectors as customers
from regulars.errors import Forbidden, Invalid, NotFound, RegularsError
from regulars.staff import permissions
from regulars.usecases import compensate
from regulars.web import toasts
from regulars.web.complaints import case, case_acts, counting
from regulars.web.complaints.case_acts import Doing
from regulars.web.contacts import serving
from regulars.web.customers import listing

_HITS = 8


class NobodyChosen(Invalid):
    """No customer was chosen."""

    code = "nobody-complains"
    sentence = gettext_lazy("Choose the customer whose complaint it is.")


@require_POST
@permissions.needs(access.HANDLE)
def act(request: HttpRequest, case_id: UUID, act: str) -> HttpResponse:
    """Do one thing; refused, the page comes back with every word that was typed."""
    made = case_acts.ACTS.get(act)
    if made is None:
        raise NotFound
    actor, language = permissions.acting(request), get_language() or ""
    one = selectors.one(actor=actor, case_id=case_id, language=language)
    item = request.POST.get("item", "")[:80] if act == "tick" else ""
    form = case_acts.form_of(act, one, language=language, data=request.POST, item=item)
    if not form.is_valid():
        return case.page(request, case_id, sent=(act, form))
    doing = Doing(
        actor=actor, case_id=case_id, now=timezone.now(), key=serving.key(request)
    )  # fmt: skip
    try:
        with transaction.atomic():
            if made.is_guarded:
                version = case.number(request.POST.get("version", ""))
                guarding.hold(actor=actor, case_id=case_id, version=version, key=doing.key)
            made.do(doing, form)
    except RegularsError as fault:
        if not _stays(fault):
            raise
        form.refuse(fault)
        return case.page(request, case_id, sent=(act, form), fault=fault)
    counting.forget(request)
    toasts.show(request, str(made.said))
    return HttpResponseRedirect(case.address(case_id))


@require_POST
@permissions.needs(access.HANDLE)
def approve(request: HttpRequest, remedy_id: UUID) -> HttpResponse:
    """Approve a remedy, from the complaint's page or from the list."""

    def decide() -> Remedy:
        return remedies.approve(
            actor=permissions.acting(request), remedy_id=remedy_id, now=timezone.now()
        )

    return _decided(request, decide, remedy_id)


@require_POST
@permissions.needs(access.HANDLE)
def refuse(request: HttpRequest, remedy_id: UUID) -> HttpResponse:
    """Refuse a remedy, with the reason."""

    def decide() -> Remedy:
        return remedies.refuse(
            actor=permissions.acting(request),
            remedy_id=remedy_id,
            reason=request.POST.get("reason", "")[:200],
            now=timezone.now(),
        )

    return _decided(request, decide, remedy_id)


@require_POST
@permissions.needs(access.HANDLE)
def carry_out(request: HttpRequest, remedy_id: UUID) -> HttpResponse:
    """Carry out an approved remedy: points by the ledger, money by the return it was booked as."""

    def decide() -> Remedy:
        return compensate.carry_out(
            actor=permissions.acting(request),
            remedy_id=remedy_id,
            now=timezone.now(),
            purchase_id=_uuid(request.POST.get("purchase", "")),
        )

    return _decided(request, decide, remedy_id)


def _decided(request: HttpRequest, decide: Callable[[], Remedy], remedy_id: UUID) -> HttpResponse:
    """Decide, say what came of it, and go back to where the button stood."""
    try:
        row = decide()
    except RegularsError as fault:
        if not _stays(fault):
            raise
        toasts.show(request, sentence(fault), tone="bad")
        case_id = _case_of(request, remedy_id)
    else:
        counting.forget(request)
        toasts.show(request, _said(row))
        case_id = row.case_id
    if request.POST.get("from") == "list":
        return HttpResponseRedirect(reverse("complaint_approvals"))
    return HttpResponseRedirect(f"{case.address(case_id)}#remedies")


def _said(row: Remedy) -> str:
    if row.state == Remedy.State.ASKED:
        return _("Approved. It needs a second person besides.")
    return {
        Remedy.State.APPROVED: _("Approved."),
        Remedy.State.REFUSED: _("Refused."),
        Remedy.State.DONE: _("Carried out, and booked."),
    }[Remedy.State(row.state)]


def _case_of(request: HttpRequest, remedy_id: UUID) -> UUID:
    """Return the complaint of a remedy this person may see. Raises NotFound."""
    seen = access.visible(permissions.acting(request))
    found = Remedy.objects.filter(pk=remedy_id, case__in=seen)
    case_id = found.values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    return case_id


@require_http_methods(["GET", "POST"])
@permissions.needs(access.HANDLE)
def attach(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Say whose complaint it is, where it came from somebody nobody knew."""
    actor, fault = permissions.acting(request), None
    if request.method == "POST":
        chosen = _uuid(request.POST.get("customer", ""))
        try:
            if chosen is None:
                raise NobodyChosen
            services.attach(
                actor=actor, case_id=case_id, customer_id=chosen, now=timezone.now(),
                key=serving.key(request),
            )  # fmt: skip
        except RegularsError as refused:
            if not _stays(refused):
                raise
            refused.settle()
            fault = refused
        else:
            toasts.show(request, _("It is on their file now."))
            return HttpResponseRedirect(case.address(case_id))
    row = access.visible(actor).select_related("store").filter(pk=case_id).first()
    if row is None:
        raise NotFound
    text = request.GET.get("q", row.phone or row.name).strip()[:80]
    found = customers.search(actor=actor, text=text, limit=_HITS).customers if text else ()
    context: dict[str, Any] = {
        "place": "complaints",
        "case": row,
        "text": text,
        "hits": listing.rows(actor, found) if found else [],
        "fault": fault,
    }
    is_search = request.headers.get("HX-Request") and request.method == "GET"
    name = "complaints/case_attach.html#hits" if is_search else "complaints/case_attach.html"
    return render(request, name, context, status=fault.status if fault else 200)


def sentence(fault: RegularsError) -> str:
    """Return what a refusal says, with what it says of its fields."""
    fault.settle()
    told = [str(each) for faults in fault.fields.values() for each in faults]
    return " ".join(told) or str(fault)


def _stays(fault: RegularsError) -> bool:
    """Say whether a refusal is told on the page: one that names what is wrong with the step."""
    if isinstance(fault, NotFound | PasswordNeeded):
        return False
    return type(fault) is not Forbidden


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
