"""Callbacks of WeChat and WeCom: only what is sealed and signed for us, now, is believed."""

import base64
import hashlib
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from regulars.messages.gateways import wechat, wecom
from regulars.messages.gateways.contract import Forged, Received, Unreadable
from tests.factories import providers
from tests.factories.providers import NOW

AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
WECHAT = wechat.Gateway(app_id="wx1", app_secret="S", token="hush", aes_key=AES_KEY)
WECOM = wecom.Gateway(corp_id="ww1", secret="S", agent_id="1000002", token="hush", aes_key=AES_KEY)


def sealed(xml: str, owner: str) -> str:
    """Seal as https://developer.work.weixin.qq.com/document/path/90968 says."""
    content = xml.encode()
    plain = b"r" * 16 + struct.pack(">I", len(content)) + content + owner.encode()
    padding = 32 - len(plain) % 32
    plain += bytes([padding]) * padding
    key = base64.b64decode(AES_KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def signed(content: str, *, by: str = "hush", at: datetime = NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    joined = "".join(sorted((by, stamp, "nonce", content)))
    return {
        "msg_signature": hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest(),
        "timestamp": stamp,
        "nonce": "nonce",
    }


def called(xml: str, *, owner: str = "wx1", **how: Any) -> Received:
    content = sealed(xml, owner)
    body = f"<xml><Encrypt><![CDATA[{content}]]></Encrypt></xml>"
    return providers.callback(body.encode(), query=signed(content, **how))


DONE = """<xml><ToUserName>gh_1</ToUserName><FromUserName>oABC</FromUserName>
<CreateTime>1795226401</CreateTime><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event>
<MsgID>9</MsgID><Status>{}</Status></xml>"""
WRITTEN = """<xml><ToUserName>gh_1</ToUserName><FromUserName>oABC</FromUserName>
<CreateTime>1795226402</CreateTime><MsgType>text</MsgType><Content>你好</Content>
<MsgId>77</MsgId></xml>"""


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        ("success", "delivered", ""),
        ("failed:user block", "failed", "opted-out"),
        ("failed: system failed", "failed", "unreachable"),
    ],
)
def test_the_event_that_a_template_message_is_done(status: str, state: str, reason: str) -> None:
    request = called(DONE.format(status))

    (receipt,) = WECHAT.receipts(request)

    assert (receipt.provider_id, receipt.to) == ("9", "oABC")
    assert (receipt.state, receipt.reason) == (state, reason)
    assert receipt.at == datetime.fromtimestamp(1795226401, UTC)
    assert WECHAT.inbound(request) == ()
    assert WECHAT.reply(request).body == "success"


def test_what_a_follower_or_a_member_wrote() -> None:
    (follower,) = WECHAT.inbound(called(WRITTEN))
    (member,) = WECOM.inbound(called(WRITTEN, owner="ww1"))

    assert (follower.sender, follower.text, follower.provider_id) == ("oABC", "你好", "77")
    assert member == follower
    assert WECHAT.receipts(called(WRITTEN)) == ()
    assert WECOM.receipts(called(WRITTEN, owner="ww1")) == ()


def test_what_is_not_sealed_and_signed_for_us_now_is_not_believed() -> None:
    true = called(WRITTEN)
    plain = providers.callback(WRITTEN.encode(), query=dict(true.query))
    forgeries = [
        plain,  # WeChat's plain mode: the signature does not cover the message
        called(WRITTEN, by="another"),
        called(WRITTEN, owner="wx2"),
        called(WRITTEN, at=NOW - timedelta(minutes=11)),
        providers.callback(true.body, query={}),
        providers.callback(true.body, query={**true.query, "timestamp": "soon"}),
    ]

    for forged in forgeries:
        for read in (WECHAT.receipts, WECHAT.inbound, WECHAT.reply):
            with pytest.raises(Forged):
                read(forged)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>',
    ],
)
def test_what_is_no_xml_of_theirs_is_said_so(body: bytes) -> None:
    with pytest.raises(Unreadable):
        WECHAT.inbound(providers.callback(body))


def test_a_key_of_another_length_cannot_open_anything() -> None:
    gateway = wechat.Gateway(app_id="wx1", app_secret="S", token="hush", aes_key="short")

    with pytest.raises(Unreadable):
        gateway.inbound(called(WRITTEN))


def test_the_check_of_a_new_address_is_answered() -> None:
    stamp = str(int(NOW.timestamp()))
    joined = "".join(sorted(("hush", stamp, "n")))
    query = {
        "signature": hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest(),
        "timestamp": stamp, "nonce": "n", "echostr": "4839",
    }  # fmt: skip
    of_wechat = providers.callback(method="GET", query=query)
    content = sealed("1616140317555161061", "ww1")
    of_wecom = providers.callback(method="GET", query={**signed(content), "echostr": content})

    assert WECHAT.reply(of_wechat).body == "4839"
    assert WECOM.reply(of_wecom).body == "1616140317555161061"
    assert WECHAT.receipts(of_wechat) == ()
    assert WECOM.inbound(of_wecom) == ()
    with pytest.raises(Forged):
        WECHAT.reply(providers.callback(method="GET", query={**query, "nonce": "m"}))
    with pytest.raises(Forged):
        wechat.Gateway(app_id="wx1", app_secret="S").reply(of_wechat)
