"""WeChat and WeCom: tokens fetched once, refused ones replaced once, codes."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from regulars.messages.gateways import tokens, wechat, wecom
from regulars.messages.gateways.contract import (
    Absent,
    NotDone,
    Refused,
    TryLater,
    Uncertain,
)
from tests.factories import providers
from tests.factories.providers import NOW, Seen, Told

OK = {"errcode": 0, "errmsg": "ok", "msgid": 9}


@pytest.fixture(autouse=True)
def _no_tokens_yet() -> None:
    tokens._accounts.clear()


def told(value: object) -> Told:
    return Told(200, json.dumps(value).encode(), {"content-type": "application/json"})


class Platform:
    """Gives out numbered tokens, refuses those in `stale`, and answers messages as told."""

    def __init__(self, *answers: dict[str, Any], stale: tuple[str, ...] = ()) -> None:
        self.answers = list(answers) or [OK]
        self.stale = stale
        self.given = 0

    def __call__(self, seen: Seen) -> Told:
        if "token" in seen.path:
            self.given += 1
            return told({"access_token": f"T{self.given}", "expires_in": 7200, "errcode": 0})
        if seen.query["access_token"] in self.stale:
            return told({"errcode": 42001, "errmsg": "access_token expired"})
        return told(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


def wechat_at(url: str) -> wechat.Gateway:
    return wechat.Gateway(app_id="wx1", app_secret="S", endpoint=url, timeout=2)


def wecom_at(url: str) -> wecom.Gateway:
    return wecom.Gateway(
        corp_id="ww1", secret="S", agent_id="1000002",
        endpoint=url, timeout=2,
    )  # fmt: skip


def outgoing(**changes: Any) -> Any:
    return providers.outgoing(**{"to": "oABC", "channel": "wechat", "template": "tm-1", **changes})


def messages(provider: providers.Provider) -> list[Seen]:
    return [seen for seen in provider.seen if "token" not in seen.path]


def test_a_template_message_carries_its_places_and_cannot_arrive_twice() -> None:
    with providers.running(Platform()) as provider:
        accepted = wechat_at(provider.url).send(outgoing(link="https://a.example/"), now=NOW)

    token, message = provider.seen
    body = json.loads(message.body)
    assert accepted.provider_id == "9"
    assert (token.method, token.path) == ("POST", "/cgi-bin/stable_token")
    assert json.loads(token.body) == {
        "grant_type": "client_credential", "appid": "wx1", "secret": "S", "force_refresh": False,
    }  # fmt: skip
    assert message.path == "/cgi-bin/message/template/send"
    assert message.query == {"access_token": "T1"}
    assert "李女士".encode() in message.body  # as it is, not as \\u escapes
    assert (body["touser"], body["template_id"], body["url"]) == (
        "oABC", "tm-1", "https://a.example/",
    )  # fmt: skip
    assert body["data"] == {"name": {"value": "李女士"}, "guide": {"value": "小陈"}}
    assert len(body["client_msg_id"]) == 32


def test_an_answer_says_anything_and_needs_no_template() -> None:
    with providers.running(Platform({"errcode": 0, "errmsg": "ok"})) as provider:
        accepted = wechat_at(provider.url).send(
            outgoing(template="", text="十点开门。", answers=True, key="k1"), now=NOW
        )

    (message,) = messages(provider)
    assert message.path == "/cgi-bin/message/custom/send"
    assert json.loads(message.body) == {
        "touser": "oABC", "msgtype": "text", "text": {"content": "十点开门。"},
    }  # fmt: skip
    assert accepted.provider_id == "k1"  # WeChat gives none


@pytest.mark.parametrize("code", [45015, 45047])
def test_an_answer_that_comes_too_late_is_refused(code: int) -> None:
    platform = Platform({"errcode": code, "errmsg": "response out of time limit"})
    with providers.running(platform) as provider, pytest.raises(Refused) as caught:
        wechat_at(provider.url).send(outgoing(template="", answers=True), now=NOW)

    assert caught.value.code == "answer-too-late"


def test_what_is_no_answer_needs_a_template() -> None:
    with providers.running(Platform()) as provider, pytest.raises(Refused) as caught:
        wechat_at(provider.url).send(outgoing(template=""), now=NOW)

    assert caught.value.code == "template-wrong"
    assert messages(provider) == []


def test_many_senders_fetch_one_token() -> None:
    platform = Platform()
    with providers.running(platform) as provider:
        threads = [
            threading.Thread(target=lambda: wechat_at(provider.url).send(outgoing(), now=NOW))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert platform.given == 1
    assert len(messages(provider)) == 8


@pytest.mark.parametrize("opened", [wechat_at, wecom_at])
def test_a_refused_token_is_replaced_and_the_message_sent_once_more(opened: Any) -> None:
    platform = Platform(stale=("T1",))
    with providers.running(platform) as provider:
        opened(provider.url).send(outgoing(channel="wecom"), now=NOW)

    assert platform.given == 2
    assert [seen.query["access_token"] for seen in messages(provider)] == ["T1", "T2"]


def test_a_token_that_stays_refused_is_a_matter_of_credentials() -> None:
    platform = Platform(stale=("T1", "T2", "T3"))
    with providers.running(platform) as provider, pytest.raises(TryLater) as caught:
        wechat_at(provider.url).send(outgoing(), now=NOW)

    assert caught.value.code == "credentials-wrong"
    assert len(messages(provider)) == 2


def test_only_the_first_who_is_refused_fetches_a_new_token() -> None:
    asked: list[bool] = []

    def fetch(forced: bool) -> tokens.Token:
        asked.append(forced)
        return tokens.Token(f"T{len(asked)}", 7200)

    held = tokens.Tokens(fetch)
    first = held.current()

    assert {held.renewed(first), held.renewed(first), held.renewed(first)} == {"T2"}
    assert asked == [False, False]


def test_a_provider_that_repeats_a_refused_token_is_asked_to_force_a_new_one() -> None:
    asked: list[bool] = []

    def fetch(forced: bool) -> tokens.Token:
        asked.append(forced)
        return tokens.Token("new" if forced else "old", 7200)

    held = tokens.Tokens(fetch)

    assert held.renewed(held.current()) == "new"
    assert asked == [False, False, True]


def test_a_token_is_fetched_again_a_minute_before_its_end() -> None:
    clock = [0.0]
    count = iter(range(1, 9))
    held = tokens.Tokens(lambda _: tokens.Token(f"T{next(count)}", 7200), lambda: clock[0])
    first = held.current()
    clock[0] = 7139.0
    still = held.current()
    clock[0] = 7140.0

    assert (first, still, held.current()) == ("T1", "T1", "T2")


def test_a_wrong_secret_is_told_when_the_token_is_asked_for() -> None:
    refusal = told({"errcode": 40125, "errmsg": "invalid appsecret"})
    with providers.running(lambda seen: refusal) as provider, pytest.raises(TryLater) as caught:
        wechat_at(provider.url).send(outgoing(), now=NOW)

    assert caught.value.code == "credentials-wrong"


def test_no_answer_about_a_token_is_no_uncertainty() -> None:
    with (
        providers.running(lambda seen: providers.HANG_UP) as provider,
        pytest.raises(TryLater) as caught,
    ):
        wecom_at(provider.url).send(outgoing(channel="wecom"), now=NOW)

    assert caught.value.code == "away"


@pytest.mark.parametrize(
    ("code", "raised", "ours"),
    [
        (40003, Refused, "address-wrong"),
        (43004, Refused, "not-following"),
        (43101, Refused, "opted-out"),
        (40037, Refused, "template-wrong"),
        (47003, Refused, "variables-wrong"),
        (99999, Refused, "refused"),
        (45009, TryLater, "rate"),
        (48001, TryLater, "account-blocked"),
        (-1, TryLater, "away"),
    ],
)
def test_each_code_of_wechat(code: int, raised: type[NotDone], ours: str) -> None:
    platform = Platform({"errcode": code, "errmsg": "说明"})
    with providers.running(platform) as provider, pytest.raises(raised) as caught:
        wechat_at(provider.url).send(outgoing(), now=NOW)

    assert caught.value.code == ours


def test_a_member_of_staff_gets_an_application_message() -> None:
    with providers.running(Platform()) as provider:
        wecom_at(provider.url).send(outgoing(to="chen", channel="wecom"), now=NOW)

    token, message = provider.seen
    assert (token.method, token.path) == ("GET", "/cgi-bin/gettoken")
    assert token.query == {"corpid": "ww1", "corpsecret": "S"}
    assert message.path == "/cgi-bin/message/send"
    assert json.loads(message.body) == {
        "touser": "chen", "msgtype": "text", "agentid": 1000002,
        "text": {"content": "李女士，生日快乐！小陈 138"},
    }  # fmt: skip


def test_a_customers_message_is_put_before_the_guide_and_asked_after() -> None:
    result = {
        "errcode": 0,
        "send_list": [
            {"external_userid": "wmOTHER", "status": 0},
            {"external_userid": "wmLI", "status": 1, "send_time": 1795226500},
        ],
    }
    message = outgoing(to="wmLI", channel="wecom", sender="chen")
    with providers.running(Platform({**OK, "fail_list": []}, result)) as provider:
        gateway = wecom_at(provider.url)
        accepted = gateway.send(message, now=NOW)
        receipt = gateway.resolve(message, since=NOW, now=NOW, provider_id=accepted.provider_id)

    task, question = messages(provider)
    assert task.path == "/cgi-bin/externalcontact/add_msg_template"
    assert json.loads(task.body) == {
        "chat_type": "single", "external_userid": ["wmLI"], "sender": "chen",
        "text": {"content": "李女士，生日快乐！小陈 138"},
    }  # fmt: skip
    assert question.path == "/cgi-bin/externalcontact/get_groupmsg_send_result"
    assert json.loads(question.body) == {"msgid": "9", "userid": "chen", "limit": 1000}
    assert receipt is not None
    assert not isinstance(receipt, Absent)
    assert (receipt.state, receipt.at) == ("delivered", datetime.fromtimestamp(1795226500, UTC))


@pytest.mark.parametrize(
    ("status", "state", "reason", "gone"),
    [
        (0, "accepted", "", False),
        (1, "delivered", "", False),
        (2, "failed", "not-following", True),
        (3, "failed", "person-limit", False),
    ],
)
def test_each_outcome_of_a_task(status: int, state: str, reason: str, gone: bool) -> None:
    result = {"errcode": 0, "send_list": [{"external_userid": "wmLI", "status": status}]}
    message = outgoing(to="wmLI", channel="wecom", sender="chen")
    with providers.running(Platform(result)) as provider:
        receipt = wecom_at(provider.url).resolve(message, since=NOW, now=NOW, provider_id="9")

    assert receipt is not None
    assert not isinstance(receipt, Absent)
    assert (receipt.state, receipt.reason, receipt.gone) == (state, reason, gone)


@pytest.mark.parametrize(
    ("answer", "changes", "ours"),
    [
        ({**OK, "invaliduser": "li|Chen"}, {"to": "chen"}, "address-wrong"),
        ({"errcode": 81013, "errmsg": "all invalid"}, {"to": "chen"}, "address-wrong"),
        ({**OK, "fail_list": ["wmLI"]}, {"to": "wmLI", "sender": "chen"}, "not-following"),
        ({"errcode": 41048, "errmsg": ""}, {"to": "wmLI", "sender": "chen"}, "not-following"),
        (OK, {"to": "chen", "text": "长" * 700}, "too-long"),
    ],
)
def test_what_wecom_does_not_take(answer: Any, changes: dict[str, str], ours: str) -> None:
    with providers.running(Platform(answer)) as provider, pytest.raises(Refused) as caught:
        wecom_at(provider.url).send(outgoing(channel="wecom", **changes), now=NOW)

    assert caught.value.code == ours


def test_success_without_an_id_is_uncertain() -> None:
    platform = Platform({"errcode": 0, "errmsg": "ok"})
    with providers.running(platform) as provider, pytest.raises(Uncertain):
        wecom_at(provider.url).send(outgoing(to="chen", channel="wecom"), now=NOW)
