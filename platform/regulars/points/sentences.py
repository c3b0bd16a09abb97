"""The sentence that explains each entry of the ledger, in the reader's language.

What rules earned is told by the rule's own `says`, looked up by the permanent key that stands in
the entry; everything else by the sentences below.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.kit import Bonus, Rate, Spend, Vertical
from regulars.kit.labels import fill

WHYS: Final[Mapping[str, Promise]] = {
    "expired": _("Points that ran out"),
    "return-takes-back": _("Taken back for returned goods"),
    "import-undone": _("An import was undone"),
    "return-gives-back": _("Given back for returned goods"),
    "spent": pgettext_lazy("points", "Spent"),
    "opening": _("Balance brought along"),
    "opening-undone": _("Balance brought along, taken back with its import"),
    "adjusted": _("Corrected by the shop: {note}"),
    "complaint": _("To make up for complaint {number}"),
    "merged-out": _("Moved to the customer's other file"),
    "merged-in": _("Moved from the customer's other file"),
    "erased": _("Closed when the file was erased"),
}
_RULE_GONE: Final = _("Earned by a rule that no longer exists: {points} points")


def tell(
    reasons: Iterable[Mapping[str, Any]], *, vertical: Vertical, language: str
) -> tuple[str, ...]:
    """Return one sentence per reason."""
    return tuple(one(reason, vertical=vertical, language=language) for reason in reasons)


def one(reason: Mapping[str, Any], *, vertical: Vertical, language: str) -> str:
    """Return the sentence of one reason."""
    params = {key: str(value) for key, value in reason.get("params", {}).items()}
    if "why" in reason:
        return fill(_in(language, WHYS.get(reason["why"], _RULE_GONE)), params)
    key = reason.get("rule")
    rules: Iterable[Rate | Bonus | Spend]
    rules = chain(vertical.rates, vertical.bonuses, vertical.spends)
    rule = next((rule for rule in rules if rule.key == key), None)
    if rule is None:
        return fill(_in(language, _RULE_GONE), {"points": str(reason.get("points", 0))})
    return fill(rule.says.text(language), params)


def _in(language: str, text: Promise) -> str:
    with translation.override(language):
        return str(text)
