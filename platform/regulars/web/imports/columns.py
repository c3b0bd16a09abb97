"""The page of columns: what each means, how values are written, how the file is read."""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.errors import RegularsError
from regulars.imports import contract, selectors, services, surroundings, understanding
from regulars.imports.cells import excerpt, is_blank
from regulars.imports.columns import mapping as mappings
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.guess import ColumnGuess
from regulars.imports.columns.mapping import Assignment, Mapping, Options, Trouble
from regulars.imports.models import Import
from regulars.imports.reading.encodings import ENCODINGS
from regulars.imports.reading.report import Choices, FileReport, Kind
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.tenancy import context as tenancy
from regulars.web.imports import words

_SAMPLES: Final = 3
_STORES: Final = 500
DELIMITERS: Final = {
    ",": gettext_lazy("Comma"),
    ";": gettext_lazy("Semicolon"),
    "\t": gettext_lazy("Tab"),
    "|": gettext_lazy("Vertical bar"),
    "，": gettext_lazy("Chinese comma"),
}
DATE_ORDERS: Final = {
    "ymd": gettext_lazy("Year, month, day"),
    "dmy": gettext_lazy("Day, month, year"),
    "mdy": gettext_lazy("Month, day, year"),
}
DECIMAL_MARKS: Final = {
    ".": gettext_lazy("Point: 1,234.50"),
    ",": gettext_lazy("Comma: 1.234,50"),
}
_PLACES: Final = {Subject.CUSTOMERS: "home_store", Subject.PURCHASES: "store"}


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the file as the page shows it."""

    at: int
    heading: str
    samples: list[str]
    attribute: str
    likely: list[tuple[str, str]]
    word: str = ""
    tone: str = ""
    troubles: list[str] = field(default_factory=list)


@require_http_methods(["GET", "POST"])
@never_cache
@permissions.needs("imports.run")
def columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show the columns again, or take what was assigned; then check, or show the rows anew."""
    actor = permissions.acting(request)
    row = selectors.get(actor=actor, import_id=import_id)
    if request.method == "GET":
        if not _is_open(row):
            return HttpResponseRedirect(reverse("import", args=[row.pk]))
        return page(request, row)
    if not selectors.is_looked_at(row):
        raise services.NotNow
    now = timezone.now()
    mapping = _sent(request.POST, row)
    row = services.assign(actor=actor, import_id=row.pk, mapping=mapping, now=now)
    if "check" not in request.POST:
        return page(request, row)
    try:
        services.check(
            actor=actor,
            import_id=row.pk,
            options=selectors.options_of(row),
            now=now,
            is_again="again" in request.POST,
        )
    except RegularsError as error:
        return page(request, row, fault=error)
    return HttpResponseRedirect(reverse("import", args=[row.pk]))


