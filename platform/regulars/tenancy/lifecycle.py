"""What can happen to a chain after it is active: suspended, resumed, renamed, deleted."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.errors import Conflict
from regulars.tenancy import context, directory, names, provisioning
from regulars.tenancy.models import Chain, Domain, Membership, Schema, Signup
from regulars.tenancy.releases import OWNER

_before_deletion: "list[Callable[[Chain], None]]" = []
_on_deletion: "list[Callable[[Chain], None]]" = []


class WrongState(Conflict):
    """The chain is not in a state from which this is possible."""

    code = "chain-state"
    sentence = _("This is not possible while the chain is “%(state)s”.")


def before_deletion(work: Callable[[Chain], None]) -> None:
    """Register what may refuse a deletion, by raising, before anything is removed."""
    _before_deletion.append(work)


def on_deletion(work: Callable[[Chain], None]) -> None:
    """Register what forgets a deleted chain outside its schema; it runs as the row is emptied."""
    _on_deletion.append(work)


def files_of(chain_id: UUID) -> Path:
    """Return the folder that holds the chain's files; it may not exist yet."""
    return Path(settings.MEDIA_ROOT) / str(chain_id)


def suspend(*, chain_id: UUID, reason: str) -> Chain:
    """Close the workspace and its tasks at once; nothing is lost. Raises WrongState."""
    return _move(chain_id, Chain.State.ACTIVE, Chain.State.SUSPENDED, reason=reason)


def resume(*, chain_id: UUID) -> Chain:
    """Open a suspended workspace again. Raises WrongState."""
    return _move(chain_id, Chain.State.SUSPENDED, Chain.State.ACTIVE, reason="")


def _move(chain_id: UUID, before: str, after: str, *, reason: str) -> Chain:
    with context.public(), transaction.atomic():
        chain = Chain.objects.select_for_update().get(pk=chain_id)
        if chain.state != before:
            raise WrongState(state=chain.get_state_display())
        chain.state = after
        chain.state_reason = reason
        chain.save(update_fields=["state", "state_reason"])
        directory.changed(chain)
    return chain


def rename(*, chain_id: UUID, subdomain: str) -> Chain:
    """Give the chain another primary sub-domain; the old one leads there and stays the chain's.

    Raises SubdomainRefused or NameTaken.
    """
    name = names.checked_subdomain(subdomain)
    with context.public(), transaction.atomic():
        chain = Chain.objects.select_for_update().get(pk=chain_id)
        owner = Domain.objects.filter(domain=name).first()
        if owner is not None and owner.tenant_id != chain.id:
            raise provisioning.NameTaken
        chain.domains.update(is_primary=False)
        Domain.objects.update_or_create(domain=name, defaults={"tenant": chain, "is_primary": True})
        directory.changed(chain)
    return chain


def delete(*, chain_id: UUID, now: datetime) -> None:
    """Remove a chain for ever: schema, files, sub-domains. Can be repeated after a crash.

    Runs under the owner role. The row stays, so that what Stripe or a log names can be explained;
    the schema's name is never used again. Raises what `before_deletion` refuses it with.
    """
    with context.public(), transaction.atomic():
        chain = Chain.objects.select_for_update().get(pk=chain_id)
        if chain.state == Chain.State.DELETED:
            return
        if chain.state != Chain.State.DELETING:
            for refuse in _before_deletion:
                refuse(chain)
        chain.state = Chain.State.DELETING
        chain.save(update_fields=["state"])
        directory.changed(chain)
    if Schema.objects.using(OWNER).filter(name=chain.schema_name).exists():
        provisioning.drop_schema(name=chain.schema_name)
    shutil.rmtree(files_of(chain_id), ignore_errors=True)
    with context.public(), transaction.atomic():
        directory.changed(chain)
        Membership.objects.filter(chain=chain).delete()
        Signup.objects.filter(chain=chain).delete()  # its link must not lead here any more
        chain.domains.all().delete()
        chain.state = Chain.State.DELETED
        chain.state_reason = f"deleted {now:%Y-%m-%d}"
        chain.owner_email = ""
        chain.save(update_fields=["state", "state_reason", "owner_email"])
        for forget in _on_deletion:
            forget(chain)
