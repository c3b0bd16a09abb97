"""API keys: listed, made (shown once), revoked."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.api import keys
from regulars.api.models import Key
from regulars.api.scopes import SCOPES
from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.stores.models import Store
from regulars.web import toasts
from regulars.web.keys.forms import KeyForm


@require_GET
@permissions.needs("keys.manage")
def list_keys(request: HttpRequest) -> HttpResponse:
    """List the keys, those that work first."""
    stores = dict(Store.objects.values_list("pk", "name"))
    rows: list[dict[str, Any]] = [
        {
            "key": key,
            "scopes": [SCOPES[scope] for scope in key.scopes if scope in SCOPES],
            "store": stores.get(key.store_id) if key.store_id else "",
        }
        for key in Key.objects.order_by("revoked_at", "-id")
    ]
    working = [row for row in rows if row["key"].revoked_at is None]
    revoked = [row for row in rows if row["key"].revoked_at is not None]
    context = {"place": "settings", "working": working, "revoked": revoked}
    return render(request, "keys/list.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@permissions.needs("keys.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Make a key, and show its secret this one time."""
    actor = permissions.acting(request)
    form = KeyForm(request.POST or None, scope=actor.scope, initial={"scopes": ["till"]})
    if request.method == "POST" and form.is_valid():
        store = form.cleaned_data["store"]
        try:
            made = keys.create(
                actor=actor,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                store_id=UUID(store) if store else None,
                now=timezone.now(),
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            host = request.build_absolute_uri("/").rstrip("/")
            context = {"place": "settings", "made": made, "host": host}
            return render(request, "keys/made.html", context)
    context = {"place": "settings", "form": form}
    return render(request, "keys/new.html", context, status=422 if form.errors else 200)


@require_POST
@permissions.needs("keys.manage")
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Stop a key."""
    keys.revoke(actor=permissions.acting(request), key_id=key_id, now=timezone.now())
    toasts.show(request, _("The key no longer works."))
    return HttpResponseRedirect(reverse("keys"))
