"""What the lint says while somebody types: words marked, the reasons, how long it would be."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from regulars.kit import Message, lint
from regulars.kit.labels import LANGUAGES, Language
from regulars.kit.lint import Finding
from regulars.kit.parts import Length
from regulars.messages import wording
from regulars.messages.selectors import templates
from regulars.staff import permissions
from regulars.tenancy.context import current
from regulars.web.texts import marking, words
from regulars.web.texts.forms import TextForm
from regulars.web.texts.marking import Reason

_NO_KEY: Final = "unnamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One language of a text as it is judged. `length` is None where it is no text message.

    `is_alike`: but for the name and who signs it, everybody would read the same words.
    """

    field: str
    is_written: bool
    text: SafeString
    subject: SafeString
    reasons: list[Reason]
    is_refused: bool
    is_alike: bool
    length: Length | None


def checks(message: Message) -> dict[Language, Check]:
    """Judge every language of a text, written or not."""
    found = wording.of_template(message)
    policy = wording.policy()
    crowd = wording.of_template(message, recipients=policy.most_alike + 1)
    approved = templates.at_providers(message.key)
    signatures = {
        language: each.signature for (_, language), each in approved.items() if each.signature
    }
    subjects = message.subject.texts() if message.subject else {}
    written = message.text.texts()
    return {
        language: _check(
            language,
            written.get(language, ""),
            subjects.get(language, ""),
            _of(found, language),
            is_alike=any(each.code == "mass-produced" for each in _of(crowd, language)),
            signature=signatures.get(language, "") or current().name,
            is_measured="sms" in message.channels and language in written,
        )
        for language in LANGUAGES
    }


def _of(found: wording.Found, language: Language) -> tuple[Finding, ...]:
    """Return what was found in a language by any channel, each once."""
    every: Iterable[Finding] = {
        each for (tongue, _), findings in found.items() if tongue == language for each in findings
    }
    return tuple(sorted(every))


def _check(
    language: Language,
    text: str,
    subject: str,
    found: tuple[Finding, ...],
    *,
    is_alike: bool,
    signature: str,
    is_measured: bool,
) -> Check:
    return Check(
        field=words.FIELDS[language],
        is_written=bool(text or subject),
        text=marking.marked(text, found),
        subject=marking.marked(subject, found, place="subject"),
        reasons=marking.reasons(found, language=get_language() or "en"),
        is_refused=lint.is_refused(found),
        is_alike=is_alike,
        length=wording.length(text, language, signature=signature) if is_measured else None,
    )


@require_POST
@permissions.needs("rules.manage")
def check(request: HttpRequest, field: str) -> HttpResponse:
    """Judge what is typed in one language; nothing is kept."""
    language = next((each for each, name in words.FIELDS.items() if name == field), None)
    if language is None:
        raise Http404
    message = typed(request)
    context = {"check": checks(message)[language], "most_alike": wording.policy().most_alike}
    return render(request, "texts/check.html", context)


def typed(request: HttpRequest) -> Message:
    """Return the text as it stands in the fields of a page, kept or not.

    `key` names the one that is changed: occasion and purpose are its own where they are not sent.
    """
    key = request.POST.get("key", "")
    kept = next((each for each in templates.shelf() if each.message.key == key), None)
    base = kept.message if kept else None
    form = TextForm(request.POST, base=base, is_own=kept is None or kept.is_own)
    return form.message(base.key if base else _NO_KEY)
