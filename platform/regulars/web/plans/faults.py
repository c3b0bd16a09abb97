"""What the kit finds wrong with a plan, said at the field where it can be put right."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.kit import Fault, VerticalError
from regulars.registry.services import DeclarationRefused


class Told(NamedTuple):
    """A fault in the reader's words: at a field of the form, or (without one) on top of it."""

    step: str
    field: str
    text: str | Promise


class _Known(NamedTuple):
    pattern: str
    field: str
    text: str | Promise


# What `kit.checks.care` says of plans and steps, and the field where it is put right.
_KNOWN: Final = (
    _Known(r"nobody knows .* in advance", "after", _(
        "Nobody knows in advance when this happens: write 0 or more days.")),
    _Known(r"a message step names what to send", "send", _(
        "Choose the words of the message.")),
    _Known(r"a message step asks nothing", "do", _(
        "A message asks nothing. Choose a call or a visit, or take the questions out.")),
    _Known(r"no message ", "send", _("These words are not there any more. Choose others.")),
    _Known(r"message .* is \w+, the plan is", "send", _(
        "These words are for another purpose than the plan. Choose others.")),
    _Known(r"message .* is not for calls", "send", _(
        "These words are for messages only. Choose words for a call.")),
    _Known(r"message .* is for calls only", "send", _(
        "These words are for calls only. Choose words for a message.")),
    _Known(r"nothing starts by", "starts", _("Nothing of that kind happens here.")),
    _Known(r"no event ", "stops", _("Nothing of that kind happens here.")),
    _Known(r"needs steps", "", _("A plan needs at least one step.")),
    _Known(r"needs choices", "ask", _("Write at least one possible answer.")),
    _Known(r".* already means ", "ask", _(
        "Two questions or two answers mean the same. Write them apart.")),
    _Known(r"has a brace that is no|placeholders mean nothing", "", _(
        "Words in braces mean nothing here; leave the braces out.")),
    _Known(r"contains a control character", "", _(
        "Something that cannot be seen is in the text. Type it anew.")),
)  # fmt: skip
_STEP: Final = re.compile(r"follow_ups\.[^.]+\.steps\.([^.]+)(\.ask)?")
_LABEL: Final = re.compile(r"\.(title|label)(\.|$)")


def of(refused: DeclarationRefused) -> list[Told]:
    """Return every fault behind a refusal; those nobody has words for in the kit's own."""
    cause = refused.__cause__
    faults = cause.faults if isinstance(cause, VerticalError) else ()
    return list(dict.fromkeys(_told(faults))) or [Told("", "", str(refused))]


def _told(faults: tuple[Fault, ...]) -> Iterator[Told]:
    for fault in faults:
        step = found[1] if (found := _STEP.search(fault.where)) else ""
        known = next((each for each in _KNOWN if re.match(each.pattern, fault.text)), None)
        if known is None:
            yield Told(step, "", str(fault))
            continue
        field = known.field
        if not field and (label := _LABEL.search(fault.where)):
            field = label[1]
        if found and found[2]:
            field = "ask"
        yield Told(step, field, known.text)
