"""One conversation: its messages, the box to answer in, and settling it without words."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars import moments
from regulars.customers import selectors as customers
from regulars.errors import RegularsError
from regulars.messages.refusals import NotLikeThis, SaidOtherwise
from regulars.staff import permissions
from regulars.usecases import answering, talking
from regulars.usecases.answering import Answered
from regulars.usecases.talking import Conversation
from regulars.web import toasts
from regulars.web.contacts import serving
from regulars.web.customers import dialogs, heading
from regulars.web.forms import Form
from regulars.web.talking import counting, presence, showing


class HandForm(Form):
    """To whom a conversation goes."""

    to = forms.ChoiceField(label=gettext_lazy("Colleague"))

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["to"]).choices = people


@require_GET
@permissions.needs(talking.PERMISSION)
def conversation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a conversation, its newest message in view."""
    return _page(request, pk)


@require_GET
@permissions.needs(talking.PERMISSION)
def fresh(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the messages if anything changed since the page's mark, else with nothing.

    Asked every few seconds: what was said is read only if there is something new.
    """
    now = timezone.now()
    _wider, customer = talking.opened(actor=permissions.acting(request), customer_id=pk, now=now)
    others = _others(request, customer.pk, is_writing=bool(request.GET.get("writing")))
    mark = showing.mark(talking.mark_of(customer, now=now), others)
    if request.GET.get("mark", "") == mark:
        return HttpResponse(status=204)
    talk = _talk(request, pk)
    return render(request, "talking/thread.html", showing.thread(talk, others))


@require_POST
@permissions.needs(talking.PERMISSION)
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send an answer; what was typed stays in the box when it is refused."""
    try:
        answered = answering.answer(
            actor=permissions.acting(request),
            customer_id=pk,
            channel=request.POST.get("way", "")[:20],
            text=request.POST.get("text", "")[:4_000],
            subject=request.POST.get("subject", "")[:200],
            template=request.POST.get("template", "")[:60],
            seen_at=_moment(request.POST.get("looked_at", "")),
            complaint_id=serving.complaint(request),
            key=serving.key(request),
            now=timezone.now(),
        )
    except RegularsError as fault:
        if fault.status in (403, 404):
            raise
        fault.settle()
        return _page(request, pk, fault=fault)
    counting.forget(request)
    _tell(request, answered)
    if request.headers.get("HX-Request"):
        return _page(request, pk)
    return HttpResponseRedirect(reverse("conversation", args=[pk]))


@require_POST
@permissions.needs(talking.PERMISSION)
def done(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Settle what waits without words."""
    answering.mark(actor=permissions.acting(request), customer_id=pk, now=timezone.now())
    counting.forget(request)
    toasts.show(request, _("Nothing waits here any more."))
    return dialogs.done(request, reverse("messages"))


@require_http_methods(["GET", "POST"])
@permissions.needs(talking.PERMISSION)
def hand(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand a conversation to a colleague of the customer's store."""
    actor, now = permissions.acting(request), timezone.now()
    _wider, customer = talking.opened(actor=actor, customer_id=pk, now=now)
    people = [
        (str(each.pk), each.name) for each in answering.colleagues(customer) if each.pk != actor.id
    ]
    form = HandForm(request.POST or None, people=people)

    def save() -> None:
        chosen = UUID(form.cleaned_data["to"])
        answering.hand(actor=actor, customer_id=pk, staff_id=chosen, now=now)
        counting.forget(request)

    if dialogs.saved(form, save, said=_("It is theirs now."), request=request):
        return dialogs.done(request, reverse("messages"))
    return dialogs.show(
        request,
        title=_("Hand to a colleague"),
        form=form,
        submit=_("Hand over"),
        back=reverse("conversation", args=[pk]),
    )


def _page(request: HttpRequest, pk: UUID, *, fault: RegularsError | None = None) -> HttpResponse:
    before = _moment(request.GET.get("before", ""))
    talk = _talk(request, pk, before=before)
    others = _others(request, talk.customer.pk)
    customer, now = talk.customer, timezone.now()
    actor = permissions.acting(request)
    context = {
        **heading.shown(customer),
        **showing.thread(talk, others),
        **showing.box(talk, now=now),
        "place": "messages",
        "before": before,
        "fault": fault,
        "typed": request.POST if fault else {},
        "may_open_file": customers.reaches(actor.scope)(customer.owner_id, customer.home_store_id),
        "phone_open": customers.may_read_phone(actor, customer.owner_id),
    }
    if fault:
        context["way"] = request.POST.get("way", "") or context["way"]
        # What the key of this form stood for is over: sending again is another message.
        context["is_over"] = isinstance(fault, NotLikeThis | SaidOtherwise)
    is_part = bool(request.headers.get("HX-Request")) and request.method == "POST"
    context["is_part"] = is_part
    name = "talking/talk.html" if is_part else "talking/conversation.html"
    return render(request, name, context, status=fault.status if fault else 200)


def _talk(request: HttpRequest, pk: UUID, *, before: datetime | None = None) -> Conversation:
    actor = permissions.acting(request)
    return talking.conversation(actor=actor, customer_id=pk, now=timezone.now(), before=before)


def _others(
    request: HttpRequest, customer_id: UUID, *, is_writing: bool = False
) -> list[tuple[str, bool]]:
    return presence.seen(
        actor=permissions.acting(request),
        customer_id=customer_id,
        now=timezone.now(),
        is_writing=is_writing,
    )


def _tell(request: HttpRequest, answered: Answered) -> None:
    """Say that it is on its way, and what a colleague had said already."""
    if not answered.before:
        toasts.show(request, _("Your answer is on its way."))
        return
    last = answered.before[-1]
    said = _("Your answer is on its way. %(name)s had answered already: “%(text)s”") % {
        "name": last.staff.name if last.staff else _("A colleague"),
        "text": last.text[:80],
    }
    toasts.show(request, said, tone="warning")


def _moment(text: str) -> datetime | None:
    try:
        return moments.read(text) if text else None
    except ValueError:
        return None
