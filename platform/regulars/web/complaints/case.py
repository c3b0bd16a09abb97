"""One complaint: its page, whether anything happened since, taking it, and its pictures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.complaints import access, numbers, pictures, selectors, services
from regulars.complaints.models import Case
from regulars.complaints.selectors import One
from regulars.complaints.services import guarding
from regulars.complaints.way import State
from regulars.customers import selectors as customers
from regulars.errors import NotFound, RegularsError
from regulars.staff import absence, permissions
from regulars.stores import hours
from regulars.tenancy import hosts
from regulars.web import qr, toasts
from regulars.web.complaints import (
    case_acts,
    case_beside,
    case_phrases,
    case_showing,
    counting,
    listing,
)
from regulars.web.complaints.case_forms import StepForm

_LATEST: Final = 12  # steps shown at first; the rest is a tap away


@require_GET
@permissions.needs(access.VIEW)
def complaint(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show a complaint. Reading changes nothing: what opens one of the web is a POST of the page.

    A browser that fetches pages ahead runs no script on them, and one that draws them ahead says
    so in a header; neither makes anybody its owner.
    """
    return page(request, case_id)


@require_GET
@permissions.needs(access.VIEW)
def fresh(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Answer with the clocks as they are now, and whether the page is behind; two statements."""
    actor, now = permissions.acting(request), timezone.now()
    case = access.visible(actor).filter(pk=case_id).first()
    if case is None:
        raise NotFound
    version = number(request.GET.get("version", ""))
    news = guarding.news(case, version=version)
    context = _now(case, now=now, version=version, news=news)
    return render(request, "complaints/case_now.html", context)


@require_POST
@permissions.needs(access.HANDLE)
def take(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Open a complaint of the web: the first employee who does so owns it (Q2)."""
    actor = permissions.acting(request)
    case = services.take(actor=actor, case_id=case_id, now=timezone.now())
    counting.forget(request)
    if case.owner_id == actor.id:
        toasts.show(request, _("You opened it first: it is yours now, to the end."))
    url = address(case_id)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


@require_GET
@permissions.needs(access.VIEW)
def picture(request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
    """Answer with a picture of a complaint that this person may see."""
    case = access.visible(permissions.acting(request)).filter(pk=case_id).first()
    if case is None:
        raise NotFound
    content, kind = pictures.read(case, name)
    answer = HttpResponse(content, content_type=kind)
    answer["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(answer, private=True, max_age=3600)
    return answer


def address(case_id: UUID) -> str:
    """Return where a complaint's page is."""
    return reverse("complaint", args=[case_id])


def page(
    request: HttpRequest,
    case_id: UUID,
    *,
    sent: tuple[str, StepForm] | None = None,
    fault: RegularsError | None = None,
) -> HttpResponse:
    """Render the page; `sent` is an act that was refused, with its form as it was typed."""
    actor, now, language = permissions.acting(request), timezone.now(), get_language() or ""
    one = selectors.one(actor=actor, case_id=case_id, language=language)
    case = one.case
    context: dict[str, Any] = {
        "place": "complaints",
        "one": one,
        "case": case,
        "severity_tone": case_showing.SEVERITY_TONES.get(case.severity, "quiet"),
        "way": case_showing.way(case),
        "answers": case_showing.answers(case, language),
        "remedies": case_showing.remedies(one, actor),
        "returns": case_beside.returns(case, one.remedies),
        "unanswered": case_showing.unanswered(one),
        "is_open": case.state != State.CLOSED,
        "waits": case.paused_at is not None and case.state not in case_acts.SETTLED,
        "takes": _takes(actor, case),
        "owner_is_away": case.owner is not None
        and absence.is_away(case.owner, on=hours.business_day(case.store, now)),
        "is_ahead": _is_ahead(request),
        "may_erase": case.customer_id is None and allows(actor, "customers.erase"),
        "customer_name": listing.called(actor, case),
        "beside": case_beside.shown(actor, case, may_work=one.may_work),
        **_now(case, now=now, version=case.version),
        **_acts(one, actor, language, sent),
        **_steps(one, language),
    }
    if one.may_work:
        context |= _link(actor, case, context["beside"])
    if fault and sent and (sent[1].non_field_errors() or context["is_lost"]):
        context["fault"] = fault  # what names fields stands at them
    status = (fault.status if fault else 422) if sent else 200
    return render(request, "complaints/case.html", context, status=status)


def link(case: Case) -> str:
    """Return the private address by which the customer follows their complaint."""
    return hosts.address(reverse("followed_complaint", args=[numbers.token(case.pk)]))


def _acts(
    one: One, actor: Actor, language: str, sent: tuple[str, StepForm] | None
) -> dict[str, Any]:
    """Return the next best act, the others, the list, and words that found no place any more."""
    name, why_not = case_showing.best(one, actor)
    names = case_showing.beside(one, actor, but=name)
    of_list = None
    if sent and sent[0] == "tick":
        of_list = (str(sent[1].data.get("item", "")), sent[1])
    groups = case_showing.ticks(one, language=language, bound=of_list)
    may_ask = one.may_work and one.case.state not in case_acts.SETTLED

    def made(each: str) -> case_showing.Doable:
        is_sent = sent is not None and sent[0] == each
        form = sent[1] if sent and is_sent else None
        return case_showing.doable(one, each, language=language, bound=form, is_open=is_sent)

    shown = {name, *names, *({"remedy"} if may_ask else ())}
    if sent and sent[0] == "tick":
        shown |= (
            {"tick"} if any(row.form is sent[1] for g in groups for row in g["rows"]) else set()
        )
    is_lost = sent is not None and sent[0] not in shown
    return {
        "best": made(name) if name else None,
        "why_not": why_not,
        "acts": [made(each) for each in names],
        "ask": made("remedy") if may_ask else None,
        "groups": [each for each in groups if each["key"] != "urgent"],
        "urgent": next((each for each in groups if each["key"] == "urgent"), None),
        "is_lost": is_lost,
        "left_over": sent[1].words() if sent and is_lost else "",
    }


def _steps(one: One, language: str) -> dict[str, Any]:
    steps = case_showing.steps(one, language=language)
    return {"steps": steps[:_LATEST], "earlier": steps[_LATEST:]}


def _now(case: Case, *, now: datetime, version: int, news: str = "") -> dict[str, Any]:
    return {
        "case": case,
        "clocks": case_showing.clocks(case, now=now),
        "version": version,
        "news": news,
    }


def _link(actor: Actor, case: Case, beside: Mapping[str, Any]) -> dict[str, str]:
    """Return the private link, its drawing, and where it can be sent from one's own phone."""
    url, customer = link(case), beside.get("customer")
    phone, email = case.phone, case.email
    if case.customer and customers.is_withheld(actor.scope, case.customer.home_store_id):
        phone = email = ""
    if customer is not None:
        phone = customer.phone if beside["phone_open"] else ""
        email = customer.email if beside["email_open"] else ""
    return {
        "link": url,
        "code": qr.drawn(url),
        "send_phone": phone or "",
        "send_email": email,
        "send_words": words_with_link(case),
    }


def words_with_link(case: Case) -> str:
    """Return what is sent to the customer with their private link, in their language."""
    with translation.override(case_phrases.language(case).lower()):
        told = _("Your complaint %(number)s: here you can follow it and answer us. %(link)s")
    return told % {"number": case.number, "link": link(case)}


def _takes(actor: Actor, case: Case) -> bool:
    """Say whether to open this complaint makes it theirs."""
    is_free = case.owner_id is None and case.state != State.CLOSED
    return is_free and allows(actor, access.HANDLE)


def _is_ahead(request: HttpRequest) -> bool:
    """Say whether a browser fetches the page before anybody asked for it."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return "prefetch" in purpose or "prerender" in purpose


def number(text: str) -> int:
    """Return the version a page says it has; nought for what is none."""
    return int(text) if text.isdecimal() and len(text) < 9 else 0
