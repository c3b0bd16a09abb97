"""What a kind of complaint looks like to those who hear one, and what its times come to now."""

from datetime import datetime, timedelta
from typing import Any

from regulars.complaints import checklist, clocks
from regulars.kit import Complaint
from regulars.stores import selectors as stores
from regulars.stores.models import Store
from regulars.web.complaints import kinds_words
from regulars.web.complaints.raising_forms import RaiseForm
from regulars.web.plans import reading


def shown(kind: Complaint | None, *, now: datetime) -> dict[str, Any]:
    """Return what the preview shows; nothing for a kind that cannot be read yet.

    Its times are told by the clock of the chain's first open store, for a complaint of this moment.
    """
    if kind is None:
        return {"seen": None}
    language = reading.language()
    store = Store.objects.filter(stores.still_open()).order_by("code", "pk").first()
    runs = None if kind.clock == "wall" or store is None else clocks.while_open(store)
    times = (
        ("reply", kind.reply_within),
        ("update", kind.update_within),
        ("resolve", kind.resolve_within),
    )
    return {
        "seen": kind,
        "title": kind.title.text(language),
        "chosen": kind,
        "asks": RaiseForm(
            initial={"template": kind.key}, templates=[kind], stores=(), goods=(), things=(),
            is_known=True, language=language, prefix="seen",
        ),
        "urgent": [each.label.text(language) for each in kind.urgent if not each.retired],
        "regret": kind.regret.text(language),
        "due": [
            (kinds_words.TIMES[name], clocks.due(now, timedelta(minutes=minutes), runs))
            for name, minutes in times
        ],
        "store": store,
        "items": [each.label for each in checklist.items(kind, language) if each.group == "own"],
        "grants": [_grant(each, on_top=on_top)
                   for on_top, those in ((False, kind.remedies), (True, kind.goodwill))
                   for each in those],
    }  # fmt: skip


def _grant(remedy: Any, *, on_top: bool) -> dict[str, Any]:
    return {
        "label": remedy.label.text(reading.language()),
        "role": kinds_words.role(remedy.approval),
        "limit": remedy.limit,
        "is_points": remedy.kind == "points",
        "within": remedy.within,
        "on_top": on_top,
    }
