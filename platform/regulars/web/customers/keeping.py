"""Notes, consents, cards and further numbers."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.customers import selectors as customers
from regulars.customers import services
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.customers import dialogs, file, heading
from regulars.web.customers.forms import ConsentForm, NoteForm, NumberForm


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leave a note."""
    actor, customer = heading.opened(request, pk)
    back = heading.address(customer.pk)
    form = NoteForm(request.POST or None)

    def save() -> None:
        services.note(
            actor=actor,
            customer_id=pk,
            text=form.cleaned_data["text"],
            is_warning=form.cleaned_data["is_warning"],
            now=timezone.now(),
        )

    if dialogs.saved(form, save, said=_("The note is kept."), request=request):
        return dialogs.done(request, back)
    return dialogs.show(request, title=_("Note"), form=form, submit=_("Keep the note"), back=back)


@require_POST
@permissions.needs("customers.edit")
def note_warning(request: HttpRequest, pk: UUID, note_id: UUID) -> HttpResponse:
    """Take a note off the customer's card, or put it there."""
    actor = permissions.acting(request)
    services.set_warning(
        actor=actor,
        customer_id=pk,
        note_id=note_id,
        is_warning=request.POST.get("warning") == "yes",
        now=timezone.now(),
    )
    return HttpResponseRedirect(heading.address(pk))


@require_POST
@permissions.needs("customers.edit")
def note_remove(request: HttpRequest, pk: UUID, note_id: UUID) -> HttpResponse:
    """Take a note back."""
    actor = permissions.acting(request)
    services.remove_note(actor=actor, customer_id=pk, note_id=note_id, now=timezone.now())
    toasts.show(request, _("The note is gone."))
    return HttpResponseRedirect(heading.address(pk))


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down a yes or a no, and see all that were said."""
    actor, customer = heading.opened(request, pk)
    back = heading.address(customer.pk)
    initial = {"purpose": request.GET.get("purpose", "")}
    form = ConsentForm(request.POST or None, purposes=file.purposes(), initial=initial)

    def save() -> None:
        data = form.cleaned_data
        services.consent(
            actor=actor,
            customer_id=pk,
            purpose=data["purpose"],
            channel=data["channel"],
            given=data["given"] == "yes",
            how=data["how"],
            now=timezone.now(),
        )

    if dialogs.saved(form, save, said=_("Written down."), request=request):
        return dialogs.done(request, back)
    return dialogs.show(
        request,
        title=_("What they agree to"),
        form=form,
        submit=_("Write it down"),
        back=back,
        body="customers/edit_consent.html",
        consents=file.consents(customers.consents_of(customer.pk)),
        lead=_("Say what it is for, and that it is not passed on. A no is kept as well as a yes."),
    )


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def number(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a card, a further phone, or a number of another system."""
    actor, customer = heading.opened(request, pk)
    back = heading.address(customer.pk)
    form = NumberForm(request.POST or None)

    def save() -> None:
        data = form.cleaned_data
        services.add_identity(
            actor=actor,
            customer_id=pk,
            source=data["source"] or data["system"],
            number=data["number"],
            now=timezone.now(),
        )

    said = _("The number leads to this customer now.")
    if dialogs.saved(form, save, said=said, request=request):
        return dialogs.done(request, back)
    return dialogs.show(
        request,
        title=_("Card or number"),
        form=form,
        submit=_("Add"),
        back=back,
        body="customers/edit_number.html",
    )


@require_POST
@permissions.needs("customers.edit")
def number_remove(request: HttpRequest, pk: UUID, identity_id: UUID) -> HttpResponse:
    """Forget a lost card or a wrong number."""
    actor = permissions.acting(request)
    services.remove_identity(
        actor=actor, customer_id=pk, identity_id=identity_id, now=timezone.now()
    )
    toasts.show(request, _("The number no longer leads to this customer."))
    return HttpResponseRedirect(heading.address(pk))
