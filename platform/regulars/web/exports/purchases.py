"""Taking purchases out as a file, a row for each line."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.imports.writing import purchases
from regulars.imports.writing.purchases import Which
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.web.exports import files
from regulars.web.forms import DayField, Form

_MOST_STORES = 300
_PHONES = "phones"


class WhichForm(Form):
    """Which purchases, and whether with the buyers' phones."""

    start = DayField(label=_("From"), required=False)
    end = DayField(label=_("To"), required=False)
    store = forms.TypedChoiceField(
        label=_("Store"), required=False, coerce=UUID, empty_value=None, choices=()
    )
    customer = forms.UUIDField(widget=forms.HiddenInput, required=False)
    brought_in = forms.UUIDField(widget=forms.HiddenInput, required=False)
    phones = forms.BooleanField(
        label=_("Phone numbers in full"),
        help_text=_(
            "Otherwise only those of your own customers. It is written down who took them."
        ),
        required=False,
    )

    def __init__(self, query: QueryDict, *, actor: Actor, today: date) -> None:
        this_month = {"start": today.replace(day=1), "end": today}
        super().__init__(query or this_month)
        seen = stores.visible(actor.scope).values_list("pk", "name")[:_MOST_STORES]
        choices = [("", _("All stores")), *((str(key), name) for key, name in seen)]
        chosen: Any = self.fields["store"]
        chosen.choices = choices
        if not permissions.allows(actor, "customers.reveal-phone"):
            del self.fields[_PHONES]

    @property
    def which(self) -> Which:
        """What was asked for; what makes no sense narrows nothing."""
        self.full_clean()
        asked = self.cleaned_data
        return Which(
            first=asked.get("start"),
            last=asked.get("end"),
            store_id=asked.get("store"),
            customer_id=asked.get("customer"),
            import_id=asked.get("brought_in"),
        )


@require_GET
@permissions.needs("customers.export")
def page(request: HttpRequest) -> HttpResponse:
    """Offer a file of lines; how many there are is counted when it is made."""
    form = WhichForm(request.GET, actor=permissions.acting(request), today=files.today())
    given = files.offered(form, rows=0, keeps={})
    return render(request, "exports/purchases.html", {"place": "insights", **given})


@require_GET
@permissions.needs("customers.export")
def file(request: HttpRequest, ending: str) -> StreamingHttpResponse:
    """Send the lines of the purchases asked for. Raises TooManyRows."""
    actor = permissions.acting(request)
    form = WhichForm(request.GET, actor=actor, today=files.today())
    which = form.which
    rows = purchases.count_lines(actor=actor, which=which)
    files.check_size(rows, ending=ending)
    with_phones = bool(form.cleaned_data.get(_PHONES))
    sheet = purchases.sheet(
        actor=actor, which=which, with_phones=with_phones, language=get_language() or ""
    )
    narrowed = {name: value for name, value in request.GET.items() if name != _PHONES and value}
    audit.record(
        actor=actor,
        action="purchases.exported",
        object_kind="store" if which.store_id else "",
        object_id=which.store_id,
        data={"file": ending, "rows": rows, "filters": narrowed, _PHONES: with_phones},
    )
    return files.answer(sheet, name=f"purchases-{files.today()}", ending=ending)
