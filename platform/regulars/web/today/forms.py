"""What a guide says when a task is done, in ten seconds; and what else can become of a task."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, cast
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.followups.models import Task
from regulars.kit import Field
from regulars.web import vertical_fields
from regulars.web.forms import DayField, Form

ANSWER: Final = "a-"  # before the key of a question
ON_A_DAY: Final = "on"
_OUTCOMES: Final = Task.Outcome
# What can come of a step, the likeliest first, by how it is done.
_OFFERED: Final[Mapping[str, Sequence[str]]] = {
    "call": (_OUTCOMES.REACHED, _OUTCOMES.NOT_REACHED, _OUTCOMES.CAME),
    "message": (_OUTCOMES.SENT, _OUTCOMES.REACHED, _OUTCOMES.CAME, _OUTCOMES.NOT_REACHED),
    "visit": (_OUTCOMES.CAME, _OUTCOMES.REACHED, _OUTCOMES.NOT_REACHED),
    "task": (_OUTCOMES.DONE, _OUTCOMES.REACHED, _OUTCOMES.CAME),
}
_SMILES: Final = (
    ("1", _("very unhappy")),
    ("2", _("unhappy")),
    ("3", _("so so")),
    ("4", _("happy")),
    ("5", _("very happy")),
)
_NEXT: Final = (
    ("", _("nothing")),
    ("1", _("tomorrow")),
    ("7", _("in a week")),
    ("30", _("in a month")),
    (ON_A_DAY, _("another day")),
)
_TRUE_FALSE: Final = (("true", _("yes")), ("false", _("no")))
_LONGEST_NOTE: Final = 2_000


class ResultForm(Form):
    """The result of a task; the questions of its step come after `ANSWER` by their keys."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    contact = forms.UUIDField(required=False, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(label=_("How did it go?"), widget=forms.RadioSelect)
    satisfaction = forms.TypedChoiceField(
        label=_("How happy are they?"),
        choices=_SMILES,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    next_in = forms.ChoiceField(
        label=_("What is next?"), choices=_NEXT, required=False, widget=forms.RadioSelect
    )
    next_on = DayField(label=_("Day"), required=False)
    next_step = forms.CharField(label=_("What is to be done then"), required=False, max_length=120)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=_LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        *args: Any,
        do: str,
        asked: Iterable[Field],
        language: str,
        today: date,
        contact_id: UUID | None = None,
        chosen: str = "",
        **kwargs: Any,
    ) -> None:
        initial = {"once": uuid4(), "contact": contact_id, "outcome": chosen, "next_in": ""}
        super().__init__(*args, initial=initial, **kwargs)
        self.today = today
        self.asked = tuple(asked)
        offered = _OFFERED.get(do, _OFFERED["call"])
        words = dict(_OUTCOMES.choices)
        cast(forms.ChoiceField, self.fields["outcome"]).choices = [
            (str(each), words[str(each)]) for each in offered
        ]
        self.fields |= {f"{ANSWER}{each.key}": _control(each, language) for each in self.asked}
        self.dress()

    @property
    def has_lines(self) -> bool:
        """Say whether something was typed as an answer, or is wrong there."""
        return any(self[each.html_name].value() or each.errors for each in self.lines)

    @property
    def chips(self) -> list[Any]:
        """The questions that a tap answers, those of the step first."""
        return [self[name] for name in self._questions() if not _is_typed(self.fields[name])]

    @property
    def lines(self) -> list[Any]:
        """The questions whose answer is typed."""
        return [self[name] for name in self._questions() if _is_typed(self.fields[name])]

    def clean(self) -> dict[str, Any]:
        """Ask for the day of a next step that is on a day of its own."""
        data = super().clean() or {}
        if data.get("next_in") == ON_A_DAY:
            if data.get("next_on") is None and "next_on" not in self.errors:
                self.add_error("next_on", ValidationError(_("Choose a day.")))
            elif data.get("next_on") and data["next_on"] <= self.today:
                self.add_error("next_on", ValidationError(_("Choose a day after today.")))
        return data

    def next_day(self) -> date | None:
        """Return the day of the next step, if there is to be one."""
        chosen = self.cleaned_data["next_in"]
        if chosen == ON_A_DAY:
            day: date = self.cleaned_data["next_on"]
            return day
        return self.today + timedelta(days=int(chosen)) if chosen else None

    def answers(self) -> dict[str, Any]:
        """Return what was answered, by key, as it was chosen or typed."""
        given = {
            name.removeprefix(ANSWER): self.cleaned_data.get(name) for name in self._questions()
        }
        return {key: value for key, value in given.items() if value not in (None, "", [])}

    def sentences(self) -> list[str]:
        """Return what is wrong, each with the name of its place, for who sees no form."""
        return [
            f"{self.fields[name].label}: {fault}" if name in self.fields else str(fault)
            for name, faults in self.errors.items()
            for fault in faults
        ]

    def _questions(self) -> list[str]:
        return [f"{ANSWER}{each.key}" for each in self.asked]


class DayForm(Form):
    """A day of one's own, to put a task off to."""

    day = DayField(label=_("Another day"))


class HandOnForm(Form):
    """Who takes a task on, and why."""

    to = forms.ChoiceField(label=_("Colleague"), widget=forms.Select)
    reason = forms.CharField(label=_("Why"), required=False, max_length=200)

    def __init__(self, *args: Any, colleagues: Sequence[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["to"]).choices = [
            (str(pk), name) for pk, name in colleagues
        ]


def _choice(label: Any, choices: Iterable[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=list(choices), required=False, widget=forms.RadioSelect
    )


def _control(field: Field, language: str) -> forms.Field:
    """Return chips where the answers are few, else what a file's form would show."""
    label = field.label.text(language)
    match field.kind:
        case "choice":
            live = [(each.key, each.label.text(language)) for each in field.choices]
            gone = {each.key for each in field.choices if each.retired}
            return _choice(label, [each for each in live if each[0] not in gone])
        case "boolean":
            return _choice(label, _TRUE_FALSE)
        case "rating":
            low, high = field.scale
            return _choice(label, [(str(n), str(n)) for n in range(low, high + 1)])
    return vertical_fields.control(field, language=language)


def _is_typed(field: forms.Field) -> bool:
    return not isinstance(field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
