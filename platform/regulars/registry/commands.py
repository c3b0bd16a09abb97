"""`regulars vertical …`: write a new vertical, check the installed ones, lock their keys."""

from importlib import resources
from importlib.metadata import entry_points
from pathlib import Path

import click

from regulars.kit import Vertical, VerticalError, keys, skeleton
from regulars.kit.testing import check as conform
from regulars.registry import loading


@click.group()
def vertical() -> None:
    """Write and check verticals, the packages of industries."""


@vertical.command()
@click.argument("name")
@click.option("--title", default="", help="What people read; the name if it is left out.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="The folder to make; the name in the current folder if it is left out.",
)
def new(name: str, title: str, into: Path | None) -> None:
    """Write a working vertical to start from."""
    try:
        files = skeleton.files(name, title=title)
    except ValueError as error:
        raise click.ClickException(f"{error}.") from error
    folder = into or Path(name)
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty. Nothing was written.")
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    click.echo(f"{folder}: {len(files)} files. Next: pip install -e {folder}")
    click.echo(f"Then fill the data files and run `regulars vertical check {name}`.")


@vertical.command("list")
def list_() -> None:
    """List the installed verticals."""
    for key, found in _installed().items():
        click.echo(f"{key:<16} {found.version:<10} {found.name.text('en')}")


@vertical.command()
@click.argument("names", nargs=-1)
def check(names: tuple[str, ...]) -> None:
    """Check verticals, all installed ones if none is named. Exit code 1 if one is not fit."""
    unfit = 0
    for key, found in _chosen(names).items():
        try:
            conform(found)
        except VerticalError as error:
            unfit += 1
            click.echo(f"{key}: not fit to publish\n{error}", err=True)
        else:
            click.echo(f"{key}: fit to publish")
    if unfit:
        raise SystemExit(1)


@vertical.command()
@click.argument("names", nargs=-1, required=True)
def lock(names: tuple[str, ...]) -> None:
    """Write the keys of verticals to their keys.lock: from then on they are for ever."""
    for key, found in _chosen(names).items():
        fresh = keys.new_keys(found)
        if fresh:
            _lock_of(key).write_text(keys.lock_text(found), encoding="utf-8")
        click.echo(f"{key}: {len(fresh)} new keys" + "".join(f"\n  {each}" for each in fresh))


def _lock_of(key: str) -> Path:
    """Find the lock beside the vertical's module; raises ClickException if it is no file."""
    (point,) = entry_points(group=loading.GROUP, name=key)
    folder = resources.files(point.module)
    if not isinstance(folder, Path):
        raise click.ClickException(f"{key} is installed from an archive: install it with `-e`.")
    return folder / "keys.lock"


def _chosen(names: tuple[str, ...]) -> dict[str, Vertical]:
    installed = _installed()
    unknown = [name for name in names if name not in installed]
    if unknown:
        raise click.ClickException(
            f"Not installed: {', '.join(unknown)}. Installed: {', '.join(installed) or 'none'}."
        )
    return {key: installed[key] for key in names or installed}


def _installed() -> dict[str, Vertical]:
    try:
        return dict(loading.installed())
    except loading.VerticalRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
