"""What a person may ask of us: to be told what is kept, and to be forgotten (P5)."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.usecases import disclose as disclose_story
from regulars.usecases import erase as erase_story
from regulars.web import toasts
from regulars.web.customers import heading
from regulars.web.customers.forms import EraseForm, ReasonForm


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.export")
def disclose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out everything kept of one person, as a file, to somebody whom they asked."""
    actor, customer = heading.opened(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        told = disclose_story.disclose(
            actor=actor, customer_id=pk, asked=form.cleaned_data["asked"], now=now
        )
        text = json.dumps(told, ensure_ascii=False, indent=2)
        name = f"customer-{customer.pk}-{timezone.localdate(now)}.json"
        return HttpResponse(
            text,
            content_type="application/json; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    context = {**heading.shown(customer), "form": form}
    return render(request, "customers/disclose.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.erase")
def erase(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget a person, after their name was typed."""
    actor, customer = heading.opened(request, pk)
    expected = customer.name or customer.member_code or (customer.phone or "")[-4:]
    form = EraseForm(request.POST or None, expected=expected)
    if request.method == "POST" and form.is_valid():
        try:
            erase_story.erase(
                actor=actor,
                customer_id=pk,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Everything personal is erased."))
            return HttpResponseRedirect(reverse("customers"))
    context = {**heading.shown(customer), "form": form, "expected": expected}
    return render(request, "customers/erase.html", context, status=422 if form.errors else 200)
