"""Changing what is kept of a customer: the file, answers, the vertical's fields."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.customers import questions, services
from regulars.customers import selectors as customers
from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.customers import dialogs, heading, listing
from regulars.web.customers.forms import AnswersForm, ExtraForm, FileForm


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the basic file."""
    actor, customer = heading.opened(request, pk)
    phone_open = customers.may_read_phone(actor, customer.owner_id)
    form = FileForm(request.POST or None, customer=customer, phone_open=phone_open)
    known: list[customers.Card] = []
    if request.method == "POST" and form.is_valid():
        try:
            services.update(
                actor=actor,
                customer_id=pk,
                values=form.values(),
                now=timezone.now(),
                same_phone_is_fine=form.cleaned_data["anyway"],
                unchanged_since=form.seen_at(),
            )
        except services.PhoneKnown as fault:
            phone = form.cleaned_data["phone"]
            known = customers.same_phone(actor=actor, phone=phone, other_than=customer.pk)
            form.refuse(fault)
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Saved."))
            return dialogs.done(request, heading.address(customer.pk))
    return dialogs.show(
        request,
        title=_("Change the file"),
        form=form,
        submit=_("Save"),
        back=heading.address(customer.pk),
        body="customers/edit_file.html",
        known=listing.rows(actor, known),
        customer=customer,
    )


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def answers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the deep profile (P3): any answer, none of them required."""
    actor, customer = heading.opened(request, pk)
    language = get_language() or ""
    agreed = customers.consents_of(customer.pk).fields
    asked = [
        each for each in questions.questions() if not each.field.sensitive or each.key in agreed
    ]
    form = AnswersForm(request.POST or None, asked=asked, customer=customer, language=language)
    if request.method == "POST" and form.is_valid():
        try:
            services.answer(
                actor=actor,
                customer_id=pk,
                values=form.values(),
                how=form.cleaned_data["how"],
                now=timezone.now(),
                language=language,
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Saved."))
            return dialogs.done(request, heading.address(customer.pk))
    return dialogs.show(
        request,
        title=_("What they told us"),
        form=form,
        submit=_("Save"),
        back=heading.address(customer.pk),
        body="customers/edit_answers.html",
        lead=_("Only what came up by itself. It stays with us, and they may see it any time."),
    )


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def extra(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the vertical's fields."""
    actor, customer = heading.opened(request, pk)
    language = get_language() or ""
    agreed = customers.consents_of(customer.pk).fields
    declared = [each for each in questions.extra_fields() if not each.sensitive or each.key in agreed]
    form = ExtraForm(
        request.POST or None, declared=declared, held=customer.extra, language=language
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.set_extra(
                actor=actor,
                customer_id=pk,
                values=form.values(),
                how=form.cleaned_data["how"],
                now=timezone.now(),
                language=language,
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Saved."))
            return dialogs.done(request, heading.address(customer.pk))
    waiting = [
        each.label.text(language)
        for each in questions.extra_fields()
        if each.sensitive and each.key not in agreed
    ]
    return dialogs.show(
        request,
        title=_("Details"),
        form=form,
        submit=_("Save"),
        back=heading.address(customer.pk),
        body="customers/edit_extra.html",
        waiting=waiting,
        customer=customer,
    )
