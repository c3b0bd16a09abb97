"""Which provider a chain uses: sealed credentials, what is shown of them, and the catalogue."""

import base64
import inspect
import json
from typing import Any

import pytest
from django.test import override_settings

from regulars.audit import SYSTEM
from regulars.audit.models import Entry
from regulars.messages.gateways import (
    aliyun,
    carriers,
    catalog,
    chosen,
    faults,
    local,
    places,
    smtp,
    tencent,
    twilio,
    webhook,
    wechat,
    wecom,
)
from regulars.messages.gateways.contract import TryLater
from regulars.registry import services as registry_services
from regulars.registry.models import Declaration
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories.providers import NOW

ALIYUN = {"key_id": "LTAI5t", "key_secret": "very-secret", "callback_secret": "hush"}
MODULES = [aliyun, tencent, twilio, smtp, wechat, wecom, webhook]


def choose(slot: str = "sms", provider: str = "aliyun", **values: str) -> None:
    chosen.choose(actor=SYSTEM, slot=slot, provider=provider, values=values or ALIYUN, now=NOW)


def test_credentials_are_sealed_and_secrets_never_shown(inside_aurum: ChainInfo) -> None:
    choose()

    row = Declaration.objects.get(noun="gateway", key="sms")
    told = Entry.objects.filter(object_kind="gateway").get()
    assert chosen.provider_of("sms") == "aliyun"
    assert isinstance(chosen.opened("sms"), aliyun.Gateway)
    assert chosen.shown("sms") == {"key_id": "LTAI5t"}
    assert "secret" not in json.dumps(row.body)
    assert "LTAI5t" not in json.dumps(row.body)
    assert told.data == {"key": "sms", "body": {"provider": "aliyun"}}


def test_another_chain_cannot_open_them(inside_aurum: ChainInfo, bloom: ChainInfo) -> None:
    choose()
    body = Declaration.objects.get(noun="gateway", key="sms").body
    with context.inside(bloom):
        registry_services.keep(actor=SYSTEM, noun="gateway", key="sms", body=body, now=NOW)
        with pytest.raises(TryLater) as caught:
            chosen.opened("sms")

    assert caught.value.code == "credentials-wrong"


def test_a_new_secret_key_still_opens_them_while_the_old_one_is_kept(
    inside_aurum: ChainInfo, settings: Any
) -> None:
    choose()
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[old]):
        assert chosen.shown("sms") == {"key_id": "LTAI5t"}
    with (
        override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[]),
        pytest.raises(TryLater),
    ):
        chosen.opened("sms")


def test_a_secret_left_empty_keeps_what_it_was(inside_aurum: ChainInfo) -> None:
    choose()
    choose(key_id="LTAI6", key_secret="", callback_secret="new")

    opened = chosen.opened("sms")
    assert isinstance(opened, aliyun.Gateway)
    assert (opened._key_id, opened._key_secret) == ("LTAI6", "very-secret")
    assert opened._callback_secret == "new"


