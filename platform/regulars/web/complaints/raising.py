"""Raising a complaint inside: twenty seconds at the counter, the same page from everywhere (Q1)."""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from regulars.audit import Actor
from regulars.complaints import access, pictures, selectors, templates
from regulars.complaints.models import Case
from regulars.customers import selectors as customers
from regulars.customers.selectors import Card, Listed
from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.tenancy import context as chains
from regulars.usecases import raise_complaint
from regulars.web import toasts
from regulars.web.complaints import counting, raising_about
from regulars.web.complaints.raising_about import About
from regulars.web.complaints.raising_forms import ASKED, RaiseForm
from regulars.web.counter import place
from regulars.web.customers import listing

_HITS: Final = 8
_PLACES: Final = {  # of a refusal → of the form
    "purchase": "goods", "line": "goods", "possession": "thing", "title": "text",
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@permissions.needs(access.HANDLE)
def new(request: HttpRequest) -> HttpResponse:
    """Show what is asked, and write the complaint down; htmx gets who it might be.

    A number that means one person only leads straight to them, as at the counter.
    """
    actor = permissions.acting(request)
    if request.method == "GET" and request.headers.get("HX-Request"):
        return render(request, "complaints/raising_who.html", _who(request, actor))
    if (known := _recognised(request, actor)) is not None:
        return HttpResponseRedirect(known)
    about = raising_about.of(request, actor)
    form = _form(request, actor, about)
    if request.method == "POST" and form.is_valid():
        try:
            case = _raised(request, actor, about, form)
        except RegularsError as fault:
            if fault.status in (403, 404):
                raise
            _refuse(form, fault)
        else:
            told = _("Written down as %(number)s. You own it.") % {"number": case.number}
            toasts.show(request, told)
            counting.forget(request)
            return HttpResponseRedirect(reverse("complaint", args=[case.pk]))
    shown = {**_shown(request, actor, about, form), **_asked(form)}
    return render(request, "complaints/raising.html", shown, status=422 if form.errors else 200)


@require_GET
@permissions.needs(access.HANDLE)
def asks(request: HttpRequest) -> HttpResponse:
    """Answer with what a template says: what is urgent, words of regret, what to ask."""
    form = RaiseForm(
        initial={"template": request.GET.get("template", "")[:60]},
        templates=templates.offered(),
        stores=(),
        goods=(),
        things=(),
        is_known=True,
        language=get_language() or "",
    )
    return render(request, "complaints/raising_asks.html", _asked(form))


def _form(request: HttpRequest, actor: Actor, about: About) -> RaiseForm:
    counter = place.of(request, actor)
    initial = {
        "once": uuid4(),
        "text": about.words,
        "raised": about.raised,
        "store": str(counter.store.pk),
        "goods": about.chosen_goods,
        "thing": about.chosen_thing,
        "template": request.GET.get("template", ""),
        "name": request.GET.get("name", "")[:80],
        "phone": request.GET.get("phone", "")[:30],
    }
    return RaiseForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        templates=templates.offered(),
        stores=[(str(each.pk), each.name) for each in counter.stores],
        goods=about.goods,
        things=about.things,
        is_known=about.card is not None,
        language=get_language() or "",
    )


def _raised(request: HttpRequest, actor: Actor, about: About, form: RaiseForm) -> Case:
    """Keep the pictures and open the complaint; the same form sent twice is one complaint."""
    once = form.cleaned_data["once"] or uuid4()
    uploads = [each for each in request.FILES.getlist("pictures") if each.size]
    with pictures.kept(uploads) as files:
        draft = form.draft(
            customer_id=about.customer_id,
            contact_id=about.contact.pk if about.contact else None,
            files=files,
        )
        key = f"raise:{actor.id}:{once}"
        return raise_complaint.raised(actor=actor, draft=draft, now=timezone.now(), key=key)


def _refuse(form: RaiseForm, fault: RegularsError) -> None:
    """Show a refusal at the field of the form that it is about, else on top."""
    fields = {_place(name): sentences for name, sentences in fault.fields.items()}
    loose = [each for name, those in fields.items() if name not in form.fields for each in those]
    named = {name: those for name, those in fields.items() if name in form.fields}
    fault.settle()
    for name, those in named.items():
        form.add_error(name, [str(each) for each in those])
    for each in loose if fault.fields else [fault]:
        form.add_error(None, str(each))


def _place(name: str) -> str:
    if name.startswith("answers."):
        return f"{ASKED}{name.removeprefix('answers.')}"
    return _PLACES.get(name, name)


def _asked(form: RaiseForm) -> dict[str, Any]:
    """Return what the chosen template says first, in the reader's language."""
    language, chosen = get_language() or "", form.chosen
    urgent = chosen.urgent if chosen else ()
    return {
        "form": form,
        "chosen": chosen,
        "urgent": [each.label.text(language) for each in urgent if not each.retired],
        "regret": chosen.regret.text(language) if chosen else "",
        "minutes": chosen.reply_within if chosen else 0,
    }


def _shown(request: HttpRequest, actor: Actor, about: About, form: RaiseForm) -> dict[str, Any]:
    urgent = {each.key for each in templates.offered() if each.severity == "urgent"}
    carried, who = _carried(request), about.customer_id
    standing = selectors.open_of([who], actor=actor) if who else {}
    return {
        **_who(request, actor),
        "place": "complaints",
        "form": form,
        "about": about,
        "card": about.card,
        "complaints": standing.get(who, ()) if who else (),
        "urgent_keys": urgent,
        "carried": carried,
        "is_fresh": not (form.is_bound or {"name", "phone"} & request.GET.keys()),
        "address": f"{reverse('complaint_new')}?{urlencode(carried)}",
        "back": reverse("customer", args=[about.card.id])
        if about.card and about.card.in_scope
        else reverse("counter"),
    }


def _who(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """Return who answers to what was typed: one's own customers, and anybody by a full number."""
    text = request.GET.get("q", "").strip()[:80]
    region = chains.current().country
    known = customers.anything(actor=actor, text=text, region=region) if text else []
    listed = customers.search(actor=actor, text=text, limit=_HITS).customers if text else []
    ids = {each.id for each in known}
    people: list[Card | Listed] = [*known, *(each for each in listed if each.id not in ids)]
    return {
        "text": text,
        "hits": listing.rows(actor, people),
        "carried": _carried(request),
        "query": urlencode(_carried(request)),
        "is_number": sum(sign.isdigit() for sign in text) >= max(1, len(text) / 2),
    }


def _recognised(request: HttpRequest, actor: Actor) -> str | None:
    """Return where to go on with the one customer whose number was typed or scanned, if it was."""
    text = request.GET.get("q", "").strip()[:80]
    if request.method != "GET" or not text:
        return None
    known = customers.anything(actor=actor, text=text, region=chains.current().country)
    if len(known) != 1:
        return None
    asked = urlencode({"customer": known[0].id, **_carried(request)})
    return f"{reverse('complaint_new')}?{asked}"


def _carried(request: HttpRequest) -> dict[str, str]:
    """Return what of the address goes along when a customer is chosen; their goods do not."""
    return {
        name: request.GET[name][:60]
        for name in ("contact", "store", "raised")
        if request.GET.get(name)
    }
