"""A message to oneself, to see that a provider takes what we hand it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.errors import Invalid
from regulars.kit import labels
from regulars.messages.gateways import catalog, chosen, faults
from regulars.messages.gateways.contract import Accepted, NotDone, Outgoing
from regulars.messages.selectors import templates
from regulars.tenancy import context, limits
from regulars.tenancy.identifiers import new_id

_MOST: Final = 5
_SECONDS: Final = 600


class NotTaken(Invalid):
    """The provider did not take the message; `detail` is its own code and words."""

    code = "test-not-taken"
    sentence = _("The provider did not take the message. %(why)s %(detail)s")


class NothingApproved(Invalid):
    """The provider sends approved texts only, and there is none."""

    code = "test-nothing-approved"
    sentence = _(
        "This provider sends approved texts only. Have one of your texts approved first, then try"
        " again."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of it."""

    provider: str
    accepted: Accepted


def send_test(*, actor: Actor, slot: str, to: str, text: str, now: datetime) -> Tried:
    """Hand a message to the provider of a slot; it is no contact and is written down in the audit.

    Five in ten minutes for the whole chain. Raises Forbidden, NotChosen, NothingApproved, NotTaken,
    TooMany.
    """
    require(actor, chosen.PERMISSION)
    limits.hit(what="test-messages", who=slot, most=_MOST, seconds=_SECONDS)
    provider = chosen.provider_of(slot)
    words = {"text": text, "subject": str(_("A message to try the way"))}
    message = Outgoing(
        key=new_id().hex,
        to=to,
        channel=catalog.SLOTS[slot],
        language=context.current().language,
        **{**words, **_approved(provider)},
    )
    try:
        gateway = chosen.opened(slot)
        accepted = gateway.send(message, now=now)
    except NotDone as error:
        audit.record(actor=actor, action="gateway.tried", data={"slot": slot, "fault": error.code})
        raise NotTaken(why=str(faults.SENTENCES[error.code]), detail=error.detail) from error
    audit.record(actor=actor, action="gateway.tried", data={"slot": slot, "fault": ""})
    return Tried(provider=gateway.name, accepted=accepted)


def _approved(provider: str) -> dict[str, Any]:
    """Return a template, its variables and its signature, where a provider wants them."""
    declared = catalog.PROVIDERS.get(provider)
    if declared is None or not (declared.approves or declared.key == "wechat"):
        return {}
    for message in templates.library():
        for (name, _language), each in templates.at_providers(message.key).items():
            if name == provider and each.state == "approved":
                places = [(place, _sample(of)) for place, of in each.variables]
                return {
                    "template": each.id,
                    "variables": tuple(places),
                    "signature": each.signature,
                    "text": labels.fill(each.text, {of: _sample(of) for _p, of in each.variables}),
                }
    raise NothingApproved


def _sample(placeholder: str) -> str:
    """Return something that may stand in a place: short, and without meaning."""
    return context.current().name if placeholder == "chain.name" else "001"
