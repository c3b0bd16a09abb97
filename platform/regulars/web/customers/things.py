"""The things a customer has: adding, changing, ending."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars import registry
from regulars.customers import questions, services
from regulars.customers import selectors as customers
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.customers import dialogs, heading
from regulars.web.customers.forms import PossessionForm


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def new(request: HttpRequest, pk: UUID, kind: str = "") -> HttpResponse:
    """Choose what sort of thing it is, then say what it is like."""
    actor, customer = heading.opened(request, pk)
    back, language = heading.address(customer.pk), get_language() or ""
    kinds = {each.key: each for each in registry.vertical().possessions if not each.retired}
    if not kinds or (kind and kind not in kinds):
        raise Http404
    if not kind and len(kinds) > 1:
        options = [
            (each.label.text(language), reverse("customer_possession_of", args=[pk, each.key]))
            for each in kinds.values()
        ]
        return dialogs.choose(request, title=_("What do they have?"), back=back, options=options)
    chosen = kinds[kind] if kind else next(iter(kinds.values()))
    declared = questions.usable(chosen.fields)
    form = PossessionForm(request.POST or None, declared=declared, held={}, language=language)

    def save() -> None:
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

    if dialogs.saved(form, save, said=_("Added."), request=request):
        return dialogs.done(request, back)
    title = chosen.label.text(language)
    return dialogs.show(request, title=title, form=form, submit=_("Add"), back=back)


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def change(request: HttpRequest, pk: UUID, possession_id: UUID) -> HttpResponse:
    """Change a thing."""
    actor, customer = heading.opened(request, pk)
    back, language = heading.address(customer.pk), get_language() or ""
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

    def save() -> None:
        services.update_possession(
            actor=actor,
            customer_id=pk,
            possession_id=possession_id,
            values=form.values(),
            title=form.cleaned_data["title"],
            acquired_on=form.cleaned_data["acquired_on"],
            now=timezone.now(),
            language=language,
        )

    if dialogs.saved(form, save, said=_("Saved."), request=request):
        return dialogs.done(request, back)
    title = kind.label.text(language)
    return dialogs.show(request, title=title, form=form, submit=_("Save"), back=back)


@require_POST
@permissions.needs("customers.edit")
def end(request: HttpRequest, pk: UUID, possession_id: UUID) -> HttpResponse:
    """Say that they no longer have it, as of today."""
    actor = permissions.acting(request)
    services.end_possession(
        actor=actor,
        customer_id=pk,
        possession_id=possession_id,
        ended_on=timezone.localdate(),
        now=timezone.now(),
    )
    undo = reverse("customer_possession_again", args=[pk, possession_id])
    toasts.show(request, _("Saved."), undo=undo)
    return HttpResponseRedirect(heading.address(pk))


@require_POST
@permissions.needs("customers.edit")
def again(request: HttpRequest, pk: UUID, possession_id: UUID) -> HttpResponse:
    """Take back that they no longer have it."""
    actor = permissions.acting(request)
    services.end_possession(
        actor=actor,
        customer_id=pk,
        possession_id=possession_id,
        ended_on=None,
        now=timezone.now(),
    )
    return HttpResponseRedirect(heading.address(pk))
