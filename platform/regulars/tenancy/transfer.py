"""One chain as one file, and back: our own COPY over known tables, never a walk of the catalogue.

The archive is a zip: `manifest.json`, `tables/<table>.copy` (PostgreSQL's text COPY format) and
`files/…`. It can be restored into any installation that knows the same releases.
"""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import AutoField, Model
from django.utils.translation import gettext_lazy as _

from regulars.errors import Conflict, Invalid
from regulars.tenancy import context, directory, lifecycle, names, provisioning, releases
from regulars.tenancy.models import Chain, Domain, Release, Schema
from regulars.tenancy.releases import OWNER

FORMAT: Final = 1
_ATTRIBUTES: Final = (
    "name",
    "vertical",
    "language",
    "currency",
    "time_zone",
    "country",
    "owner_email",
    "is_demo",
    "accent",
)
# Meaningful in one database cluster only; the default gives a fresh value where it is restored.
_CLUSTER_TYPES: Final = frozenset({"xid8"})
type Report = Callable[[str, int, int], None]
_restored: "list[Callable[[], None]]" = []


class ArchiveRefused(Invalid):
    """The file is not an archive of ours, is damaged, or comes from another line of releases."""

    code = "archive-refused"


class SubdomainInUse(Conflict):
    """The sub-domain to restore under belongs to a chain that exists."""

    code = "subdomain-taken"
    sentence = _("“%(name)s” belongs to another chain: restore under another sub-domain.")


def on_restored(work: Callable[[], None]) -> None:
    """Register what rebuilds derived data; it runs inside a restored chain."""
    _restored.append(work)


