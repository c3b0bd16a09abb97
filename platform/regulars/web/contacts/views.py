"""Buttons that reach a customer, and the page of everything said with one."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.audit import Actor
from regulars.complaints import selectors as complaints
from regulars.customers import selectors as customers
from regulars.customers import services
from regulars.errors import Invalid, RegularsError
from regulars.followups.models import Task
from regulars.staff import permissions
from regulars.usecases import reaching
from regulars.usecases.phrasing import About
from regulars.web import toasts
from regulars.web.contacts import panel as panels
from regulars.web.contacts import serving
from regulars.web.contacts.forms import LogForm, WriteForm
from regulars.web.customers import dialogs, heading


@require_POST
@permissions.needs(reaching.PERMISSION)
def call(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Reserve a call, then show the number and dial it."""
    actor, task = serving.who(request, pk)

    def begin(now: datetime) -> str:
        about = panels.about_of(task)
        reaching.call(
            actor=actor,
            customer_id=pk,
            purpose=task.purpose if task else reaching.CARE,
            occasion=about.occasion,
            task_id=about.task_id,
            complaint_id=serving.complaint(request),
            key=serving.key(request),
            now=now,
        )
        if not permissions.allows(actor, "customers.reveal-phone"):
            return ""
        return services.reveal_phone(actor=actor, customer_id=pk, now=now)

    return _acted(request, actor, pk, task, begin)


@require_POST
@permissions.needs(reaching.PERMISSION)
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send words, or reserve them for the guide's own phone."""
    actor, task = serving.who(request, pk)
    form = WriteForm(request.POST)

    def begin(now: datetime) -> str:
        if not form.is_valid():
            raise Invalid(
                fields={name: [str(one) for one in each] for name, each in form.errors.items()}
            )
        channel, by_hand = form.cleaned_data["way"]
        about = panels.about_of(task, template=form.cleaned_data["template"])
        asked: dict[str, Any] = {
            "actor": actor,
            "customer_id": pk,
            "channel": channel,
            "purpose": task.purpose if task else reaching.CARE,
            "text": form.cleaned_data["text"],
            "about": replace(about, complaint_id=serving.complaint(request)),
            "key": serving.key(request),
            "now": now,
        }
        if by_hand:
            reaching.by_hand(**asked)
            return ""
        reaching.send(**asked, subject=form.cleaned_data["subject"])
        toasts.show(request, _("On its way."))
        return ""

    return _acted(request, actor, pk, task, begin)


@require_POST
@permissions.needs(reaching.PERMISSION)
def over(request: HttpRequest, pk: UUID, contact_id: UUID) -> HttpResponse:
    """Take the word on what became of a call, or of words sent by hand."""
    actor = serving.who_ends(request, pk, contact_id)
    result = request.POST.get("result", "")
    try:
        reaching.conclude(
            actor=actor,
            contact_id=contact_id,
            reached={"yes": True, "no": False}.get(result),
            text=request.POST.get("text", "")[:2_000],
            now=timezone.now(),
        )
    except RegularsError as fault:
        if fault.status in (403, 404):
            raise
        # What is shown then is for those who may see the customer.
        actor, task = serving.who(request, pk)
        return _shown(request, actor, pk, task, fault=fault)
    back = panels.back_of(request)
    if result in ("yes", "no"):
        back = panels.returning(back, contact_id=contact_id, reached=result == "yes")
    return dialogs.done(request, back)


@require_GET
@permissions.needs("customers.view")
def messages(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how to reach one customer, and every contact there was."""
    actor, customer = heading.opened(request, pk)
    context = {
        **heading.shown(customer),
        "panel": panels.made(request, actor, customer.pk, task=None),
        "story": serving.story(request, actor, customer.pk),
        "tabs": serving.tabs(customer.pk, current="messages"),
        "concluded": request.GET.get("reached", ""),
        "may_talk": permissions.allows(actor, reaching.PERMISSION),
    }
    return render(request, "contacts/customer.html", context)


@require_http_methods(["GET", "POST"])
@permissions.needs(reaching.PERMISSION)
def log(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down a contact that was made elsewhere; flagged, never refused."""
    actor, customer = heading.opened(request, pk)
    now = timezone.now()
    standing = complaints.open_of([customer.pk], actor=actor).get(customer.pk, ())
    form = LogForm(
        request.POST or None, now=now, complaints=standing, initial={"at": now, "once": uuid4()}
    )
    back = serving.address(customer.pk)

    def save() -> None:
        reaching.log(
            actor=actor,
            customer_id=customer.pk,
            channel=form.cleaned_data["channel"],
            purpose=form.cleaned_data["purpose"],
            at=form.cleaned_data["at"],
            text=form.cleaned_data["text"],
            about=About(complaint_id=form.cleaned_data.get("complaint")),
            key=f"log:{actor.id}:{form.cleaned_data['once']}",
            now=now,
        )

    if dialogs.saved(form, save, said=_("Written down."), request=request):
        return dialogs.done(request, back)
    return dialogs.show(
        request, title=_("Write down a contact"), form=form, submit=_("Write it down"), back=back
    )


def _acted(
    request: HttpRequest, actor: Actor, pk: UUID, task: Task | None, begin: Any
) -> HttpResponse:
    """Do it, and show the panel as it stands now; a refusal is said in it, and nothing is lost."""
    try:
        phone = begin(timezone.now())
    except RegularsError as fault:
        return _shown(request, actor, pk, task, fault=fault)
    if not request.headers.get("HX-Request") and not phone:
        return HttpResponseRedirect(panels.back_of(request))
    return _shown(request, actor, pk, task, phone=phone)


def _shown(
    request: HttpRequest,
    actor: Actor,
    pk: UUID,
    task: Task | None,
    *,
    phone: str = "",
    fault: RegularsError | None = None,
) -> HttpResponse:
    if fault is not None:
        fault.settle()
    customer = customers.get(actor=actor, customer_id=pk)
    context = {
        **heading.shown(customer),
        "panel": panels.made(request, actor, customer.pk, task=task, phone=phone),
        "fault": fault,
        "typed": request.POST.get("text", "") if fault else "",
        "chosen": request.POST.get("way", ""),
        "is_htmx": bool(request.headers.get("HX-Request")),
    }
    name = "contacts/panel.html" if context["is_htmx"] else "contacts/panel_page.html"
    return render(request, name, context, status=fault.status if fault else 200)
