"""Lists somebody wants to come back to: each a name and what stands in the address of its page.

They are a person's own, by page. What an address says is read by its page, which shows no more
than the person may see, whatever is kept here.
"""

from typing import Final, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.errors import Invalid, NotFound
from regulars.staff import services
from regulars.staff.models import Staff

MOST: Final = 12  # of one page
LONGEST_NAME: Final = 40
_LONGEST_QUERY: Final = 1_000


class View(NamedTuple):
    """A saved list."""

    name: str
    query: str


class ViewRefused(Invalid):
    """The list cannot be saved like this."""

    code = "saved-view-refused"


def of(actor: Actor, page: str) -> list[View]:
    """Return the lists a person saved of a page, in the order they were saved. One statement."""
    if actor.id is None:
        return []
    kept = Staff.objects.filter(pk=actor.id).values_list("saved_views", flat=True).first()
    return [View(*each) for each in (kept or {}).get(page, ())]


@transaction.atomic
def keep(*, actor: Actor, page: str, name: str, query: str) -> None:
    """Save a list; under a name that exists it takes its place. Raises ViewRefused."""
    wanted = " ".join(name.replace("\0", "").split())
    if not wanted or len(wanted) > LONGEST_NAME:
        sentence = _("Give it a name of at most %(most)s characters.") % {"most": LONGEST_NAME}
        raise ViewRefused(sentence, fields={"name": [sentence]})
    if len(query) > _LONGEST_QUERY:
        raise ViewRefused(_("This is more than one saved filter holds."))
    staff, views = _held(actor, page)
    after = [View(wanted, query) if each.name == wanted else each for each in views]
    if wanted not in {each.name for each in views}:
        after.append(View(wanted, query))
    if len(after) > MOST:
        sentence = _("At most %(most)s filters are kept. Remove one first.") % {"most": MOST}
        raise ViewRefused(sentence)
    _write(staff, page, after)


@transaction.atomic
def drop(*, actor: Actor, page: str, name: str) -> None:
    """Remove a saved list. Idempotent."""
    staff, views = _held(actor, page)
    _write(staff, page, [each for each in views if each.name != name])


def _held(actor: Actor, page: str) -> tuple[Staff, list[View]]:
    if actor.id is None:
        raise NotFound
    staff = services.locked(actor.id)
    return staff, [View(*each) for each in staff.saved_views.get(page, ())]


def _write(staff: Staff, page: str, views: list[View]) -> None:
    staff.saved_views = {**staff.saved_views, page: [list(each) for each in views]}
    staff.save(update_fields=["saved_views"])
