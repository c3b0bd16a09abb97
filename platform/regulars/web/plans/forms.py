"""Forms of the plan pages: a plan, a step, and the questions of a step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from regulars.kit import Choice, Field, FollowUp, Label, Vertical, Where
from regulars.kit.care import PURPOSES, STOPS, Step
from regulars.kit.labels import language_of
from regulars.kit.matching import simplified
from regulars.web.forms import Form
from regulars.web.plans import reading
from regulars.web.texts import words as texts

# What a question of head office's own can be; others an industry declares are kept as they are.
KINDS: Final = {
    "boolean": _("Yes or no"),
    "rating": _("A number from 1 to 5"),
    "choice": _("One of several answers"),
    "choices": _("Several of several answers"),
    "text": _("Words of their own"),
    "integer": _("A whole number"),
    "date": _("A day"),
}
_OTHERS: Final = {"decimal": _("A number"), "measure": _("A measure")}
_CHOOSING: Final = ("choice", "choices")
_FURTHEST: Final = 730  # days
_MOST_NEW: Final = 2  # questions offered empty
_EMPTY: Final = Label()


def labelled(label: Label, text: str) -> Label:
    """Return a label that says `text` in the reader's language; the others stay."""
    attribute = language_of(reading.language()).replace("-", "_").lower()
    return replace(label, **{attribute: text.strip()})


