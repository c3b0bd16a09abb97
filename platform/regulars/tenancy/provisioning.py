"""From a confirmed wish to a working chain, in steps that can be repeated after a crash.

``reserved → created → migrated → seeded → active``. With a spare schema at hand a confirmed wish
becomes a working chain in one short transaction, without DDL and without the steps between;
otherwise the chain is reserved, and the worker, under the owner role, makes its schema first, in a
transaction of its own. A schema is only ever used or dropped if this installation recorded making
it.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connections, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from regulars.errors import Conflict, Unavailable
from regulars.tenancy import context, directory, membership, names, planting, releases
from regulars.tenancy.models import Chain, Domain, Schema, Signup
from regulars.tenancy.releases import OWNER

_LOG: Final = logging.getLogger(__name__)
_seeders: list[Callable[[Chain, Signup], list[Model]]] = []
_NAME_KEY: Final = "tenancy_domain_domain_key"
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


def on_seed(seeder: Callable[[Chain, Signup], list[Model]]) -> None:
    """Register what a new chain begins with: rows not saved yet, which are written into it."""
    _seeders.append(seeder)


def reserve(*, signup: Signup, confirmed_at: datetime | None = None) -> Chain:
    """Give the sign-up its chain and its sub-domain, or raise NameTaken. Idempotent."""
    with context.public(), transaction.atomic():
        wish = Signup.objects.select_for_update().get(pk=signup.pk)
        if wish.chain is not None:
            return wish.chain
        chain = _wished(wish)
        chain.schema_name = names.new_schema_name()
        _plant(chain, wish)
        wish.chain = chain
        wish.confirmed_at = wish.confirmed_at or confirmed_at
        wish.save(update_fields=["chain", "confirmed_at"])
    return chain


def open_at_once(*, wish: Signup, now: datetime) -> Chain | None:
    """Make a locked, confirmed wish an active chain in the caller's transaction.

    Returns None if no spare schema is left. Raises NameTaken. Two statements write all there is.
    """
    chain = _wished(wish)
    _take_spare(chain)
    if chain.state != Chain.State.MIGRATED:
        return None
    chain.state = Chain.State.ACTIVE
    chain.activated_at = now
    wish.confirmed_at = wish.confirmed_at or now
    member = membership.first(email=wish.owner_email, chain=chain)
    with context.inside(context.ChainInfo.of(chain, subdomain=wish.subdomain)):
        _plant(chain, wish, member, *_seeds(chain, wish))
    wish.chain = chain
    wish.password = ""
    wish.save(update_fields=["chain", "confirmed_at", "password"])
    transaction.on_commit(lambda: directory.forget(wish.subdomain))
    return chain


def _wished(wish: Signup) -> Chain:
    return Chain(
        name=wish.company,
        vertical=wish.vertical,
        language=wish.language,
        currency=wish.currency,
        time_zone=wish.time_zone,
        country=names.country_of(wish.time_zone),
        owner_email=wish.owner_email,
    )


def _plant(chain: Chain, wish: Signup, *others: Model) -> None:
    """Write the chain, its sub-domain and whatever else there is; raises NameTaken."""
    domain = Domain(domain=wish.subdomain, tenant=chain, is_primary=True)
    try:
        with transaction.atomic(savepoint=False):
            planting.insert(chain, domain, *others)
    except IntegrityError as error:
        if _NAME_KEY in str(error):
            raise NameTaken from error
        raise


def provision(*, chain_id: UUID, now: datetime) -> Chain:
    """Bring a chain to `active`, continuing wherever an earlier attempt ended.

    Raises NotReadyYet if it must wait for the worker. A chain in any later state is returned as
    it is. With a spare schema all of it is one transaction.
    """
    with context.public():
        with transaction.atomic():
            chain = _locked(chain_id)
            if chain.state == Chain.State.RESERVED:
                _take_spare(chain)
            _open(chain, now=now)
        if chain.state in {Chain.State.RESERVED, Chain.State.CREATED}:
            if OWNER not in connections.settings:
                raise NotReadyYet
            _make_own_schema(chain_id)
            with transaction.atomic():
                chain = _locked(chain_id)
                _open(chain, now=now)
    return chain


def _locked(chain_id: UUID) -> Chain:
    return Chain.objects.select_for_update().get(pk=chain_id)


def _take_spare(chain: Chain) -> None:
    """Give the locked chain a spare schema of the newest version, if there is one."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_TAKE_SPARE, [releases.needed()])
        spare = cursor.fetchone()
    if spare is not None:
        chain.schema_name, chain.schema_version = spare
        chain.state = Chain.State.MIGRATED


def _open(chain: Chain, *, now: datetime) -> None:
    """Seed and activate the locked chain as far as that is still to do; writes it once."""
    if chain.state not in {Chain.State.MIGRATED, Chain.State.SEEDED}:
        return
    if chain.state == Chain.State.MIGRATED:
        _seed(chain)
    _activate(chain, now=now)
    changed = ["schema_name", "schema_version", "state", "activated_at"]
    chain.save(update_fields=changed)


def _seed(chain: Chain) -> None:
    signup = Signup.objects.get(chain=chain)
    with context.inside(context.ChainInfo.of(chain, subdomain=signup.subdomain)):
        planting.insert(*_seeds(chain, signup))
    chain.state = Chain.State.SEEDED


def _seeds(chain: Chain, signup: Signup) -> list[Model]:
    return [row for seeder in _seeders for row in seeder(chain, signup)]


def _activate(chain: Chain, *, now: datetime) -> None:
    chain.state = Chain.State.ACTIVE
    chain.activated_at = now
    Signup.objects.filter(chain=chain).update(password="")
    directory.changed(chain)


def _make_own_schema(chain_id: UUID) -> None:
    """Make the chain's schema under the owner role: it is there whole and recorded, or not at all.

    A schema that an earlier release created and left empty is filled.
    """
    with context.public(using=OWNER), transaction.atomic(using=OWNER):
        chain = Chain.objects.using(OWNER).select_for_update().get(pk=chain_id)
        if chain.state not in {Chain.State.RESERVED, Chain.State.CREATED}:
            return
        version = releases.head()
        schemas = Schema.objects.using(OWNER)
        if chain.state == Chain.State.RESERVED:
            schemas.create(name=chain.schema_name, state=Schema.State.TAKEN, version=version)
            create_schema(name=chain.schema_name)
        else:
            schemas.filter(name=chain.schema_name).update(version=version)
            _replay(chain.schema_name)
        chain.schema_version = version
        chain.state = Chain.State.MIGRATED
        chain.save(using=OWNER, update_fields=["schema_version", "state"])


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
    _replay(name, upto=upto, first=f'CREATE SCHEMA "{name}";\n')


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


def _replay(schema: str, *, upto: int | None = None, first: str = "") -> None:
    script = releases.ddl(upto=upto)
    path = f'SET LOCAL search_path = "{schema}"'
    _execute(f"{first}{path};\n{script};\nSET LOCAL search_path = public")


def _execute(sql: str) -> None:
    """Send text as it stands, several statements in one round trip, under the owner role."""
    with connections[OWNER].cursor() as cursor:
        link: Any = cursor.connection
        link.execute(sql.encode())
