"""What a customer may agree to, and what holds now (P5)."""

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.customers.models import Consent

PURPOSES: Final[dict[str, str | Promise]] = {
    "care": _("Greetings and care"),
    "selling": _("News and offers"),
    "survey": _("Questions on satisfaction"),
    "profile": _("Keeping what they tell us"),
}
CHANNELS: Final[dict[str, str | Promise]] = {
    "sms": _("Text message"),
    "call": _("Call"),
    "wechat": _("WeChat"),
    "email": _("E-mail"),
    "post": _("Post"),
}
HOW: Final[dict[str, str | Promise]] = {
    "spoken": _("said so in the shop"),
    "form": _("signed a form"),
    "call": _("said so on the phone"),
    "web": _("chose it on the web"),
    "import": _("brought over from another system"),
    "api": _("told by another system"),
}
CHANNEL_PURPOSES: Final = ("care", "selling", "survey")  # those asked for channel by channel
_FIELD: Final = "field."
_EVENT: Final = "event."


def for_field(key: str) -> str:
    """Return the purpose that stands for keeping a sensitive field."""
    return f"{_FIELD}{key}"


def for_event(kind: str) -> str:
    """Return the purpose that stands for keeping a day of somebody under age."""
    return f"{_EVENT}{kind}"


def is_purpose(purpose: str) -> bool:
    """Say whether it is a purpose we know."""
    return purpose in PURPOSES or purpose.startswith((_FIELD, _EVENT))


class Standing:
    """What one customer's consents add up to: the newest of a purpose and channel holds."""

    def __init__(self, rows: Iterable[Consent]) -> None:
        """Take the customer's rows, in any order."""
        self._newest: dict[tuple[str, str], Consent] = {}
        for row in sorted(rows, key=lambda each: (each.at, each.id)):
            self._newest[row.purpose, row.channel] = row

    def row(self, purpose: str, channel: str = "") -> Consent | None:
        """Return the row that decides: the newer of the channel's and the one for all channels."""
        found = [self._newest.get((purpose, channel)), self._newest.get((purpose, ""))]
        return max((row for row in found if row), key=lambda row: (row.at, row.id), default=None)

    def given(self, purpose: str, channel: str = "") -> bool | None:
        """Say whether they agreed (True), refused (False), or never said (None)."""
        row = self.row(purpose, channel)
        return row.given if row else None

    @property
    def fields(self) -> frozenset[str]:
        """The keys of the sensitive fields they agreed to."""
        return frozenset(
            purpose.removeprefix(_FIELD)
            for (purpose, channel), row in self._newest.items()
            if purpose.startswith(_FIELD) and not channel and row.given
        )

    def newest(self) -> list[Consent]:
        """Return the row that holds for each purpose and channel, latest first."""
        return sorted(self._newest.values(), key=lambda row: (row.at, row.id), reverse=True)
