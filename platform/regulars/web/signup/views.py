"""Signing up: one page to wish, one to confirm, one to wait, and the door."""

from smtplib import SMTPException

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from regulars.errors import RegularsError
from regulars.staff import handover
from regulars.staff.selectors import network_of
from regulars.tenancy import limits, membership, provisioning, signup
from regulars.tenancy.models import Chain, Signup
from regulars.tenancy.names import SubdomainRefused
from regulars.web import mail
from regulars.web.signup.forms import SignupForm, SubdomainForm, WhichChainForm


@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Take the wish for a chain and send the confirmation mail."""
    initial = {"vertical": request.GET.get("vertical", "")}
    form = SignupForm(_sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            _limit(request, email=form.cleaned_data["owner_email"])
            wished, token = signup.start(wish=form.wish(), now=timezone.now())
        except (SubdomainRefused, provisioning.NameTaken) as error:
            form.add_error("subdomain", str(error))
        except RegularsError as error:
            form.refuse(error)
        else:
            return _ask_to_confirm(request, form, wished, token)
    elif request.method == "POST" and "subdomain" in form.cleaned_data:
        _check_name(request, form)  # so that every fault is said at once
    context = {"form": form, "base_domain": settings.BASE_DOMAIN}
    return render(request, "public/signup.html", context, status=422 if form.errors else 200)


def _sent(request: HttpRequest) -> QueryDict | None:
    """Return what was sent; a form that came without a single field was sent, too."""
    return request.POST if request.method == "POST" else None


def _check_name(request: HttpRequest, form: SignupForm) -> None:
    try:
        limits.hit(what="subdomain", who=network_of(request), most=300, seconds=600)
        signup.check_subdomain(wish=form.cleaned_data["subdomain"])
    except RegularsError as error:
        form.add_error("subdomain", str(error))


def _limit(request: HttpRequest, *, email: str) -> None:
    limits.hit(what="signup-address", who=network_of(request), most=30, seconds=3600)
    limits.hit(what="signup-email", who=email.casefold(), most=5, seconds=3600)


def _ask_to_confirm(
    request: HttpRequest, form: SignupForm, wished: Signup, token: str
) -> HttpResponse:
    link = request.build_absolute_uri(reverse("signup_confirm", args=[token]))
    try:
        mail.send(
            template="signup_confirm",
            to=wished.owner_email,
            language=wished.language,
            context={"signup": wished, "link": link, "base_domain": settings.BASE_DOMAIN},
        )
    except (SMTPException, OSError):
        wished.delete()
        form.add_error(None, _("The mail could not be sent. Please try again in a few minutes."))
        return render(request, "public/signup.html", {"form": form}, status=503)
    context = {"email": wished.owner_email, "mailbox": _mailbox()}
    return render(request, "public/signup_sent.html", context)


def _mailbox() -> str:
    return reverse("mailbox") if settings.LOCAL and not settings.SMTP_URL else ""


@require_GET
@never_cache
def check_subdomain(request: HttpRequest) -> HttpResponse:
    """Say while somebody types whether the name can be had."""
    wish = request.GET.get("subdomain", "")
    try:
        limits.hit(what="subdomain", who=network_of(request), most=300, seconds=600)
        name, fault = signup.check_subdomain(wish=wish), ""
    except RegularsError as error:
        name, fault = wish.strip().lower(), str(error)
    context = {"name": name, "fault": fault, "base_domain": settings.BASE_DOMAIN}
    return render(request, "public/signup_check.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what will be made, and make it when asked; mail scanners only look."""
    now = timezone.now()
    form = SubdomainForm(request.POST if "subdomain" in request.POST else None)
    try:
        wished = signup.find(token=token, now=now)
        if form.is_bound and form.is_valid():
            subdomain = form.cleaned_data["subdomain"]
            wished = signup.choose_another(token=token, subdomain=subdomain, now=now)
        if request.method == "POST" and not form.errors:
            chain = signup.confirm(token=token, now=now)
            return _open_the_door(request, chain, wished)
    except provisioning.NotReadyYet:
        return HttpResponseRedirect(reverse("signup_progress", args=[token]))
    except (provisioning.NameTaken, SubdomainRefused) as error:
        wished = signup.find(token=token, now=now)
        context = {
            "signup": wished,
            "fault": str(error),
            "form": form,
            "token": token,
            "base_domain": settings.BASE_DOMAIN,
        }
        return render(request, "public/signup_taken.html", context, status=error.status)
    except RegularsError as error:
        return render(
            request, "public/signup_link.html", {"fault": str(error)}, status=error.status
        )
    if wished.chain is not None and wished.chain.state == Chain.State.ACTIVE:
        return _show_address(request, wished.chain)
    context = {"signup": wished, "token": token, "base_domain": settings.BASE_DOMAIN}
    return render(request, "public/signup_confirm.html", context)


@require_GET
@never_cache
def progress(request: HttpRequest, token: str) -> HttpResponse:
    """Show how far the workspace is; htmx asks for the bar every second until it is there."""
    now = timezone.now()
    wished = signup.find(token=token, now=now)
    if wished.chain is None:
        return HttpResponseRedirect(reverse("signup_confirm", args=[token]))
    try:
        chain = provisioning.provision(chain_id=wished.chain.id, now=now)
    except provisioning.NotReadyYet:
        states = [Chain.State.RESERVED, Chain.State.CREATED, Chain.State.MIGRATED]
        done = states.index(Chain.State(wished.chain.state)) + 1
        context = {"signup": wished, "done": done, "of": len(states) + 2, "token": token}
        part = "#bar" if request.headers.get("HX-Request") else ""
        return render(request, f"public/signup_progress.html{part}", context)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})  # the page itself opens the door
    return _open_the_door(request, chain, wished)


def _open_the_door(request: HttpRequest, chain: Chain, wished: Signup) -> HttpResponse:
    """Show the way in: a single-use link, followed by itself, since forms may not lead there."""
    link = handover.link(chain=chain, email=wished.owner_email, request=request)
    context = {"chain": chain, "link": link, "address": _address(request, chain)}
    return render(request, "public/signup_ready.html", context)


def _show_address(request: HttpRequest, chain: Chain) -> HttpResponse:
    """The link was used before: show where the workspace is, but sign nobody in."""
    address = _address(request, chain)
    return render(request, "public/signup_ready.html", {"chain": chain, "address": address})


def _address(request: HttpRequest, chain: Chain) -> str:
    domain = chain.domains.get(is_primary=True).domain
    port = request.get_host().partition(":")[2]
    host = f"{domain}.{settings.BASE_DOMAIN}" + (f":{port}" if port else "")
    return f"{request.scheme}://{host}/"


@require_http_methods(["GET", "POST"])
def which_chain(request: HttpRequest) -> HttpResponse:
    """Send somebody the addresses of the chains they work in; the page never says which."""
    form = WhichChainForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            limits.hit(
                what="which-address",
                who=network_of(request),
                most=30,
                seconds=3600,
            )
            limits.hit(what="which-email", who=email.casefold(), most=5, seconds=3600)
            chains = [(each, _address(request, each)) for each in membership.chains_of(email=email)]
            mail.send(
                template="which_chain",
                to=email,
                language=request.LANGUAGE_CODE,
                context={"chains": chains},
            )
        except RegularsError as error:
            form.refuse(error)
        else:
            context = {"email": email, "mailbox": _mailbox()}
            return render(request, "public/which_chain_sent.html", context)
    status = 422 if form.errors else 200
    return render(request, "public/which_chain.html", {"form": form}, status=status)
