"""Forms of texts and of the lists of words."""

from collections.abc import Mapping
from typing import Any, Final, cast

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.kit import Label, Message, plain
from regulars.kit.care import CHANNELS, Channel, Occasion, Purpose
from regulars.kit.labels import Language, placeholders
from regulars.messages.selectors import templates
from regulars.messages.services import templating
from regulars.messages.services.templating import WordsRefused
from regulars.web.forms import Form
from regulars.web.texts import words

_LONGEST: Final = 1000
_LONGEST_SUBJECT: Final = 240


def texts(values: Mapping[str, Any], name: str) -> Label:
    """Return what was typed in each language as one text; what is not a text is nothing."""
    typed = {field: values.get(f"{name}_{field}") for field in words.FIELDS.values()}
    return Label(
        **{field: text.strip() if isinstance(text, str) else "" for field, text in typed.items()}
    )


class TextForm(Form):
    """A text in each language. Occasion and purpose of the industry's texts stay what they are."""

    occasion = forms.ChoiceField(
        label=gettext_lazy("Occasion"), choices=list(words.OCCASIONS.items())
    )
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=list(words.PURPOSES.items()))
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Ways to send it"),
        choices=list(words.CHANNELS.items()),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, base: Message | None = None, is_own: bool = True, **kwargs: Any
    ) -> None:
        """Take the message that is changed, if there is one, and whether the chain wrote it."""
        super().__init__(*args, **kwargs)
        self.base = base
        for language, label in words.LANGUAGES.items():
            field = words.FIELDS[language]
            self.fields[f"text_{field}"] = _Text(label, rows=5, longest=_LONGEST)
            self.fields[f"subject_{field}"] = _Text(
                format_lazy("{} · {}", gettext_lazy("Subject"), label),
                rows=1,
                longest=_LONGEST_SUBJECT,
            )
        if base is not None:
            self.initial = {**_initial(base), **self.initial}
        if not is_own:
            del self.fields["occasion"], self.fields["purpose"]
        self.dress()

    def clean(self) -> dict[str, Any]:
        """Refuse what no text can be: none at all, or places that differ between languages."""
        values = super().clean() or {}
        text, subject = texts(values, "text"), texts(values, "subject")
        if not text.texts() and not any(name.startswith("text_") for name in self.errors):
            self.add_error("text_zh_hans", _("Write the text in one language at least."))
        _compare(self, "text", text)
        if "email" in values.get("channels", ()):
            _compare(self, "subject", subject)
        if self.base is not None:
            self._fit_plans(self.base.key, values)
        return values

    def _fit_plans(self, key: str, values: Mapping[str, Any]) -> None:
        """Say what plans that send the text need it to be."""
        channels = values.get("channels", [])
        for use in templates.uses(key):
            if channels and use.do == "call" and "call" not in channels:
                told = _("The plan “%(plan)s” takes the words of a call from it: keep “Call”.")
                self.add_error("channels", told % {"plan": use.plan})
            if use.do == "message" and channels == ["call"]:
                told = _("The plan “%(plan)s” sends it: choose a way to send it besides calls.")
                self.add_error("channels", told % {"plan": use.plan})
            if values.get("purpose", use.purpose) != use.purpose:
                told = _("The plan “%(plan)s” sends it for another purpose.")
                self.add_error("purpose", told % {"plan": use.plan})

    def message(self, key: str) -> Message:
        """Return the message as it was typed, whether or not it can be kept."""
        read = self.cleaned_data if self.is_bound and not self.errors else self._typed()
        known = {*read.get("channels", ())}
        subject = texts(read, "subject")
        is_mail = "email" in known and bool(subject.texts())
        base = self.base
        return Message(
            key=key,
            occasion=cast(Occasion, read.get("occasion") or (base.occasion if base else "thanks")),
            purpose=cast(Purpose, read.get("purpose") or (base.purpose if base else "care")),
            channels=cast(tuple[Channel, ...], tuple(each for each in CHANNELS if each in known)),
            text=texts(read, "text"),
            subject=subject if is_mail else None,
        )

    def body(self, key: str) -> dict[str, Any]:
        """Return the message as `templating.save` takes it."""
        return plain.dump(self.message(key))

    def _typed(self) -> dict[str, Any]:
        """Return what stands in the fields, in the sense of the choices there are."""
        if not self.is_bound:
            return dict(self.initial)
        read = {name: self[name].data for name in self.fields}
        read |= {"channels": list(read.get("channels") or ())}
        for name, known in (("occasion", words.OCCASIONS), ("purpose", words.PURPOSES)):
            if read.get(name) not in known:
                read.pop(name, None)
        for name, text in read.items():
            if isinstance(text, str):
                read[name] = text[: 2 * _LONGEST].replace("\r\n", "\n")
        return read


