"""The team: list, invite, one person's page."""

from smtplib import SMTPException
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.audit import Actor
from regulars.errors import RegularsError
from regulars.staff import invitations, permissions, services
from regulars.staff.models import Role, Staff
from regulars.stores import selectors as stores
from regulars.tenancy.context import current
from regulars.web import mail, toasts
from regulars.web.team import listing
from regulars.web.team.forms import ColleagueForm, InviteForm


@require_GET
@permissions.needs("team.manage")
def team(request: HttpRequest) -> HttpResponse:
    """List who works in the places one sees."""
    actor = permissions.acting(request)
    filters = listing.Filters.of(request.GET)
    counts = listing.counts(actor.scope)
    context = {
        "place": "settings",
        "filters": filters,
        "page": listing.page(request, actor.scope, filters),
        "tabs": _tabs(request, filters, counts),
        "roles": Role.choices,
        "stores": stores.open_stores(actor.scope).values_list("pk", "name"),
        "is_alone": sum(counts.values()) <= 1,
    }
    template = "team/list.html#rows" if request.headers.get("HX-Request") else "team/list.html"
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@permissions.needs("team.manage")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    actor = permissions.acting(request)
    initial = {"role": Role.GUIDE, "stores": _only_store(actor)}
    form = InviteForm(request.POST or None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            person, token = invitations.invite(
                actor=actor,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                language=form.cleaned_data["language"],
                place=form.place(),
                now=timezone.now(),
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            _send(request, actor, person, token)
            return HttpResponseRedirect(reverse("team") + "?state=invited")
    context = {"place": "settings", "form": form}
    return render(request, "team/invite.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
@permissions.needs("team.manage")
def add(request: HttpRequest) -> HttpResponse:
    """Add a guide who has no e-mail address."""
    actor = permissions.acting(request)
    form = ColleagueForm(request.POST or None, actor=actor, initial={"stores": _only_store(actor)})
    if request.method == "POST" and form.is_valid():
        try:
            person = services.add_colleague(
                actor=actor,
                name=form.cleaned_data["name"],
                number=form.cleaned_data["number"],
                pin=form.cleaned_data["pin"],
                place=form.place(),
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("%(name)s can use the shared tablet now.") % {"name": person})
            return HttpResponseRedirect(reverse("person", args=[person.pk]))
    context = {"place": "settings", "form": form}
    return render(request, "team/add.html", context, status=422 if form.errors else 200)


@require_POST
@permissions.needs("team.manage")
def resend(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Send a fresh link to somebody invited; the earlier link ends."""
    actor = permissions.acting(request)
    person, token = invitations.renew(actor=actor, staff_id=staff_id, now=timezone.now())
    _send(request, actor, person, token)
    return HttpResponseRedirect(reverse("person", args=[staff_id]))


@require_POST
@permissions.needs("team.manage")
def withdraw(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    actor = permissions.acting(request)
    invitations.withdraw(actor=actor, staff_id=staff_id, now=timezone.now())
    toasts.show(request, _("The invitation was withdrawn; its link no longer works."))
    return HttpResponseRedirect(reverse("team") + "?state=invited")


def _send(request: HttpRequest, actor: Actor, person: Staff, token: str) -> None:
    """Send the link and say so; a mail server that is away leaves the invitation to be resent."""
    chain = current()
    values = {
        "chain": chain,
        "invited": person,
        "inviter": actor.name,
        "link": request.build_absolute_uri(reverse("join", args=[token])),
    }
    address = str(person.email)
    try:
        mail.send(
            template="invitation",
            to=address,
            language=person.language or chain.language,
            context=values,
        )
    except (SMTPException, OSError):
        text = _("The invitation is kept, but the e-mail could not be sent. Send it again later.")
        toasts.show(request, text, tone="bad")
    else:
        toasts.show(request, _("The invitation is on its way to %(email)s.") % {"email": address})


def _tabs(
    request: HttpRequest, filters: listing.Filters, counts: dict[str, int]
) -> list[dict[str, object]]:
    labels = {
        Staff.State.ACTIVE: _("Working here"),
        Staff.State.INVITED: _("Invited"),
        Staff.State.LEFT: _("Left"),
    }
    tabs: list[dict[str, object]] = []
    for state, label in labels.items():
        query = request.GET.copy()
        query.pop("after", None)
        query["state"] = state.value
        tabs.append(
            {
                "label": label,
                "url": f"?{query.urlencode()}",
                "current": filters.state == state,
                "count": counts[state],
            }
        )
    return tabs


def _only_store(actor: Actor) -> list[str]:
    """Return the store to tick beforehand: the only one somebody can choose."""
    found = [str(pk) for pk in stores.open_stores(actor.scope).values_list("pk", flat=True)[:2]]
    return found if len(found) == 1 else []
