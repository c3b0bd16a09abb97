"""What the kit finds wrong with a kind of complaint, said where it can be put right."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.kit import Fault, VerticalError
from regulars.registry.services import DeclarationRefused


class _Known(NamedTuple):
    pattern: str
    field: str  # of the form; empty: on top
    text: str | Promise


# What `kit.checks.complaints` and `kit.checks.schema` say of kinds of complaint.
_KNOWN: Final = (
    _Known(r"times are minutes", "reply", _("Give each time at least one minute.")),
    _Known(r"the reply is due after", "resolve", _(
        "The solution cannot be due before the first answer.")),
    _Known(r"needs a remedy to offer", "", _("Offer something that makes good.")),
    _Known(r"where health is in danger", "urgent", _(
        "Where every minute counts, say what is done first of all.")),
    _Known(r"\w+ is there twice for", "", _(
        "The same remedy stands there twice for the same role. Put the two into one.")),
    _Known(r"the limit of", "", _("A limit must be above nought.")),
    _Known(r".* already means |.*is there twice", "", _(
        "Two questions or two answers mean the same. Write them apart.")),
    _Known(r"needs choices", "", _("Write at least one possible answer.")),
    _Known(r"has a brace that is no|placeholders mean nothing", "", _(
        "Words in braces mean nothing here; leave the braces out.")),
    _Known(r"contains a control character", "", _(
        "Something that cannot be seen is in the text. Type it anew.")),
)  # fmt: skip


def of(refused: DeclarationRefused) -> list[tuple[str, str]]:
    """Return every fault as (field of the form or nothing, sentence); each sentence once."""
    cause = refused.__cause__
    faults = cause.faults if isinstance(cause, VerticalError) else ()
    return list(dict.fromkeys(_told(faults))) or [("", str(refused))]


def _told(faults: tuple[Fault, ...]) -> Iterator[tuple[str, str]]:
    for fault in faults:
        known = next((each for each in _KNOWN if re.match(each.pattern, fault.text)), None)
        yield (known.field, str(known.text)) if known else ("", str(fault))