@require_POST
@permissions.needs("imports.run")
def read_again(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Read the file with other choices: encoding, delimiter, headings, sheet, what it holds."""
    actor = permissions.acting(request)
    row = selectors.get(actor=actor, import_id=import_id)
    kind = request.POST.get("kind", "")
    try:
        services.look_again(
            actor=actor,
            import_id=row.pk,
            choices=_choices(request.POST),
            now=timezone.now(),
            kind=Subject(kind) if kind in set(Subject) else None,
        )
    except RegularsError as error:
        row.refresh_from_db()
        return page(request, row, fault=error)
    return HttpResponseRedirect(reverse("import", args=[row.pk]))


def page(request: HttpRequest, row: Import, *, fault: RegularsError | None = None) -> HttpResponse:
    """Show the columns of a file."""
    report = selectors.report_of(row)
    mapping = selectors.mapping_of(row)
    own = surroundings.own()
    labels = mappings.label_of(mapping.subject, own)
    troubles = selectors.troubles_of(row)
    guess = selectors.guess_of(row)
    seen = understanding.first_rows(row, now=timezone.now())
    currency = tenancy.current().currency
    place = _PLACES[mapping.subject]
    actor = permissions.acting(request)
    same = selectors.same_file(row)
    context = {
        "place": "settings",
        "import": row,
        "report": report,
        "steps": words.STEPS,
        "columns": _columns(report, mapping, guess.columns, labels, troubles),
        "labels": sorted(labels.items(), key=lambda item: item[1]),
        "troubles": [each for each in troubles if each.code not in _AT_COLUMN],
        "is_ready": not troubles,
        "options": mapping.options,
        "hints": guess.hints,
        "is_customers": words.is_customers(row),
        "place_name": place,
        "place_label": labels[place],
        "place_value": mapping.constants.get(place, ""),
        "has_place": any(each.attribute == place for each in mapping.columns),
        "stores": stores.open_stores(actor.scope).values_list("code", "name")[:_STORES],
        "has_source": any(each.attribute == "source" for each in mapping.columns),
        "seen_labels": seen.labels,
        "seen": [
            (line, [(words.value(m.value, m.reads, currency), m.problem) for m in cells])
            for line, cells in seen.rows
        ],
        "fault": str(fault) if fault else selectors.fault_of(row),
        "same": same,
        "is_doubtful": report.kind is Kind.TEXT and report.confidence < 0.8,
        "is_text": report.kind is Kind.TEXT,
        "encodings": ENCODINGS.items(),
        "delimiters": DELIMITERS.items(),
        "date_orders": DATE_ORDERS.items(),
        "decimal_marks": DECIMAL_MARKS.items(),
        "sheets": [sheet.name for sheet in report.sheets],
        "kinds": Import.Kind.choices,
    }
    return render(request, "imports/columns.html", context, status=fault.status if fault else 200)


_AT_COLUMN: Final = frozenset({"twice", "unknown"})


def _is_open(row: Import) -> bool:
    is_open = row.state in {Import.State.UPLOADED, Import.State.CHECKED, Import.State.FAILED}
    return is_open and selectors.is_looked_at(row) and row.loading_since is None


def _columns(
    report: FileReport,
    mapping: Mapping,
    guesses: tuple[ColumnGuess, ...],
    labels: dict[str, str],
    troubles: list[Trouble],
) -> list[Column]:
    shown = []
    for at, (assigned, guess) in enumerate(zip(mapping.columns, guesses, strict=True)):
        offers = [(guess.attribute, guess.score), *guess.alternatives]
        likely = [(key, labels[key]) for key, _score in offers if key in labels]
        word, tone = "", ""
        if assigned.attribute and assigned.attribute == guess.attribute:
            word, tone = words.confidence(guess.score)
        shown.append(
            Column(
                at=at,
                heading=assigned.heading,
                samples=_samples(report, at),
                attribute=assigned.attribute,
                likely=list(dict.fromkeys(likely)),
                word=word,
                tone=tone,
                troubles=[
                    str(each)
                    for each in troubles
                    if each.code in _AT_COLUMN and _concerns(each, assigned, labels)
                ],
            )
        )
    return shown


def _concerns(trouble: Trouble, assigned: Assignment, labels: dict[str, str]) -> bool:
    if trouble.code == "twice":
        return bool(labels.get(assigned.attribute, "") == trouble.params["label"])
    return bool(assigned.heading == trouble.params["heading"])


def _samples(report: FileReport, at: int) -> list[str]:
    """Return the first values of a column that differ."""
    cells = (row.cells[at] for row in report.sample if at < len(row.cells))
    found = dict.fromkeys(excerpt(cell) for cell in cells if not is_blank(cell))
    return list(found)[:_SAMPLES]


def _sent(sent: QueryDict, row: Import) -> Mapping:
    """Turn what the page sent into a mapping; what is left out stays as it was."""
    before = selectors.mapping_of(row)
    assigned = tuple(
        Assignment(column.heading, sent.get(f"column-{at}", column.attribute))
        for at, column in enumerate(before.columns)
    )
    place = _PLACES[before.subject]
    constants = {key: text for key, text in before.constants.items() if key != place}
    taken = {column.attribute for column in assigned}
    value = sent.get("place", before.constants.get(place, "")).strip()[:80]
    if value and place not in taken:
        constants[place] = value
    return msgspec.structs.replace(
        before,
        columns=assigned,
        constants=constants,
        options=_options(sent, before.options),
    )


def _options(sent: QueryDict, before: Options) -> Options:
    order, mark = sent.get("date_order", ""), sent.get("decimal_mark", "")
    source = sent.get("source", before.source).strip()[:40]
    return msgspec.structs.replace(
        before,
        date_order=order if order in DATE_ORDERS else before.date_order,
        decimal_mark=mark if mark in DECIMAL_MARKS else before.decimal_mark,
        rounds_money="rounds_money" in sent if "date_order" in sent else before.rounds_money,
        source=source or before.source,
    )


def _choices(sent: QueryDict) -> Choices:
    header = sent.get("header_row", "")
    return Choices(
        encoding=sent.get("encoding") or None,
        delimiter=sent.get("delimiter") or None,
        has_quotes=False if "plain_quotes" in sent else None,
        header_row=int(header) if header.isdecimal() and len(header) < 6 else None,
        sheet=sent.get("sheet") or None,
    )


def options_of(sent: QueryDict) -> contract.Options:
    """Turn the answers to the questions of the preview into options."""
    plain: dict[str, Any] = {
        name: sent[name] for name in ("existing", "unknown_customers") if name in sent
    }
    plain |= {name: name in sent for name in ("create_stores", "earns")}
    try:
        return msgspec.convert(plain, contract.Options)
    except msgspec.ValidationError as error:
        raise services.NotNow(_("Please choose one of the answers.")) from error
