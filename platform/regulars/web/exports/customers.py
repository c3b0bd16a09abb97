"""Taking customers out as a file that can be brought back in."""

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.imports.writing import customers
from regulars.imports.writing.customers import Wishes
from regulars.staff import permissions
from regulars.web.customers.listing import filters_of
from regulars.web.exports import files
from regulars.web.forms import Form


class WishesForm(Form):
    """What the file should hold besides the basic file."""

    answers = forms.BooleanField(
        label=_("What customers told us: answers, details, the newest note"), required=False
    )
    phones = forms.BooleanField(
        label=_("Phone numbers in full"),
        help_text=_(
            "Otherwise only those of your own customers. It is written down who took them."
        ),
        required=False,
    )
    sensitive = forms.BooleanField(
        label=_("What may be kept only with consent, of those who agreed"), required=False
    )

    def __init__(self, *args: object, actor: Actor, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        allowed = customers.granted(Wishes(phones=True, sensitive=True), actor=actor)
        for name in ("phones", "sensitive"):
            if not getattr(allowed, name):
                del self.fields[name]


@require_GET
@permissions.needs("customers.export")
def page(request: HttpRequest) -> HttpResponse:
    """Say how many customers a file would hold, and offer it."""
    actor = permissions.acting(request)
    found = customers.chosen(actor=actor, filters=filters_of(request.GET, me=actor.id))
    form = WishesForm(actor=actor, initial={"answers": True})
    own = {*form.fields, "after", "sort", "q"}
    keeps = {name: request.GET[name] for name in request.GET if name not in own}
    given = files.offered(form, rows=found.count(), keeps=keeps)
    return render(request, "exports/customers.html", {"place": "customers", **given})


@require_GET
@permissions.needs("customers.export")
def file(request: HttpRequest, ending: str) -> StreamingHttpResponse:
    """Send the customers that the list's filters leave. Raises TooManyRows."""
    actor = permissions.acting(request)
    filters = filters_of(request.GET, me=actor.id)
    asked = WishesForm(request.GET, actor=actor)
    asked.full_clean()
    wishes = customers.granted(Wishes(**asked.cleaned_data), actor=actor)
    rows = customers.chosen(actor=actor, filters=filters).count()
    files.check_size(rows, ending=ending)
    sheet = customers.sheet(
        actor=actor, filters=filters, wishes=wishes, language=get_language() or ""
    )
    _write_down(request, actor, wishes, rows=rows, ending=ending)
    return files.answer(sheet, name=f"customers-{files.today()}", ending=ending)


def _write_down(
    request: HttpRequest, actor: Actor, wishes: Wishes, *, rows: int, ending: str
) -> None:
    named = {"answers": wishes.answers, "phones": wishes.phones, "sensitive": wishes.sensitive}
    narrowed = {name: value for name, value in request.GET.items() if name not in named and value}
    audit.record(
        actor=actor,
        action="customers.exported",
        data={"file": ending, "rows": rows, "filters": narrowed, **named},
    )
