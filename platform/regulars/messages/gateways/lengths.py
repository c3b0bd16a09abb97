"""The whole text of a text message, and how many parts it is charged as."""

from regulars.kit import parts as counted
from regulars.messages.gateways.contract import Outgoing


def whole(outgoing: Outgoing) -> str:
    """Return the text as the phone shows it, with who sends it before it."""
    if not outgoing.signature:
        return outgoing.text
    if counted.is_at_home(outgoing.to) or outgoing.language.startswith("zh"):
        return f"【{outgoing.signature}】{outgoing.text}"
    return f"{outgoing.signature}: {outgoing.text}"


def parts(outgoing: Outgoing) -> int:
    """Return how many text messages it takes, its signature included."""
    return counted.measure(whole(outgoing), at_home=counted.is_at_home(outgoing.to)).parts
