"""What is sent and answered about imports."""

from typing import Any

from rest_framework import serializers

from regulars.api.shapes import Shape
from regulars.imports import problems, selectors
from regulars.imports.columns.attributes import Subject
from regulars.imports.models import Import

KINDS = [str(each) for each in Subject]


class ImportUpload(serializers.Serializer[Any]):
    """A file; everything else is found out."""

    file = serializers.FileField(help_text="CSV, XLSX or Parquet, up to 500 MB.")
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    name = serializers.CharField(max_length=120, required=False, help_text="Name of the group.")


class ColumnShape(Shape):
    """What one column means; an empty attribute leaves it out."""

    heading = serializers.CharField(allow_blank=True)
    attribute = serializers.CharField(allow_blank=True)


class ReadingShape(Shape):
    """How the file is to be read, where our guess is wrong."""

    encoding = serializers.CharField(required=False)
    delimiter = serializers.CharField(required=False, trim_whitespace=False, max_length=1)
    has_quotes = serializers.BooleanField(required=False)
    header_row = serializers.IntegerField(required=False, min_value=0, help_text="0: none.")
    sheet = serializers.CharField(required=False)


class ValuesShape(Shape):
    """How values are written."""

    decimal_mark = serializers.ChoiceField(choices=[".", ","], required=False)
    rounds_money = serializers.BooleanField(required=False)
    date_order = serializers.ChoiceField(choices=["ymd", "dmy", "mdy"], required=False)
    zone = serializers.CharField(required=False, max_length=60)
    source = serializers.CharField(  # type: ignore[assignment]  # a name of DRF's own fields
        required=False, max_length=40, help_text="The till or system, where no column says it."
    )


class ImportChange(Shape):
    """What to correct before it is checked."""

    name = serializers.CharField(max_length=120, required=False)
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    reading = ReadingShape(required=False)
    columns = ColumnShape(
        many=True, required=False, help_text="By heading; those not named stay as they are."
    )
    constants = serializers.DictField(
        child=serializers.CharField(max_length=80),
        required=False,
        help_text='One value for all rows: {"store": "001"}.',
    )
    values = ValuesShape(required=False)


class CheckShape(Shape):
    """What is decided beyond the meaning of the columns."""

    existing = serializers.ChoiceField(
        choices=["update", "fill", "skip"],
        default="fill",
        help_text="Customers known already: write over, fill what is empty, leave alone.",
    )
    unknown_customers = serializers.ChoiceField(
        choices=["create", "anonymous", "refuse"], default="create"
    )
    create_stores = serializers.BooleanField(default=False, help_text="Needs the owner's pages.")
    earns = serializers.BooleanField(default=False, help_text="Purchases earn points.")
    again = serializers.BooleanField(
        default=False, help_text="The same file was brought in before, and is meant."
    )


class CancelShape(Shape):
    """Whether rows that are in already stay."""

    keep = serializers.BooleanField(default=False)


class ColumnAnswer(serializers.Serializer[Any]):
    """A column, with our guess where it is one."""

    heading = serializers.CharField()
    attribute = serializers.CharField()
    score = serializers.FloatField(help_text="How sure the guess is, 0 to 1.")


class FaultAnswer(serializers.Serializer[Any]):
    """What is wrong with one value of a rejected row."""

    column = serializers.CharField()
    code = serializers.CharField()
    excerpt = serializers.CharField()
    detail = serializers.CharField()


class RejectedAnswer(serializers.Serializer[Any]):
    """A row that is not taken in."""

    line = serializers.IntegerField()
    problems = FaultAnswer(many=True)


class ImportBrief(serializers.Serializer[Any]):
    """An import as the list shows it."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField()
    file_name = serializers.CharField()
    state = serializers.ChoiceField(choices=Import.State.choices)
    busy = serializers.BooleanField()
    counts = serializers.DictField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class ImportAnswer(ImportBrief):
    """An import. Poll it while `busy` is true."""

    phase = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField(allow_null=True)
    columns = ColumnAnswer(many=True)
    constants = serializers.DictField(child=serializers.CharField())
    troubles = serializers.ListField(child=serializers.CharField(), help_text="To be mended first.")
    preview = serializers.DictField(allow_null=True)
    rejected = RejectedAnswer(many=True, help_text="The first rejected rows; /rejected has all.")
    fault = serializers.CharField(allow_null=True)


def brief(row: Import) -> dict[str, Any]:
    """Return an import as the list shows it."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "file_name": row.file_name,
        "state": row.state,
        "busy": selectors.is_busy(row),
        "counts": _counts(row),
        "created_at": row.created_at,
        "finished_at": row.finished_at,
    }


def whole(row: Import) -> dict[str, Any]:
    """Return an import with everything a program decides by."""
    is_known = selectors.is_looked_at(row) and bool(row.file)
    scores = {}
    if is_known:
        scores = {each.heading: each.score for each in selectors.guess_of(row).columns}
    columns = selectors.mapping_of(row).columns if row.mapping else ()
    preview = {key: value for key, value in row.preview.items() if key not in _OURS}
    return {
        **brief(row),
        "phase": row.phase,
        "done": row.done,
        "total": row.total,
        "rows": row.report.get("rows"),
        "columns": [
            {
                "heading": each.heading,
                "attribute": each.attribute,
                "score": scores.get(each.heading, 0.0),
            }
            for each in columns
        ],
        "constants": row.mapping.get("constants", {}),
        "troubles": [str(each) for each in selectors.troubles_of(row)] if is_known else [],
        "preview": preview or None,
        "rejected": [_rejected(each) for each in selectors.rejected(import_id=row.pk, limit=20)],
        "fault": selectors.fault_of(row) or None,
    }


_OURS = frozenset({"staged", "loaded"})
_PROGRESS = frozenset({"work", "at"})


def _counts(row: Import) -> dict[str, Any] | None:
    return {key: value for key, value in row.counts.items() if key not in _PROGRESS} or None


def _rejected(row: selectors.Rejected) -> dict[str, Any]:
    return {
        "line": row.line,
        "problems": [
            {
                "column": each["column"],
                "code": each["code"],
                "excerpt": each["excerpt"],
                "detail": problems.sentence(each["code"], each["params"]),
            }
            for each in row.problems
        ],
    }
