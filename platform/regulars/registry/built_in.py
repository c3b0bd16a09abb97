"""Messages that every industry needs: answers in conversations, and the word nobody writes (C12).

They join a vertical's own (`loading.base`); a vertical that declares the same key has the say,
and a chain changes them or leaves them out like any other.
"""

from typing import Final

from regulars.kit import Label, Message, Vertical
from regulars.kit.care import Channel, Occasion

WORD_OPEN: Final = "word-open"
WORD_CLOSED: Final = "word-closed"
_WRITTEN: Final[tuple[Channel, ...]] = ("sms", "wechat", "wecom", "email")


def _message(key: str, occasion: Occasion, hans: str, hant: str, en: str) -> Message:
    return Message(
        key=key,
        occasion=occasion,
        purpose="service",
        channels=_WRITTEN,
        text=Label(zh_hans=hans, zh_hant=hant, en=en),
    )


MESSAGES: Final = (
    _message(
        WORD_OPEN,
        "automatic-word",
        "您好，这里是{store.name}。您的消息已经收到，我们的同事正在接待顾客，忙完马上回复您。",
        "您好，這裡是{store.name}。您的訊息已經收到，我們的同事正在接待顧客，忙完馬上回覆您。",
        "Hello, this is {store.name}. Your message has arrived. We are with a customer at this"
        " moment and will answer you right after.",
    ),
    _message(
        WORD_CLOSED,
        "automatic-word",
        "您好，这里是{store.name}。您的消息已经收到，现在我们已经打烊，{store.opens}开门后马上回复您。",
        "您好，這裡是{store.name}。您的訊息已經收到，現在我們已經打烊，{store.opens}開門後馬上回覆您。",
        "Hello, this is {store.name}. Your message has arrived. We are closed now; we open"
        " {store.opens} and will answer you then.",
    ),
    _message(
        "reply-looking",
        "reply",
        "收到了，我马上为您查，稍后回复您。",
        "收到了，我馬上為您查，稍後回覆您。",
        "Thank you for writing. I am looking into it and will be back to you soon.",
    ),
    _message(
        "reply-sorry",
        "reply",
        "很抱歉让您久等了，我现在就为您处理。",
        "很抱歉讓您久等了，我現在就為您處理。",
        "I am sorry to have kept you waiting. I am seeing to it now.",
    ),
    _message(
        "reply-call",
        "reply",
        "电话里说更清楚，您什么时候方便接电话？",
        "電話裡說更清楚，您什麼時候方便接電話？",
        "This is easier to explain by phone. When may I call you?",
    ),
    _message(
        "reply-address",
        "reply",
        "我们在{store.address}，电话{store.phone}。",
        "我們在{store.address}，電話{store.phone}。",
        "You find us at {store.address}; our phone is {store.phone}.",
    ),
    _message(
        "reply-come",
        "reply",
        "好的，您方便时来{store.name}找我就行。{guide.name}",
        "好的，您方便時來{store.name}找我就行。{guide.name}",
        "Good. Come to {store.name} when it suits you and ask for me. {guide.name}",
    ),
    _message(
        "reply-welcome",
        "reply",
        "不客气，有需要随时找我。{guide.name}",
        "不客氣，有需要隨時找我。{guide.name}",
        "You are welcome. Write to me whenever you need anything. {guide.name}",
    ),
)


def joined(vertical: Vertical) -> Vertical:
    """Return the vertical with the messages it does not declare itself."""
    own = {each.key for each in vertical.messages}
    further = tuple(each for each in MESSAGES if each.key not in own)
    return vertical.changed(messages=(*vertical.messages, *further))
