"""Addresses that must not be written to: looked up by typing them, for only digests are kept."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.audit import Actor
from regulars.customers import consents
from regulars.errors import RegularsError
from regulars.messages import suppression
from regulars.messages.models import Channel, Suppression
from regulars.messages.services import returning, suppressing
from regulars.staff import permissions
from regulars.tenancy import context, limits
from regulars.web import phones, toasts
from regulars.web.forms import Form

PERMISSION: Final = suppressing.PERMISSION
_MOST: Final = 60  # look-ups of one person in ten minutes
_MOST_CHANGES: Final = 20  # and so many times putting on or taking off
_SECONDS: Final = 600
REASONS: Final[dict[str, str | Promise]] = {
    suppression.BOUNCED: gettext_lazy("messages to it came back"),
    suppression.UNSUBSCRIBED: gettext_lazy("its owner used the link in a letter"),
    suppression.REPLIED: gettext_lazy("its owner replied with a word to stop"),
    suppression.BY_HAND: gettext_lazy("its owner told somebody of the shop"),
}


class AddressForm(Form):
    """A channel and an address on it."""

    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        choices=[(each.value, each.label) for each in suppression.CHANNELS],
    )
    address = forms.CharField(label=gettext_lazy("Phone, e-mail address or number"), max_length=120)

    def clean(self) -> dict[str, Any]:
        """Write the address as contacts keep it."""
        given: dict[str, Any] = self.cleaned_data
        channel, text = given.get("channel"), given.get("address", "")
        try:
            if text and channel == Channel.SMS:
                given["address"] = phones.parse(text, region=context.current().country)
            elif text and channel == Channel.EMAIL:
                validate_email(text)
        except (ValueError, forms.ValidationError):
            self.add_error("address", _("This is no address of this channel."))
        return given


class BackForm(AddressForm):
    """Coming back: what they agreed to, and how they said so."""

    purposes = forms.MultipleChoiceField(
        label=gettext_lazy("They agree to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(key, consents.PURPOSES[key]) for key in consents.CHANNEL_PURPOSES],
    )
    how = forms.ChoiceField(
        label=gettext_lazy("How they said so"),
        choices=[(key, consents.HOW[key]) for key in ("spoken", "form", "call")],
    )


@require_http_methods(["GET", "POST"])
@never_cache
@permissions.needs(PERMISSION)
def page(request: HttpRequest) -> HttpResponse:
    """Look an address up; the answer is given to what was posted, so no address is in an URL."""
    form = AddressForm(request.POST or None)
    shown: dict[str, Any] = {"place": "settings", "form": form, "is_asked": False}
    if request.method == "POST" and form.is_valid():
        actor = permissions.acting(request)
        limits.hit(what="stopped", who=str(actor.id), most=_MOST, seconds=_SECONDS)
        given = form.cleaned_data
        row = Suppression.objects.filter(
            channel=given["channel"], digest=suppression.digest(given["address"])
        ).first()
        shown |= {
            "is_asked": True,
            "row": row,
            "reason": str(REASONS.get(row.reason, row.reason)) if row else "",
            "back_form": BackForm(initial=given),
        }
    return render(request, "sending/stopped.html", shown, status=422 if form.errors else 200)


@require_POST
@permissions.needs(PERMISSION)
def add(request: HttpRequest) -> HttpResponse:
    """Put an address on the list, because its owner said so."""
    form = AddressForm(request.POST)

    def put_on(actor: Actor) -> str:
        suppressing.put_on(
            actor=actor,
            channel=form.cleaned_data["channel"],
            address=form.cleaned_data["address"],
            now=timezone.now(),
        )
        return _("No care and no offers go there any more.")

    return _changed(request, form, put_on)


@require_POST
@permissions.needs(PERMISSION)
@permissions.by_password
def back(request: HttpRequest) -> HttpResponse:
    """Take an address off the list, and write down what its owner agrees to."""
    form = BackForm(request.POST)

    def come_back(actor: Actor) -> str:
        returning.come_back(
            actor=actor,
            channel=form.cleaned_data["channel"],
            address=form.cleaned_data["address"],
            purposes=form.cleaned_data["purposes"],
            how=form.cleaned_data["how"],
            now=timezone.now(),
        )
        return _("The address may be written to again.")

    return _changed(request, form, come_back)


def _changed(
    request: HttpRequest, form: AddressForm, change: Callable[[Actor], str]
) -> HttpResponse:
    """Change the list, and say on its page what came of it. Raises TooMany."""
    actor = permissions.acting(request)
    limits.hit(what="stopping", who=str(actor.id), most=_MOST_CHANGES, seconds=_SECONDS)
    if not form.is_valid():
        told, tone = _("This is no address of this channel."), "bad"
    else:
        try:
            told, tone = change(actor), "good"
        except RegularsError as fault:
            fault.settle()
            told, tone = str(fault), "bad"
    toasts.show(request, told, tone=tone)
    return HttpResponseRedirect(reverse("stopped"))
