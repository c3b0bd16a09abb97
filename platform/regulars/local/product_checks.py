"""Checks of `regulars doctor` on the product: database, roles, schemas, broker, worker, pages."""

import os
from itertools import batched

import psycopg
import redis

from regulars.local.findings import Finding, Surroundings, failed, ok, skipped, warning
from regulars.local.supervisor import is_answering

START = "Start it with `make up`, or correct DATABASE_URL."
NOTHING = "nothing runs: start it with `make up`, or set DATABASE_URL"
OLDEST_SERVER = 180000
_CHAINS_AT_ONCE = 50

_RIGHTS = """
    SELECT current_user,
           (SELECT rolsuper OR rolcreaterole OR rolbypassrls FROM pg_roles
             WHERE rolname = current_user),
           has_database_privilege(current_database(), 'CREATE'),
           has_database_privilege(current_database(), 'TEMPORARY'),
           has_schema_privilege('public', 'CREATE')
"""
_LOOK_ONLY = "-c default_transaction_read_only=on"


def database(here: Surroundings) -> Finding:
    """The database answers and is new enough."""
    url = here.environment.get("DATABASE_URL")
    if not url:
        return skipped(NOTHING)
    try:
        with psycopg.connect(url, connect_timeout=3, options=_LOOK_ONLY) as link:
            version = link.info.server_version
            where = f"{link.info.host}:{link.info.port}/{link.info.dbname}"
    except psycopg.OperationalError as error:
        return failed(str(error).strip(), cure=START)
    if version < OLDEST_SERVER:
        return failed(
            f"PostgreSQL {version // 10000} at {where}", cure="Use PostgreSQL 18 or newer."
        )
    return ok(f"PostgreSQL {version // 10000}.{version % 10000} at {where}")


def sessions(here: Surroundings) -> Finding:
    """No pooler in between shares sessions, which hold the chain."""
    from regulars.tenancy import pooling

    names = ("DATABASE_URL", "DATABASE_OWNER_URL")
    given = {name: here.environment[name] for name in names if here.environment.get(name)}
    if not given:
        return skipped(NOTHING)
    for name, url in given.items():
        try:
            pooling.check(url)
        except psycopg.OperationalError as error:
            return failed(str(error).strip(), cure=START)
        except pooling.SessionsNotKept:
            return failed(
                f"a pooler behind {name} shares sessions between chains",
                cure="Set pool_mode=session in it: docs/operations.md, “Poolers”.",
            )
    return ok("kept from one transaction to the next")


def roles(here: Surroundings) -> Finding:
    """The product runs as a role that can neither make tables nor shadow them."""
    url, owner = (here.environment.get(n) for n in ("DATABASE_URL", "DATABASE_OWNER_URL"))
    if not url:
        return skipped(NOTHING)
    try:
        with psycopg.connect(url, connect_timeout=3, options=_LOOK_ONLY) as link:
            name, *rights = link.execute(_RIGHTS).fetchone() or ("?",)
        if not owner:
            return warning(f"{name}; no owner's address", cure="Set DATABASE_OWNER_URL.")
        with psycopg.connect(owner, connect_timeout=3, options=_LOOK_ONLY) as link:
            owner_name, _, may_create, *_ = link.execute(_RIGHTS).fetchone() or ("?", False, False)
    except psycopg.OperationalError as error:
        return failed(str(error).strip(), cure=START)
    powers = ("rule roles", "make schemas", "make temporary tables", "make tables in public")
    excess = [power for power, has in zip(powers, rights, strict=True) if has]
    if excess:
        return failed(
            f"{name} may {', '.join(excess)}",
            cure="Revoke it: docs/operations.md, “Two roles”.",
        )
    if not may_create:
        return failed(
            f"{owner_name} may not make schemas", cure="Make it the owner of the database."
        )
    return ok(f"{name} runs, {owner_name} owns")


