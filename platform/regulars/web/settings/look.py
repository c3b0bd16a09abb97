"""How the chain presents itself: its name and its colour, seen before they are saved."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.tenancy import accent
from regulars.tenancy.context import current
from regulars.usecases import present
from regulars.web import toasts
from regulars.web.settings import forms


@require_http_methods(["GET", "POST"])
@permissions.needs("chain.manage")
def look(request: HttpRequest) -> HttpResponse:
    """Show name and colour, and take new ones."""
    chain = current()
    before = forms.initial(name=chain.name, colour=chain.accent)
    form = forms.LookForm(_values(request), initial=before)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                present.present(
                    actor=permissions.acting(request),
                    name=form.cleaned_data["name"],
                    colour=form.colour(),
                )
            except RegularsError as fault:
                form.refuse(fault)
                status = fault.status
            else:
                toasts.show(request, _("Saved. Everybody sees it with the next page."))
                return HttpResponseRedirect(reverse("look"))
    colour = forms.wished(form.data) if form.is_bound else chain.accent or accent.BRAND
    context = {"place": "settings", "form": form, **_sample(colour)}
    return render(request, "settings/look.html", context, status=status)


@require_GET
@permissions.needs("chain.manage")
def sample(request: HttpRequest) -> HttpResponse:
    """Show how pages would look in a colour, and whether it can be read."""
    return render(request, "settings/look.html#sample", _sample(forms.wished(request.GET)))


def _values(request: HttpRequest) -> QueryDict | None:
    """Return what was sent; the button that takes our suggestion stands for writing it."""
    if request.method != "POST":
        return None
    values = request.POST.copy()
    if "take" in values:
        values["pick"], values["accent"] = forms.OWN, str(values["take"])
    return values


def _sample(colour: str) -> dict[str, object]:
    is_colour = accent.is_colour(colour)
    return {
        "colour": colour if is_colour else "",
        "shown": accent.of(colour),
        "is_readable": is_colour and accent.is_readable(colour),
        "ratio": f"{accent.worst(colour):.1f}" if is_colour else "",
    }
