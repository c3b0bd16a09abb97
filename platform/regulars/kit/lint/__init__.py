"""The lint of message texts: refuses greetings that sell, and what nobody could have meant.

`findings(draft)` judges a template, or a text that is filled already. It is a list of words and
patterns, not an opinion: a chain adds words and allows words (`Policy`), and each finding says
which words it is about and why. What is refused:

- care and service that sell (C2): discounts, prices, goods, hurry, asking to buy, links to shops;
- care without the customer's name or a signature, or alike for too many (C3);
- placeholders that mean nothing or would stay empty; text messages of too many parts;
- a selling message that is not marked as such or says no way to refuse more;
- in selling messages, superlatives that 《广告法》 forbids. Elsewhere they are only warned of: a
  greeting is no advertisement, and “最牵挂的人” no claim about goods.
"""

from collections.abc import Collection, Iterable

from regulars.kit.labels import PLACEHOLDER
from regulars.kit.lint import form, wording
from regulars.kit.lint.drafts import Code, Draft, Finding, Policy, Severity
from regulars.kit.lint.folding import BREAK, fold
from regulars.kit.lint.form import measure

__all__ = [
    "Code",
    "Draft",
    "Finding",
    "Policy",
    "Severity",
    "findings",
    "is_refused",
    "measure",
    "skeleton",
]

_DEFAULT = Policy()


def findings(draft: Draft, policy: Policy = _DEFAULT) -> tuple[Finding, ...]:
    """Return everything found in a draft, in order. Never raises; linear in the text."""
    found = [
        *wording.judge(draft.text, "text", draft, policy),
        *wording.judge(draft.subject, "subject", draft, policy),
        *form.judge(draft, policy),
    ]
    return tuple(sorted(set(found)))


def is_refused(found: Iterable[Finding]) -> bool:
    """Tell whether anything found forbids sending."""
    return any(each.severity == "refuse" for each in found)


def skeleton(text: str, names: Collection[str]) -> str:
    """Return a text without placeholders, the customer's names, spaces, signs and disguises.

    Texts with one skeleton are one wording (C3): count them over the customers of a guide.
    """
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "")
    return fold(PLACEHOLDER.sub("", text)).dense.text.replace(BREAK, "")
