"""A new customer: a name and a phone, and a word when somebody has that phone already (P1)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from regulars.customers import naming, services
from regulars.customers import selectors as customers
from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.tenancy.context import current
from regulars.usecases import subscribe
from regulars.web import toasts
from regulars.web.customers import heading, listing
from regulars.web.customers.forms import NewCustomerForm


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def new(request: HttpRequest) -> HttpResponse:
    """Make a customer, or offer the one who has this phone."""
    actor = permissions.acting(request)
    initial = {name: request.GET.get(name, "")[:80] for name in ("name", "phone")}
    form = NewCustomerForm(request.POST or None, initial=initial)
    known: list[customers.Card] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.create(
                actor=actor,
                now=timezone.now(),
                values={"name": data["name"], "phone": data["phone"]},
                same_phone_is_fine=data["anyway"],
                language=get_language() or "",
            )
        except services.PhoneKnown as fault:
            known = customers.same_phone(actor=actor, phone=data["phone"])
            form.refuse(fault)
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("%(name)s is on the list now.") % {"name": _called(made)})
            return HttpResponseRedirect(heading.address(made.pk))
    context = {
        "place": "customers",
        "form": form,
        "known": listing.rows(actor, known),
        "full": subscribe.is_full_of_members(),
    }
    return render(request, "customers/new.html", context, status=422 if form.errors else 200)


@require_GET
@permissions.needs("customers.edit")
def similar(request: HttpRequest) -> HttpResponse:
    """Say who has the phone that is being typed; nothing while it is no whole number."""
    actor = permissions.acting(request)
    known: list[customers.Card] = []
    try:
        phone = naming.clean_phone(request.GET.get("phone", "")[:40], region=current().country)
    except naming.BadPhone:
        phone = None
    if phone:
        known = customers.same_phone(actor=actor, phone=phone)
    context = {"known": listing.rows(actor, known)}
    return render(request, "customers/similar.html", context)


def _called(made: object) -> str:
    return heading.called(getattr(made, "name", ""), getattr(made, "member_code", None))
