"""`regulars import`: bring a file in from the command line, with a preview before it asks."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from django.core.files.storage import default_storage
from django.utils import timezone, translation
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from regulars.audit import SYSTEM
from regulars.errors import RegularsError
from regulars.imports import contract, limits, pipeline, problems, selectors, services
from regulars.imports.columns import mapping as columns
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Assignment, Mapping
from regulars.imports.models import Import
from regulars.imports.reading.report import Choices
from regulars.tenancy import context, directory

_State = Import.State
_SHOWN: Final = 5
_LABELS: Final = {
    "new": "new",
    "changed": "changed",
    "same": "already here, left as they are",
    "rejected": "rejected rows",
}
type Pairs = dict[str, str]


def _pairs(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> Pairs:
    """Split ``name=value``; the name may hold no ``=``, the value may."""
    found = {}
    for each in given:
        name, is_there, value = (
            each.rpartition("=") if param.name == "means" else each.partition("=")
        )
        if not is_there:
            raise click.BadParameter(f"{each!r} is not written as name=value.")
        found[name] = value
    return found


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--chain", "subdomain", required=True, help="Sub-domain of the chain.")
@click.option("--as", "kind", type=click.Choice([str(each) for each in Subject]))
@click.option("--name", default="", help="Name of the group; the file's name unless said.")
@click.option(
    "--map",
    "means",
    multiple=True,
    callback=_pairs,
    metavar="HEADING=ATTRIBUTE",
    help="What a column means; an empty attribute leaves it out.",
)
@click.option(
    "--all",
    "constants",
    multiple=True,
    callback=_pairs,
    metavar="ATTRIBUTE=VALUE",
    help="One value for all rows, such as store=001.",
)
@click.option(
    "--option",
    "options",
    multiple=True,
    callback=_pairs,
    metavar="NAME=VALUE",
    help="How to read and what to do: encoding, delimiter, sheet, header_row, date_order, "
    "decimal_mark, rounds_money, source, zone, existing, unknown_customers, create_stores, earns.",
)
@click.option("--again", is_flag=True, help="The same file was brought in before, and is meant.")
@click.option(
    "--rejected", type=click.Path(path_type=Path), help="Where to write the rejected rows."
)
@click.option("--yes", is_flag=True, help="Bring it in without asking.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
def import_(
    *,
    file: Path,
    subdomain: str,
    output: str,
    yes: bool,
    rejected: Path | None,
    again: bool,
    **wishes: Any,
) -> None:
    """Bring customers or purchases in from a file.

    The preview is printed before anything is written. With -o json the outcome is one JSON object,
    and nothing is asked: without --yes it stops after the preview.
    """
    console = Console(stderr=output == "json", highlight=False)
    chain = directory.find(subdomain)
    if chain is None:
        raise click.ClickException(f"No chain is at {subdomain!r}: see `regulars chain list`.")
    try:
        with context.inside(chain), translation.override("en"):
            run = _Run(console)
            row = run.checked(file, again=again, **wishes)
            _print(console, row)
            wanted = yes or (output == "text" and _asked(row))
            if wanted and row.state == _State.CHECKED:
                row = run.loaded(row)
            if rejected is not None:
                _copy_rejected(row, rejected, console)
            if output == "json":
                click.echo(json.dumps(_plain(row), ensure_ascii=False, indent=1, default=str))
            else:
                _print_end(console, row)
            failed = row.state == _State.FAILED
    except services.AlreadyBroughtIn as error:
        raise click.ClickException(
            "The same file was brought in before. Add --again if that is meant; rows that are "
            "known already stay as they are."
        ) from error
    except RegularsError as error:
        with translation.override("en"):
            raise click.ClickException(str(error)) from error
    if failed:
        raise SystemExit(1)


class _Run:
    """One file on its way, with a bar for whoever waits."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def checked(
        self,
        file: Path,
        *,
        again: bool,
        kind: str | None,
        name: str,
        means: Pairs,
        constants: Pairs,
        options: Pairs,
    ) -> Import:
        """Take the file in, say what it means, and check it."""
        reading, values, wishes = _sorted(options)
        given: dict[str, Any] = {"actor": SYSTEM, "is_here": True}
        with file.open("rb") as source:
            chunks = iter(lambda: source.read(limits.MIB), b"")
            row = services.receive(
                **given,
                chunks=chunks,
                file_name=file.name,
                now=timezone.now(),
                kind=Subject(kind) if kind else None,
                name=name,
            )
        row = self._driven(row)
        if msgspec.structs.asdict(reading) != msgspec.structs.asdict(Choices()):
            row = self._driven(
                services.look_again(**given, import_id=row.pk, choices=reading, now=timezone.now())
            )
        self._refuse_failed(row)
        mapping = _mapped(selectors.mapping_of(row), means, constants, values)
        row = services.assign(actor=SYSTEM, import_id=row.pk, mapping=mapping, now=timezone.now())
        _show_columns(self._console, row)
        try:
            services.check(
                **given, import_id=row.pk, options=wishes, now=timezone.now(), is_again=again
            )
        except RegularsError:
            services.remove(actor=SYSTEM, import_id=row.pk, now=timezone.now())
            raise
        row = self._driven(row)
        self._refuse_failed(row)
        return row

    def loaded(self, row: Import) -> Import:
        """Bring in what was checked."""
        services.start(actor=SYSTEM, import_id=row.pk, now=timezone.now(), is_here=True)
        return self._driven(row)

    def _driven(self, row: Import) -> Import:
        try:
            with self._bar() as watch:
                found = pipeline.drive(import_id=row.pk, now=timezone.now(), watch=watch)
        except KeyboardInterrupt as stop:
            row.refresh_from_db()
            if row.state == _State.CHECKING:
                services.cancel(actor=SYSTEM, import_id=row.pk, now=timezone.now())
                raise click.ClickException("Stopped. Nothing was brought in.") from stop
            raise click.ClickException(
                "You stopped watching. A worker goes on with it in two minutes; stop it or take "
                "it back on the page of imports."
            ) from stop
        if found is None:
            raise click.ClickException("Somebody removed this import meanwhile.")
        return found

    def _refuse_failed(self, row: Import) -> None:
        if row.state == _State.FAILED:
            sentence = selectors.fault_of(row)
            services.remove(actor=SYSTEM, import_id=row.pk, now=timezone.now())
            raise click.ClickException(sentence)

    @contextmanager
    def _bar(self) -> Iterator[pipeline.Watch]:
        parts = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.completed:,.0f}"),
            TimeElapsedColumn(),
        )
        with Progress(*parts, console=self._console, transient=True) as progress:
            tasks: dict[str, Any] = {}

            def watch(phase: str, done: int, total: int | None) -> None:
                if phase not in tasks:
                    tasks[phase] = progress.add_task(phase.capitalize(), total=total)
                progress.update(tasks[phase], completed=done, total=total)

            yield watch


