"""Changing what is kept of a customer: the file, answers, the vertical's fields."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.customers import questions, services
from regulars.customers import selectors as customers
from regulars.staff import permissions
from regulars.web.customers import dialogs, heading, listing
from regulars.web.customers.forms import AnswersForm, ExtraForm, FileForm


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the basic file."""
    actor, customer = heading.opened(request, pk)
    back = heading.address(customer.pk)
    phone_open = customers.may_read_phone(actor, customer.owner_id)
    form = FileForm(request.POST or None, customer=customer, phone_open=phone_open)

    def save() -> None:
        services.update(
            actor=actor,
            customer_id=pk,
            values=form.values(),
            now=timezone.now(),
            same_phone_is_fine=form.cleaned_data["anyway"],
            unchanged_since=form.seen_at(),
        )

    if dialogs.saved(form, save, said=_("Saved."), request=request):
        return dialogs.done(request, back)
    known: list[customers.Card] = []
    if form.has_error("phone") and form.typed_phone:
        phone = form.typed_phone
        known = customers.same_phone(actor=actor, phone=phone, other_than=customer.pk)
    return dialogs.show(
        request,
        title=_("Change the file"),
        form=form,
        submit=_("Save"),
        back=back,
        body="customers/edit_file.html",
        known=listing.rows(actor, known),
        customer=customer,
    )


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def answers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the deep profile (P3): any answer, none of them required."""
    actor, customer = heading.opened(request, pk)
    back, language = heading.address(customer.pk), get_language() or ""
    agreed = customers.consents_of(customer.pk).fields
    asked = [
        each for each in questions.questions() if not each.field.sensitive or each.key in agreed
    ]
    form = AnswersForm(request.POST or None, asked=asked, customer=customer, language=language)

    def save() -> None:
        services.answer(
            actor=actor,
            customer_id=pk,
            values=form.values(),
            how=form.cleaned_data["how"],
            now=timezone.now(),
            language=language,
        )

    if dialogs.saved(form, save, said=_("Saved."), request=request):
        return dialogs.done(request, back)
    return dialogs.show(
        request,
        title=_("What they told us"),
        form=form,
        submit=_("Save"),
        back=back,
        body="customers/edit_answers.html",
        lead=_("Only what came up by itself. It stays with us, and they may see it any time."),
    )


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def extra(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the vertical's fields; sensitive ones wait for the customer's consent."""
    actor, customer = heading.opened(request, pk)
    back, language = heading.address(customer.pk), get_language() or ""
    agreed = customers.consents_of(customer.pk).fields
    declared = questions.extra_fields()
    waiting = [each for each in declared if each.sensitive and each.key not in agreed]
    open_ = [each for each in declared if each not in waiting]
    form = ExtraForm(request.POST or None, declared=open_, held=customer.extra, language=language)

    def save() -> None:
        services.set_extra(
            actor=actor,
            customer_id=pk,
            values=form.values(),
            how=form.cleaned_data["how"],
            now=timezone.now(),
            language=language,
        )

    if dialogs.saved(form, save, said=_("Saved."), request=request):
        return dialogs.done(request, back)
    return dialogs.show(
        request,
        title=_("Details"),
        form=form,
        submit=_("Save"),
        back=back,
        body="customers/edit_extra.html",
        waiting=[(f"field.{each.key}", each.label.text(language)) for each in waiting],
        customer=customer,
    )
