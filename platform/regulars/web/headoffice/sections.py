"""What the pages of head office share: the way between them, and the places one can look at."""

from typing import Any

from django.utils.translation import gettext as _

from regulars.insights.places import Map
from regulars.web.headoffice.looks import Look


def tabs(look: Look, *, current: str) -> list[dict[str, Any]]:
    """Return the pages about the same place and period; `current` is the name of this one."""
    pages = {
        "insights": _("Sales and customers"),
        "insights_care": _("Results of care"),
        "complaint_learning": _("Complaints"),
        "surveys": _("Surveys"),
        "insights_scorecard": _("Scorecard"),
        "gifts_given": _("Gifts"),
    }
    return [
        {"label": label, "url": look.address(name), "current": name == current, "count": ""}
        for name, label in pages.items()
    ]


def choices(shops: Map) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the places one can look at: each region with itself first, then its stores."""
    if len(shops.shops) < 2:
        return []
    groups = [
        (
            name,
            [
                (f"region:{key}", _("%(region)s: all stores") % {"region": name}),
                *((f"store:{shop.id}", shop.name) for shop in shops.shops if shop.region_id == key),
            ],
        )
        for key, name in shops.regions.items()
    ]
    rest = [(f"store:{shop.id}", shop.name) for shop in shops.shops if shop.region_id is None]
    return [*groups, (_("Without a region"), rest)] if rest else groups