def chain_models() -> list[type[Model]]:
    """Return the models whose tables are in each chain's schema and hold facts.

    Applications whose configuration says `is_derived` are rebuilt after a restore instead.
    """
    found = [
        model
        for config in apps.get_app_configs()
        if config.name in settings.TENANT_APPS and not getattr(config, "is_derived", False)
        for model in config.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    return sorted(found, key=lambda model: model._meta.db_table)


def _columns(model: type[Model]) -> list[str]:
    return [
        str(field.column)
        for field in model._meta.local_concrete_fields
        if not field.generated and field.db_type(connection) not in _CLUSTER_TYPES
    ]


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def export(*, chain_id: UUID, target: Path, report: Report = lambda *_: None) -> None:
    """Write the chain to a file: one consistent moment, whatever the tills do meanwhile.

    A half-written archive never stands under the target's name.
    """
    with context.public():
        chain = Chain.objects.get(pk=chain_id)
        primary = chain.domains.get(is_primary=True).domain
        keys = list(
            Release.objects.filter(version__lte=chain.schema_version)
            .order_by("version")
            .values_list("key", flat=True)
        )
    models = chain_models()
    partial = target.with_name(target.name + ".part")
    tables: dict[str, Any] = {}
    with (
        psycopg.connect(**releases.owner_parameters()) as link,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive,
    ):
        link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        link.read_only = True
        for number, model in enumerate(models):
            table = model._meta.db_table
            report(table, number, len(models))
            tables[table] = _export_table(link, archive, chain.schema_name, model)
        for path in _files(chain_id):
            archive.write(path, f"files/{path.relative_to(lifecycle.files_of(chain_id))}")
        manifest = {
            "format": FORMAT,
            "chain": {name: getattr(chain, name) for name in _ATTRIBUTES},
            "subdomain": primary,
            "releases": keys,
            "tables": tables,
        }
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
    partial.replace(target)


def _export_table(
    link: "psycopg.Connection[Any]", archive: zipfile.ZipFile, schema: str, model: type[Model]
) -> dict[str, Any]:
    table, columns = model._meta.db_table, _columns(model)
    digest, size = hashlib.sha256(), 0
    query = f'COPY "{schema}"."{table}" ({_listed(columns)}) TO STDOUT'
    with (
        archive.open(f"tables/{table}.copy", "w", force_zip64=True) as out,
        link.cursor() as cursor,
        cursor.copy(query.encode()) as copy,
    ):
        for chunk in copy:
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        rows = cursor.rowcount
    return {"columns": columns, "bytes": size, "sha256": digest.hexdigest(), "rows": rows}


def _files(chain_id: UUID) -> Iterator[Path]:
    folder = lifecycle.files_of(chain_id)
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def restore(
    *, source: Path, subdomain: str | None = None, report: Report = lambda *_: None
) -> Chain:
    """Bring an archive back as a chain of its own, active when this returns.

    Everything happens in a schema made for it; on any fault that schema is dropped and nothing
    remains. Raises ArchiveRefused or SubdomainInUse before anything is made.
    """
    with zipfile.ZipFile(source) as archive:
        manifest = _manifest(archive)
        version = _version(manifest)
        name = names.checked_subdomain(subdomain or manifest["subdomain"])
        if Domain.objects.using(OWNER).filter(domain=name).exists():
            raise SubdomainInUse(name=name)
        schema = _empty_schema(upto=version)
        try:
            _load(archive, manifest, schema, report)
            chain = _register(manifest, schema, version, name)
        except BaseException:
            provisioning.drop_schema(name=schema)
            raise
        _restore_files(archive, chain)
    releases.migrate_chains()
    directory.forget(name)
    with context.public():
        chain.refresh_from_db()
    with context.inside(chain):
        for work in _restored:
            work()
    return chain


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    except (KeyError, ValueError) as error:
        raise ArchiveRefused(_("This is not an archive of a chain.")) from error
    if manifest.get("format") != FORMAT:
        raise ArchiveRefused(_("This archive was made by a newer version of Regulars."))
    known = {model._meta.db_table: _columns(model) for model in chain_models()}
    for table in manifest["tables"]:
        if table not in known:
            raise ArchiveRefused(_("The archive holds a table we do not know: %(t)s."), t=table)
    return manifest


def _version(manifest: dict[str, Any]) -> int:
    """Return our number of the archive's newest release; the lines of releases must agree."""
    ours = list(Release.objects.using(OWNER).order_by("version").values_list("key", "version"))
    theirs = manifest["releases"]
    if [key for key, _number in ours[: len(theirs)]] != theirs or not theirs:
        raise ArchiveRefused(
            _("The archive comes from another version of Regulars. Upgrade this one first.")
        )
    return ours[len(theirs) - 1][1]


def _empty_schema(*, upto: int) -> str:
    name = names.new_schema_name()
    with context.public(using=OWNER), transaction.atomic(using=OWNER):
        provisioning.create_schema(name=name, upto=upto)
        Schema.objects.using(OWNER).create(name=name, state=Schema.State.TAKEN, version=upto)
    return name


def _load(archive: zipfile.ZipFile, manifest: dict[str, Any], schema: str, report: Report) -> None:
    """Copy every table in one transaction; foreign keys and sums are checked at its end."""
    with psycopg.connect(**releases.owner_parameters()) as link:
        link.execute("SET LOCAL regulars.restoring = 'on'")  # see the guard of contacts
        for number, (table, facts) in enumerate(manifest["tables"].items()):
            report(table, number, len(manifest["tables"]))
            with archive.open(f"tables/{table}.copy") as rows:
                _load_table(link, schema, table, facts, rows)
        for model in chain_models():
            _continue_numbering(link, schema, model)


def _load_table(
    link: "psycopg.Connection[Any]", schema: str, table: str, facts: dict[str, Any], rows: IO[bytes]
) -> None:
    known = {model._meta.db_table: set(_columns(model)) for model in chain_models()}
    if not set(facts["columns"]) <= known[table]:
        raise ArchiveRefused(
            _("The archive's table %(table)s has columns we do not know."), table=table
        )
    digest = hashlib.sha256()
    query = f'COPY "{schema}"."{table}" ({_listed(facts["columns"])}) FROM STDIN'
    with link.cursor() as cursor, cursor.copy(query.encode()) as copy:
        while chunk := rows.read(1 << 20):
            copy.write(chunk)
            digest.update(chunk)
    if digest.hexdigest() != facts["sha256"]:
        raise ArchiveRefused(_("The archive is damaged: table %(table)s differs."), table=table)


def _continue_numbering(link: "psycopg.Connection[Any]", schema: str, model: type[Model]) -> None:
    """Let identity columns go on behind the highest number that was brought in."""
    key = model._meta.pk
    if isinstance(key, AutoField):
        table = f'"{schema}"."{model._meta.db_table}"'
        link.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{key.column}'), "
            f'(SELECT coalesce(max("{key.column}"), 0) + 1 FROM {table}), false)'.encode()
        )


def _register(manifest: dict[str, Any], schema: str, version: int, subdomain: str) -> Chain:
    with context.public(using=OWNER), transaction.atomic(using=OWNER):
        chain = Chain(
            schema_name=schema,
            schema_version=version,
            state=Chain.State.ACTIVE,
            **{name: manifest["chain"][name] for name in _ATTRIBUTES},
        )
        chain.save(using=OWNER, force_insert=True)
        Domain.objects.using(OWNER).create(domain=subdomain, tenant=chain)
    with context.public():
        return Chain.objects.get(pk=chain.pk)


def _restore_files(archive: zipfile.ZipFile, chain: Chain) -> None:
    folder = lifecycle.files_of(chain.id).resolve()
    for item in archive.infolist():
        if not item.filename.startswith("files/") or item.is_dir():
            continue
        target = (folder / item.filename.removeprefix("files/")).resolve()
        if not target.is_relative_to(folder):
            raise ArchiveRefused(_("The archive holds a file outside its folder."))
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(item) as inside, target.open("wb") as out:
            shutil.copyfileobj(inside, out)
