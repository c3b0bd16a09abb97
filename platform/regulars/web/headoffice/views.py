"""Head office's page: figures, charts, stores, guides, what needs attention."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.insights import tasks
from regulars.insights.selectors import attention
from regulars.insights.selectors.overviews import Overview, overview
from regulars.purchases.models import Purchase
from regulars.staff import permissions
from regulars.tenancy import context as chains
from regulars.usecases import award_purchase
from regulars.web import money
from regulars.web.headoffice import sections, showing, tables
from regulars.web.headoffice.looks import Look


@require_GET
@permissions.needs("insights.view")
def page(request: HttpRequest) -> HttpResponse:
    """Show the figures of everything one sees, of a region or of a store."""
    look = Look.of(request)
    found = overview(
        actor=look.actor,
        days=look.days,
        compare=look.compare,
        region_id=look.region_id,
        store_id=look.store_id,
    )
    tasks.noticed(periods=found.not_kept, fresh=found.fresh, now=look.now)
    currency = chains.current().currency
    is_empty = not any(found.figures.now) and not Purchase.objects.exists()
    context = {
        "place": "insights",
        "look": look,
        "found": found,
        "trail": _trail(found, look),
        "choices": sections.choices(found.map),
        "tabs": sections.tabs(look, current="insights"),
        "figures": [] if is_empty else showing.shown(found, look, currency=currency),
        "sales_chart": showing.sales_chart(found),
        "buyers_chart": showing.buyers_chart(found),
        "step_name": showing.step_name(found.step),
        "stores": tables.stores(found, look),
        "regions": tables.regions(found, look),
        "guides": tables.guides(found, look) if found.place.kind == "store" else None,
        "alerts": _alerts(found, look, currency=currency),
        "waiting": award_purchase.waiting(),
        "customers_url": look.address("insights_customers"),
        "all_url": f"{look.address('insights', all='1', **look.hidden)}#stores",
        "files": {what: look.files(what) for what in ("stores", "series", "guides")},
        "is_empty": is_empty,
        "may_export": permissions.allows(look.actor, "insights.export"),
        "may_import": permissions.allows(look.actor, "imports.run"),
    }
    return render(request, "headoffice/page.html", context)


def _trail(found: Overview, look: Look) -> list[tuple[str, str]]:
    """Return where one is, as links from the whole down; the last is here."""
    trail = [(_("All stores"), look.elsewhere())]
    region = found.place.id if found.place.kind == "region" else None
    if found.place.kind == "store" and found.place.id is not None:
        region = found.map.by_id[found.place.id].region_id
    if region in found.map.regions and (len(found.map.regions) > 1 or found.place.kind == "region"):
        trail.append((found.map.regions[region], look.elsewhere(region=region)))
    if found.place.kind == "store":
        trail.append((found.place.name, look.elsewhere(store=found.place.id)))
    return trail


def _alerts(found: Overview, look: Look, *, currency: str) -> list[dict[str, Any]]:
    return [
        {
            "kind": each.kind,
            "name": each.row.shop.name,
            "href": look.elsewhere(store=each.row.shop.id),
            "why": _why(each, currency=currency),
        }
        for each in attention.alerts(found)
    ]


def _why(alert: attention.Alert, *, currency: str) -> str:
    """Say in one sentence what is the matter with a store."""
    language = get_language() or ""
    if alert.kind in ("sales-fell", "no-sales"):
        usual = money.money_dense(round(alert.usual), currency, language=language)
        if alert.kind == "no-sales":
            return _("Nothing was sold, after %(usual)s before.") % {"usual": usual}
        return _("%(now)s, after %(usual)s before (%(change)s).") % {
            "now": money.money_dense(round(alert.value), currency, language=language),
            "usual": usual,
            "change": money.change(alert.value, alert.usual),
        }
    shares = {"now": money.percent(alert.value), "usual": money.percent(alert.usual)}
    if alert.kind == "repeat-rate-fell":
        return _("Repeat rate %(now)s, after %(usual)s before.") % shares
    return _("%(now)s of purchases are by customers we know; of all stores %(usual)s.") % shares
