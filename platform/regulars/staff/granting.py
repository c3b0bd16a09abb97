"""Who may give which role and which places to whom: nobody gives more than they have."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.errors import Conflict, Forbidden, Invalid, NotFound, Text
from regulars.outbox import services as outbox
from regulars.staff import roles
from regulars.staff.models import Assignment, Role, Staff
from regulars.stores.models import Region, Store


class MoreThanYouHave(Forbidden):
    """Somebody tried to give a role or a place beyond their own."""

    code = "more-than-you-have"
    sentence = _("You can only give roles and places that are within your own.")


class LastOwner(Conflict):
    """The chain would be left without an owner."""

    code = "last-owner"
    sentence = _("A chain needs an owner. Make somebody else an owner first.")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A role with the regions and stores it is for; the first store is where a person is at home.

    Owners, head office and analysts work for the whole chain and need no place.
    """

    role: str
    region_ids: tuple[UUID, ...] = ()
    store_ids: tuple[UUID, ...] = ()
    home_store_id: UUID | None = None

    @property
    def home(self) -> UUID | None:
        """The store a person is counted with."""
        return self.home_store_id or next(iter(self.store_ids), None)


def check(*, actor: Actor, place: Place, staff: Staff | None = None) -> None:
    """Do nothing if the actor may put this person (or a new one) in this place.

    Raises Forbidden, MoreThanYouHave, or Invalid for a place that does not fit the role.
    """
    require(actor, "team.manage")
    _check_shape(place)
    if place.role not in grantable_roles(actor):
        raise MoreThanYouHave
    stores = {*place.store_ids, *([place.home] if place.home else [])}
    if staff is not None and staff.id == actor.id:
        kept_back = actor.scope.withheld_customers | actor.scope.withheld_figures
        if stores & kept_back:  # H4: not by putting oneself into the franchise's store
            raise MoreThanYouHave
    if not actor.scope.everything:
        if not stores <= actor.scope.store_ids:
            raise MoreThanYouHave
        _check_own_regions(actor, place.region_ids)
    _check_existing(stores, place.region_ids)


def one_at_a_time() -> None:
    """Wait for other changes of the team to end, until this transaction ends.

    Such changes are rare, and checks across rows (the last owner, an address used twice) then
    need no locks that two of them could take in opposite order.
    """
    with outbox.in_order("staff"):
        return


def grantable_roles(actor: Actor) -> list[Role]:
    """Return the roles this actor may give to others."""
    return [
        role
        for role in Role
        if ("*" in actor.may or roles.may(role) <= actor.may)
        and (role not in roles.CHAIN_WIDE or actor.scope.everything)
    ]


def grantable_regions(actor: Actor) -> QuerySet[Region]:
    """Return the regions this actor may give to others: all, or those assigned to them."""
    regions = Region.objects.order_by("code")
    if actor.scope.everything:
        return regions
    return regions.filter(assignment__staff__pk=actor.id) if actor.id else regions.none()


def check_reaches(*, actor: Actor, staff: Staff) -> None:
    """Do nothing if the actor may manage this person as they are now.

    Raises NotFound outside the actor's places, MoreThanYouHave for somebody who may do more.
    """
    require(actor, "team.manage")
    if not reaches(actor, staff):
        raise NotFound
    if staff.role not in grantable_roles(actor):
        raise MoreThanYouHave


def reaches(actor: Actor, staff: Staff) -> bool:
    """Say whether a person works in one of the actor's stores (one query, none for head office)."""
    if actor.scope.everything or actor.id == staff.id:
        return True
    if staff.home_store_id in actor.scope.store_ids:
        return True
    theirs = Assignment.objects.filter(staff=staff)
    return (
        theirs.filter(store__in=actor.scope.store_ids).exists()
        or theirs.filter(region__stores__in=actor.scope.store_ids).exists()
    )


def keep_an_owner(staff: Staff) -> None:
    """Raise LastOwner if this person is the only owner who works here; see `one_at_a_time`."""
    others = Staff.objects.filter(role=Role.OWNER, state=Staff.State.ACTIVE).exclude(pk=staff.pk)
    if not others.exists():
        raise LastOwner


def settle(staff: Staff, place: Place) -> None:
    """Write a person's role and places; the caller has checked them and saves nothing else."""
    staff.role = place.role
    staff.home_store_id = place.home
    staff.save(update_fields=["role", "home_store"])
    Assignment.objects.filter(staff=staff).delete()
    Assignment.objects.bulk_create(
        [
            *(Assignment(staff=staff, region_id=each) for each in dict.fromkeys(place.region_ids)),
            *(Assignment(staff=staff, store_id=each) for each in dict.fromkeys(place.store_ids)),
        ]
    )


def _check_shape(place: Place) -> None:
    faults: dict[str, list[Text]] = {}
    if place.role not in Role.values:
        faults["role"] = [_("Choose a role from the list.")]
    if place.role == Role.REGION_MANAGER and not place.region_ids:
        faults["regions"] = [_("Choose at least one region.")]
    if place.role in {Role.STORE_MANAGER, Role.GUIDE} and not place.store_ids:
        faults["stores"] = [_("Choose at least one store.")]
    if place.role != Role.REGION_MANAGER and place.region_ids:
        faults["regions"] = [_("Only region managers have regions.")]
    if faults:
        raise Invalid(fields=faults)


def _check_own_regions(actor: Actor, region_ids: Iterable[UUID]) -> None:
    wanted = set(region_ids)
    if not wanted:
        return
    if set(grantable_regions(actor).filter(pk__in=wanted).values_list("pk", flat=True)) != wanted:
        raise MoreThanYouHave


def _check_existing(store_ids: set[UUID], region_ids: Iterable[UUID]) -> None:
    regions = set(region_ids)
    faults: dict[str, list[Text]] = {}
    if store_ids and Store.objects.filter(pk__in=store_ids).count() != len(store_ids):
        faults["stores"] = [_("One of these stores does not exist.")]
    if regions and Region.objects.filter(pk__in=regions).count() != len(regions):
        faults["regions"] = [_("One of these regions does not exist.")]
    if faults:
        raise Invalid(fields=faults)
