"""From a confirmed wish to a working chain, in steps that can be repeated after a crash.

``reserved → created → migrated → seeded → active``. With a spare schema at hand the first three
are one short transaction and no DDL; without one the worker, under the owner role, makes the
schema first. A schema is only ever used or dropped if this installation recorded making it.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connections, transaction
from django.utils.translation import gettext_lazy as _

from regulars.errors import Conflict, Unavailable
from regulars.tenancy import context, directory, names, releases
from regulars.tenancy.models import Chain, Domain, Schema, Signup
from regulars.tenancy.releases import OWNER

_LOG: Final = logging.getLogger(__name__)
_seeders: "list[Callable[[Chain, Signup], None]]" = []
_TAKE_SPARE: Final = """
    UPDATE public.tenancy_schema SET state = 'taken'
    WHERE name = (
        SELECT name FROM public.tenancy_schema
        WHERE state = 'spare' AND version = %s
        ORDER BY made_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING name, version
"""


class NameTaken(Conflict):
    """Somebody else confirmed this sub-domain first."""

    code = "subdomain-taken"
    sentence = _("This address was taken a moment ago. Please choose another one.")


class NotReadyYet(Unavailable):
    """No spare schema is left; the worker is making one."""

    code = "workspace-being-prepared"
    sentence = _("Your workspace is being prepared. This takes a few seconds.")


def on_seed(seeder: Callable[[Chain, Signup], None]) -> None:
    """Register what fills a new chain; it runs inside the chain, in one transaction."""
    _seeders.append(seeder)


def reserve(*, signup: Signup) -> Chain:
    """Give the sign-up its chain and its sub-domain, or raise NameTaken. Idempotent."""
    with transaction.atomic():
        wish = Signup.objects.select_for_update().get(pk=signup.pk)
        if wish.chain is not None:
            return wish.chain
        chain = Chain(
            schema_name=names.new_schema_name(),
            name=wish.company,
            vertical=wish.vertical,
            language=wish.language,
            currency=wish.currency,
            time_zone=wish.time_zone,
            country=names.country_of(wish.time_zone),
            owner_email=wish.owner_email,
        )
        chain.save(force_insert=True)
        claimed = Domain.objects.bulk_create(
            [Domain(domain=wish.subdomain, tenant=chain)], ignore_conflicts=True
        )
        if not Domain.objects.filter(domain=claimed[0].domain, tenant=chain).exists():
            transaction.set_rollback(True)
            raise NameTaken
        wish.chain = chain
        wish.save(update_fields=["chain"])
    return chain


def provision(*, chain_id: UUID, now: datetime) -> Chain:
    """Bring a chain to `active`, continuing wherever an earlier attempt ended.

    Raises NotReadyYet if it must wait for the worker. A chain in any later state is returned as
    it is.
    """
    with context.public():
        chain = Chain.objects.get(pk=chain_id)
        if chain.state == Chain.State.RESERVED:
            chain = _take_spare(chain_id)
        if chain.state in {Chain.State.RESERVED, Chain.State.CREATED}:
            if OWNER not in connections.settings:
                raise NotReadyYet
            chain = _make_own_schema(chain_id)
        if chain.state == Chain.State.MIGRATED:
            chain = _seed(chain_id)
        if chain.state == Chain.State.SEEDED:
            chain = _activate(chain_id, now=now)
    return chain


def _locked(chain_id: UUID) -> Chain:
    return Chain.objects.select_for_update().get(pk=chain_id)


def _take_spare(chain_id: UUID) -> Chain:
    with transaction.atomic():
        chain = _locked(chain_id)
        if chain.state != Chain.State.RESERVED:
            return chain
        with connections["default"].cursor() as cursor:
            cursor.execute(_TAKE_SPARE, [releases.needed()])
            spare = cursor.fetchone()
        if spare is not None:
            chain.schema_name, chain.schema_version = spare
            chain.state = Chain.State.MIGRATED
            chain.save(update_fields=["schema_name", "schema_version", "state"])
    return chain


def _make_own_schema(chain_id: UUID) -> Chain:
    with context.public(using=OWNER), transaction.atomic(using=OWNER):
        chain = Chain.objects.using(OWNER).select_for_update().get(pk=chain_id)
        if chain.state == Chain.State.RESERVED:
            Schema.objects.using(OWNER).create(name=chain.schema_name, state=Schema.State.TAKEN)
            _execute(f'CREATE SCHEMA "{chain.schema_name}"')
            chain.state = Chain.State.CREATED
            chain.save(using=OWNER, update_fields=["state"])
    with context.public(using=OWNER), transaction.atomic(using=OWNER):
        chain = Chain.objects.using(OWNER).select_for_update().get(pk=chain_id)
        if chain.state == Chain.State.CREATED:
            _replay(chain.schema_name)
            chain.schema_version = releases.head()
            chain.state = Chain.State.MIGRATED
            chain.save(using=OWNER, update_fields=["schema_version", "state"])
            Schema.objects.using(OWNER).filter(name=chain.schema_name).update(
                version=chain.schema_version
            )
    return Chain.objects.get(pk=chain_id)


def _seed(chain_id: UUID) -> Chain:
    with transaction.atomic():
        chain = _locked(chain_id)
        if chain.state == Chain.State.MIGRATED:
            signup = Signup.objects.get(chain=chain)
            with context.inside(chain):
                for seeder in _seeders:
                    seeder(chain, signup)
            chain.state = Chain.State.SEEDED
            chain.save(update_fields=["state"])
    return chain


def _activate(chain_id: UUID, *, now: datetime) -> Chain:
    with transaction.atomic():
        chain = _locked(chain_id)
        if chain.state == Chain.State.SEEDED:
            chain.state = Chain.State.ACTIVE
            chain.activated_at = now
            chain.save(update_fields=["state", "activated_at"])
            Signup.objects.filter(chain=chain).update(password="")
            directory.changed(chain)
    return chain


def fill_spares(*, wanted: int) -> int:
    """Make spare schemas until `wanted` are ready at the newest version; return how many were made.

    Runs under the owner role only. Spares of an older version are dropped: nobody uses them yet.
    """
    version = releases.head()
    old = Schema.objects.using(OWNER).filter(state=Schema.State.SPARE, version__lt=version)
    for name in old.values_list("name", flat=True):
        drop_schema(name=name)
    ready = Schema.objects.using(OWNER).filter(state=Schema.State.SPARE, version=version).count()
    for _number in range(ready, wanted):
        make_spare()
    return max(0, wanted - ready)


def make_spare() -> str:
    """Make one spare schema in one transaction: it exists whole and recorded, or not at all."""
    name = names.new_schema_name()
    with context.public(using=OWNER), transaction.atomic(using=OWNER):
        create_schema(name=name)
        Schema.objects.using(OWNER).create(name=name, version=releases.head())
    return name


def create_schema(*, name: str, upto: int | None = None) -> None:
    """Create a schema with every table, in the caller's transaction; the caller records it."""
    _execute(f'CREATE SCHEMA "{name}"')
    _replay(name, upto=upto)


def drop_schema(*, name: str) -> None:
    """Drop a schema this installation made; its name stays in the records for ever.

    Raises Schema.DoesNotExist for a name that was not made here.
    """
    with context.public(using=OWNER), transaction.atomic(using=OWNER):
        record = Schema.objects.using(OWNER).select_for_update().get(name=name)
        if record.state != Schema.State.DROPPED:
            _execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
            record.state = Schema.State.DROPPED
            record.save(using=OWNER, update_fields=["state"])


def resume(*, now: datetime) -> int:
    """Finish the chains whose provisioning stopped half-way; return how many became active."""
    unfinished = Chain.objects.filter(
        state__in=[
            Chain.State.RESERVED,
            Chain.State.CREATED,
            Chain.State.MIGRATED,
            Chain.State.SEEDED,
        ]
    ).values_list("pk", flat=True)
    finished = 0
    for chain_id in list(unfinished):
        chain = provision(chain_id=chain_id, now=now)
        finished += chain.state == Chain.State.ACTIVE
    return finished


def _replay(schema: str, *, upto: int | None = None) -> None:
    script = releases.ddl(upto=upto)
    _execute(f'SET LOCAL search_path = "{schema}";\n{script};\nSET LOCAL search_path = public')


def _execute(sql: str) -> None:
    """Send text as it stands, several statements in one round trip, under the owner role."""
    with connections[OWNER].cursor() as cursor:
        link: Any = cursor.connection
        link.execute(sql.encode())
