"""Who is asking, and which stores they may see: plain types that every layer understands."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The part of a chain somebody may see.

    `everything` is head office. Otherwise `store_ids` are the stores (those of one's regions
    included), and `own_customers_of` narrows lists to one guide's own customers. What a franchise
    does not share (H4) is taken off both: its customers, its figures, or the two.
    """

    everything: bool = False
    store_ids: frozenset[UUID] = frozenset()
    own_customers_of: UUID | None = None
    withheld_customers: frozenset[UUID] = frozenset()
    withheld_figures: frozenset[UUID] = frozenset()

    def covers(self, store_id: UUID | None) -> bool:
        """Say whether a customer's row of this store may be seen; no store means head office."""
        return self._reaches(store_id) and store_id not in self.withheld_customers

    def covers_figures(self, store_id: UUID | None) -> bool:
        """Say whether this store's figures may be seen."""
        return self._reaches(store_id) and store_id not in self.withheld_figures

    def _reaches(self, store_id: UUID | None) -> bool:
        return self.everything or (store_id is not None and store_id in self.store_ids)


ALL: Scope = Scope(everything=True)
NONE: Scope = Scope()


class ActorKind(StrEnum):
    """What kind of somebody acts."""

    STAFF = "staff"
    KEY = "key"
    CUSTOMER = "customer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something, for the audit and for decisions.

    `may` holds the permissions of the person's role or of the key (see `staff.roles`), and
    `with_password` those that somebody who came by PIN would have by password.
    """

    kind: ActorKind
    id: UUID | None = None
    name: str = ""
    role: str = ""
    scope: Scope = field(default_factory=Scope)
    may: frozenset[str] = frozenset()
    with_password: frozenset[str] = frozenset()
    address: str = ""  # of the network, when a request is behind it

    def serves(self, store_id: UUID | None) -> bool:
        """Say whether it may write down what the till of a store does.

        A key of the whole chain writes for every store, also for a franchise whose customers it
        may not read (H4): what was sold there was sold.
        """
        runs_tills = self.kind is ActorKind.KEY and self.scope.everything
        return runs_tills or self.scope.covers(store_id)


SYSTEM = Actor(
    kind=ActorKind.SYSTEM, name="Regulars", role="system", scope=ALL, may=frozenset({"*"})
)
