"""Notes, consents, cards and numbers, and the things a customer has."""

from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars import registry
from regulars.customers import questions, services
from regulars.customers import selectors as customers
from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.customers import dialogs, file, heading
from regulars.web.customers.forms import ConsentForm, NoteForm, NumberForm, PossessionForm


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leave a note."""
    actor, customer = heading.opened(request, pk)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.note(
                actor=actor,
                customer_id=pk,
                text=form.cleaned_data["text"],
                is_warning=form.cleaned_data["is_warning"],
                now=timezone.now(),
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("The note is kept."))
            return dialogs.done(request, heading.address(customer.pk))
    return dialogs.show(
        request,
        title=_("Note"),
        form=form,
        submit=_("Keep the note"),
        back=heading.address(customer.pk),
    )


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
    initial = {"purpose": request.GET.get("purpose", "")}
    form = ConsentForm(request.POST or None, purposes=file.purposes(), initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.consent(
                actor=actor,
                customer_id=pk,
                purpose=data["purpose"],
                channel=data["channel"],
                given=data["given"] == "yes",
                how=data["how"],
                now=timezone.now(),
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Written down."))
            return dialogs.done(request, heading.address(customer.pk))
    return dialogs.show(
        request,
        title=_("What they agree to"),
        form=form,
        submit=_("Write it down"),
        back=heading.address(customer.pk),
        body="customers/edit_consent.html",
        consents=file.consents(customers.consents_of(customer.pk)),
        lead=_("Say what it is for, and that it is not passed on. A no is kept as well as a yes."),
    )


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def number(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a card, a further phone, or a number of another system."""
    actor, customer = heading.opened(request, pk)
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.add_identity(
                actor=actor,
                customer_id=pk,
                source=data["source"] or data["system"],
                number=data["number"],
                now=timezone.now(),
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("The number leads to this customer now."))
            return dialogs.done(request, heading.address(customer.pk))
    return dialogs.show(
        request,
        title=_("Card or number"),
        form=form,
        submit=_("Add"),
        back=heading.address(customer.pk),
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


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def possession_new(request: HttpRequest, pk: UUID, kind: str = "") -> HttpResponse:
    """Choose what sort of thing it is, then say what it is like."""
    actor, customer = heading.opened(request, pk)
    language = get_language() or ""
    kinds = [each for each in registry.vertical().possessions if not each.retired]
    chosen = next((each for each in kinds if each.key == kind), None)
    if kind and chosen is None:
        raise Http404
    if chosen is None and len(kinds) == 1:
        chosen = kinds[0]
    if chosen is None:
        return dialogs.choose(
            request,
            title=_("What do they have?"),
            back=heading.address(customer.pk),
            options=[
                (each.label.text(language), "customer_possession_new_of", [pk, each.key])
                for each in kinds
            ],
        )
    declared = questions.usable(chosen.fields)
    form = PossessionForm(request.POST or None, declared=declared, held={}, language=language)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_possession(
                actor=actor,
                customer_id=pk,
                kind=chosen.key,
                values=form.values(),
                title=form.cleaned_data["title"],
                acquired_on=form.cleaned_data["acquired_on"],
                now=timezone.now(),
                language=language,
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Added."))
            return dialogs.done(request, heading.address(customer.pk))
    return dialogs.show(
        request,
        title=chosen.label.text(language),
        form=form,
        submit=_("Add"),
        back=heading.address(customer.pk),
    )


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def possession(request: HttpRequest, pk: UUID, possession_id: UUID) -> HttpResponse:
    """Change a thing."""
    actor, customer = heading.opened(request, pk)
    language = get_language() or ""
    row = customers.possessions(customer.pk).filter(pk=possession_id).first()
    kind = registry.vertical().possession(row.kind) if row else None
    if row is None or kind is None:
        raise Http404
    form = PossessionForm(
        request.POST or None,
        declared=questions.usable(kind.fields),
        held=row.extra,
        language=language,
        initial={"title": row.title, "acquired_on": row.acquired_on},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_possession(
                actor=actor,
                customer_id=pk,
                possession_id=row.pk,
                values=form.values(),
                title=form.cleaned_data["title"],
                acquired_on=form.cleaned_data["acquired_on"],
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
        title=kind.label.text(language),
        form=form,
        submit=_("Save"),
        back=heading.address(customer.pk),
    )


@require_POST
@permissions.needs("customers.edit")
def possession_end(request: HttpRequest, pk: UUID, possession_id: UUID) -> HttpResponse:
    """Say that they no longer have it, or that they do after all."""
    actor = permissions.acting(request)
    today: date = timezone.localdate()
    ended_on = None if request.POST.get("again") else today
    services.end_possession(
        actor=actor,
        customer_id=pk,
        possession_id=possession_id,
        ended_on=ended_on,
        now=timezone.now(),
    )
    toasts.show(request, _("Saved."))
    return HttpResponseRedirect(heading.address(pk))
