"""Why a message did not go: our codes with a sentence each, and tables from providers' codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.messages.gateways.contract import NotDone, Refused, TryLater, Uncertain

SENTENCES: Final[Mapping[str, str | Promise]] = {
    "address-wrong": _(
        "This number or address does not exist. Ask the customer for the right one."
    ),
    "unreachable": _("The customer could not be reached: switched off, no signal or no answer."),
    "mailbox-full": _("The customer's mailbox is full."),
    "opted-out": _("The customer has told the provider not to deliver messages from you."),
    "not-following": _("The customer does not follow your account, or is no longer a contact."),
    "person-limit": _("The provider delivers no more messages to this customer for now."),
    "answer-too-late": _(
        "The provider delivers answers only for two days after the customer wrote, and only a few."
        " Call them, or choose another way."
    ),
    "hours": _("The provider delivers selling messages only at certain hours."),
    "text-refused": _("The provider or carrier refused the wording. Please change it."),
    "too-long": _("The text is longer than the provider accepts. Please shorten it."),
    "template-wrong": _("The provider does not know or has not approved this template."),
    "variables-wrong": _("A value in the text does not fit what the provider approved."),
    "signature-wrong": _("The provider does not know or has not approved this signature."),
    "header-unsafe": _("Subject, name or address holds characters that do not belong there."),
    "refused": _("The provider refused this message."),
    "credentials-wrong": _(
        "The provider does not accept your credentials. Check them in settings."
    ),
    "money": _("Your account at the provider has run out of credit. Please top it up."),
    "account-blocked": _("The provider has blocked your account or this service. Ask it why."),
    "not-installed": _("The provider's package is not installed on this server."),
    "rate": _("The provider takes no more messages at this moment; they are sent a little later."),
    "away": _("The provider cannot be reached at this moment; the message is sent later."),
    "silent": _("The provider did not answer, so the message may or may not have been sent."),
    "nonsense": _("The provider's answer could not be read: the message may have been sent."),
}
CODES: Final = frozenset(SENTENCES)
# These concern every message of the chain: stop a batch and tell head office, once.
OF_THE_ACCOUNT: Final = frozenset(
    {"credentials-wrong", "money", "account-blocked", "not-installed"}
)
# The address must not be used again on this channel.
OF_THE_ADDRESS: Final = frozenset({"address-wrong", "opted-out", "not-following"})


@dataclass(frozen=True)
class Verdict:
    """What a provider's code means for us."""

    kind: Literal["refused", "later", "uncertain"]
    code: str
    after: timedelta = timedelta(minutes=1)


type Table = Mapping[str, Verdict]


def refused(code: str) -> Verdict:
    """Return: surely not sent, for ever."""
    return Verdict("refused", code)


def later(code: str, *, minutes: float = 1) -> Verdict:
    """Return: surely not sent, to be tried again after that many minutes."""
    return Verdict("later", code, timedelta(minutes=minutes))


def uncertain(code: str) -> Verdict:
    """Return: it may have been sent."""
    return Verdict("uncertain", code)


def of_account(code: str) -> Verdict:
    """Return: nothing of this chain goes until somebody acts."""
    return later(code, minutes=15)


REFUSED: Final = refused("refused")


def look_up(table: Table, code: str, *, otherwise: Verdict = REFUSED) -> Verdict:
    """Return the verdict on a provider's code, or on the family its dots name."""
    family = code
    while family:
        if family in table:
            return table[family]
        family = family.rpartition(".")[0]
    return otherwise


def judge(table: Table, code: str, words: str, *, otherwise: Verdict = REFUSED) -> NotDone:
    """Return the exception to raise for a provider's code and words."""
    verdict = look_up(table, code, otherwise=otherwise)
    detail = f"{code} {words}".strip()[:300]
    if verdict.kind == "later":
        return TryLater(verdict.code, detail, after=verdict.after)
    return (Refused if verdict.kind == "refused" else Uncertain)(verdict.code, detail)


def while_asking(judged: NotDone | None, error: Exception) -> NotDone:
    """Return what a failed question means: asking sends nothing, so it is asked again later."""
    if judged is None or isinstance(judged, Uncertain):
        return TryLater("away", type(error).__name__, after=timedelta(minutes=5))
    return judged
