"""Taking turns on a shared device: choose yourself, give your PIN."""

from uuid import UUID

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.errors import NotFound, RegularsError
from regulars.staff import devices, permissions, pins, selectors
from regulars.staff.models import Staff
from regulars.stores import selectors as stores
from regulars.stores.models import Store
from regulars.tenancy import limits
from regulars.web import language, toasts
from regulars.web.account.forms import TurnForm
from regulars.web.account.views import BACKEND


@login_not_required
@require_GET
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """Show who works in the device's store; whoever was at it before is signed out.

    Leaving somebody signed in behind this page would let the next person go back to them.
    """
    store = devices.store_of(request)
    if store is None:
        return _offer_to_share(request)
    if request.user.is_authenticated:
        auth.logout(request)
    people = selectors.colleagues(store_ids=frozenset({store.id})).exclude(pin="")
    context = {"store": store, "people": people, "next": _target(request, request.GET)}
    return render(request, "account/switch.html", context)


@login_not_required
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
@never_cache
def turn(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Ask the chosen person for their PIN and let them in."""
    store = devices.store_of(request)
    if store is None:
        return HttpResponseRedirect(reverse("account_login"))
    person = _colleague(store, staff_id)
    form = TurnForm(request.POST or None)
    target = _target(request, request.POST or request.GET)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _check(request, store, person, form.cleaned_data["pin"])
            except RegularsError as fault:
                form.add_error("pin", str(fault))
                status = fault.status
            else:
                return _let_in(request, person, target)
    context = {"form": form, "store": store, "colleague": person, "next": target}
    return render(request, "account/turn.html", context, status=status)


@require_POST
def share(request: HttpRequest) -> HttpResponse:
    """Mark this browser as a shared device of a store, and go to its chooser."""
    try:
        store_id = UUID(request.POST.get("store", ""))
    except ValueError:
        raise NotFound from None
    store = devices.mark(actor=permissions.acting(request), store_id=store_id)
    auth.logout(request)
    response = HttpResponseRedirect(reverse("switch_person"))
    devices.remember(response, store)
    return response


@require_POST
def stop_sharing(request: HttpRequest) -> HttpResponse:
    """Make this browser somebody's own again; needs the same right as sharing it."""
    permissions.require(permissions.acting(request), "stores.edit")
    response = HttpResponseRedirect(reverse("switch_person"))
    devices.forget(response)
    toasts.show(request, _("This device is no longer shared."))
    return response


def _offer_to_share(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("account_login"))
    actor = permissions.acting(request)
    may_share = permissions.allows(actor, "stores.edit")
    offered = stores.open_stores(actor.scope) if may_share else Store.objects.none()
    context = {"stores": offered, "may_share": may_share, "place": "settings"}
    response = render(request, "account/share.html", context)
    if devices.may_be_shared(request):  # a mark that no longer holds
        devices.forget(response)
    return response


def _colleague(store: Store, staff_id: UUID) -> Staff:
    people = selectors.colleagues(store_ids=frozenset({store.id})).exclude(pin="")
    person = people.filter(pk=staff_id).first()
    if person is None:
        raise NotFound
    return person


def _check(request: HttpRequest, store: Store, person: Staff, pin: str) -> None:
    address = selectors.address_of(request)
    limits.hit(what="pin-address", who=limits.network(address), most=60, seconds=600)
    pins.verify(staff=person, store_id=store.id, pin=pin, address=address)


def _let_in(request: HttpRequest, person: Staff, target: str) -> HttpResponse:
    auth.logout(request)
    auth.login(request, person, backend=BACKEND)
    request.session[selectors.BY_PIN] = True
    devices.is_idle(request)
    response = HttpResponseRedirect(target or reverse("first_page"))
    if person.language:
        language.remember(response, person.language)
    return response


def _target(request: HttpRequest, values: QueryDict) -> str:
    """Return where somebody wanted to go, if it is a page of this chain."""
    target = values.get("next", "")
    allowed = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if allowed else ""
