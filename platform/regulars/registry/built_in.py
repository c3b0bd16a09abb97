"""What every industry needs: answers in conversations, the word nobody writes (C12), surveys (Q7),
care of who complained and was satisfied (Q3).

They join a vertical's own (`loading.base`); a vertical that declares the same key has the say,
and a chain changes them or leaves them out like any other.
"""

from typing import Final, Protocol

from regulars.kit import Field, FollowUp, Label, Message, Step, Survey, Vertical
from regulars.kit.care import Channel, Occasion, Purpose
from regulars.kit.schema import Dimension

WORD_OPEN: Final = "word-open"
WORD_CLOSED: Final = "word-closed"
SURVEY_OF_CARE: Final = "survey-question"
SURVEY_OF_SERVICE: Final = "survey-after-complaint"
THANKS: Final = "thanks-for-opinion"
_WRITTEN: Final[tuple[Channel, ...]] = ("sms", "wechat", "wecom", "email")


def _message(
    key: str, occasion: Occasion, hans: str, hant: str, en: str, *, purpose: Purpose = "service"
) -> Message:
    return Message(
        key=key,
        occasion=occasion,
        purpose=purpose,
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
    _message(
        SURVEY_OF_CARE,
        "survey",
        "{customer.salutation}您好，我是{store.name}的同事。我们做得好不好，想听您说一句，点一下就行：{link}",
        "{customer.salutation}您好，我是{store.name}的同事。我們做得好不好，想聽您說一句，點一下就行：{link}",
        "{customer.salutation}, this is {store.name}. How did we do? One tap is enough: {link}",
        purpose="care",
    ),
    _message(
        SURVEY_OF_SERVICE,
        "survey",
        "您好，这里是{store.name}。您反映的事我们处理得怎么样？请点一下告诉我们：{link}",
        "您好，這裡是{store.name}。您反映的事我們處理得怎麼樣？請點一下告訴我們：{link}",
        "Hello, this is {store.name}. How did we deal with your complaint? One tap will do: {link}",
    ),
    _message(
        THANKS,
        "complaint",
        "{customer.salutation}您好，我是{store.name}的{guide.name}。谢谢您把不满意的地方告诉我们，我们才有机会改好。以后有什么事，随时找我。",
        "{customer.salutation}您好，我是{store.name}的{guide.name}。謝謝您把不滿意的地方告訴我們，我們才有機會改好。以後有什麼事，隨時找我。",
        "Dear {customer.salutation}, this is {guide.name} of {store.name}. Thank you for telling us"
        " what was wrong: only so could we put it right. Whatever comes up, just ask for me.",
        purpose="care",
    ),
)


def _rating(key: str, about: Dimension, hans: str, hant: str, en: str, **bounds: int) -> Field:
    label = Label(zh_hans=hans, zh_hant=hant, en=en)
    return Field(
        on="answer",
        key=key,
        kind="rating",
        label=label,
        about=about,
        minimum=bounds.get("low"),
        maximum=bounds.get("high"),
    )


_WORDS: Final = Field(
    on="answer",
    key="words",
    kind="text",
    label=Label(
        zh_hans="想对我们说的话", zh_hant="想對我們說的話", en="Anything you would like to say"
    ),
    max_length=1000,
)
SURVEYS: Final = (
    Survey(
        key="complaint-settled",
        title=Label(zh_hans="投诉处理后", zh_hant="投訴處理後", en="After a complaint"),
        starts="complaint.closed",
        days=3,
        every=30,
        questions=(
            _rating(
                "overall", "service", "这次投诉，我们处理得怎么样？",
                "這次投訴，我們處理得怎麼樣？", "How did we deal with your complaint?",
            ),
            _rating("heard", "relationship", "有人认真听", "有人認真聽", "Somebody listened"),
            _rating("quick", "convenience", "处理得快", "處理得快", "It went quickly"),
            _rating("again", "brand", "还愿意再来", "還願意再來", "I would come again"),
            _WORDS,
        ),
    ),
    Survey(
        key="follow-up-done",
        title=Label(zh_hans="回访后", zh_hant="回訪後", en="After a follow-up"),
        starts="followup.done",
        days=1,
        questions=(
            _rating(
                "overall", "relationship", "我们的回访让您觉得怎么样？",
                "我們的回訪讓您覺得怎麼樣？", "How was it to hear from us?",
            ),
            _rating("useful", "service", "对您有帮助", "對您有幫助", "It was of use"),
            _rating("moment", "convenience", "时间合适，不打扰", "時間合適，不打擾",
                    "A good moment, not too often"),
            _WORDS,
        ),
    ),
    Survey(
        key="visit-made",
        title=Label(zh_hans="到店没买", zh_hant="到店沒買", en="After a visit without a purchase"),
        starts="customer.visited",
        days=1,
        questions=(
            _rating(
                "recommend", "brand", "您有多愿意把我们介绍给朋友？",
                "您有多願意把我們介紹給朋友？", "How likely are you to recommend us?",
                low=0, high=10,
            ),
            _rating("welcome", "service", "接待", "接待", "How you were received"),
            _rating("choice", "product", "款式和货品", "款式和貨品", "What there was to see"),
            _rating("way", "convenience", "位置、营业时间、等候", "位置、營業時間、等候",
                    "The way to us, opening hours, waiting"),
            _rating("price", "price", "价格", "價格", "Prices"),
            _WORDS,
        ),
    ),
)  # fmt: skip


FOLLOW_UPS: Final = (
    FollowUp(
        key="after-complaint",
        title=Label(
            zh_hans="投诉满意之后", zh_hant="投訴滿意之後", en="After a complaint that ended well"
        ),
        starts="complaint.closed",
        stops=("complaint.opened", "customer.asked-to-stop"),
        steps=(
            Step(
                key="thank",
                after=1,
                do="message",
                label=Label(
                    zh_hans="感谢顾客提出意见",
                    zh_hant="感謝顧客提出意見",
                    en="Thank them for their opinion",
                ),
                send=THANKS,
            ),
            Step(
                key="still-well",
                after=14,
                do="call",
                label=Label(
                    zh_hans="打电话问问现在是否都好",
                    zh_hant="打電話問問現在是否都好",
                    en="Call: is all well now?",
                ),
                ask=(
                    Field(
                        on="answer",
                        key="all-well",
                        kind="boolean",
                        label=Label(
                            zh_hans="问题没有再出现",
                            zh_hant="問題沒有再出現",
                            en="The trouble has not come back",
                        ),
                    ),
                ),
            ),
        ),
    ),
)


def joined(vertical: Vertical) -> Vertical:
    """Return the vertical with the messages, surveys and plans it does not declare itself."""
    return vertical.changed(
        messages=_with(vertical.messages, MESSAGES),
        surveys=_with(vertical.surveys, SURVEYS),
        follow_ups=_with(vertical.follow_ups, FOLLOW_UPS),
    )


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


def _with[Noun: _Keyed](own: tuple[Noun, ...], further: tuple[Noun, ...]) -> tuple[Noun, ...]:
    keys = {each.key for each in own}
    return (*own, *(each for each in further if each.key not in keys))
