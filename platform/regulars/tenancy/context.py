"""Which chain the current thread works for. Nothing else sets the search path."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DEFAULT_DB_ALIAS, connections

from regulars.tenancy import pooling
from regulars.tenancy.models import Chain


class NoChain(RuntimeError):
    """Code that needs a chain ran without one. Always a mistake of ours, never of a caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainInfo:
    """What a request or a job needs to know of its chain, small enough to keep in memory."""

    id: UUID
    schema_name: str
    subdomain: str
    name: str
    vertical: str
    language: str
    currency: str
    time_zone: str
    country: str
    state: str
    schema_version: int
    is_demo: bool = False
    accent: str = ""
    plan: str = "chain"
    access: str = "full"  # what is open to a chain that does not pay: billing.standing.Access
    standing: str = ""  # why, in a word of billing.settling; "" before the first night
    standing_until: datetime | None = None  # when the next step comes, if one comes

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of head office."""
        return ZoneInfo(self.time_zone)

    @property
    def domain_url(self) -> None:
        """Django-tenants asks for it in log records; the host is in the request already."""
        return None

    @classmethod
    def of(cls, chain: Chain, *, subdomain: str | None = None) -> "ChainInfo":
        """Freeze a row; looks up the primary sub-domain unless it is given."""
        if subdomain is None:
            primary = chain.domains.filter(is_primary=True).first()
            subdomain = primary.domain if primary else ""
        return cls(
            id=chain.id,
            schema_name=chain.schema_name,
            subdomain=subdomain,
            name=chain.name,
            vertical=chain.vertical,
            language=chain.language,
            currency=chain.currency,
            time_zone=chain.time_zone,
            country=chain.country,
            state=chain.state,
            schema_version=chain.schema_version,
            is_demo=chain.is_demo,
            accent=chain.accent,
            plan=chain.plan,
            access=chain.access,
            standing=chain.standing,
            standing_until=chain.standing_until,
        )


def _wrapper(using: str) -> Any:
    return cast(Any, connections[using])


def activate(chain: ChainInfo, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Point this thread's connection at the chain's schema, and at nothing else.

    Raises SessionsNotKept behind a pooler that would not keep it there.
    """
    pooling.prove()
    _wrapper(using).set_tenant(chain, include_public=False)


def activate_public(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Point this thread's connection at the control plane."""
    _wrapper(using).set_schema_to_public()


def reset(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Point at nothing: the next cursor raises until a chain or public is chosen."""
    wrapper = _wrapper(using)
    wrapper.tenant = None
    wrapper.schema_name = None
    _leave(wrapper)


def _leave(wrapper: Any) -> None:
    """Let no statement through before something is chosen, nor one of a cursor kept until then."""
    wrapper.search_path_set_schemas = None
    if wrapper.connection is not None:
        wrapper.connection.leave()


def current_or_none() -> ChainInfo | None:
    """Return the chain this thread works for, if any."""
    tenant = _wrapper(DEFAULT_DB_ALIAS).tenant
    return tenant if isinstance(tenant, ChainInfo) else None


def current() -> ChainInfo:
    """Return the chain this thread works for; raises NoChain without one."""
    chain = current_or_none()
    if chain is None:
        raise NoChain("No chain is active in this thread: use tenancy.context.inside(chain).")
    return chain


@contextmanager
def inside(chain: ChainInfo | Chain, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[ChainInfo]:
    """Work for a chain within the block, then for whatever was active before."""
    if not isinstance(chain, ChainInfo):
        with public():
            chain = ChainInfo.of(chain)
    with _restored(using):
        activate(chain, using=using)
        yield chain


@contextmanager
def public(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Work in the control plane within the block, then where we were before."""
    with _restored(using):
        activate_public(using=using)
        yield


@contextmanager
def _restored(using: str) -> Iterator[None]:
    wrapper = _wrapper(using)
    before = (wrapper.tenant, wrapper.schema_name, wrapper.include_public_schema)
    try:
        yield
    finally:
        wrapper.tenant, wrapper.schema_name, wrapper.include_public_schema = before
        wrapper.search_path_set_schemas = None
        if wrapper.schema_name is None:
            _leave(wrapper)


def streamed[T](chain: ChainInfo, chunks: Iterable[T]) -> Iterator[T]:
    """Produce each chunk of a streamed answer inside the chain, though the request is over."""
    iterator = iter(chunks)
    try:
        while True:
            with inside(chain):
                try:
                    chunk = next(iterator)
                except StopIteration:
                    return
            yield chunk
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            with inside(chain):
                close()
