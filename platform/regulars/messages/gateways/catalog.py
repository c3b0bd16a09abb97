"""The providers there are: what each needs to know, how much it takes, and how it is opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.messages.gateways import aliyun, smtp, tencent, twilio, webhook, wechat, wecom
from regulars.messages.gateways.contract import Channel, Gateway, Rate

type Label = str | Promise
type Opener = Callable[..., Gateway]

# Where a chain chooses a provider: each channel, and text messages to phones abroad apart.
SLOTS: Final[Mapping[str, Channel]] = {
    "sms": "sms",
    "sms-abroad": "sms",
    "email": "email",
    "wechat": "wechat",
    "wecom": "wecom",
    "webhook": "webhook",
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One thing a provider must be told; a secret one is never shown again."""

    key: str
    label: Label
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One way to send. `extra` is what ``pip install 'regulars[extra]'`` brings.

    `approves`: texts need the provider's approval. `signs_back`: it signs what it reports to us;
    otherwise the address of ours that it is given carries ``?secret=``.
    """

    key: str
    slots: tuple[str, ...]
    label: Label
    settings: tuple[Setting, ...]
    rate: Rate
    open: Opener
    extra: str = ""
    approves: bool = False
    signs_back: bool = False


_CALLBACK: Final = Setting(
    key="callback_secret", label=_("Secret of the callback address"), secret=True
)
_SEALED: Final = (
    Setting(key="token", label=_("Token of callbacks"), secret=True, required=False),
    Setting(key="aes_key", label=_("AES key of callbacks"), secret=True, required=False),
)


def _twilio(*, callback: str, **values: Any) -> Gateway:
    return twilio.Gateway(callback=callback, **values)


def _webhook(*, callback: str, public_only: bool = True, **values: Any) -> Gateway:
    return webhook.Gateway(public_only=public_only, **values)


def _smtp(*, callback: str, port: str, **values: Any) -> Gateway:
    return smtp.Gateway(port=int(port), **values)


def _without_callback(made: Opener) -> Opener:
    def opened(*, callback: str, **values: Any) -> Gateway:
        return made(**values)

    return opened


_ALL: Final = (
    Provider(
        key="aliyun", slots=("sms", "sms-abroad"), label=_("Aliyun text messages"),
        settings=(
            Setting(key="key_id", label=_("AccessKey ID")),
            Setting(key="key_secret", label=_("AccessKey secret"), secret=True),
            _CALLBACK,
        ),
        rate=aliyun.Gateway.rate, open=_without_callback(aliyun.Gateway), extra="aliyun",
        approves=True,
    ),
    Provider(
        key="tencent", slots=("sms", "sms-abroad"), label=_("Tencent Cloud text messages"),
        settings=(
            Setting(key="secret_id", label=_("SecretId")),
            Setting(key="secret_key", label=_("SecretKey"), secret=True),
            Setting(key="app_id", label=_("SdkAppId of the application")),
            Setting(key="region", label=_("Region"), required=False),
            _CALLBACK,
        ),
        rate=tencent.Gateway.rate, open=_without_callback(tencent.Gateway), extra="tencent",
        approves=True,
    ),
    Provider(
        key="twilio", slots=("sms-abroad", "sms"), label=_("Twilio text messages"),
        settings=(
            Setting(key="account", label=_("Account SID")),
            Setting(key="token", label=_("Auth token"), secret=True),
            Setting(key="sender", label=_("Number, or SID of the messaging service")),
        ),
        rate=twilio.Gateway.rate, open=_twilio, extra="twilio", signs_back=True,
    ),
    Provider(
        key="smtp", slots=("email",), label=_("Your own mail server"),
        settings=(
            Setting(key="host", label=_("Server")),
            Setting(key="port", label=_("Port")),
            Setting(key="security", label=_("Encryption: tls, starttls or none")),
            Setting(key="username", label=_("User name"), required=False),
            Setting(key="password", label=_("Password"), secret=True, required=False),
            Setting(key="sender", label=_("Sender: Name <address>")),
            Setting(key="reply_to", label=_("Answers go to"), required=False),
            Setting(key="bounces_to", label=_("Undelivered mail goes to"), required=False),
            Setting(
                key="callback_secret", label=_("Secret of the callback address"), secret=True,
                required=False,
            ),
        ),
        rate=smtp.Gateway.rate, open=_smtp,
    ),
    Provider(
        key="wechat", slots=("wechat",), label=_("WeChat service account"),
        settings=(
            Setting(key="app_id", label=_("AppID")),
            Setting(key="app_secret", label=_("AppSecret"), secret=True),
            *_SEALED,
        ),
        rate=wechat.Gateway.rate, open=_without_callback(wechat.Gateway), signs_back=True,
    ),
    Provider(
        key="wecom", slots=("wecom",), label=_("WeCom application"),
        settings=(
            Setting(key="corp_id", label=_("Company ID")),
            Setting(key="agent_id", label=_("AgentId of the application")),
            Setting(key="secret", label=_("Secret of the application"), secret=True),
            *_SEALED,
        ),
        rate=wecom.Gateway.rate, open=_without_callback(wecom.Gateway), signs_back=True,
    ),
    Provider(
        key="webhook", slots=("webhook", "sms", "sms-abroad"), label=_("Your own system (webhook)"),
        settings=(
            Setting(key="url", label=_("Address")),
            Setting(key="secrets", label=_("Signing secrets (whsec_…)"), secret=True),
        ),
        rate=webhook.Gateway.rate, open=_webhook, signs_back=True,
    ),
)  # fmt: skip
PROVIDERS: Final[Mapping[str, Provider]] = {each.key: each for each in _ALL}


def of_slot(slot: str) -> tuple[Provider, ...]:
    """Return the providers that can be chosen for a slot, the usual ones first."""
    found = [each for each in _ALL if slot in each.slots]
    return tuple(sorted(found, key=lambda each: each.slots.index(slot)))
