"""Access tokens of WeChat and WeCom: kept until they end, fetched once however many ask.

Each process keeps its own. That is right for these two: WeCom's ``gettoken`` and WeChat's
``stable_token`` give every caller the same token while it lives, so processes do not drive each
other's out (https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken.html).
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

_EARLY: Final = 60.0  # seconds before its end that a token is not used any more
_KEPT: Final = 1000


@dataclass(frozen=True)
class Token:
    """A token and how many seconds it lives."""

    value: str
    seconds: float


type Fetch = Callable[[bool], Token]


class Tokens:
    """The token of one account. `fetch(forced)` asks the provider, `forced` for a new one."""

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._value = ""
        self._ends = 0.0

    def current(self) -> str:
        """Return the token, fetching it if there is none; who else asks meanwhile waits."""
        with self._lock:
            if not self._value or self._clock() >= self._ends:
                self._keep(self._fetch(False))
            return self._value

    def renewed(self, refused: str) -> str:
        """Return another token than one the provider refused; only the first to say so fetches."""
        with self._lock:
            if self._value == refused:
                self._keep(self._fetch(False))
            if self._value == refused:
                self._keep(self._fetch(True))
            return self._value

    def _keep(self, token: Token) -> None:
        self._value = token.value
        self._ends = self._clock() + max(0.0, token.seconds - _EARLY)


_accounts: OrderedDict[tuple[str, ...], Tokens] = OrderedDict()
_guard = Lock()


def of(account: tuple[str, ...], fetch: Fetch) -> Tokens:
    """Return the tokens of an account in this process; the account names its secret too."""
    with _guard:
        if account not in _accounts:
            _accounts[account] = Tokens(fetch)
        _accounts.move_to_end(account)
        while len(_accounts) > _KEPT:
            _accounts.popitem(last=False)
        return _accounts[account]
