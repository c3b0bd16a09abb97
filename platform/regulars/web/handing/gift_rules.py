"""What the chain gives: by occasion, level and taste (V3, C6)."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars import registry
from regulars.customers import questions
from regulars.errors import RegularsError
from regulars.followups.occasions import gifts
from regulars.followups.occasions.gifts import Gift
from regulars.staff import permissions
from regulars.tenancy.context import current
from regulars.web import toasts
from regulars.web.handing.gift_forms import GiftForm
from regulars.web.today import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A gift as the list shows it."""

    gift: Gift
    occasions: tuple[str, ...]
    tiers: tuple[str, ...]
    tastes: tuple[str, ...]


@require_GET
@permissions.needs("rules.manage")
def rules(request: HttpRequest) -> HttpResponse:
    """List what is given."""
    language = get_language() or ""
    levels = {each.key: each.label.text(language) for each in registry.vertical().tiers}
    labels = {each.key: each.field.label.text(language) for each in questions.questions()}
    labels |= {each.key: each.label.text(language) for each in questions.extra_fields()}
    rows = [
        Row(
            gift=gift,
            occasions=tuple(
                words.occasion(kind, label="", title="", language=language)
                for kind in gift.occasions
            ),
            tiers=tuple(levels.get(key, key) for key in gift.tiers),
            tastes=tuple(labels.get(key, key) for key in gift.tastes),
        )
        for gift in sorted(gifts.rules(), key=lambda each: each.title)
    ]
    context = {"place": "settings", "rows": rows, "currency": current().currency}
    return render(request, "handing/gift_rules.html", context)


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Add a gift."""
    return _edited(request, None)


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def change(request: HttpRequest, key: str) -> HttpResponse:
    """Change a gift; what was handed over stays as it was."""
    return _edited(request, _find(key))


@require_POST
@permissions.needs("rules.manage")
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Give this no more."""
    gift = _find(key)
    gifts.remove_rule(actor=permissions.acting(request), key=gift.key, now=timezone.now())
    toasts.show(request, _("No longer given. What was handed over stays."))
    return HttpResponseRedirect(reverse("gift_rules"))


def _edited(request: HttpRequest, gift: Gift | None) -> HttpResponse:
    form = GiftForm(
        request.POST or None,
        currency=current().currency,
        language=get_language() or "",
        gift=gift,
    )
    if request.method == "POST" and form.is_valid():
        try:
            gifts.set_rule(actor=permissions.acting(request), gift=form.read(), now=timezone.now())
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Saved."))
            return HttpResponseRedirect(reverse("gift_rules"))
    context = {"place": "settings", "form": form, "gift": gift}
    return render(request, "handing/gift_rule.html", context, status=422 if form.errors else 200)


def _find(key: str) -> Gift:
    found = next((each for each in gifts.rules() if each.key == key), None)
    if found is None:
        raise Http404
    return found
