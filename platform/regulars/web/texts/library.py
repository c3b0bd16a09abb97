"""The library of texts: the industry's, as head office left them, and the chain's own (C4)."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from regulars import registry
from regulars.kit import lint
from regulars.kit.labels import LANGUAGES
from regulars.messages import placeholders, wording
from regulars.messages.selectors import templates
from regulars.messages.selectors.templates import Kept
from regulars.staff import permissions
from regulars.web.texts import marking, words

STATES: Final = {
    "used": _("In use"),
    "changed": _("Changed by you"),
    "own": _("Your own"),
    "off": _("Switched off"),
    "marked": _("To look at"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A text as the library shows it; `is_marked`: the lint would refuse it today."""

    kept: Kept
    words: SafeString
    channels: list[Any]
    languages: list[Any]
    purpose: Any
    tone: str
    is_marked: bool


@require_GET
@permissions.needs("rules.manage")
def library(request: HttpRequest) -> HttpResponse:
    """Show the texts by occasion; what is asked for in the address narrows them."""
    wanted = {name: request.GET.get(name, "") for name in ("occasion", "purpose", "channel")}
    wanted |= {"language": request.GET.get("language", ""), "state": request.GET.get("state", "")}
    shelf = templates.shelf()
    rows = [row for row in _rows(shelf) if _fits(row, wanted)]
    groups = [
        (label, found)
        for occasion, label in words.OCCASIONS.items()
        if (found := [row for row in rows if row.kept.message.occasion == occasion])
    ]
    occasions = {each.message.occasion for each in shelf}
    context = {
        "place": "settings",
        "groups": groups,
        "wanted": wanted,
        "is_narrowed": any(wanted.values()),
        "occasions": [pair for pair in words.OCCASIONS.items() if pair[0] in occasions],
        "purposes": words.PURPOSES.items(),
        "channels": words.CHANNELS.items(),
        "tongues": words.LANGUAGES.items(),
        "states": STATES.items(),
        "vertical": registry.vertical().name.text(get_language() or "en"),
    }
    return render(request, "texts/library.html", context)


def _rows(shelf: list[Kept]) -> list[Row]:
    language = get_language() or "en"
    named = placeholders.named(language)
    found = wording.of_templates(each.message for each in shelf)
    return [
        Row(
            kept=kept,
            words=marking.places(kept.message.text.text(language), named),
            channels=[words.CHANNELS[each] for each in kept.message.channels],
            languages=[words.LANGUAGES[each] for each in kept.message.text.texts()],
            purpose=words.PURPOSES[kept.message.purpose],
            tone=words.TONES[kept.message.purpose],
            is_marked=kept.is_used and any(lint.is_refused(each) for each in judged.values()),
        )
        for kept, judged in zip(shelf, found, strict=True)
    ]


def _fits(row: Row, wanted: dict[str, str]) -> bool:
    message = row.kept.message
    in_state = {
        "used": row.kept.is_used,
        "changed": row.kept.is_changed and not row.kept.is_own and not row.kept.is_off,
        "own": row.kept.is_own,
        "off": not row.kept.is_used,
        "marked": row.is_marked,
    }
    written = message.text.texts()
    return (
        wanted["occasion"] in ("", message.occasion)
        and wanted["purpose"] in ("", message.purpose)
        and (wanted["channel"] or message.channels[0]) in message.channels
        and (wanted["language"] not in LANGUAGES or wanted["language"] in written)
        and in_state.get(wanted["state"], True)
    )
