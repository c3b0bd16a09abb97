"""Pages for changing one's own e-mail address: the wish, the two mails, the link."""

from smtplib import SMTPException
from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars.errors import RegularsError
from regulars.staff import addresses, permissions, selectors
from regulars.staff.models import Staff
from regulars.tenancy import limits
from regulars.tenancy.context import current
from regulars.web import mail, toasts
from regulars.web.account.adapter import MailNotSent
from regulars.web.account.forms import AddressForm


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@permissions.by_password
def change(request: HttpRequest) -> HttpResponse:
    """Ask for the new address and the password, and send the two mails."""
    person = cast(Staff, request.user)
    form = AddressForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _wish(request, person, form)
            except RegularsError as fault:
                form.refuse(fault)
                status = fault.status
            else:
                return HttpResponseRedirect(reverse("change_address"))
    context = {"form": form, "wished": person.wished_email}
    return render(request, "account/address.html", context, status=status)


@require_POST
@permissions.by_password
def withdraw(request: HttpRequest) -> HttpResponse:
    """Forget the address somebody wanted."""
    addresses.withdraw(actor=permissions.acting(request))
    toasts.show(request, _("Your e-mail address stays as it is. The link no longer counts."))
    return HttpResponseRedirect(reverse("change_address"))


@login_not_required
@require_http_methods(["GET", "POST"])
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link would change, and change it by a button: scanners follow links too."""
    now = timezone.now()
    try:
        limits.hit(what="address-link", who=selectors.network_of(request), most=60, seconds=600)
        found = addresses.find(token=token, now=now)
        if request.method == "POST":
            found = addresses.confirm(token=token, now=now)
    except RegularsError as fault:
        over = {"sentence": str(fault)}
        return render(request, "account/address_over.html", over, status=fault.status)
    if not found.is_done:
        return render(request, "account/address_confirm.html", {"change": found})
    toasts.show(request, _("You sign in as %(email)s from now on.") % {"email": found.new})
    is_theirs = request.user.is_authenticated and request.user.pk == found.staff.pk
    return HttpResponseRedirect(reverse("profile" if is_theirs else "account_login"))


def _wish(request: HttpRequest, person: Staff, form: AddressForm) -> None:
    limits.hit(what="address-wish", who=str(person.pk), most=5, seconds=600)
    found, token = addresses.wish(
        actor=permissions.acting(request),
        email=form.cleaned_data["email"],
        password=form.cleaned_data["password"],
        now=timezone.now(),
    )
    chain = current()
    link = request.build_absolute_uri(reverse("confirm_address", args=[token]))
    values = {"chain": chain, "change": found, "link": link}
    language = person.language or chain.language
    try:  # the warning first: the link must not arrive without it
        mail.send(template="address_notice", to=found.old, language=language, context=values)
        mail.send(template="address_confirm", to=found.new, language=language, context=values)
    except (SMTPException, OSError) as fault:
        raise MailNotSent from fault
    toasts.show(request, _("A link is on its way to %(email)s.") % {"email": found.new})
