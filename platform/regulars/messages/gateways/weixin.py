"""What the interfaces of WeChat and WeCom have in common: a token in the address, codes in JSON."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from regulars.messages.gateways import faults, wire
from regulars.messages.gateways.contract import NotDone, TryLater, Uncertain
from regulars.messages.gateways.tokens import Token, Tokens

# The token is old or was replaced: https://developer.work.weixin.qq.com/document/path/90313
_STALE: Final = frozenset({40001, 40014, 41001, 42001})
SHARED: Final[faults.Table] = {
    "-1": faults.later("away", minutes=1),  # "busy": both say to send it again
    "40001": faults.of_account("credentials-wrong"),
    "40013": faults.of_account("credentials-wrong"),
    "40014": faults.of_account("credentials-wrong"),
    "40125": faults.of_account("credentials-wrong"),
    "40164": faults.of_account("credentials-wrong"),  # our address is not on their list
    "42001": faults.of_account("credentials-wrong"),
    "45009": faults.later("rate", minutes=60),
    "45011": faults.later("rate", minutes=1),
    "45033": faults.later("rate", minutes=0.5),
    "48001": faults.of_account("account-blocked"),
    "48002": faults.of_account("account-blocked"),
    "50002": faults.of_account("account-blocked"),
}


def token(url: str, value: object = None) -> Token:
    """Fetch a token: by POST if there is something to post. Raises `TryLater`."""
    try:
        answer = wire.call("GET", url) if value is None else wire.post_json(url, value)
        found = answer.json()
    except Uncertain as error:  # asking for a token sends no message
        raise TryLater("away", error.detail, after=timedelta(minutes=1)) from None
    if not found.get("access_token"):
        raise fault(SHARED, found, otherwise=faults.of_account("credentials-wrong"))
    return Token(str(found["access_token"]), float(found.get("expires_in") or 0))


def post(
    tokens: Tokens,
    address: Callable[[str], str],
    value: Mapping[str, Any],
    *,
    read: float = wire.READ_SECONDS,
) -> dict[str, Any]:
    """Post with a token; once more with another if it is refused. Returns the answer, any code.

    Raises `TryLater` where nothing was sent, `Uncertain` where no readable answer came.
    """
    held = tokens.current()
    for last in (False, True):
        answer = wire.post_json(address(held), value, read=read)
        if answer.status != 200:
            raise _refusal(answer)
        found = answer.json()
        if "errcode" not in found:
            raise Uncertain("nonsense", "no errcode")
        if found["errcode"] not in _STALE or last:
            return found
        held = tokens.renewed(held)
    raise AssertionError("the second answer is returned")  # pragma: no cover


def _refusal(answer: wire.Answer) -> NotDone:
    if answer.status == 429:
        return TryLater("rate", "HTTP 429", after=wire.retry_after(answer))
    return Uncertain("silent", f"HTTP {answer.status}")


def fault(
    table: faults.Table, found: Mapping[str, Any], *, otherwise: faults.Verdict = faults.REFUSED
) -> NotDone:
    """Return what to raise for a code in an answer."""
    code, words = str(found.get("errcode", "")), str(found.get("errmsg", ""))
    return faults.judge(table, code, words, otherwise=otherwise)


def query(base: str, path: str, **values: str) -> str:
    """Return an address with its query."""
    return f"{base}{path}?{urlencode(values)}"
