"""How a chain presents itself in its workspace: its name and its colour."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.audit.services import record
from regulars.errors import Invalid, Text
from regulars.tenancy import accent, context, directory
from regulars.tenancy.models import Chain

LONGEST_NAME = 120


class Unreadable(Invalid):
    """The colour cannot be read on our pages; `params` holds the nearest that can."""

    code = "colour-unreadable"
    sentence = _(
        "%(colour)s is too pale to be read: its contrast is %(contrast)s : 1, and 4.5 : 1 is "
        "needed. The nearest colour that can be read is %(nearest)s."
    )

    def __init__(self, colour: str) -> None:
        """Take the colour that was wished for."""
        super().__init__(
            colour=colour,
            contrast=f"{accent.worst(colour):.1f}",
            nearest=accent.of(colour).light,
        )
        self.fields = {"accent": [str(self)]}


@transaction.atomic
def present(*, actor: Actor, name: str, colour: str) -> None:
    """Give the chain another name and colour (``#rrggbb``; empty: ours) on every page at once.

    Raises Forbidden, Unreadable, or Invalid with faults at `name` and `accent`.
    """
    require(actor, "chain.manage")
    name, colour = " ".join(name.split()), colour.strip().lower()
    _check(name, colour)
    chain = Chain.objects.select_for_update().get(pk=context.current().id)
    before = {"name": chain.name, "accent": chain.accent}
    after = {"name": name, "accent": colour}
    changed = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    if not changed:
        return
    chain.name, chain.accent = name, colour
    chain.save(update_fields=["name", "accent"])
    record(
        actor=actor,
        action="chain.presented",
        object_kind="chain",
        object_id=chain.id,
        data={"changed": changed},
    )
    directory.changed(chain)


def _check(name: str, colour: str) -> None:
    faults: dict[str, list[Text]] = {}
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        sentence = _("A name has 1 to %(most)s characters.")
        faults["name"] = [sentence % {"most": LONGEST_NAME}]
    if colour and not accent.is_colour(colour):
        faults["accent"] = [_("Write a colour as # and six digits or letters a to f: #b3125f.")]
    if faults:
        raise Invalid(fields=faults)
    if colour and not accent.is_readable(colour):
        raise Unreadable(colour)
