"""Who carries the messages of the chain: chosen for each channel, tried, and called back by."""

import secrets
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.billing import resting
from regulars.errors import RegularsError
from regulars.messages.gateways import catalog, chosen, faults
from regulars.messages.gateways.catalog import Provider
from regulars.messages.selectors import flow
from regulars.messages.selectors.flow import Flow
from regulars.messages.services import trying
from regulars.staff import permissions
from regulars.staff.models import Staff
from regulars.tenancy import context
from regulars.web import phones, toasts
from regulars.web.sending.provider_forms import ProviderForm

PERMISSION: Final = "keys.manage"
SLOTS: Final[dict[str, str | Promise]] = {
    "sms": gettext_lazy("Text messages"),
    "sms-abroad": gettext_lazy("Text messages abroad"),
    "email": gettext_lazy("E-mail"),
    "wechat": gettext_lazy("WeChat"),
    "wecom": gettext_lazy("WeCom"),
    "webhook": gettext_lazy("Another system"),
}
ICONS: Final = {
    "sms": "message",
    "sms-abroad": "world",
    "email": "mail",
    "wechat": "brand-wechat",
    "wecom": "messages",
    "webhook": "plug-connected",
}
_SECRET_BYTES: Final = 24
_SENTENCES: Final = {**faults.SENTENCES, **resting.SENTENCES}
_ASKED_TO: Final = frozenset({"wechat", "wecom"})  # one's own number there is not known here


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A slot as the list shows it."""

    slot: str
    label: str
    icon: str
    provider: str
    flow: Flow
    fault: str
    halted: str


@require_GET
@permissions.needs(PERMISSION)
def listed(request: HttpRequest) -> HttpResponse:
    """List the channels with who carries them, what waits and what went wrong."""
    flows = flow.by_channel()
    rows = [_row(slot, flows) for slot in catalog.SLOTS]
    return render(request, "sending/providers.html", {"place": "settings", "rows": rows})


def _row(slot: str, flows: dict[str, Flow]) -> Row:
    one = flows.get(catalog.SLOTS[slot], Flow()) if slot != "sms-abroad" else Flow()
    return Row(
        slot=slot,
        label=str(SLOTS[slot]),
        icon=ICONS[slot],
        provider=_carried_by(slot),
        flow=one,
        fault=_words(one.fault),
        halted=_words(one.halted),
    )


def _carried_by(slot: str) -> str:
    """Return the name of who carries a channel; nothing where nobody does."""
    declared = catalog.PROVIDERS.get(chosen.provider_of(slot))
    if declared is not None:
        return str(declared.label)
    if slot == "sms-abroad":
        return ""
    if catalog.SLOTS[slot] not in chosen.channels():
        return ""
    if slot == "email":
        return _("The mail server of this installation")
    return _("The mailbox of this laptop")


def _words(fault: str) -> str:
    """Return a sentence for a fault as contacts keep it: our code, then the provider's words."""
    code = fault.partition(":")[0].strip()
    return str(_SENTENCES.get(code, fault)) if fault else ""


@require_http_methods(["GET", "POST"])
@never_cache
@permissions.needs(PERMISSION)
def one(request: HttpRequest, slot: str) -> HttpResponse:
    """Choose and set up who carries a channel; an address with a new secret is shown once."""
    provider = _chosen(request, slot)
    form = ProviderForm(request.POST or None, slot=slot, provider=provider)
    if request.method == "POST" and form.is_valid():
        proof = secrets.token_urlsafe(_SECRET_BYTES) if form.wants_proof else ""
        try:
            chosen.choose(
                actor=permissions.acting(request),
                slot=slot,
                provider=provider.key,
                values=form.values(proof=proof),
                now=timezone.now(),
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            if not proof:
                toasts.show(request, _("Saved."))
                return HttpResponseRedirect(reverse("provider", args=[slot]))
            address = f"{chosen.callback(slot, provider.key)}?{urlencode({'secret': proof})}"
            shown = {**_context(slot, provider), "address": address}
            return render(request, "sending/provider_made.html", shown)
    shown = {**_context(slot, provider), "form": form}
    return render(request, "sending/provider.html", shown, status=422 if form.errors else 200)


def _chosen(request: HttpRequest, slot: str) -> Provider:
    """Return the provider that is set up here: the one asked for, in use, or the usual one."""
    if slot not in catalog.SLOTS:
        raise Http404
    offered = {each.key: each for each in catalog.of_slot(slot)}
    asked = request.POST.get("provider") or request.GET.get("provider", "")
    for key in (asked, chosen.provider_of(slot), *offered):
        if key in offered:
            return offered[key]
    raise Http404


def _context(slot: str, provider: Provider) -> dict[str, Any]:
    in_use = chosen.provider_of(slot)
    return {
        "place": "settings",
        "slot": slot,
        "label": SLOTS[slot],
        "provider": provider,
        "is_in_use": in_use == provider.key,
        "is_any": bool(in_use),
        "carried_by": _carried_by(slot),
        "is_open": catalog.SLOTS[slot] in chosen.channels(),
        "tabs": [
            {
                "label": str(each.label),
                "url": f"{reverse('provider', args=[slot])}?{urlencode({'provider': each.key})}",
                "current": each.key == provider.key,
            }
            for each in catalog.of_slot(slot)
        ],
        "callback": chosen.callback(slot, provider.key),
        "rate": provider.rate,
        "asks_to": slot in _ASKED_TO,
    }


@require_POST
@permissions.needs(PERMISSION)
def drop(request: HttpRequest, slot: str) -> HttpResponse:
    """Use nobody for a channel any more."""
    if slot not in catalog.SLOTS:
        raise Http404
    chosen.drop(actor=permissions.acting(request), slot=slot, now=timezone.now())
    toasts.show(request, _("Nobody carries this channel any more."))
    return HttpResponseRedirect(reverse("providers"))


@require_POST
@permissions.needs(PERMISSION)
def test(request: HttpRequest, slot: str) -> HttpResponse:
    """Send a message to oneself by a channel, and say what the provider said."""
    if slot not in catalog.SLOTS:
        raise Http404
    back = HttpResponseRedirect(reverse("provider", args=[slot]))
    to = _own_address(request, slot)
    if not to:
        sentence = _("We do not know where to send it. Add your phone or e-mail to your account.")
        toasts.show(request, sentence, tone="bad")
        return back
    text = _("This message shows that %(chain)s can send.") % {"chain": context.current().name}
    try:
        tried = trying.send_test(
            actor=permissions.acting(request), slot=slot, to=to, text=text, now=timezone.now()
        )
    except RegularsError as fault:
        fault.settle()
        toasts.show(request, str(fault), tone="bad")
        return back
    number = tried.accepted.provider_id
    said = _("The provider took it, as number %(number)s. Look whether it arrives.")
    toasts.show(request, said % {"number": number})
    return back


def _own_address(request: HttpRequest, slot: str) -> str:
    """Return where whoever asks is reached; only where that is not known it may be typed."""
    person = cast(Staff, request.user)
    if slot in _ASKED_TO:
        return request.POST.get("to", "").strip()[:80]
    if slot == "webhook":
        return str(person.pk)
    if slot == "email":
        return person.email or ""
    try:
        return phones.parse(person.phone, region=context.current().country)
    except ValueError:
        return ""
