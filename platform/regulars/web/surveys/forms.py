"""The form of a survey: when it asks, how often at most, and what."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.kit import Field, Label, Survey
from regulars.kit.schema import Dimension
from regulars.surveys import declared
from regulars.surveys.scales import NPS
from regulars.web.forms import Form
from regulars.web.plans.forms import labelled
from regulars.web.surveys import words

_MOST: Final = 6
_EMPTY: Final = Label()
_OF_QUESTION: Final = "question-"
_WORDS: Final = "words"
_THEME: Final = "theme-"
_SCALES: Final[dict[str, str | Promise]] = {
    "faces": _("Five faces, from very bad to very good"),
    "nps": _("0 to 10: would they recommend us? (NPS)"),
}
# What is asked about a theme unless head office writes words of its own.
_ABOUT: Final[dict[Dimension, Label]] = {
    "product": Label(zh_hans="产品", zh_hant="產品", en="The product"),
    "service": Label(zh_hans="服务", zh_hant="服務", en="The service"),
    "relationship": Label(
        zh_hans="对您的关心", zh_hant="對您的關心", en="How we look after you"
    ),
    "convenience": Label(
        zh_hans="方便：位置、营业时间、等候", zh_hant="方便：位置、營業時間、等候",
        en="Convenience: the way to us, opening hours, waiting",
    ),
    "brand": Label(zh_hans="我们的品牌", zh_hant="我們的品牌", en="Our name"),
    "price": Label(zh_hans="价格合理", zh_hant="價格合理", en="A fair price"),
}  # fmt: skip
_SAY: Final = Field(
    on="answer",
    key=_WORDS,
    kind="text",
    label=Label(
        zh_hans="想对我们说的话", zh_hant="想對我們說的話", en="Anything you would like to say"
    ),
    max_length=1000,
)


class SurveyForm(Form):
    """One survey. What was asked once keeps its kind and its theme: its answers are there."""

    title = forms.CharField(label=_("Name of the survey"), max_length=80)
    starts = forms.ChoiceField(label=_("When it asks"), choices=list(words.STARTS.items()))
    days = forms.IntegerField(
        label=_("How many days after"),
        help_text=_("0 is the same day, an hour later."),
        min_value=0,
        max_value=365,
    )
    every = forms.IntegerField(
        label=_("At most once in so many days"),
        help_text=_(
            "A customer who was asked anything within these days is not asked. The question after "
            "a complaint looks at itself only."
        ),
        min_value=1,
        max_value=730,
    )
    sends = forms.BooleanField(
        label=_("Send it by message"),
        help_text=_("Otherwise only receipts and tablets ask."),
        required=False,
    )
    first = forms.CharField(label=_("First question"), max_length=120)
    scale = forms.ChoiceField(label=_("How it is answered"), choices=list(_SCALES.items()))
    themes = forms.MultipleChoiceField(
        label=_("Ask about"),
        help_text=_("Six questions at most, the first and the words among them."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    say = forms.BooleanField(label=_("Room for words of their own"), required=False)

    def __init__(self, *args: Any, survey: Survey | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._survey = survey
        self._live = declared.questions(survey) if survey else ()
        asked = {each.about for each in self._live[1:]}
        themes = cast(forms.MultipleChoiceField, self.fields["themes"])
        themes.choices = [
            (key, str(words.FIGURES[key])) for key in _ABOUT if survey is None or key not in asked
        ]
        if survey is None:
            self._begin()
        else:
            self._show(survey)
        self.dress()

    def _begin(self) -> None:
        initial = {"days": 3, "every": 90, "sends": True, "say": True, "scale": "faces"}
        for name, value in initial.items():
            self.fields[name].initial = value

    def _show(self, survey: Survey) -> None:
        language = words.language()
        del self.fields["scale"]
        if any(each.key == _WORDS for each in self._live):
            del self.fields["say"]
        else:
            self.fields["say"].label = _("Room for words of their own")
        self.fields["themes"].label = _("Ask about this too")
        values = {
            "title": survey.title.text(language), "starts": survey.starts, "days": survey.days,
            "every": survey.every, "sends": survey.sends,
            "first": self._live[0].label.text(language),
        }  # fmt: skip
        for name, value in values.items():
            self.fields[name].initial = value
        for place, each in enumerate(self._live[1:]):
            other = _("In their own words") if each.kind == "text" else _("Question")
            self.fields[f"{_OF_QUESTION}{each.key}"] = forms.CharField(
                label=str(words.FIGURES.get(each.about, other)),
                help_text="" if place else _("Leave a question empty to ask it no more."),
                initial=each.label.text(language),
                max_length=120,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Refuse more than six questions."""
        given = super().clean() or self.cleaned_data
        asked = [] if self.errors else [each for each in self._questions(given) if not each.retired]
        if len(asked) > _MOST:
            told = _("Six questions at most, the first and the words among them.")
            self.add_error("themes", told)
        return given

    def changed(self, *, key: str = "") -> Survey:
        """Return the survey with what was typed."""
        given = self.cleaned_data
        base = self._survey or Survey(key=key, title=_EMPTY, starts="", questions=())
        return replace(
            base,
            title=labelled(base.title, given["title"]),
            starts=given["starts"],
            days=given["days"],
            every=given["every"],
            sends=given["sends"],
            questions=tuple(self._questions(given)),
        )

    def _questions(self, given: dict[str, Any]) -> Iterator[Field]:
        """Yield the questions in their order: the first, those there were, new ones, words."""
        yield self._first(given)
        taken = {self._live[0].key} if self._live else set()
        for each in self._live[1:]:
            text = given.get(f"{_OF_QUESTION}{each.key}", "")
            taken.add(each.key)
            is_last = each.key == _WORDS
            if not is_last:
                yield self._worded(each, text)
        retired = {each.key: each for each in self._survey.questions} if self._survey else {}
        for about in given.get("themes", ()):
            key = f"{_THEME}{about}"
            field = Field(on="answer", key=key, kind="rating", label=_ABOUT[about], about=about)
            taken.add(key)
            yield replace(retired.get(key, field), retired=False)
        words_ = next((each for each in self._live if each.key == _WORDS), None)
        if words_ is not None:
            yield self._worded(words_, given.get(f"{_OF_QUESTION}{_WORDS}", ""))
        elif given.get("say"):
            taken.add(_WORDS)
            yield replace(retired.get(_WORDS, _SAY), retired=False)
        yield from (
            replace(each, retired=True) for key, each in retired.items() if key not in taken
        )

    def _first(self, given: dict[str, Any]) -> Field:
        if self._live:
            field = self._live[0]
            return replace(field, label=labelled(field.label, given["first"]))
        if given["scale"] == "nps":
            low, high = NPS
            base = Field(
                on="answer", key="recommend", kind="rating", label=_EMPTY, about="brand",
                minimum=low, maximum=high,
            )  # fmt: skip
        else:
            base = Field(on="answer", key="overall", kind="rating", label=_EMPTY)
        return replace(base, label=labelled(_EMPTY, given["first"]))

    @staticmethod
    def _worded(field: Field, text: str) -> Field:
        if not text.strip():
            return replace(field, retired=True)
        return replace(field, label=labelled(field.label, text))