class PlanForm(Form):
    """What a plan is called and what ends it; of an own plan also what starts it and for whom."""

    title = forms.CharField(label=_("Name of the plan"), max_length=80)
    stops = forms.MultipleChoiceField(
        label=_("What ends it early"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(key, reading.STOPS[key]) for key in STOPS],
    )

    def __init__(
        self, *args: Any, vertical: Vertical, plan: FollowUp | None, is_own: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._plan = plan
        self.vertical = vertical
        if plan is not None:
            self.fields["title"].initial = plan.title.text(reading.language())
            self.fields["stops"].initial = list(plan.stops)
        else:
            self.fields["stops"].initial = ["complaint.opened", "customer.asked-to-stop"]
        if is_own:
            self._ask_what_starts(plan)
        self.dress()

    def _ask_what_starts(self, plan: FollowUp | None) -> None:
        self.fields["starts"] = forms.ChoiceField(
            label=_("What starts it"),
            choices=reading.triggers(self.vertical),
            initial=plan.starts if plan else "purchase.recorded",
        )
        self.fields["categories"] = forms.MultipleChoiceField(
            label=_("Only for these goods"),
            help_text=_("None chosen: for all goods."),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[
                (each.key, each.label.text(reading.language()))
                for each in self.vertical.categories
                if not each.retired
            ],
            initial=list(_categories(plan)) if plan else [],
        )
        self.fields["purpose"] = forms.ChoiceField(
            label=_("What it is for"),
            choices=[(key, texts.PURPOSES[key]) for key in PURPOSES],
            initial=plan.purpose if plan else "care",
        )
        self.order_fields(["title", "starts", "categories", "purpose", "stops"])

    def changed_plan(self, *, key: str = "", steps: Sequence[Step] = ()) -> FollowUp:
        """Return the plan with what was typed; the vertical checks it when it is saved."""
        given = self.cleaned_data
        base = self._plan or FollowUp(key=key, title=_EMPTY, starts="", steps=tuple(steps))
        changed: dict[str, Any] = {
            "title": labelled(base.title, given["title"]),
            "stops": tuple(given["stops"]),
        }
        if "starts" in given:
            changed |= {"starts": given["starts"], "purpose": given["purpose"]}
            changed["where"] = _conditions(base.where, given["categories"])
        return replace(base, **changed)


def _categories(plan: FollowUp) -> tuple[str, ...]:
    found = next((each for each in plan.where if each.fact == "line.category"), None)
    return found.value if found and isinstance(found.value, tuple) else ()


def _conditions(before: tuple[Where, ...], categories: Sequence[str]) -> tuple[Where, ...]:
    rest = tuple(each for each in before if each.fact != "line.category")
    if not categories:
        return rest
    return (*rest, Where(fact="line.category", op="any-of", value=tuple(categories)))


class StepForm(Form):
    """When a step is done and how, what the guide is told, and the words that are suggested."""

    after = forms.IntegerField(
        label=_("Days after the start"),
        help_text=_("0 is the same day. Before a day known ahead, such as a birthday: -1."),
        min_value=-_FURTHEST,
        max_value=_FURTHEST,
    )
    do = forms.ChoiceField(label=_("How"), choices=list(reading.DOING.items()))
    label = forms.CharField(label=_("What the guide is told"), max_length=120)
    send = forms.ChoiceField(label=_("Words"), required=False)

    def __init__(self, *args: Any, step: Step | None, purpose: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._step = step
        texts_of_purpose = list(reading.messages(purpose))
        if step is not None:
            self.fields["after"].initial = step.after
            self.fields["do"].initial = step.do
            self.fields["label"].initial = step.label.text(reading.language())
            self.fields["send"].initial = step.send
            if step.send and step.send not in dict(texts_of_purpose):
                texts_of_purpose.append((step.send, step.send))
        sends = cast(forms.ChoiceField, self.fields["send"])
        sends.choices = [("", _("No words suggested")), *texts_of_purpose]

    def changed_step(self, *, key: str = "", ask: Iterable[Field] | None = None) -> Step:
        """Return the step with what was typed."""
        given = self.cleaned_data
        base = self._step or Step(key=key, after=0, do="task", label=_EMPTY)
        return replace(
            base,
            after=given["after"],
            do=given["do"],
            label=labelled(base.label, given["label"]),
            send=given["send"],
            ask=base.ask if ask is None else tuple(ask),
        )


class QuestionForm(Form):
    """One question of a step. What was asked once keeps its kind: its answers are there."""

    key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)
    text = forms.CharField(label=_("Question"), required=False, max_length=120)
    kind = forms.ChoiceField(label=_("Answer"), required=False, choices=list(KINDS.items()))
    answers = forms.CharField(
        label=_("Possible answers"),
        help_text=_("One on each line."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    drop = forms.BooleanField(label=_("Do not ask this any more"), required=False)

    def __init__(self, *args: Any, known: Mapping[str, Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        key = self["key"].value() or ""
        self.known = known.get(key)
        if self.known is not None:
            kind = cast(forms.ChoiceField, self.fields["kind"])
            kind.choices = [(self.known.kind, {**KINDS, **_OTHERS}[self.known.kind])]
            if self.known.kind not in _CHOOSING:
                del self.fields["answers"]
        else:
            del self.fields["drop"]

    @property
    def is_new(self) -> bool:
        """Say whether the question is not asked yet."""
        return self.known is None

    def clean(self) -> dict[str, Any]:
        """Refuse a question without words, and a choice without answers."""
        given = super().clean() or self.cleaned_data
        if self.known is not None and not given.get("text") and not given.get("drop"):
            self.add_error("text", _("Write the question, or choose not to ask it any more."))
        chooses = given.get("kind") in _CHOOSING and not given.get("drop")
        if given.get("text") and chooses and not _lines(given.get("answers", "")):
            self.add_error("answers", _("Write at least one possible answer."))
        return given

    def changed_field(self, key: str) -> Field | None:
        """Return the question with what was typed; None for one that was left empty."""
        given = self.cleaned_data
        if self.known is not None and given.get("drop"):
            return replace(self.known, retired=True, required=False)
        if not given.get("text"):
            return None
        base = self.known or Field(on="answer", key=key, kind=given["kind"], label=_EMPTY)
        changed: dict[str, Any] = {"label": labelled(base.label, given["text"]), "retired": False}
        if base.kind in _CHOOSING:
            changed["choices"] = _choices(base.choices, _lines(given["answers"]))
        if base.kind == "text" and self.known is None:
            changed["max_length"] = 500
        return replace(base, **changed)


def _lines(text: str) -> list[str]:
    """Return the answers on their lines, each once however it is written."""
    found = {simplified(line): line.strip() for line in reversed(text.splitlines()) if line.strip()}
    return list(reversed(found.values()))


def _choices(before: Sequence[Choice], lines: Sequence[str]) -> tuple[Choice, ...]:
    """Return the choices with these words: known ones keep their key, missing ones are retired."""
    language = reading.language()
    known = {simplified(each.label.text(language)): each for each in before}
    keys = {each.key for each in before}
    kept: list[Choice] = []
    for line in lines:
        one = known.pop(simplified(line), None)
        if one is None:
            key = next(f"own-{n}" for n in range(1, 10_000) if f"own-{n}" not in keys)
            keys.add(key)
            one = Choice(key=key, label=labelled(_EMPTY, line))
        kept.append(replace(one, label=labelled(one.label, line), retired=False))
    return (*kept, *(replace(each, retired=True) for each in known.values()))


def questions(
    data: Any, *, step: Step | None, form: type[QuestionForm] = QuestionForm
) -> "BaseFormSet[QuestionForm]":
    """Return the questions of a step as forms, with some empty ones for new questions."""
    asked = [each for each in step.ask if not each.retired] if step else []
    known = {each.key: each for each in asked}
    made = formset_factory(form, extra=_MOST_NEW, max_num=40, absolute_max=60, can_delete=False)
    return made(
        data,
        prefix="ask",
        initial=[
            {
                "key": each.key,
                "text": each.label.text(reading.language()),
                "kind": each.kind,
                "answers": "\n".join(
                    one.label.text(reading.language()) for one in each.choices if not one.retired
                ),
            }
            for each in asked
        ],
        form_kwargs={"known": known},
    )


def asked(rows: "BaseFormSet[QuestionForm]", step: Step | None) -> list[Field]:
    """Return the questions that were typed; those that nobody may see any more stay retired."""
    before = step.ask if step else ()
    taken = {each.key for each in before}
    found: dict[str, Field] = {}
    for row in rows:
        key = row.known.key if row.known else _free(taken)
        field = row.changed_field(key)
        if field is not None:
            taken.add(key)
            found[key] = field
    gone = [each for each in before if each.key not in found]
    rest = [replace(each, retired=True, required=False) for each in gone]
    return [*found.values(), *rest]


def _free(taken: set[str]) -> str:
    return next(f"own-{n}" for n in range(1, 10_000) if f"own-{n}" not in taken)


def own_key(once: str) -> str:
    """Return the key of a plan or step made by the form with this key: sent twice, it is one.

    Raises ValueError for a text that is no key of a form.
    """
    return f"own-{UUID(once).hex[-12:]}"
