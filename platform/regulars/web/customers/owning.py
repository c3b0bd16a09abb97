"""Whose customer it is: another guide, another store, and a leaver's whole list (C7)."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from regulars.audit import Actor
from regulars.customers import selectors as customers
from regulars.customers import services
from regulars.customers.models import Customer
from regulars.staff import permissions
from regulars.staff.models import Role, Staff
from regulars.stores import selectors as stores
from regulars.web import toasts
from regulars.web.customers import dialogs, heading
from regulars.web.forms import Form

_SERVING = (Role.GUIDE, Role.STORE_MANAGER)


class OwnerForm(Form):
    """Guide and home store of one customer."""

    owner = forms.ChoiceField(label=gettext_lazy("Guide"), required=False)
    home_store = forms.ChoiceField(label=gettext_lazy("Home store"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, actor: Actor, customer: Customer, **kwargs: Any) -> None:
        initial = {"owner": customer.owner_id or "", "home_store": customer.home_store_id or ""}
        super().__init__(*args, initial=initial, **kwargs)
        owners = [(str(each.pk), each.name) for each in team(actor)]
        if customer.owner and str(customer.owner_id) not in dict(owners):
            owners.append((str(customer.owner_id), customer.owner.name))
        places = [(str(each.pk), each.name) for each in stores.open_stores(actor.scope)]
        cast(forms.ChoiceField, self.fields["owner"]).choices = [("", _("nobody")), *owners]
        cast(forms.ChoiceField, self.fields["home_store"]).choices = [("", "—"), *places]


class HandOverForm(Form):
    """Whose customers go to whom."""

    leaver = forms.ChoiceField(label=gettext_lazy("Whose customers"))
    to = forms.MultipleChoiceField(
        label=gettext_lazy("Who takes them on"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Several share them evenly. Nobody: they wait without a guide."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = (
            Customer.objects.filter(customers.within(actor.scope), state=Customer.State.ACTIVE)
            .exclude(owner=None)
            .order_by("owner__name")
            .values_list("owner", "owner__name", "owner__state")
            .annotate(count=Count("pk"))
        )
        leavers = [
            (str(pk), f"{name} · {count}" + (f" · {_('has left')}" if state == "left" else ""))
            for pk, name, state, count in counted
        ]
        cast(forms.ChoiceField, self.fields["leaver"]).choices = [("", "—"), *leavers]
        cast(forms.MultipleChoiceField, self.fields["to"]).choices = [
            (str(each.pk), each.name) for each in team(actor)
        ]


def team(actor: Actor) -> QuerySet[Staff]:
    """Return who serves in the places somebody sees."""
    people = Staff.objects.filter(state=Staff.State.ACTIVE, role__in=_SERVING)
    if not actor.scope.everything:
        here = Q(home_store__in=actor.scope.store_ids)
        people = people.filter(here | Q(assignments__store__in=actor.scope.store_ids)).distinct()
    return people.order_by("name", "pk")


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.hand-over")
def owner(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a customer another guide or home store."""
    actor, customer = heading.opened(request, pk)
    form = OwnerForm(request.POST or None, actor=actor, customer=customer)

    def save() -> None:
        data = form.cleaned_data
        services.assign(
            actor=actor,
            customer_id=pk,
            owner_id=UUID(data["owner"]) if data["owner"] else None,
            home_store_id=UUID(data["home_store"]) if data["home_store"] else None,
            reason=data["reason"],
            now=timezone.now(),
        )

    if dialogs.saved(form, save, said=_("Saved."), request=request):
        return dialogs.done(request, heading.address(customer.pk))
    return dialogs.show(
        request,
        title=_("Guide and home store"),
        form=form,
        submit=_("Save"),
        back=heading.address(customer.pk),
    )


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.hand-over")
def hand_over(request: HttpRequest) -> HttpResponse:
    """Hand a leaver's customers to one colleague, or spread them over several."""
    actor = permissions.acting(request)
    initial = {"leaver": request.GET.get("from", "")}
    form = HandOverForm(request.POST or None, actor=actor, initial=initial)
    moved = 0

    def save() -> None:
        nonlocal moved
        data = form.cleaned_data
        moved = services.hand_over(
            actor=actor,
            from_owner_id=UUID(data["leaver"]),
            to_owner_id=[UUID(each) for each in data["to"]] or None,
            reason=data["reason"],
            now=timezone.now(),
        )

    if dialogs.tried(form, save):
        text = ngettext("%(count)s customer moved.", "%(count)s customers moved.", moved)
        toasts.show(request, text % {"count": moved})
        return HttpResponseRedirect(reverse("customers"))
    context = {"place": "customers", "form": form}
    return render(request, "customers/hand_over.html", context, status=422 if form.errors else 200)
