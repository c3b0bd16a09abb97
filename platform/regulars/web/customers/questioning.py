"""The card that asks for the one missing thing that fits the moment (P1)."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.audit import Actor
from regulars.customers import consents as agreements
from regulars.customers import selectors as customers
from regulars.customers import services
from regulars.customers.models import Customer
from regulars.errors import Invalid, NotFound, RegularsError
from regulars.kit.labels import Label
from regulars.purchases import selectors as purchases
from regulars.staff import permissions
from regulars.tenancy.context import current
from regulars.web import toasts, vertical_fields
from regulars.web.customers import heading
from regulars.web.forms import Form, PhoneField

_HOW = "conversation"


class QuestionForm(Form):
    """One question; its control is called `value`."""

    def __init__(self, *args: object, asked: customers.Next, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = _control(asked)
        self.dress()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as the card shows it."""

    key: str
    label: str
    form: QuestionForm
    suggestions: list[str]


def next_for(
    customer: Customer,
    *,
    purchases: int,
    kinds: Collection[str],
    consents: agreements.Standing,
) -> Asked | None:
    """Return the card for the next question, or None when there is none worth asking."""
    found = customers.next_question(
        customer, purchases=purchases, event_kinds=kinds, consented=consents.fields
    )
    return _asked(found, QuestionForm(asked=found)) if found else None


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def question(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep an answer, or that the customer would rather not say; GET asks the next one."""
    actor, customer = heading.opened(request, pk)
    context = {**heading.shown(customer), "saved": False, "asked": None}
    status = 200
    if request.method == "POST":
        found = customers.find_question(request.POST.get("key", ""))
        if found is None:
            raise NotFound
        form = QuestionForm(request.POST, asked=found)
        try:
            _keep(actor, customer, found, form, declined="decline" in request.POST)
        except RegularsError as fault:
            _refuse(form, fault)
            context["asked"] = _asked(found, form)
            status = 422
        else:
            context["saved"] = True
    else:
        standing = purchases.standing_of(customer.pk)
        kinds = set(customers.life_events(customer.pk).values_list("kind", flat=True))
        context["asked"] = next_for(
            customer,
            purchases=standing.purchases,
            kinds=kinds,
            consents=customers.consents_of(customer.pk),
        )
    if not request.headers.get("HX-Request"):
        if status == 422:
            toasts.show(request, _("That was not kept: please look at the answer."), tone="bad")
        return HttpResponseRedirect(heading.address(customer.pk))
    return render(request, "customers/question.html", context, status=status)


def _keep(
    actor: Actor, customer: Customer, found: customers.Next, form: QuestionForm, *, declined: bool
) -> None:
    now, language = timezone.now(), get_language() or ""
    if declined:
        services.decline(actor=actor, customer_id=customer.pk, key=found.key, how=_HOW, now=now)
        return
    if not form.is_valid():
        raise Invalid(fields={"value": [str(e) for faults in form.errors.values() for e in faults]})
    value = form.cleaned_data["value"]
    if value in ("", [], None):
        raise Invalid(fields={"value": [_("Write or choose an answer first.")]})
    match found.sort:
        case "answer":
            services.answer(
                actor=actor, customer_id=customer.pk, values={found.key: value}, how=_HOW,
                now=now, language=language,
            )  # fmt: skip
        case "field":
            services.set_extra(
                actor=actor, customer_id=customer.pk, values={found.key: value}, how=_HOW,
                now=now, language=language,
            )  # fmt: skip
        case "basic":
            is_city = found.key == "city"
            values = (
                {"address": {**customer.address, "city": value}} if is_city else {found.key: value}
            )
            services.update(actor=actor, customer_id=customer.pk, values=values, now=now)


def _control(asked: customers.Next) -> forms.Field:
    if asked.field is not None:
        return vertical_fields.control(asked.field, language=get_language() or "")
    label = _words(asked)
    match asked.key:
        case "phone":
            return PhoneField(label=label, required=False, region=current().country)
        case "gender":
            choices = [("", "—"), *Customer.Gender.choices]
            return forms.ChoiceField(label=label, required=False, choices=choices)
        case "email":
            return forms.CharField(label=label, required=False, widget=forms.EmailInput())
    return forms.CharField(label=label, required=False, max_length=80)


def _asked(found: customers.Next, form: QuestionForm) -> Asked:
    suggestions = [label.text(get_language() or "") for label in found.suggestions]
    return Asked(key=found.key, label=_words(found), form=form, suggestions=suggestions)


def _words(asked: customers.Next) -> str:
    if isinstance(asked.label, Label):
        return asked.label.text(get_language() or "")
    return str(asked.label)


def _refuse(form: QuestionForm, fault: RegularsError) -> None:
    """Show every sentence at the one control there is."""
    sentences = [str(each) for faults in fault.fields.values() for each in faults]
    form.is_valid()
    for sentence in dict.fromkeys(sentences or [str(fault)]):
        if sentence not in form.errors.get("value", []):
            form.add_error("value", sentence)