@pytest.mark.parametrize(
    ("slot", "provider", "values", "fields"),
    [
        ("sms", "aliyun", {"key_id": "K"}, {"key_secret", "callback_secret"}),
        ("sms", "aliyun", {**ALIYUN, "endpoint": "http://10.0.0.1"}, {"endpoint"}),
        ("sms", "aliyun", {**ALIYUN, "key_id": "K\nX"}, {"key_id"}),
        ("sms", "aliyun", {**ALIYUN, "key_id": "K" * 501}, {"key_id"}),
        ("email", "aliyun", ALIYUN, set()),
        ("sms", "pigeon", ALIYUN, set()),
        ("webhook", "webhook", {"url": "https://a.example", "secrets": "hunter2"}, set()),
        (
            "email", "smtp",
            {"host": "h", "port": "smtp", "security": "tls", "sender": "a@a.example"}, set(),
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    inside_aurum: ChainInfo, slot: str, provider: str, values: dict[str, str], fields: set[str]
) -> None:
    with pytest.raises(chosen.SettingsRefused) as caught:
        choose(slot, provider, **values)

    assert set(caught.value.fields) == fields
    assert chosen.provider_of(slot) == ""


def test_text_messages_abroad_may_have_a_provider_of_their_own(inside_aurum: ChainInfo) -> None:
    choose()
    before = chosen.slot_of("sms", "+14155550100")
    choose("sms-abroad", "twilio", account="AC1", token="T", sender="+15550001")

    assert before == "sms"
    assert chosen.slot_of("sms", "+14155550100") == "sms-abroad"
    assert chosen.slot_of("sms", "+8613800138000") == "sms"
    assert chosen.slot_of("email", "li@customer.example") == "email"
    assert isinstance(chosen.opened("sms-abroad"), twilio.Gateway)


@override_settings(LOCAL=True, SMTP_URL="")
def test_on_a_laptop_everything_stays_there_unless_chosen(inside_aurum: ChainInfo) -> None:
    choose()

    assert chosen.channels() == {"sms", "email", "wechat", "wecom", "webhook"}
    assert isinstance(chosen.opened("email"), local.Gateway)
    assert isinstance(chosen.opened("sms"), aliyun.Gateway)
    chosen.drop(actor=SYSTEM, slot="sms", now=NOW)
    assert isinstance(chosen.opened("sms"), local.Gateway)


@override_settings(LOCAL=False, SMTP_URL="")
def test_on_a_server_a_channel_without_a_provider_is_closed(inside_aurum: ChainInfo) -> None:
    choose()

    assert chosen.channels() == {"sms"}
    with pytest.raises(chosen.NotChosen):
        chosen.opened("email")


def test_the_installations_mail_server_serves_chains_without_one(
    inside_aurum: ChainInfo, settings: Any
) -> None:
    settings.LOCAL, settings.SMTP_URL = False, "smtps://u:p@mail.example"
    options = {
        "host": "mail.example", "port": 465, "username": "u", "password": "p", "use_ssl": True,
        "use_tls": False, "timeout": 10,
    }  # fmt: skip
    settings.MAILERS = {"default": {"BACKEND": "x", "OPTIONS": options}}

    opened = chosen.opened("email")

    assert isinstance(opened, smtp.Gateway)
    assert (opened._host, opened._port, opened._security) == ("mail.example", 465, "tls")


@pytest.mark.parametrize("provider", catalog.PROVIDERS.values(), ids=lambda each: each.key)
def test_each_provider_opens_with_just_what_the_catalogue_asks_for(
    provider: catalog.Provider,
) -> None:
    secret = "whsec_" + base64.b64encode(bytes(32)).decode()
    special = {"port": "587", "secrets": secret, "url": "https://a.example/"}
    needed = {each.key: special.get(each.key, "x") for each in provider.settings if each.required}
    everything = {each.key: special.get(each.key, "x") for each in provider.settings}

    for values in (needed, everything):
        gateway = provider.open(callback="", **values)
        assert gateway.name == provider.key
        assert gateway.rate == provider.rate
    assert set(provider.slots) <= set(catalog.SLOTS)
    assert hasattr(gateway, "submit") == provider.approves


def test_what_sounds_secret_is_marked_as_such() -> None:
    for provider in catalog.PROVIDERS.values():
        for each in provider.settings:
            sounds = any(word in each.key for word in ("secret", "token", "password", "aes"))
            assert each.secret == (sounds and each.key != "secret_id"), each.key


def test_every_code_of_every_table_has_a_sentence() -> None:
    tables = [
        value
        for module in [*MODULES, carriers]
        for name, value in inspect.getmembers(module)
        if name == "_TABLE"
    ]
    used = {verdict.code for table in tables for verdict in table.values()}

    assert len(tables) == 7
    assert used <= faults.CODES
    assert faults.OF_THE_ACCOUNT | faults.OF_THE_ADDRESS <= faults.CODES


def test_places_are_counted_in_the_order_they_appear() -> None:
    text = "${name}您好，${guide}祝${name}生日快乐"

    assert places.names(text) == ("name", "guide")
    assert places.numbered(text) == "{1}您好，{2}祝{1}生日快乐"
    assert set(aliyun._ATTRIBUTES) == places.KINDS


def test_a_verdict_is_found_by_its_family() -> None:
    table = {"A": faults.refused("refused"), "A.B": faults.later("rate")}

    assert faults.look_up(table, "A.B.C").code == "rate"
    assert faults.look_up(table, "A.X").code == "refused"
    assert faults.look_up(table, "Z", otherwise=faults.uncertain("silent")).code == "silent"
