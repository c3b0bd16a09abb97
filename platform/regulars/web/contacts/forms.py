"""What is typed to reach a customer, or to write down that it happened elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.complaints.selectors import Standing
from regulars.messages.models import BY_HAND, Channel, Purpose
from regulars.messages.services.by_hand import LONGEST_AGO, TooLongAgo
from regulars.web.forms import Form

_MOST: Final = 2_000
_HAND: Final = ":hand"


class WriteForm(Form):
    """Words, and the way they go."""

    way = forms.CharField(max_length=20)
    text = forms.CharField(max_length=_MOST, required=False)
    subject = forms.CharField(max_length=200, required=False)
    template = forms.CharField(max_length=60, required=False)

    def clean_way(self) -> tuple[str, bool]:
        """Return the channel, and whether it goes from one's own phone."""
        given = str(self.cleaned_data["way"])
        channel = given.removesuffix(_HAND)
        if channel not in Channel:
            raise ValidationError(_("Choose a way."))
        return channel, given.endswith(_HAND)


class LogForm(Form):
    """A contact that was made without us."""

    channel = forms.ChoiceField(
        label=_("How"),
        choices=[(each.value, each.label) for each in BY_HAND],
        widget=forms.RadioSelect,
        initial=Channel.CALL,
    )
    purpose = forms.ChoiceField(
        label=_("What for"),
        choices=[
            (Purpose.CARE, _("Care: how they are, a greeting")),
            (Purpose.SERVICE, _("Service: an order, a question of theirs")),
            (Purpose.SELLING, _("Selling: an offer, something new")),
        ],
        widget=forms.RadioSelect,
        initial=Purpose.CARE,
    )
    at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    text = forms.CharField(
        label=_("What was said"),
        max_length=_MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    complaint = forms.TypedChoiceField(
        label=_("Was it about their open complaint?"),
        coerce=UUID,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=60)

    def __init__(
        self, *args: Any, now: datetime, complaints: Sequence[Standing] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._now = now
        if complaints:
            about = [
                (str(each.case_id), f"{each.number} {each.title}" if each.is_seen else each.number)
                for each in complaints
            ]
            offered = cast(forms.TypedChoiceField, self.fields["complaint"])
            offered.choices = [*about, ("", _("No"))]
        else:
            del self.fields["complaint"]

    def clean_at(self) -> datetime:
        """Return when it was; neither what is still to come nor what is history."""
        at: datetime = self.cleaned_data["at"]
        if at > self._now:
            raise ValidationError(_("This is still to come. Write down what has happened."))
        if at < self._now - LONGEST_AGO:
            raise ValidationError(TooLongAgo.sentence)
        return at