def _sorted(options: Pairs) -> tuple[Choices, dict[str, Any], contract.Options]:
    """Sort options by what they are about; refuses names and values that are none."""
    groups: dict[type[msgspec.Struct], Pairs] = {
        Choices: {},
        columns.Options: {},
        contract.Options: {},
    }
    for name, value in options.items():
        kinds = [kind for kind in groups if name in kind.__struct_fields__]
        if not kinds:
            known = sorted(name for kind in groups for name in kind.__struct_fields__)
            raise click.ClickException(f"No option is called {name!r}; there are {known}.")
        groups[kinds[0]][name] = value
    try:
        reading = msgspec.convert(_typed(groups[Choices]), Choices, strict=False)
        meant = msgspec.convert(_typed(groups[columns.Options]), columns.Options, strict=False)
        wishes = msgspec.convert(_typed(groups[contract.Options]), contract.Options, strict=False)
    except msgspec.ValidationError as error:
        raise click.ClickException(f"An option cannot be used: {error}") from error
    return reading, {name: getattr(meant, name) for name in groups[columns.Options]}, wishes


def _typed(values: Pairs) -> dict[str, Any]:
    words = {"yes": True, "no": False, "true": True, "false": False, "\\t": "\t"}
    return {name: words.get(value.lower(), value) for name, value in values.items()}


def _mapped(mapping: Mapping, means: Pairs, constants: Pairs, values: dict[str, Any]) -> Mapping:
    headings = [column.heading for column in mapping.columns]
    for heading in means:
        if heading not in headings:
            raise click.ClickException(f"No column is headed {heading!r}; there are {headings}.")
    return msgspec.structs.replace(
        mapping,
        columns=tuple(
            Assignment(each.heading, means.get(each.heading, each.attribute))
            for each in mapping.columns
        ),
        constants={**mapping.constants, **constants},
        options=msgspec.structs.replace(mapping.options, **values),
    )


def _show_columns(console: Console, row: Import) -> None:
    table = Table("column", "means", title=f"{row.file_name}: {row.kind}", title_justify="left")
    for each in selectors.mapping_of(row).columns:
        table.add_row(each.heading, each.attribute or "[dim]left out[/dim]")
    console.print(table)


def _print(console: Console, row: Import) -> None:
    preview = selectors.preview_of(row)
    table = Table(title="What would happen", title_justify="left", show_header=False)
    for name, label in _LABELS.items():
        table.add_row(label, f"{getattr(preview, name):,}")
    for name, value in preview.details.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} ({count:,})" for key, count in list(value.items())[:20])
        if value not in ("", 0, None, []):
            table.add_row(name.replace("_", " "), str(value))
    console.print(table)
    for each in selectors.rejected(import_id=row.pk, limit=_SHOWN):
        for reason in each.problems:
            said = problems.sentence(reason["code"], reason["params"])
            console.print(f"row {each.line}, {reason['column']}: {said}", markup=False)


def _asked(row: Import) -> bool:
    preview = selectors.preview_of(row)
    if not preview.new + preview.changed:
        click.echo("Nothing would change.")
        return False
    return click.confirm("Bring it in?")


def _print_end(console: Console, row: Import) -> None:
    if row.state == _State.FAILED:
        console.print(selectors.fault_of(row), markup=False)
    elif row.state == _State.DONE:
        done = ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in _numbers(row.counts))
        console.print(f"Done: {done}.", markup=False)
    else:
        console.print("Nothing was brought in; the file waits on the page of imports.")


def _numbers(counts: dict[str, Any]) -> list[tuple[str, int]]:
    return [(name, value) for name, value in counts.items() if isinstance(value, int)]


def _copy_rejected(row: Import, target: Path, console: Console) -> None:
    if not row.rejected_file:
        return
    with default_storage.open(row.rejected_file, "rb") as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    console.print(f"Rejected rows: {target}", markup=False)


def _plain(row: Import) -> dict[str, Any]:
    preview = {key: value for key, value in row.preview.items() if key not in _OURS}
    found: dict[str, Any] = {"id": row.pk, "state": row.state, "kind": row.kind, "name": row.name}
    is_done = row.state == _State.DONE
    return found | {
        "preview": preview,
        "counts": dict(_numbers(row.counts)) if is_done else None,
        "fault": selectors.fault_of(row) or None,
    }


_OURS: Final = frozenset({"staged", "loaded"})
