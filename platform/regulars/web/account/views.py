"""Joining a chain, coming over from the public site, and one's own account."""

from typing import cast

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.errors import RegularsError
from regulars.staff import absence, handover, invitations, permissions, pins, selectors, services
from regulars.staff.models import Staff
from regulars.tenancy import limits
from regulars.tenancy.context import current
from regulars.web import language, navigation, toasts
from regulars.web.account.forms import JoinForm, MeForm, PinForm
from regulars.web.beginning import steps

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_GET
def first_page(request: HttpRequest) -> HttpResponse:
    """Lead to the first place of the rail this person has; in a new chain to its first steps."""
    person = cast(Staff, request.user)
    if permissions.allows(permissions.acting(request), "imports.run") and steps.is_new():
        return HttpResponseRedirect(reverse("first_steps"))
    places = navigation.links(role=person.role, current="")
    return HttpResponseRedirect(places[0].url if places else reverse("profile"))


@login_not_required
@require_GET
@never_cache
def welcome(request: HttpRequest) -> HttpResponse:
    """Sign the owner in who comes from the public site with a single-use token."""
    try:
        person = handover.redeem(token=request.GET.get("token", ""))
    except handover.HandoverRefused as refusal:
        toasts.show(request, str(refusal), tone="warning")
        return HttpResponseRedirect(reverse("account_login"))
    return sign_in(request, person)


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Take an invited person in: name, password, language."""
    now = timezone.now()
    try:
        limits.hit(what="join", who=selectors.network_of(request), most=60, seconds=600)
        invited = invitations.find(token=token, now=now)
    except RegularsError as fault:
        over = {"sentence": str(fault)}
        return render(request, "account/invitation_over.html", over, status=fault.status)
    initial = {"name": invited.name, "language": invited.language}
    form = JoinForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            person = invitations.accept(token=token, now=now, **form.cleaned_data)
        except RegularsError as fault:
            form.refuse(fault)
        else:
            return sign_in(request, person)
    context = {"form": form, "invited": invited}
    return render(request, "account/join.html", context, status=422 if form.errors else 200)


def sign_in(request: HttpRequest, person: Staff) -> HttpResponse:
    """Begin a session for somebody who has just proved who they are, and go to the first page."""
    auth.login(request, person, backend=BACKEND)
    request.session.pop(selectors.BY_PIN, None)
    record_authentication(request, person, method="password")
    response = HttpResponseRedirect(reverse("first_page"))
    if person.language:
        language.remember(response, person.language)
    return response


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show one's own account, and change name, phone and language."""
    person = cast(Staff, request.user)
    form = _me_form(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor, given = permissions.acting(request), dict(form.cleaned_data)
        away, today = given.pop("away_until"), timezone.localdate()
        try:
            with transaction.atomic():
                absence.set_away(actor=actor, staff_id=person.pk, until=away, today=today)
                changed = services.edit_self(actor=actor, **given)
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Saved."))
            response = HttpResponseRedirect(reverse("profile"))
            language.remember(response, changed.language or current().language)
            return response
    return _profile_page(request, person, form=form)


@sensitive_post_parameters("pin", "old_pin")
@require_POST
def own_pin(request: HttpRequest) -> HttpResponse:
    """Set or take away one's own PIN; who came by it must give the present one."""
    actor = permissions.acting(request)
    person = cast(Staff, request.user)
    form = PinForm(request.POST)
    if form.is_valid():
        try:
            if actor.with_password:
                pins.verify(
                    staff=person,
                    store_id=person.home_store_id,
                    pin=form.cleaned_data["old_pin"],
                    address=actor.address,
                )
            pins.set_pin(actor=actor, staff_id=person.id, pin=form.cleaned_data["pin"])
        except pins.PinWrong as fault:
            form.add_error("old_pin", str(fault))
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Your PIN was changed."))
            return HttpResponseRedirect(reverse("profile"))
    return _profile_page(request, person, pin_form=form)


def _me_form(person: Staff, data: QueryDict | None = None) -> MeForm:
    names = ("name", "phone", "language", "told_by_mail")
    away = person.away_until if absence.is_away(person, on=timezone.localdate()) else None
    return MeForm(
        data,
        initial={name: getattr(person, name) for name in names} | {"away_until": away},
        region=current().country,
        has_address=bool(person.email),
    )


def _profile_page(
    request: HttpRequest,
    person: Staff,
    *,
    form: MeForm | None = None,
    pin_form: PinForm | None = None,
) -> HttpResponse:
    faulty = any(each is not None and each.errors for each in (form, pin_form))
    context = {
        "form": form or _me_form(person),
        "pin_form": pin_form or PinForm(),
        "has_pin": bool(person.pin),
        "has_second_step": Authenticator.objects.filter(
            user=person, type=Authenticator.Type.TOTP
        ).exists(),
        "came_by_pin": bool(permissions.acting(request).with_password),
    }
    return render(request, "account/profile.html", context, status=422 if faulty else 200)
