"""Is a callback from whom it says? Comparisons take the same time whatever is wrong."""

import hmac
from datetime import datetime, timedelta

from regulars.messages.gateways.contract import Forged, Received

TOLERANCE = timedelta(minutes=10)  # between a provider's clock and ours


def same(given: str, expected: str) -> bool:
    """Compare in constant time; an expected secret that is empty is never equal."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def check_secret(request: Received, expected: str) -> None:
    """Refuse a request without our secret, in its query or its header. Raises `Forged`.

    For providers that sign nothing: the secret is part of the address they are given.
    """
    given = request.query.get("secret") or request.headers.get("x-callback-secret", "")
    if not same(given, expected):
        raise Forged("The secret of the callback is missing or wrong.")


def check_fresh(seconds: str, at: datetime) -> None:
    """Refuse a Unix time too far from ours. Raises `Forged`."""
    try:
        apart = abs(float(seconds) - at.timestamp())
    except ValueError:
        apart = float("inf")
    if not apart <= TOLERANCE.total_seconds():
        raise Forged("The time of the callback is missing or too far from ours.")
