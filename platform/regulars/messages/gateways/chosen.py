"""Which provider a chain uses for each slot of `catalog.SLOTS`, and with which credentials.

Kept as a setting of the chain (`registry`, noun "gateway"), the credentials sealed under a key
derived from SECRET_KEY and the chain, so neither a dump nor another chain can read them. The audit
log hears the provider only. On a laptop everything goes to the local gateway unless chosen.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars import audit
from regulars.audit.decisions import require
from regulars.errors import Invalid
from regulars.kit import parts
from regulars.messages.gateways import catalog, faults, local
from regulars.messages.gateways.contract import Channel, Gateway, TryLater
from regulars.registry import selectors as registry
from regulars.registry import services as registry_services
from regulars.tenancy import context, hosts, secrecy

PERMISSION: Final = "keys.manage"
CALLBACK: Final = "message_callback"  # the page's name; it takes slot and provider
PROOF: Final = "callback_secret"
_NOUN: Final = "gateway"
_LONGEST: Final = 500  # characters of one setting


class SettingsRefused(Invalid):
    """Something a provider needs is missing, or does not belong to it."""

    code = "gateway-settings-refused"
    sentence = _("Please fill in what the provider needs.")


class NotChosen(Invalid):
    """The chain has no provider for this channel."""

    code = "no-gateway"
    sentence = _("No provider is set up for this channel. Choose one in settings.")


def choose(
    *, actor: audit.Actor, slot: str, provider: str, values: Mapping[str, str], now: datetime
) -> None:
    """Use a provider for a slot; a secret left empty keeps what it was.

    Raises Forbidden, SettingsRefused.
    """
    require(actor, PERMISSION)
    declared = catalog.PROVIDERS.get(provider)
    if declared is None or slot not in declared.slots:
        raise SettingsRefused
    before = _values(slot) if provider_of(slot) == provider else {}
    given = {key: value.strip() for key, value in values.items() if value.strip()}
    kept = {
        each.key: before[each.key]
        for each in declared.settings
        if each.secret and each.key in before and each.key not in given
    }
    complete = {**kept, **given}
    _check(declared, complete)
    sealed = _box().encrypt(json.dumps(complete).encode()).decode()
    registry_services.keep(
        actor=actor, noun=_NOUN, key=slot, now=now, told={"provider": provider},
        body={"provider": provider, "sealed": sealed},
    )  # fmt: skip


def drop(*, actor: audit.Actor, slot: str, now: datetime) -> None:
    """Use no provider for a slot any more. Raises Forbidden."""
    require(actor, PERMISSION)
    registry_services.keep(actor=actor, noun=_NOUN, key=slot, body={}, now=now)


def provider_of(slot: str) -> str:
    """Return the key of the provider chosen for a slot; empty for none."""
    return str(registry.own(_NOUN).get(slot, {}).get("provider", ""))


def shown(slot: str) -> dict[str, str]:
    """Return what a page may show of the settings of a slot: no secrets."""
    declared = catalog.PROVIDERS.get(provider_of(slot))
    if declared is None:
        return {}
    secret = {each.key for each in declared.settings if each.secret}
    return {key: value for key, value in _values(slot).items() if key not in secret}


def is_kept(slot: str, key: str) -> bool:
    """Say whether a slot's provider has been told something, without saying what."""
    return bool(provider_of(slot)) and bool(_values(slot).get(key))


def callback(slot: str, provider: str) -> str:
    """Return the address at which a provider reports back to the current chain, without secret."""
    return hosts.address(reverse(CALLBACK, args=[slot, provider], urlconf=settings.CHAIN_URLCONF))


def channels() -> frozenset[Channel]:
    """Return the channels the current chain can send on."""
    return frozenset(channel for slot, channel in catalog.SLOTS.items() if _is_open(slot))


def slot_of(channel: Channel, to: str) -> str:
    """Return the slot that a message goes by: text messages abroad may have their own."""
    if channel != "sms" or parts.is_at_home(to) or not provider_of("sms-abroad"):
        return channel
    return "sms-abroad"


def opened(slot: str) -> Gateway:
    """Return the gateway of a slot, for the current chain.

    Raises NotChosen, and `contract.TryLater` ("credentials-wrong") if nothing can unseal them.
    """
    declared = catalog.PROVIDERS.get(provider_of(slot))
    if declared is not None:
        back = callback(slot, declared.key)
        return declared.open(
            # Who calls back calls over the open internet, or not at all.
            callback=back if back.startswith("https://") else "",
            **_extra(declared.key),
            **_values(slot),
        )
    if slot == "email" and settings.SMTP_URL:
        return _of_the_installation()
    if not settings.LOCAL or slot not in catalog.SLOTS:
        raise NotChosen
    return local.Gateway(
        folder=Path(settings.MAILBOX_DIR), channel=catalog.SLOTS[slot],
        sender=settings.DEFAULT_FROM_EMAIL, home=context.current().subdomain,
    )  # fmt: skip


def _is_open(slot: str) -> bool:
    by_the_installation = slot == "email" and bool(settings.SMTP_URL)
    return bool(provider_of(slot)) or bool(settings.LOCAL) or by_the_installation


def _of_the_installation() -> Gateway:
    options: dict[str, Any] = settings.MAILERS["default"]["OPTIONS"]
    security = "tls" if options["use_ssl"] else "starttls" if options["use_tls"] else "none"
    return catalog.PROVIDERS["smtp"].open(
        callback="", host=options["host"], port=options["port"], security=security,
        username=options["username"], password=options["password"],
        sender=settings.DEFAULT_FROM_EMAIL,
    )  # fmt: skip


def _extra(provider: str) -> dict[str, bool]:
    """On a laptop a webhook may point at the laptop itself."""
    return {"public_only": not settings.LOCAL} if provider == "webhook" else {}


def _check(declared: catalog.Provider, values: Mapping[str, str]) -> None:
    known = {each.key for each in declared.settings}
    missing = {
        each.key: [_("This is needed.")]
        for each in declared.settings
        if each.required and not values.get(each.key)
    }
    wrong = {
        key: [_("This does not belong here, or is too long.")]
        for key, value in values.items()
        if key not in known or len(value) > _LONGEST or not value.isprintable()
    }
    if missing or wrong:
        raise SettingsRefused(fields={**missing, **wrong})
    try:
        declared.open(callback="", **values)
    except ValueError as error:
        raise SettingsRefused(_("One of the values is not written as it should be.")) from error


def _values(slot: str) -> dict[str, str]:
    sealed = registry.own(_NOUN).get(slot, {}).get("sealed", "")
    try:
        values: dict[str, str] = json.loads(_box().decrypt(sealed.encode()))
    except InvalidToken as error:
        after = faults.of_account("credentials-wrong").after
        raise TryLater("credentials-wrong", "They cannot be unsealed.", after=after) from error
    return values


def _box() -> Any:
    return secrecy.box(f"regulars.gateways:{context.current().id}")
