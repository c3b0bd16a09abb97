"""Forms of a kind of complaint: what it is, its clocks, what is done first, what makes good."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.complaints import causes
from regulars.complaints.models import Case
from regulars.kit import Complaint, Field, Label, Remedy
from regulars.kit.care import Check, Step
from regulars.kit.complaints import REMEDIES
from regulars.kit.labels import LANGUAGES, Language, language_of
from regulars.kit.matching import simplified
from regulars.staff.models import Role
from regulars.web.complaints import kinds_words as words
from regulars.web.forms import Form
from regulars.web.plans import forms as plans
from regulars.web.plans import reading

_MINUTES: Final = 60 * 24 * 90
_TIMES: Final = ("reply", "update", "resolve")
_MOST_NEW: Final = 2  # remedies offered empty
_EMPTY: Final = Label()
_LINES: Final = gettext_lazy("One on each line.")


def names(name: str) -> dict[Language, str]:
    """Return the fields of a text in each language, the reader's own first."""
    mine = language_of(reading.language())
    ordered = sorted(LANGUAGES, key=lambda each: each != mine)
    return {each: f"{name}_{each.replace('-', '_').lower()}" for each in ordered}


class KindForm(Form):
    """What a kind of complaint says, but for its questions and remedies."""

    severity = forms.ChoiceField(label=gettext_lazy("How bad it is"), choices=Case.Severity.choices)
    clock = forms.ChoiceField(
        label=gettext_lazy("What its times count"), choices=list(words.CLOCKS.items())
    )
    urgent = forms.CharField(
        label=gettext_lazy("What is done first of all"),
        help_text=_LINES,
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    checklist = forms.CharField(
        label=gettext_lazy("What else has to be seen to"),
        help_text=gettext_lazy(
            "One on each line, beside 3W, 4R and 8F. A complaint is not closed before."
        ),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    causes = forms.CharField(
        label=gettext_lazy("What it may come from"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, kind: Complaint | None, **kwargs: Any) -> None:
        """Take the kind that is changed, if there is one."""
        super().__init__(*args, **kwargs)
        self.kind = kind
        self._ask_words()
        for name in _TIMES:
            self._ask_time(name, getattr(kind, f"{name}_within") if kind else 480)
        usual = words.listed(str(each) for each in causes.CORE.values())
        self.fields["causes"].help_text = _(
            "One on each line. Empty: the usual ones (%(causes)s)."
        ) % {"causes": usual}
        if kind is not None:
            self.initial.update(severity=kind.severity, clock=kind.clock)
            for name in ("urgent", "checklist", "causes"):
                self.initial[name] = _lines_of(getattr(kind, name))
        self.dress()

    def _ask_words(self) -> None:
        for name, label, longest, rows in (
            ("title", gettext_lazy("What it is called"), 80, 0),
            ("regret", gettext_lazy("Words for regret"), 240, 2),
        ):
            own = getattr(self.kind, name) if self.kind else _EMPTY
            for language, field in names(name).items():
                widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
                spoken = words.LANGUAGES[language]
                self.fields[field] = forms.CharField(
                    label=f"{label} · {spoken}", max_length=longest, required=False, widget=widget
                )
                self.initial.setdefault(field, own.texts().get(language, ""))

    def _ask_time(self, name: str, minutes: int) -> None:
        in_hours = minutes % 60 == 0
        self.fields[name] = forms.IntegerField(
            label=str(words.TIMES[name]), min_value=1, max_value=_MINUTES,
            initial=minutes // 60 if in_hours else minutes,
        )  # fmt: skip
        self.fields[f"{name}_unit"] = forms.ChoiceField(
            label=_("Unit"), choices=list(words.UNITS.items()), initial="60" if in_hours else "1"
        )

    @property
    def times(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return each time with its unit."""
        return [(self[name], self[f"{name}_unit"]) for name in _TIMES]

    @property
    def titles(self) -> list[forms.BoundField]:
        """Return the name in each language, the reader's own first."""
        return [self[field] for field in names("title").values()]

    @property
    def regrets(self) -> list[forms.BoundField]:
        """Return the words for regret in each language, the reader's own first."""
        return [self[field] for field in names("regret").values()]

    def clean(self) -> dict[str, Any]:
        """Refuse what no kind can be."""
        given = super().clean() or self.cleaned_data
        for name, sentence in (
            ("title", _("Write what it is called.")),
            ("regret", _("Write what a colleague says first.")),
        ):
            fields = list(names(name).values())
            if not any(given.get(each, "").strip() for each in fields):
                self.add_error(fields[0], sentence)
        if {"reply", "resolve"} <= given.keys() and self.minutes("reply") > self.minutes("resolve"):
            self.add_error("resolve", _("The solution cannot be due before the first answer."))
        if given.get("clock") == "wall" and not given.get("urgent", "").strip():
            sentence = _("Where every minute counts, say what is done first of all.")
            self.add_error("urgent", sentence)
        return given

    def minutes(self, name: str) -> int:
        """Return one of the times in minutes."""
        return int(self.cleaned_data[name]) * int(self.cleaned_data[f"{name}_unit"])

    def changed_kind(
        self, *, key: str, asks: Iterable[Field], remedies: Sequence[tuple[bool, Remedy]]
    ) -> Complaint:
        """Return the kind with what was typed; `remedies` are (whether on top, remedy)."""
        given, kind = self.cleaned_data, self.kind
        return Complaint(
            key=key,
            title=_label(given, "title"),
            severity=given["severity"],
            reply_within=self.minutes("reply"),
            update_within=self.minutes("update"),
            resolve_within=self.minutes("resolve"),
            regret=_label(given, "regret"),
            clock=given["clock"],
            asks=tuple(asks),
            urgent=_checks(kind.urgent if kind else (), given["urgent"]),
            remedies=tuple(each for on_top, each in remedies if not on_top),
            goodwill=tuple(each for on_top, each in remedies if on_top),
            checklist=_checks(kind.checklist if kind else (), given["checklist"]),
            causes=_checks(kind.causes if kind else (), given["causes"]),
            retired=kind is not None and kind.retired,
        )


class AskForm(plans.QuestionForm):
    """One question of a kind of complaint, and whether customers are asked as well."""

    inside = forms.BooleanField(
        label=gettext_lazy("Only for colleagues"),
        help_text=gettext_lazy("Customers who complain by themselves are not asked this."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["inside"] = self.known is not None and not self.known.asks_customer

    def changed_field(self, key: str) -> Field | None:
        """Return the question with what was typed; None for one that was left empty."""
        field = super().changed_field(key)
        return field and replace(field, asks_customer=not self.cleaned_data["inside"])


class RemedyForm(Form):
    """One thing that makes good, and what which role may grant of it."""

    place = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)
    kind = forms.ChoiceField(
        label=gettext_lazy("What"), required=False,
        choices=[("", "—"), *((each, words.REMEDIES[each]) for each in REMEDIES)],
    )  # fmt: skip
    label = forms.CharField(label=gettext_lazy("In words"), required=False, max_length=80)
    approval = forms.ChoiceField(
        label=gettext_lazy("Who may grant it"),
        choices=[(each, Role(each).label) for each in words.ROLES],
    )
    limit = forms.DecimalField(
        label=gettext_lazy("Up to"), required=False, min_value=Decimal("0.01"),
        max_value=Decimal(10**7), decimal_places=2,
        help_text=gettext_lazy("Money, or points; all of one complaint together."),
    )  # fmt: skip
    within = forms.IntegerField(
        label=gettext_lazy("Days after the purchase"), required=False, min_value=1,
        max_value=3_650, help_text=gettext_lazy("Empty: always."),
    )  # fmt: skip
    goodwill = forms.BooleanField(label=gettext_lazy("Something on top"), required=False)
    drop = forms.BooleanField(label=gettext_lazy("No longer"), required=False)

    def __init__(self, *args: Any, known: Mapping[str, Remedy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known.get(self["place"].value() or "")
        if self.known is None:
            del self.fields["drop"]

    @property
    def is_new(self) -> bool:
        """Say whether it is offered empty."""
        return self.known is None

    @property
    def role(self) -> str:
        """Return who may grant it, as the page was opened."""
        return words.role(self.known.approval) if self.known else ""

    def clean(self) -> dict[str, Any]:
        """Insist on a kind where anything else is written."""
        given = super().clean() or self.cleaned_data
        typed = given.get("label") or given.get("limit") or given.get("within")
        if not given.get("kind") and typed and not given.get("drop"):
            self.add_error("kind", _("Choose what makes good."))
        return given

    def changed(self) -> tuple[bool, Remedy] | None:
        """Return (whether it comes on top, the remedy), None for one left empty or dropped."""
        given = self.cleaned_data
        if not given.get("kind") or given.get("drop"):
            return None
        label = self.known.label if self.known else _EMPTY
        text = given["label"].strip() or str(words.REMEDIES[given["kind"]])
        remedy = Remedy(
            kind=given["kind"],
            label=plans.labelled(label, text),
            approval=given["approval"],
            limit=given["limit"],
            within=given["within"],
        )
        return bool(given["goodwill"]), remedy


def remedies(data: Any, kind: Complaint | None) -> "BaseFormSet[RemedyForm]":
    """Return the remedies of a kind as forms, with some empty ones."""
    offered = [] if kind is None else [(False, each) for each in kind.remedies]
    offered += [] if kind is None else [(True, each) for each in kind.goodwill]
    known = {f"{int(top)}.{each.kind}.{each.approval}": each for top, each in offered}
    made = formset_factory(
        RemedyForm, extra=_MOST_NEW, max_num=40, absolute_max=60, can_delete=False
    )
    return made(
        data,
        prefix="remedy",
        initial=[
            {
                "place": f"{int(top)}.{each.kind}.{each.approval}",
                "kind": each.kind,
                "label": each.label.text(reading.language()),
                "approval": each.approval,
                "limit": each.limit,
                "within": each.within,
                "goodwill": top,
            }
            for top, each in offered
        ],
        form_kwargs={"known": known},
    )


def questions(data: Any, kind: Complaint | None) -> "BaseFormSet[plans.QuestionForm]":
    """Return what a kind asks as forms; see the questions of a plan's step."""
    return plans.questions(data, step=_as_step(kind), form=AskForm)


def asked(rows: "BaseFormSet[plans.QuestionForm]", kind: Complaint | None) -> list[Field]:
    """Return the questions that were typed; those nobody may see any more stay retired."""
    return plans.asked(rows, _as_step(kind))


def _as_step(kind: Complaint | None) -> Step | None:
    return None if kind is None else Step(
        key=kind.key, after=0, do="task", label=kind.title, ask=kind.asks
    )  # fmt: skip


def _label(given: Mapping[str, Any], name: str) -> Label:
    fields = names(name).items()
    typed = {each: given.get(field, "").replace("\r\n", "\n").strip() for each, field in fields}
    return Label(zh_hans=typed["zh-Hans"], zh_hant=typed["zh-Hant"], en=typed["en"])


def _lines_of(checks: Sequence[Check]) -> str:
    language = reading.language()
    return "\n".join(each.label.text(language) for each in checks if not each.retired)


def _checks(before: Sequence[Check], text: str) -> tuple[Check, ...]:
    """Return checks with these words, a line each: known ones keep their key, others get one."""
    language = reading.language()
    known = {simplified(each.label.text(language)): each for each in before}
    taken = {each.key for each in before}
    kept: dict[str, Check] = {}
    for line in (each.strip() for each in text.splitlines()):
        if not line or simplified(line) in kept:
            continue
        one = known.pop(simplified(line), None)
        if one is None:
            key = next(f"own-{n}" for n in range(1, 10_000) if f"own-{n}" not in taken)
            taken.add(key)
            one = Check(key=key, label=plans.labelled(_EMPTY, line[:120]))
        kept[simplified(line)] = replace(one, retired=False)
    gone = (replace(each, retired=True) for each in known.values())
    return (*kept.values(), *gone)
