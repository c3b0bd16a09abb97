"""Planning something for one customer by hand: a single task, or a plan from its first step."""

from datetime import date, timedelta
from typing import Any, Final, cast
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.customers import today as days
from regulars.followups.plans import by_hand, selectors, services
from regulars.staff import permissions
from regulars.web.customers import dialogs, heading
from regulars.web.forms import DayField, Form

_DOING: Final = (
    ("call", gettext_lazy("Call")),
    ("message", gettext_lazy("Write")),
    ("visit", gettext_lazy("Meet in the shop")),
    ("task", gettext_lazy("Something to prepare")),
)


class PlanForm(Form):
    """What, when, and for something of one's own also how."""

    plan = forms.ChoiceField(label=gettext_lazy("What"), required=False, widget=forms.Select)
    title = forms.CharField(
        label=gettext_lazy("What is to be done"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    do = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=_DOING,
        required=False,
        initial="call",
        widget=forms.RadioSelect,
    )
    on = DayField(label=gettext_lazy("On which day"))
    once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, plans: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = ("", gettext_lazy("Something of your own"))
        cast(forms.ChoiceField, self.fields["plan"]).choices = [own, *plans]
        self.fields["title"].help_text = gettext_lazy("Only for something of your own.")
        self.fields["on"].help_text = gettext_lazy("Of a plan: the day its steps count from.")

    def clean(self) -> dict[str, Any]:
        """Ask what is to be done where no plan says it."""
        data = super().clean() or {}
        if (
            not data.get("plan")
            and not data.get("title", "").strip()
            and "title" not in self.errors
        ):
            self.add_error("title", ValidationError(_("Say what is to be done.")))
        return data


@require_http_methods(["GET", "POST"])
@permissions.needs(selectors.VIEW)
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note something to do with a customer, or start a plan with them."""
    actor, customer = heading.opened(request, pk)
    now, language = timezone.now(), get_language() or ""
    tomorrow: date = days.of_store(customer.home_store_id, now=now) + timedelta(days=1)
    form = PlanForm(
        request.POST or None,
        plans=[(each.key, each.title.text(language)) for each in by_hand.choices()],
        initial={"on": tomorrow, "once": uuid4(), "do": "call", "plan": ""},
    )
    back = heading.address(customer.pk)

    def save() -> None:
        data = form.cleaned_data
        asked: dict[str, Any] = {
            "actor": actor,
            "customer_id": customer.pk,
            "on": data["on"],
            "key": f"{actor.id}:{data['once']}",
            "now": now,
        }
        if data["plan"]:
            by_hand.start(**asked, plan=data["plan"])
        else:
            services.plan_by_hand(**asked, title=data["title"], do=data["do"] or "call")

    if dialogs.saved(form, save, said=_("It is on the list of that day."), request=request):
        return dialogs.done(request, back)
    return dialogs.show(
        request, title=_("Plan something"), form=form, submit=_("Plan it"), back=back
    )
