"""The short forms of a complaint's page: each asks for what its step keeps, and nothing else."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.complaints import numbers
from regulars.complaints.services import weighing, writing
from regulars.web.complaints.offering import Offer
from regulars.web.forms import DayField, Form, MoneyField

type Choices = Sequence[tuple[str, Any]]

_LOCAL: Final = "%Y-%m-%dT%H:%M"
HOW: Final[Choices] = (
    ("counter", _("in the store")),
    ("phone", _("by phone")),
    ("link", _("in writing")),
)
_TRIED: Final[Choices] = (
    ("phone", _("by phone")),
    ("message", _("by message")),
    ("visit", _("at home")),
)
_YES_NO: Final[Choices] = (("yes", _("satisfied")), ("no", _("not satisfied")))


def _text(label: Any, *, rows: int = 3, required: bool = True, **facts: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=writing.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        **facts,
    )


def _chips(label: Any, choices: Choices = (), **facts: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **facts)


def _points() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Points"), required=False, min_value=1, max_value=weighing.MOST_POINTS,
        error_messages={"max_value": weighing.TOO_MANY},
    )  # fmt: skip


class StepForm(Form):
    """What every step carries: the words, if it has any, are in `text`."""

    def words(self) -> str:
        """Return the words as they were typed, whether they read well or not."""
        return str(self.data.get("text", "")) if self.is_bound else ""


class BareForm(StepForm):
    """A step without words."""


class WordsForm(StepForm):
    """A step of words that the customer reads."""

    text = _text(_("Your words to the customer"))


class NoteForm(StepForm):
    """Words for colleagues."""

    text = _text(_("Note"), rows=2)


class CustomerSaysForm(StepForm):
    """What the customer said, in their words."""

    text = _text(_("What the customer said"), rows=2)


class InvestigateForm(StepForm):
    """What it means to the customer, said back, and by when they hear from us."""

    text = _text(_("What it means to the customer, said back to them"))
    promised_at = forms.DateTimeField(
        label=_("They hear from us by"),
        input_formats=[_LOCAL],
        widget=forms.DateTimeInput(format=_LOCAL, attrs={"type": "datetime-local"}),
    )

    def clean_promised_at(self) -> datetime:
        """Refuse a moment that is over."""
        given: datetime = self.cleaned_data["promised_at"]
        if given <= timezone.now():
            raise ValidationError(_("Choose a time that is still to come."))
        return given


class FindForm(StepForm):
    """The facts, their cause, and since when we know of them; for colleagues."""

    text = _text(_("The facts"))
    cause = _chips(_("What it comes from"))
    since = DayField(label=_("Since when do we know it"))

    def __init__(self, *args: Any, causes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["cause"]).choices = list(causes)

    def clean_since(self) -> date:
        """Refuse a day that is still to come."""
        given: date = self.cleaned_data["since"]
        if given > timezone.localdate():
            raise ValidationError(_("Choose a day until today."))
        return given


class ProposeForm(StepForm):
    """The problem restated, what makes good, and something on top."""

    text = _text(_("What happened, and what you propose"))
    cause_told = forms.BooleanField(
        label=_("The cause is told as it is"), required=False, initial=True
    )

    def __init__(self, *args: Any, offers: Iterable[Offer], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = tuple(offers)
        for each in self.offers:
            self.fields[f"offer-{each.value}"] = forms.BooleanField(
                label=each.label, required=False, initial=each.is_asked
            )
            if not each.is_asked:
                self.fields[f"cost-{each.value}"] = _cost(each, currency)
        self.dress()

    @property
    def rows(self) -> list[tuple[Offer, Any, Any]]:
        """Return what can be offered: each with its tick and the place for what it costs."""
        return [
            (each, self[f"offer-{each.value}"],
             None if each.is_asked else self[f"cost-{each.value}"])
            for each in self.offers
        ]  # fmt: skip

    @property
    def ahead(self) -> list[Any]:
        """Return the fields that stand before what can be offered."""
        return [self["text"], self["cause_told"]]

    def chosen(self) -> list[tuple[Offer, int]]:
        """Return what was ticked, with what it costs in minor units, or points."""
        return [
            (each, self.cleaned_data.get(f"cost-{each.value}") or 0)
            for each in self.offers
            if self.cleaned_data.get(f"offer-{each.value}")
        ]


def _cost(offer: Offer, currency: str) -> forms.Field:
    if offer.kind == "points":
        return _points()
    return MoneyField(label=_("Cost"), required=False, currency=currency)


class AgreeForm(StepForm):
    """How we talked it over."""

    how = _chips(_("How did you talk it over?"), HOW)
    text = _text(_("Anything to add"), rows=2, required=False)


class AnsweredForm(StepForm):
    """Whether the customer is satisfied."""

    satisfied = _chips(_("What did the customer say?"), _YES_NO)
    text = _text(_("In their words"), rows=2, required=False)


class AttemptForm(StepForm):
    """How somebody tried to reach the customer."""

    how = _chips(_("How did you try?"), _TRIED, initial="phone")


class TickForm(StepForm):
    """What a person saw to, in words; the item is hidden."""

    item = forms.CharField(max_length=80, widget=forms.HiddenInput)
    text = _text(_("What was done"), rows=2)


class HandOnForm(StepForm):
    """To whom a complaint goes, and why."""

    owner = forms.ChoiceField(label=_("Colleague"))
    text = _text(_("Reason"), rows=2)

    def __init__(self, *args: Any, colleagues: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["owner"]).choices = list(colleagues)


class EndForm(StepForm):
    """How it is over, and a manager's reason."""

    how = _chips(_("How does it end?"))
    number = forms.CharField(
        label=_("Number of the other complaint"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    text = _text(_("Reason, for colleagues"), rows=2)

    def __init__(self, *args: Any, ends: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["how"]).choices = list(ends)

    def clean_number(self) -> str:
        """Return the number as it is written down; empty for none."""
        given: str = self.cleaned_data["number"].strip()
        if not given:
            return ""
        found = numbers.read(given)
        if found is None:
            raise ValidationError(_("This is no number of a complaint."))
        return found


class RemedyForm(StepForm):
    """One more thing to make good with."""

    what = forms.ChoiceField(label=_("What makes good"))
    label = forms.CharField(label=_("Described as"), required=False, max_length=120)
    amount = MoneyField(label=_("What it costs us"), required=False)
    points = _points()

    def __init__(self, *args: Any, offers: Iterable[Offer], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {each.value: each for each in offers}
        shown = [(each.value, each.told) for each in self.offers.values()]
        cast(forms.ChoiceField, self.fields["what"]).choices = shown
        cast(MoneyField, self.fields["amount"]).currency = currency
