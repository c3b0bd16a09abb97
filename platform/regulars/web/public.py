"""The public site: what Regulars is, for whom, what it costs, and whether it runs."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from regulars.billing import plans
from regulars.kit import Vertical
from regulars.registry import loading
from regulars.tenancy import health
from regulars.web import language, scenes

_SHOTS = (
    ("head-office", _("Head office: every store in one view")),
    ("counter", _("The counter: who is standing there, and what they hold")),
    ("customer", _("A customer: everything that happened, in one line of time")),
)
_ICONS = {
    "jewelry": "diamond",
    "beauty": "sparkles",
    "homestyle": "armchair",
    "restaurant": "tools-kitchen-2",
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One vertical as the public site shows it, in the reader's language."""

    key: str
    icon: str
    name: str
    summary: str
    asks: list[str]
    keeps: list[str]


@dataclass(frozen=True, kw_only=True)
class Price:
    """One plan as the public site shows it; minor units for one store."""

    plan: plans.Plan
    total: int
    twelve_months: int
    is_recommended: bool


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what it does and for whom, with pictures of the real thing."""
    context = {
        "offers": offers(),
        "shots": shots(),
        "trial_days": plans.TRIAL_DAYS,
        **scenes.context(),
    }
    return render(request, "public/home.html", context)


@require_safe
def verticals(request: HttpRequest) -> HttpResponse:
    """Show which industries are on offer, and what each brings along."""
    return render(request, "public/verticals.html", {"offers": offers()})


@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """Show the plans in the currency and rhythm the visitor picks."""
    currency = request.GET.get("currency", "")
    if currency not in plans.CURRENCIES:
        currency = "CNY" if (get_language() or "").startswith("zh") else "USD"
    yearly = request.GET.get("pay") != "monthly"
    context = {
        "prices": [_price(plan, currency=currency, yearly=yearly) for plan in plans.PLANS.values()],
        "currencies": plans.CURRENCIES,
        "shown_currency": currency,
        "yearly": yearly,
        "trial_days": plans.TRIAL_DAYS,
    }
    return render(request, "public/prices.html", context)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Say how to begin, how to connect a till, how to write a vertical."""
    return render(request, "public/docs.html", {"base_domain": settings.BASE_DOMAIN})


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Say whether the parts of this installation answer."""
    answer: dict[str, Any] = json.loads(health.ready(request).content)
    parts = [
        {"name": _("Pages and the interface for tills"), "is_well": True},
        {"name": _("Database"), "is_well": "database" not in answer},
        {"name": _("Background work"), "is_well": "broker" not in answer},
    ]
    context = {"parts": parts, "is_well": all(part["is_well"] for part in parts)}
    return render(request, "public/status.html", context)


def offers() -> list[Offer]:
    """Return the installed verticals in the reader's language."""
    return [_offer(vertical) for vertical in loading.installed().values()]


def shots() -> list[dict[str, str]]:
    """Return the screenshots there are, in the reader's language where they exist."""
    tongue = "en" if get_language() == "en" else "zh"
    found = ((_shot(name, tongue) or _shot(name, "zh"), words) for name, words in _SHOTS)
    return [{"path": place, "words": str(words)} for place, words in found if place]


@cache
def _shot(name: str, tongue: str) -> str:
    place = f"img/shots/{name}-{tongue}.png"
    return place if finders.find(place) else ""


def _offer(vertical: Vertical) -> Offer:
    tongue = get_language() or settings.LANGUAGE_CODE
    return Offer(
        key=vertical.key,
        icon=_ICONS.get(vertical.key, "building-store"),
        name=vertical.name.text(tongue),
        summary=vertical.summary.text(tongue),
        asks=[field.label.text(tongue) for field in vertical.fields if not field.retired],
        keeps=[thing.label.text(tongue) for thing in vertical.possessions if not thing.retired],
    )


def _price(plan: plans.Plan, *, currency: str, yearly: bool) -> Price:
    total = plan.yearly[currency] if yearly else plan.monthly[currency]
    return Price(
        plan=plan,
        total=total,
        twelve_months=plan.monthly[currency] * 12,
        is_recommended=plan.key == plans.DEFAULT,
    )


urlpatterns = [
    path("", home, name="home"),
    path("industries/", verticals, name="verticals"),
    path("prices/", prices, name="prices"),
    path("docs/", docs, name="docs"),
    path("status/", status, name="status"),
    path("language/", language.choose, name="choose_language"),
]
