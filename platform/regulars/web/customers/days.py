"""Days that matter: by the sun or the moon, with the next occasion shown while it is typed."""

from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars import registry
from regulars.customers import calendar, services
from regulars.customers import selectors as customers
from regulars.customers.models import LifeEvent
from regulars.staff import permissions
from regulars.web import dates, toasts
from regulars.web.customers import dialogs, heading
from regulars.web.forms import Form

_SOLAR: Final = "solar"
_LUNAR: Final = "lunar"


class DayForm(Form):
    """What kind of day, by which calendar, and when."""

    kind = forms.ChoiceField(label=gettext_lazy("What day is it?"), choices=LifeEvent.Kind.choices)
    calendar = forms.ChoiceField(
        label=gettext_lazy("Calendar"),
        choices=[(_SOLAR, gettext_lazy("Solar")), (_LUNAR, gettext_lazy("Lunar"))],
        widget=forms.RadioSelect,
        initial=_SOLAR,
    )
    month = forms.TypedChoiceField(label=gettext_lazy("Month"), coerce=int)
    day = forms.TypedChoiceField(label=gettext_lazy("Day"), coerce=int)
    leap_month = forms.BooleanField(label=gettext_lazy("In the leap month"), required=False)
    year = forms.IntegerField(
        label=gettext_lazy("Year, if they say it"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    label = forms.CharField(
        label=gettext_lazy("Whose or what"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        months = range(1, 13)
        days = range(1, 31 if self.is_lunar else 32)
        if self.is_lunar and language.startswith("zh"):
            texts = [dates.lunar_text(month, 1, language=language) for month in months]
            named = [(n, text.removesuffix("初一")) for n, text in zip(months, texts, strict=True)]
            of_month = [
                (n, dates.lunar_text(1, n, language=language).removeprefix("正月")) for n in days
            ]
        else:
            chinese = language.startswith("zh")
            named = [(n, f"{n}月" if chinese else str(n)) for n in months]
            of_month = [(n, f"{n}日" if chinese else str(n)) for n in days]
        nothing = [("", "—")]
        cast(forms.ChoiceField, self.fields["month"]).choices = [*nothing, *named]
        cast(forms.ChoiceField, self.fields["day"]).choices = [*nothing, *of_month]

    @property
    def is_lunar(self) -> bool:
        """Say by which calendar month and day are meant."""
        return bool(self["calendar"].value() == _LUNAR)

    @property
    def is_chosen(self) -> bool:
        """Say whether both month and day are."""
        return bool(self["month"].value() and self["day"].value())

    def next_on(self) -> date | None:
        """Return the next occasion of what is typed so far, if it is a day at all."""
        try:
            month, day = int(self["month"].value()), int(self["day"].value())
        except (TypeError, ValueError):
            return None
        if not calendar.is_day(month=month, day=day, lunar=self.is_lunar):
            return None
        return calendar.next_on(
            month=month,
            day=day,
            lunar=self.is_lunar,
            leap_month=bool(self["leap_month"].value()),
            on_or_after=timezone.localdate(),
            leap_day=registry.policy("customers.leap-day-birthday"),
        )


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def day(request: HttpRequest, pk: UUID, event_id: UUID | None = None) -> HttpResponse:
    """Add a day, or change one."""
    actor, customer = heading.opened(request, pk)
    back = heading.address(customer.pk)
    event = None
    if event_id is not None:
        event = customers.life_events(customer.pk).filter(pk=event_id).first()
        if event is None:
            raise Http404
    form = DayForm(request.POST or None, initial=_initial(event, request.GET.get("kind", "")))

    def save() -> None:
        data = form.cleaned_data
        services.set_life_event(
            actor=actor,
            customer_id=pk,
            event_id=event_id,
            kind=data["kind"],
            month=data["month"],
            day=data["day"],
            year=data["year"],
            lunar=form.is_lunar,
            leap_month=data["leap_month"],
            label=data["label"],
            now=timezone.now(),
        )

    if dialogs.saved(form, save, said=_("The day is kept."), request=request):
        return dialogs.done(request, back)
    return dialogs.show(
        request,
        title=_("A day that matters"),
        form=form,
        submit=_("Keep the day"),
        back=back,
        body="customers/edit_day.html",
        customer=customer,
    )


@require_GET
@permissions.needs("customers.edit")
def fields(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with month, day and next occasion for what is chosen so far."""
    _actor, customer = heading.opened(request, pk)
    form = DayForm(initial=request.GET.dict())
    return render(request, "customers/day_fields.html", {"form": form, "customer": customer})


@require_POST
@permissions.needs("customers.edit")
def remove(request: HttpRequest, pk: UUID, event_id: UUID) -> HttpResponse:
    """Forget a day."""
    actor = permissions.acting(request)
    services.remove_life_event(actor=actor, customer_id=pk, event_id=event_id, now=timezone.now())
    toasts.show(request, _("The day is forgotten."))
    return HttpResponseRedirect(heading.address(pk))


def _initial(event: LifeEvent | None, kind: str) -> dict[str, Any]:
    if event is None:
        return {"kind": kind} if kind in LifeEvent.Kind.values else {}
    return {
        "kind": event.kind,
        "calendar": _LUNAR if event.lunar else _SOLAR,
        "month": event.month,
        "day": event.day,
        "leap_month": event.leap_month,
        "year": event.year,
        "label": event.label,
    }
