"""In which chains an e-mail address works. Only digests are kept, keyed with the secret key."""

from uuid import UUID

from django.utils.crypto import salted_hmac

from regulars.tenancy.models import Chain, Membership


def remember(*, email: str, chain_id: UUID) -> None:
    """Note that the address works in the chain; call it wherever staff join or change address."""
    row = Membership(digest=_digest(email), chain_id=chain_id)
    Membership.objects.bulk_create([row], ignore_conflicts=True)


def first(*, email: str, chain: Chain) -> Membership:
    """Return the note that the owner of a new chain works in it; its provisioning writes it."""
    return Membership(digest=_digest(email), chain=chain)


def forget(*, email: str, chain_id: UUID) -> None:
    """Note that the address no longer works in the chain."""
    Membership.objects.filter(digest=_digest(email), chain_id=chain_id).delete()


def move(*, old: str, new: str, chain_id: UUID) -> None:
    """Note that somebody's address changed, also where operators find the owner's."""
    forget(email=old, chain_id=chain_id)
    remember(email=new, chain_id=chain_id)
    Chain.objects.filter(pk=chain_id, owner_email__iexact=old).update(owner_email=new)


def chains_of(*, email: str) -> list[Chain]:
    """Return the active chains the address works in, by name."""
    found = Chain.objects.filter(
        state=Chain.State.ACTIVE,
        pk__in=Membership.objects.filter(digest=_digest(email)).values("chain_id"),
    )
    return list(found.prefetch_related("domains").order_by("name"))


def _digest(email: str) -> str:
    canonical = email.strip().casefold()
    return salted_hmac("regulars.tenancy.membership", canonical, algorithm="sha256").hexdigest()
