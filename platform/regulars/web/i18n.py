"""Catalogues of translations, without gettext's own programs.

``python -m regulars.web.i18n extract`` reads all code and templates and brings the catalogues up to
date, ``compile`` writes what Django loads (only where it is older), ``check`` fails on sentences
that are missing, fuzzy, or lost a placeholder. English is the language of the msgids.
"""

import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from babel.messages import Catalog, Message
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE: Final = Path(__file__).resolve().parent.parent
LOCALE: Final = PACKAGE / "web" / "locale"
LANGUAGES: Final = ("zh_Hans", "zh_Hant", "en")
KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}|%[sd]")
_WIDTH = 100
_RESTLESS = ('"POT-', '"PO-', '"Report-', '"Last-', '"Language-Team', '"Generated-', '"Project-')


def main(arguments: list[str]) -> int:
    """Run one of the commands and return its exit code."""
    commands: dict[str, Callable[[], int]] = {
        "extract": extract,
        "compile": compile_all,
        "check": check,
    }
    if len(arguments) != 1 or arguments[0] not in commands:
        sys.stderr.write(f"Usage: python -m regulars.web.i18n {'|'.join(commands)}\n")
        return 2
    return commands[arguments[0]]()


def extract() -> int:
    """Bring every catalogue up to date: new sentences are added, vanished ones dropped."""
    template = collected()
    for language in LANGUAGES:
        catalogue = read(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        if language == "en":
            _speak_english(catalogue)
        write(language, catalogue)
    sys.stdout.write(f"{len(template)} sentences in {len(LANGUAGES)} languages.\n")
    return 0


def compile_all() -> int:
    """Write the compiled catalogues that are older than their sources."""
    sys.stdout.write(f"Catalogues: {', '.join(compiled()) or 'nothing to do'}.\n")
    return 0


def compiled() -> list[str]:
    """Compile what is older than its source and return those languages."""
    return [language for language in LANGUAGES if _compile(language)]


def check() -> int:
    """Name every fault of the catalogues; 1 if there is any."""
    faults = [fault for language in LANGUAGES for fault in faults_of(language, collected())]
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    sys.stdout.write(f"{len(faults)} faults in the catalogues.\n")
    return 1 if faults else 0


def faults_of(language: str, template: Catalog) -> list[str]:
    """Return what is wrong with one language, one sentence a fault."""
    catalogue = read(language)
    faults = []
    for wanted in template:
        if not wanted.id:
            continue
        found = catalogue.get(_id_of(wanted), wanted.context)
        text = repr(_id_of(wanted))
        if found is None:
            faults.append(f"{language}: not extracted yet: {text}")
        elif found.fuzzy:
            faults.append(f"{language}: fuzzy: {text}")
        elif not all(_strings(found)):
            faults.append(f"{language}: not translated: {text}")
        elif not _keeps_places(_last_id(wanted), _strings(found)):
            faults.append(f"{language}: other placeholders: {text}")
    return faults


def collected() -> Catalog:
    """Return all sentences of the code and the templates."""
    template = Catalog(charset="utf-8")
    for path in _sources():
        place = str(path.relative_to(PACKAGE))
        for message, comments, context in _sentences(path):
            template.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    return template


def read(language: str) -> Catalog:
    """Return a language's catalogue, empty if there is none yet."""
    path = _po(language)
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def write(language: str, catalogue: Catalog) -> None:
    """Write a catalogue sorted and without line numbers, so that changes read well."""
    path = _po(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.header_comment = f"# The pages of Regulars in {catalogue.locale}."
    catalogue.project, catalogue.fuzzy = "Regulars", False
    target = io.BytesIO()
    write_po(
        target,
        catalogue,
        width=_WIDTH,
        sort_output=True,
        omit_header=False,
        include_lineno=False,
        ignore_obsolete=True,
    )
    lines = target.getvalue().decode().splitlines(keepends=True)
    # When and by whom a tool was run says nothing, and would differ in every change.
    path.write_text("".join(line for line in lines if not line.startswith(_RESTLESS)), "utf-8")


def _sources() -> Iterator[Path]:
    for pattern in ("**/*.py", "**/templates/**/*.html", "**/templates/**/*.txt"):
        for path in sorted(PACKAGE.glob(pattern)):
            if "migrations" not in path.parts and "node_modules" not in path.parts:
                yield path


def _sentences(path: Path) -> Iterator[tuple[str | tuple[str, ...], list[str], str | None]]:
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        # What templatize leaves is indented like HTML; inside brackets Python does not mind.
        text = f"({templatize(text, origin=str(path))})"
    found = babel_extract("python", io.BytesIO(text.encode()), KEYWORDS, ["Translators:"])
    for _line, message, comments, context in found:
        yield message, comments, context


def _speak_english(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id:
            message.string = message.id


def _compile(language: str) -> bool:
    source, target = _po(language), _po(language).with_suffix(".mo")
    if not source.is_file():
        return False
    if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
        return False
    with target.open("wb") as file:
        write_mo(file, read(language))
    return True


def _po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _id_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _last_id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[-1]


def _strings(message: Message) -> list[str]:
    string = message.string
    return [string] if isinstance(string, str) else list(string or ("",))


def _keeps_places(wanted: str, strings: list[str]) -> bool:
    """Say whether placeholders stay; "every day" need not say the number of "every 3 days"."""
    *few, most = strings
    return _places(most) == _places(wanted) and all(
        set(_places(each)) <= set(_places(wanted)) for each in few
    )


def _places(text: str) -> list[str]:
    return sorted(match[0] for match in _PLACEHOLDER.finditer(text))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
