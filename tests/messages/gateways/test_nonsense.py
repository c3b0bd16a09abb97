"""Whatever is posted to a callback, it is read, or said to be forged or unreadable; no more."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.messages.gateways import aliyun, local, proof, requested, smtp, tencent
from regulars.messages.gateways.contract import BadCallback, Received, TryLater, Uncertain
from tests import counts
from tests.factories import providers
from tests.factories.providers import NOW
from tests.messages.gateways.test_bounces import COMPLAINT, REPLY, report

ALIYUN = aliyun.Gateway(key_id="K", key_secret="S", callback_secret="hush")
TENCENT = tencent.Gateway(secret_id="K", secret_key="S", app_id="1", callback_secret="hush")
MAIL = smtp.Gateway(host="h", port=25, sender="a@mail.example", callback_secret="hush")

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
NAMES = st.sampled_from(
    ["biz_id", "report_time", "success", "out_id", "phone_number", "dest_code", "send_time",
     "sid", "user_receive_time", "mobile", "nationcode", "text", "time", "key", "state", "from"]
)  # fmt: skip
BODIES = st.one_of(
    st.binary(max_size=60),
    st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=2).map(
        lambda value: json.dumps(value).encode()
    ),
    st.dictionaries(NAMES, VALUES, max_size=6).map(lambda value: json.dumps(value).encode()),
)


def only_says_so(read: Callable[[Received], Any], body: bytes) -> None:
    try:
        read(providers.callback(body))
    except BadCallback:
        return


@pytest.mark.proof("1,000 generated bodies to the callbacks of Aliyun and Tencent")
@settings(max_examples=counts.of(40, proof=1_000))
@given(body=BODIES)
def test_no_json_breaks_a_callback(body: bytes) -> None:
    for gateway in (ALIYUN, TENCENT):
        only_says_so(gateway.receipts, body)
        only_says_so(gateway.inbound, body)


@pytest.mark.proof("1,000 damaged mails to the callback of e-mail")
@settings(max_examples=counts.of(40, proof=1_000))
@given(
    mail=st.sampled_from([report(), COMPLAINT, REPLY.encode()]),
    at=st.integers(0, 800),
    drop=st.integers(0, 40),
    put=st.binary(max_size=12),
)
def test_no_mail_breaks_a_callback(mail: bytes, at: int, drop: int, put: bytes) -> None:
    damaged = mail[:at] + put + mail[at + drop :]

    only_says_so(MAIL.receipts, damaged)
    only_says_so(MAIL.inbound, damaged)


def test_without_the_guard_a_forged_callback_would_be_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Positive control of every test that a stranger is not believed."""
    body = b'[{"biz_id": "9", "report_time": "2026-11-21 10:00:05", "success": true}]'
    stranger = providers.callback(body, query={"secret": "guess"})
    monkeypatch.setattr(proof, "same", lambda given, expected: True)

    assert len(ALIYUN.receipts(stranger)) == 1


def test_without_the_walk_through_causes_silence_would_look_like_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Positive control of the tests of uncertainty: the guard decides, not chance."""
    import requests

    def silent() -> None:
        raise requests.exceptions.ReadTimeout

    def call() -> None:
        requested.call(silent, judged=lambda error: None)

    with pytest.raises(Uncertain):
        call()
    monkeypatch.setattr(requested, "_never_left", lambda error: True)
    with pytest.raises(TryLater):
        call()


def test_a_mailbox_of_a_laptop_reads_no_nonsense(tmp_path: Any) -> None:
    gateway = local.Gateway(folder=tmp_path, channel="sms", sender="a@mail.example")

    for body in (b"", b"1", b"{", b"\xff"):
        with pytest.raises(BadCallback):
            gateway.receipts(providers.callback(body, at=NOW))
