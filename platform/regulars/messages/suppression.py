"""Addresses that must not be written to: only digests of them are kept."""

import hashlib
from typing import Final

from regulars.messages.models import Channel

# An address of these is personal enough, and stable enough, to be kept from being used again.
CHANNELS: Final = (Channel.SMS, Channel.EMAIL, Channel.WECHAT, Channel.WECOM)
# Why: what bounced takes nothing, the others no care and no selling.
BOUNCED: Final = "bounced"
UNSUBSCRIBED: Final = "unsubscribed"
REPLIED: Final = "replied"
BY_HAND: Final = "by-hand"


def digest(address: str) -> str:
    """Return what is kept of an address; case does not matter."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()
