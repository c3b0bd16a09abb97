"""What is worth knowing of a customer beyond name and phone (P2, P3, P9), and when to ask.

The questions every chain has; those of the industry are the vertical's fields. Each is a field of
the kit, so that answers are cleaned, shown and imported in one way. Suggestions are offered, not
imposed: what the customer said stands as it was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from regulars import registry
from regulars.kit import fields
from regulars.kit.labels import Label
from regulars.kit.schema import Choice, Field, Kind

ETHNICITY: Final = "ethnicity"


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question of the deep profile."""

    field: Field
    suggestions: tuple[Label, ...] = ()

    @property
    def key(self) -> str:
        """The permanent key, under which the answer stands in `Customer.profile`."""
        return self.field.key


def _label(words: str) -> Label:
    hans, hant, english = (word.strip() for word in words.split("|"))
    return Label(zh_hans=hans, zh_hant=hant, en=english)


def _ask(
    key: str,
    words: str,
    *,
    after: int | None,
    suggest: str = "",
    choices: Mapping[str, str] | None = None,
    sensitive: bool = False,
) -> Question:
    """Declare a question; `words` and each suggestion are ``简体 | 繁體 | English``."""
    kind: Kind = "choice" if choices else "text"
    return Question(
        field=Field(
            on="customer",
            key=key,
            kind=kind,
            label=_label(words),
            choices=tuple(Choice(key=k, label=_label(v)) for k, v in (choices or {}).items()),
            personal=True,
            sensitive=sensitive,
            ask_after=after,
        ),
        suggestions=tuple(_label(line) for line in suggest.split(";") if line.strip()),
    )


QUESTIONS: Final[tuple[Question, ...]] = (
    _ask(
        "promotions",
        "对促销的态度 | 對促銷的態度 | Attitude to promotions",
        after=1,
        choices={
            "welcome": "欢迎 | 歡迎 | Welcome",
            "neutral": "一般 | 一般 | Neutral",
            "unwelcome": "不喜欢 | 不喜歡 | Unwelcome",
        },
    ),
    _ask(
        "colours",
        "喜欢的颜色 | 喜歡的顏色 | Favourite colours",
        after=1,
        suggest="""素雅 | 素雅 | Plain and soft; 暖色 | 暖色 | Warm; 冷色 | 冷色 | Cool;
        鲜艳 | 鮮豔 | Bright; 黑白灰 | 黑白灰 | Black, white, grey""",
    ),
    _ask(
        "service-style",
        "喜欢的服务方式 | 喜歡的服務方式 | Preferred service",
        after=1,
        suggest="""先自己看 | 先自己看 | Looks around alone first;
        希望讲解 | 希望講解 | Likes things explained; 希望快 | 希望快 | Wants it quick;
        喜欢聊天 | 喜歡聊天 | Likes a chat""",
    ),
    _ask(
        "experience",
        "看重什么 | 看重什麼 | What matters in a shop",
        after=2,
        suggest="""店面环境 | 店面環境 | The look of the shop; 价格 | 價格 | The price;
        过程和服务 | 過程和服務 | Process and service; 品质 | 品質 | Quality""",
    ),
    _ask("occupation", "职业 | 職業 | Occupation", after=2),
    _ask("hobbies", "爱好 | 愛好 | Hobbies", after=2),
    _ask(
        "family",
        "家庭 | 家庭 | Family",
        after=2,
        suggest="""单身 | 單身 | Single; 二人世界 | 兩人世界 | A couple;
        有孩子 | 有孩子 | With children; 三代同堂 | 三代同堂 | Three generations""",
    ),
    _ask(
        "marital",
        "婚姻 | 婚姻 | Married or single",
        after=3,
        suggest="已婚 | 已婚 | Married; 未婚 | 未婚 | Single",
    ),
    _ask("spouse", "配偶 | 配偶 | Spouse", after=4),
    _ask("children", "子女 | 子女 | Children", after=3),
    _ask("household-size", "家庭人数 | 家庭人數 | People in the household", after=None),
    _ask(
        "spending-habits",
        "消费习惯 | 消費習慣 | Spending habits",
        after=3,
        suggest="""看中就买 | 看中就買 | Buys on sight; 货比三家 | 貨比三家 | Compares first;
        等活动 | 等活動 | Waits for a promotion; 认准品牌 | 認準品牌 | Stays with a brand""",
    ),
    _ask(
        "personality",
        "性格 | 性格 | Personality",
        after=3,
        suggest="""爽快 | 爽快 | Decides fast; 细致 | 細緻 | Careful; 随和 | 隨和 | Easy-going;
        内向 | 內向 | Reserved""",
    ),
    _ask("way-of-life", "生活方式 | 生活方式 | Way of life", after=4),
    _ask("home", "住房 | 住房 | Home", after=4),
    _ask("education", "学历 | 學歷 | Education", after=5),
    _ask("income", "收入水平 | 收入水準 | Income band", after=None),
    _ask("money", "金钱观 | 金錢觀 | Attitude to money", after=5),
    _ask(ETHNICITY, "民族 | 民族 | Ethnicity", after=None, sensitive=True),
)


def questions() -> tuple[Question, ...]:
    """Return the questions the current chain asks: ethnicity only where head office says so."""
    if registry.policy("customers.ask-ethnicity"):
        return QUESTIONS
    return tuple(each for each in QUESTIONS if each.key != ETHNICITY)


def extra_fields() -> tuple[Field, ...]:
    """Return the vertical's fields of a customer that the current chain uses."""
    return usable(registry.vertical().fields_on("customer"))


def possession_fields(kind: str) -> tuple[Field, ...]:
    """Return the fields of a kind of possession the current chain uses; KeyError if unknown."""
    declared = registry.vertical().possession(kind)
    if declared is None or declared.retired:
        raise KeyError(kind)
    return usable(declared.fields)


def usable(declared: tuple[Field, ...]) -> tuple[Field, ...]:
    """Leave out retired fields, and sensitive ones unless head office turned them on."""
    sensitive_too = bool(registry.policy("customers.sensitive-fields"))
    return tuple(
        each for each in declared if not each.retired and (sensitive_too or not each.sensitive)
    )


def clean(
    raw: Mapping[str, object], *, language: str, consented: frozenset[str] = frozenset()
) -> tuple[dict[str, fields.Value], list[fields.FieldFault]]:
    """Clean deep answers by key, as `kit.fields.clean` does with ``partial=True``."""
    asked = [each.field for each in questions()]
    return fields.clean(asked, raw, language=language, consented=consented, partial=True)
