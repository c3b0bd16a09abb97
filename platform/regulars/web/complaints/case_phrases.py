"""Prepared words for the steps of a complaint, in the language of the customer."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from regulars.complaints import templates
from regulars.complaints.models import Case
from regulars.tenancy import context

# What is said in a shop; the words of the kind of complaint come before these.
_PREPARED: Final[Mapping[str, Callable[[], tuple[str, ...]]]] = MappingProxyType(
    {
        "apologise": lambda: (
            _("I am sorry that this happened to you. Thank you for telling us."),
            _("That should not have happened. I am truly sorry, and I will see to it myself."),
        ),
        "investigate": lambda: (
            _("I understand that you have been let down, and that it cost you time."),
            _("I understand that you cannot use it as you wanted to."),
        ),
        "propose": lambda: (
            _("We looked into it: the fault is ours. We would like to put it right like this:"),
        ),
        "do": lambda: (
            _("It is done as we agreed. Thank you for your patience."),
            _("It is ready for you in the store. Thank you for your patience."),
        ),
        "ask": lambda: (
            _("Is everything as it should be now? Please tell us frankly."),
        ),
        "wait": lambda: (
            _("Please send us a picture, then we go on at once."),
            _("Please tell us when it suits you to come by."),
        ),
        "write": lambda: (
            _("We are still looking into it and have not forgotten you."),
        ),
    }
)  # fmt: skip


def language(case: Case) -> str:
    """Return the language of a complaint's customer, as far as it is known."""
    return case.language or context.current().language


def prepared(case: Case, act: str) -> tuple[str, ...]:
    """Return words for an act; none where everybody has to find their own."""
    spoken = language(case)
    with translation.override(spoken.lower()):
        made = _PREPARED[act]() if act in _PREPARED else ()
    template = templates.of(case) if act == "apologise" else None
    return (template.regret.text(spoken), *made) if template is not None else made
