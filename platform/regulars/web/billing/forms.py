"""The form of leaving."""

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.web.forms import Form


class LeavingForm(Form):
    """Why somebody cancels, if they like to say."""

    feedback = forms.ChoiceField(
        label=_("Why do you cancel?"),
        required=False,
        choices=[  # Stripe's words for it
            ("", _("I would rather not say")),
            ("too_expensive", _("It is too expensive")),
            ("missing_features", _("Something is missing")),
            ("too_complex", _("It is too complicated")),
            ("switched_service", _("We use something else now")),
            ("low_quality", _("It does not work well enough")),
            ("customer_service", _("We were not helped well enough")),
            ("unused", _("We do not use it")),
            ("other", _("Another reason")),
        ],
    )
    comment = forms.CharField(
        label=_("What should we do better?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
