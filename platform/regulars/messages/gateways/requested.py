"""Calls through the official packages, all of which speak HTTP through `requests`.

The packages wrap what went wrong into errors of their own. The difference between "never reached
the provider" and "no answer came" decides whether a message may be sent again, so it is dug out.
Their words are not kept: addresses of requests carry phones, key ids and signatures.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

from regulars.messages.gateways.contract import NotDone, TryLater, Uncertain

CONNECT_SECONDS = 5
READ_SECONDS = 15
_AGAIN = timedelta(minutes=1)
_DEPTH = 6


def call[T](action: Callable[[], T], *, judged: Callable[[Exception], NotDone | None]) -> T:
    """Do what talks to the provider, once; `judged` turns its explicit answers into ours.

    Raises what `judged` returns, `TryLater` where no connection came about, else `Uncertain`.
    """
    handled = sys.exception()
    try:
        return action()
    except Exception as error:  # noqa: BLE001 all of them become errors of the contract
        known = judged(error)
        if known is None:
            known = _without_an_answer(error, handled)
        raise known from None


def _without_an_answer(error: Exception, handled: BaseException | None) -> NotDone:
    chain = list(_chain(error, handled))
    roots = [each for each in chain if _is_of_requests(each)]
    name = type(roots[0] if roots else chain[-1]).__name__
    if roots and _never_left(roots[0]):
        return TryLater("away", name, after=_AGAIN)
    return Uncertain("silent" if roots else "nonsense", name)


def _chain(error: BaseException, handled: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was made of, but not what our caller was busy handling."""
    current: BaseException | None = error
    for _ in range(_DEPTH):
        if current is None or current is handled:
            return
        yield current
        inner = getattr(current, "inner_exception", None)
        current = inner or current.__cause__ or current.__context__


def _is_of_requests(error: BaseException) -> bool:
    return type(error).__module__.startswith("requests.")


def _never_left(error: BaseException) -> bool:
    """Return whether no connection came about: nothing of the request was written."""
    import ssl

    from requests.exceptions import ConnectTimeout, InvalidURL
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    if isinstance(error, ConnectTimeout | InvalidURL):
        return True
    inside: object = error
    for _ in range(_DEPTH):
        if isinstance(
            inside, ConnectTimeoutError | NewConnectionError | ssl.SSLCertVerificationError
        ):
            return True
        inside = getattr(inside, "reason", None) or (getattr(inside, "args", None) or (None,))[0]
    return False
