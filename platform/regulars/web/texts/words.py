"""What occasions, purposes, channels and languages of texts are called."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.kit.labels import Language

type Words = Mapping[str, str | Promise]

OCCASIONS: Final[Words] = {
    "birthday": _("Birthday"),
    "anniversary": _("Anniversary"),
    "moving-day": _("Moving day"),
    "spring-festival": _("Spring Festival"),
    "new-year": _("New Year"),
    "women-day": _("Women's Day"),
    "dragon-boat": _("Dragon Boat Festival"),
    "qixi": _("Qixi"),
    "mid-autumn": _("Mid-Autumn"),
    "national-day": _("National Day"),
    "change-of-season": _("Change of season"),
    "long-time-no-see": _("Long time no see"),
    "thanks": _("Thanks"),
    "welcome": _("Welcome"),
    "after-purchase": _("After the purchase"),
    "delivery": _("Delivery"),
    "reminder": _("Reminder"),
    "course-ending": _("A course that ends"),
    "appointment": _("Appointment"),
    "invitation": _("Invitation"),
    "tier-raised": _("A higher level"),
    "receipt": _("Receipt"),
    "complaint": _("Complaint"),
    "survey": _("Survey"),
    "new-arrival": _("New arrivals"),
    "reply": _("Answers in a conversation"),
    "automatic-word": _("When nobody answers in time"),
}
PURPOSES: Final[Words] = {
    "service": _("Service"),
    "care": _("Care"),
    "selling": _("Selling"),
}
CHANNELS: Final[Words] = {
    "sms": _("Text message"),
    "wechat": _("WeChat"),
    "wecom": _("WeCom"),
    "email": _("E-mail"),
    "call": _("Call"),
}
LANGUAGES: Final[Mapping[Language, str | Promise]] = {
    "zh-Hans": _("Simplified Chinese"),
    "zh-Hant": _("Traditional Chinese"),
    "en": _("English"),
}
# As parts of the names of fields and of ids on a page.
FIELDS: Final[Mapping[Language, str]] = {"zh-Hans": "zh_hans", "zh-Hant": "zh_hant", "en": "en"}
TONES: Final = {"service": "info", "care": "good", "selling": "warning"}
