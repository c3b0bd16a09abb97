"""What is written down when somebody complains: few taps first, everything else may follow."""

from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.complaints.models import Case
from regulars.complaints.services import writing
from regulars.complaints.services.opening import Draft
from regulars.kit import Complaint
from regulars.web import vertical_fields
from regulars.web.forms import Form, PhoneField

OTHER: Final = "other"  # nothing the templates foresee
ASKED: Final = "ask-"  # prefix of what a template asks
_HEARD: Final = (Case.Raised.COUNTER, Case.Raised.PHONE, Case.Raised.TIMELINE, Case.Raised.MESSAGE)


class RaiseForm(Form):
    """A complaint as an employee hears it; the questions are those of the chosen template."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False)
    template = forms.ChoiceField(
        label=gettext_lazy("What is it about?"), widget=forms.RadioSelect, required=False
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("How bad is it?"),
        choices=Case.Severity.choices,
        widget=forms.RadioSelect,
        required=False,
        initial=Case.Severity.MEDIUM,
    )
    text = forms.CharField(
        label=gettext_lazy("What they say, in their words"),
        help_text=gettext_lazy("The customer reads these words on their own page."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=writing.LONGEST_TEXT,
        required=False,
    )
    raised = forms.ChoiceField(
        label=gettext_lazy("How it reached you"),
        choices=[(each.value, each.label) for each in _HEARD],
        widget=forms.RadioSelect,
    )
    store = forms.ChoiceField(label=gettext_lazy("Store"))
    goods = forms.ChoiceField(label=gettext_lazy("Which purchase"), required=False)
    thing = forms.ChoiceField(label=gettext_lazy("Which of their things"), required=False)
    product = forms.CharField(
        label=gettext_lazy("Which goods or service"), max_length=120, required=False
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, required=False)
    phone = PhoneField(label=gettext_lazy("Phone"), required=False)

    def __init__(
        self,
        *args: Any,
        templates: Sequence[Complaint],
        stores: Sequence[tuple[str, str]],
        goods: Sequence[tuple[str, str]],
        things: Sequence[tuple[str, str]],
        is_known: bool,
        language: str,
        **kwargs: Any,
    ) -> None:
        """Take what can be chosen, and whether we know who complains."""
        super().__init__(*args, **kwargs)
        self.templates = {each.key: each for each in templates}
        titles = [(each.key, each.title.text(language)) for each in templates]
        self._offer("template", [*titles, (OTHER, _("Something else"))])
        self._offer("store", stores)
        self._offer("goods", [("", _("None of these")), *goods])
        self._offer("thing", [("", "—"), *things])
        if not goods:
            del self.fields["goods"]
        if not things:
            del self.fields["thing"]
        if is_known:
            del self.fields["name"], self.fields["phone"]
        asks = self.chosen.asks if self.chosen else ()
        self.asks = [each for each in asks if not each.retired]
        self.fields |= vertical_fields.controls(self.asks, language=language, prefix=ASKED)
        self.dress()

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    @property
    def chosen(self) -> Complaint | None:
        """Return the template that is chosen, None for something else or nothing yet."""
        return self.templates.get(str(self["template"].value() or ""))

    @property
    def is_other(self) -> bool:
        """Say whether nothing the templates foresee was chosen."""
        return bool(self["template"].value() == OTHER)

    @property
    def questions(self) -> list[forms.BoundField]:
        """Return what the template asks; it may stay empty for now."""
        return [self[f"{ASKED}{each.key}"] for each in self.asks]

    def clean_template(self) -> str:
        """Insist on a tap."""
        chosen = str(self.cleaned_data["template"])
        if not chosen:
            raise forms.ValidationError(_("Choose what the complaint is about."))
        return chosen

    def clean_text(self) -> str:
        """Insist on their words."""
        text = str(self.cleaned_data["text"]).strip()
        if not text:
            raise forms.ValidationError(_("Write down what they say; a few words are enough."))
        return text

    def draft(
        self, *, customer_id: UUID | None, contact_id: UUID | None, files: tuple[str, ...]
    ) -> Draft:
        """Return what was written down."""
        data = self.cleaned_data
        purchase, _colon, line = data.get("goods", "").partition(":")
        return Draft(
            store_id=UUID(data["store"]),
            raised=data["raised"],
            text=data["text"],
            customer_id=customer_id,
            template=self.chosen.key if self.chosen else "",
            severity=data["severity"] or Case.Severity.MEDIUM,
            answers=vertical_fields.typed(data, self.asks, prefix=ASKED),
            is_short=True,
            purchase_id=UUID(purchase) if purchase else None,
            line_id=UUID(line) if line else None,
            possession_id=UUID(data["thing"]) if data.get("thing") else None,
            product_name=data["product"],
            contact_id=contact_id,
            name=data.get("name", ""),
            phone=data.get("phone", ""),
            files=files,
        )
