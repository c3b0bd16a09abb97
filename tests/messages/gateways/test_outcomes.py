"""What is surely not sent, and what may have been, told apart for every provider over HTTP."""

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from regulars.messages.gateways import (
    aliyun,
    extras,
    faults,
    tencent,
    tokens,
    twilio,
    webhook,
    wechat,
    wecom,
)
from regulars.messages.gateways.contract import Gateway, TryLater, Uncertain
from tests.factories import providers
from tests.factories.providers import HANG_UP, NOW, SILENCE, Behaviour, Told, outgoing

pytestmark = providers.OFFICIAL_PACKAGES
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
JSON = {"content-type": "application/json"}


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Told:
    return Told(status, json.dumps(value).encode(), {**JSON, **(headers or {})})


@dataclass(frozen=True)
class Case:
    name: str
    open: Callable[[str], Gateway]
    taken: Told
    busy: Told
    changes: dict[str, Any] = field(default_factory=dict)

    def behaviour(self, told: Told) -> Behaviour:
        """Give out tokens where it is asked for one, else do as told."""
        token = answer({"errcode": 0, "access_token": "T", "expires_in": 7200})
        return lambda seen: token if "token" in seen.path else told


CASES = [
    Case(
        name="aliyun",
        open=lambda url: aliyun.Gateway(
            key_id="K", key_secret="S", callback_secret="hush", endpoint=url, timeout=0.4
        ),
        taken=answer({"Code": "OK", "BizId": "9^0"}),
        busy=answer({"Code": "Throttling.User", "Message": "", "RequestId": "R"}, 429),
    ),
    Case(
        name="tencent",
        open=lambda url: tencent.Gateway(
            secret_id="K", secret_key="S", app_id="1400", callback_secret="hush",
            endpoint=url, timeout=0.4,
        ),
        taken=answer({"Response": {"SendStatusSet": [
            {"Code": "Ok", "SerialNo": "9", "Fee": 1}], "RequestId": "R"}}),
        busy=answer({"Response": {
            "Error": {"Code": "RequestLimitExceeded", "Message": ""}, "RequestId": "R"}}),
    ),
    Case(
        name="twilio",
        open=lambda url: twilio.Gateway(
            account="AC1", token="S", sender="+15550001", endpoint=url, timeout=0.4
        ),
        taken=answer({"sid": "SM1", "num_segments": "1"}, 201),
        busy=answer({"code": 20429, "message": "", "status": 429}, 429),
        changes={"to": "+15551234567"},
    ),
    Case(
        name="wechat",
        open=lambda url: wechat.Gateway(app_id="wx1", app_secret="S", endpoint=url, timeout=0.4),
        taken=answer({"errcode": 0, "errmsg": "ok", "msgid": 9}),
        busy=answer({"errcode": 45011, "errmsg": "api minute-quota reach limit"}),
        changes={"to": "openid", "channel": "wechat"},
    ),
    Case(
        name="wecom",
        open=lambda url: wecom.Gateway(
            corp_id="ww1", secret="S", agent_id="7", endpoint=url, timeout=0.4
        ),
        taken=answer({"errcode": 0, "errmsg": "ok", "msgid": "9"}),
        busy=answer({"errcode": 45033, "errmsg": "api concurrent out of limit"}),
        changes={"to": "chen", "channel": "wecom"},
    ),
    Case(
        name="webhook",
        open=lambda url: webhook.Gateway(
            url=f"{url}/in", secrets=SECRET, public_only=False, timeout=0.4
        ),
        taken=Told(204),
        busy=Told(429, b"", {"retry-after": "7"}),
        changes={"channel": "webhook"},
    ),
]  # fmt: skip
every_provider = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def sent(case: Case, told: Told) -> tuple[Exception | None, list[providers.Seen]]:
    """Send once to a provider that does as told; return what was raised and what arrived."""
    tokens._accounts.clear()
    with providers.running(case.behaviour(told)) as provider:
        try:
            case.open(provider.url).send(outgoing(**case.changes), now=NOW)
        except (TryLater, Uncertain) as error:
            return error, _messages(provider)
        return None, _messages(provider)


def _messages(provider: providers.Provider) -> list[providers.Seen]:
    return [seen for seen in provider.seen if "token" not in seen.path]


@every_provider
def test_a_message_that_is_taken_is_sent_once(case: Case) -> None:
    raised, arrived = sent(case, case.taken)

    assert raised is None
    assert len(arrived) == 1


@every_provider
def test_where_nobody_listens_nothing_was_sent(case: Case) -> None:
    tokens._accounts.clear()
    gateway = case.open(providers.closed_port())

    with pytest.raises(TryLater) as raised:
        gateway.send(outgoing(**case.changes), now=NOW)

    assert raised.value.code == "away"


@every_provider
@pytest.mark.parametrize("told", [SILENCE, HANG_UP], ids=["silence", "hang-up"])
def test_without_an_answer_a_message_is_uncertain_and_not_repeated(case: Case, told: Told) -> None:
    raised, arrived = sent(case, told)

    assert isinstance(raised, Uncertain)
    assert raised.code == "silent"
    assert len(arrived) == 1


@every_provider
def test_a_broken_gateway_in_between_leaves_a_message_uncertain(case: Case) -> None:
    raised, arrived = sent(
        case, Told(502, b"<html>Bad Gateway</html>", {"content-type": "text/html"})
    )

    assert isinstance(raised, Uncertain)
    assert len(arrived) == 1


@pytest.mark.parametrize("case", CASES[:-1], ids=lambda case: case.name)  # a webhook says only 2xx
@pytest.mark.parametrize("body", [b"<html>What?</html>", b"", b"{}", b"[]"])
def test_an_answer_that_makes_no_sense_leaves_a_message_uncertain(case: Case, body: bytes) -> None:
    raised, arrived = sent(case, Told(200, body, JSON))

    assert isinstance(raised, Uncertain)
    assert raised.code == "nonsense"
    assert len(arrived) == 1


@every_provider
def test_a_busy_provider_asks_us_to_come_back(case: Case) -> None:
    raised, arrived = sent(case, case.busy)

    assert isinstance(raised, TryLater)
    assert raised.code == "rate"
    assert raised.after.total_seconds() > 0
    assert len(arrived) == 1


@every_provider
@pytest.mark.parametrize("told", [SILENCE, Told(500, b"x")], ids=["silence", "error"])
def test_what_is_raised_tells_no_phone_and_no_secret(case: Case, told: Told) -> None:
    raised, _ = sent(case, told)

    written = "".join(traceback.format_exception(raised))
    assert "13800138000" not in written
    assert "5551234567" not in written
    assert "access_token=" not in written


def test_an_error_that_our_caller_handles_is_not_taken_for_the_providers() -> None:
    """Positive control of the walk through causes: an old "no connection" must not leak in."""
    import requests

    case = CASES[1]
    try:
        raise requests.exceptions.ConnectTimeout
    except requests.exceptions.ConnectTimeout:
        raised, _ = sent(case, Told(200, b"<html>", {"content-type": "text/html"}))

    assert isinstance(raised, Uncertain)


def test_a_missing_package_is_one_sentence_with_its_command() -> None:
    with pytest.raises(TryLater, match=r"pip install 'regulars\[aliyun\]'") as raised:
        extras.load("alibabacloud_that_is_absent", extra="aliyun")

    assert raised.value.code in faults.OF_THE_ACCOUNT