class ListsForm(Form):
    """The chain's own words, a line each, and two limits."""

    added = forms.CharField(
        label=gettext_lazy("Words not to use"),
        help_text=gettext_lazy("One in each line. They are refused however they are written."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=25_000,
    )
    allowed = forms.CharField(
        label=gettext_lazy("Words that may be used"),
        help_text=gettext_lazy(
            "One in each line: names of shops or goods that look like an offer, such as a brand "
            "with “新品” in its name."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=25_000,
    )
    most_alike = forms.IntegerField(
        label=gettext_lazy("Customers who may get the same words"),
        help_text=gettext_lazy(
            "Care that reads the same for more of them, but for the name, is refused."
        ),
        min_value=1,
        max_value=10_000,
    )
    most_parts = forms.IntegerField(
        label=gettext_lazy("Parts of a text message"),
        help_text=gettext_lazy("A longer text message is refused."),
        min_value=1,
        max_value=10,
    )

    def clean_added(self) -> list[str]:
        """Return the words, each once."""
        return self._lines("added")

    def clean_allowed(self) -> list[str]:
        """Return the words, each once."""
        return self._lines("allowed")

    def _lines(self, name: str) -> list[str]:
        try:
            return templating.cleaned(str(self.cleaned_data[name]).splitlines())
        except WordsRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class _Text(forms.CharField):
    """Some lines of words, as the kit takes them: no carriage returns."""

    def __init__(self, label: str | Promise, *, rows: int, longest: int) -> None:
        super().__init__(
            label=cast(str, label),
            required=False,
            max_length=longest,
            widget=forms.Textarea(attrs={"rows": rows, "data-takes-places": ""}),
        )

    def to_python(self, value: Any) -> str:
        """Return lines that end as ours do."""
        return str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


def _initial(message: Message) -> dict[str, Any]:
    return {
        "occasion": message.occasion,
        "purpose": message.purpose,
        "channels": list(message.channels),
        **_spread("text", message.text),
        **_spread("subject", message.subject or Label()),
    }


def _spread(name: str, label: Label) -> dict[str, str]:
    filled = label.texts()
    return {f"{name}_{words.FIELDS[each]}": filled.get(each, "") for each in words.FIELDS}


def _compare(form: TextForm, name: str, label: Label) -> None:
    """Say in which language a placeholder is missing that another has."""
    names: dict[Language, frozenset[str]] = {}
    for language, text in label.texts().items():
        found, is_stray = placeholders(text)
        names[language] = found
        if is_stray:
            form.add_error(
                f"{name}_{words.FIELDS[language]}",
                _("A brace belongs to no placeholder. Insert placeholders with the buttons."),
            )
    every = frozenset[str]().union(*names.values())
    for language, found in names.items():
        if lacking := sorted(every - found):
            listed = ", ".join(f"{{{each}}}" for each in lacking)
            form.add_error(
                f"{name}_{words.FIELDS[language]}",
                _("Another language also says %(places)s. Say it here too, or take it out there.")
                % {"places": listed},
            )
