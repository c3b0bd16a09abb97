"""What complaints come from, to choose among when one is looked into and to count by (Q8)."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.complaints import templates
from regulars.complaints.models import Case

# Where a template names none of its own.
CORE: Final[dict[str, str | Promise]] = {
    "goods": _("The goods themselves"),
    "work": _("How the work was done"),
    "service": _("How they were treated"),
    "promise": _("Something promised and not kept"),
    "advice": _("Wrong or missing advice"),
    "price": _("Price or bill"),
    "delivery": _("Delivery or packing"),
    "waiting": _("Waiting or appointment"),
    "use": _("How it was used or kept"),
    "supplier": _("A supplier or somebody else"),
    "unclear": _("Could not be found out"),
}


def offered(case: Case, language: str) -> tuple[tuple[str, str], ...]:
    """Return the causes a complaint may be found to have, as (key, words)."""
    template = templates.of(case)
    own = () if template is None else template.causes
    live = tuple((each.key, each.label.text(language)) for each in own if not each.retired)
    return live or tuple((key, str(words)) for key, words in CORE.items())


def label(cause: str, template: str, language: str) -> str:
    """Return the words of a cause of a kind of complaint, as it is declared now; else the key."""
    kind = templates.find(template) if template else None
    own = {} if kind is None else {each.key: each.label.text(language) for each in kind.causes}
    return own.get(cause) or str(CORE.get(cause, cause))


def counted(cause: str, language: str) -> str:
    """Return the words of a cause that complaints of several kinds were found to have."""
    declared = (label(cause, kind.key, language) for kind in templates.offered())
    return next((words for words in declared if words != cause), str(CORE.get(cause, cause)))