def schemas(here: Surroundings) -> Finding:
    """The template, and every chain, is as new as the code."""
    if not _join(here):
        return skipped(NOTHING)
    from django.db import DatabaseError

    from regulars.tenancy import context, releases

    cure = "Run `regulars prepare`."
    try:
        releases.needed()
        with context.public():
            late = [chain.name for chain in releases.behind()]
    except (releases.TemplateBehind, DatabaseError) as error:
        return failed(str(error).strip(), cure=cure)
    if late:
        return failed(f"{len(late)} chains are behind: {', '.join(late[:3])}", cure=cure)
    return ok("template and chains up to date")


def spares(here: Surroundings) -> Finding:
    """Schemas wait for the next sign-ups."""
    if not _join(here):
        return skipped(NOTHING)
    from django.conf import settings
    from django.db import DatabaseError

    from regulars.tenancy import context
    from regulars.tenancy.models import Schema

    try:
        with context.public():
            count = Schema.objects.filter(state=Schema.State.SPARE).count()
    except DatabaseError as error:
        return failed(str(error).strip(), cure="Run `regulars prepare`.")
    words = f"{count} of {settings.SPARE_SCHEMAS}"
    if count == 0 and settings.SPARE_SCHEMAS:
        return warning(words, cure="The worker fills them; if it stays so, read worker.log.")
    return ok(words)


def broker(here: Surroundings) -> Finding:
    """The broker answers."""
    url = here.environment.get("REDIS_URL")
    if not url:
        return skipped(NOTHING)
    try:
        with redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
            facts = client.info("server")
    except redis.RedisError as error:
        return failed(str(error), cure="Start it with `make up`, or correct REDIS_URL.")
    name = facts.get("server_name", "redis")
    return ok(f"{name} {facts.get(f'{name}_version', facts['redis_version'])}")


def worker(here: Surroundings) -> Finding:
    """A worker listens to the broker."""
    if not here.environment.get("REDIS_URL") or not _join(here):
        return skipped(NOTHING)
    from kombu.exceptions import OperationalError

    from regulars.celery import app

    try:
        answers = app.control.ping(timeout=1.5)
    except (OperationalError, redis.RedisError) as error:
        return failed(str(error), cure="The broker has to answer first.")
    if not answers:
        return failed("no worker answers", cure="Read worker.log; `make up` runs one.")
    return ok(", ".join(name for answer in answers for name in answer))


def work(here: Surroundings) -> Finding:
    """No work was given up: nightly checks that found something, handlers that kept failing."""
    if not _join(here):
        return skipped(NOTHING)
    from django.db import DatabaseError

    from regulars.outbox import services as outbox
    from regulars.tenancy import context
    from regulars.tenancy.models import Chain

    try:
        with context.public():
            active = Chain.objects.filter(state=Chain.State.ACTIVE).order_by("name")
            names = {
                pk: name for pk, _schema, name in active.values_list("id", "schema_name", "name")
            }
            chains = list(active.values_list("id", "schema_name"))
            found = [
                each
                for some in batched(chains, _CHAINS_AT_ONCE, strict=False)
                for each in outbox.given_up(list(some))
            ]
    except DatabaseError as error:
        return failed(str(error).strip(), cure="Run `regulars prepare`.")
    if not found:
        return ok("none was given up")
    pk, _count, fault = found[0]
    return warning(
        f"{sum(count for _pk, count, _fault in found)} given up in {len(found)} chains; "
        f"{names[pk]}: {fault[:200]}",
        cure="docs/operations.md, “Work that was given up”.",
    )


def pages(here: Surroundings) -> Finding:
    """The website calls itself ready."""
    if here.status is None:
        return skipped(NOTHING)
    if not is_answering(here.wishes):
        return failed(
            f"{here.wishes.address}/health/ready does not answer 200",
            cure="It names the reason; web.log has the rest.",
        )
    return ok(f"{here.wishes.address} is ready")


def _join(here: Surroundings) -> bool:
    """Load the product's code with the addresses found; False where there is no database."""
    if not here.environment.get("DATABASE_URL"):
        return False
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ.update(here.environment)
        os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.settings"
        django.setup()
    return True
