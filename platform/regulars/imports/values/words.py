"""Names, free text, codes, tags, addresses of mail, and answers from short lists."""

import re
import unicodedata
from uuid import UUID

from regulars.imports import safe
from regulars.imports.cells import Cell, shown
from regulars.imports.values.base import TEXT_BLANKS, Parser, Unfit, plain, refuse_errors, seen

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?E\+\d+", re.IGNORECASE)
_ZERO_FRACTION = re.compile(r"(\d+)\.0+")
_EMAIL = re.compile(r"[A-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@([A-Z0-9-]{1,63}\.)+[A-Z]{2,24}", re.I)
_TAG_BREAKS = re.compile(r"[,;|，；、\n]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


YES = _words("是 有 对 真 同意 允许 接收 接受 愿意 已同意 订阅 y yes true t 1 on √ ✓ ✔ ☑ ok")
NO = _words(
    "否 无 没有 不 假 不同意 拒绝 不接收 不接受 不愿意 退订 未同意 n no false f 0 off × x ✗ ✘"
)
MALE = _words("男 男性 男士 先生 公 m male man mr mr. 1 boy")
FEMALE = _words("女 女性 女士 小姐 太太 夫人 母 f female woman mrs mrs. ms ms. miss 2 girl")
OTHER = _words("其他 其它 other x 9 non-binary nonbinary diverse")
UNTOLD = _words("保密 不明 unknown u 0 unspecified private undisclosed")
SALE = _words("销售 销售单 销 消费 购买 正常 正常销售 零售 零售单 sale sales purchase order s")
RETURN = _words("退货 退货单 退款 退 销售退货 退单 退回 冲红 return returns refund refunded r")
SOLAR = _words("公历 阳历 新历 国历 solar gregorian 否 no n false 0")
LUNAR = _words("农历 阴历 旧历 lunar 是 yes y true 1")

MEANS = {
    word: means
    for means, several in {
        "cash": _words("cash 现金 現金"),
        "wechat": _words("wechat 微信 微信支付 wechatpay weixin 财付通"),
        "alipay": _words("alipay 支付宝 支付寶"),
        "card": _words("card 银行卡 刷卡 信用卡 借记卡 储蓄卡 银联 pos机 信用咭 visa mastercard"),
        "transfer": _words("transfer 转账 银行转账 汇款 對公转账 对公转账"),
        "platform": _words("platform 美团 饿了么 抖音 外卖平台 大众点评"),
        "other": _words("other 其他 其它 points principal bonus"),
    }.items()
    for word in several
}
"""How people call means of payment; the names of points and stored value belong to the ledger."""


def text(*, limit: int) -> Parser[str]:
    """Read one line of text: spaces collapsed, composed (NFC), at most `limit` characters."""

    def read(cell: Cell) -> str | None:
        refuse_errors(cell)
        value = safe.restore(seen(shown(cell)).strip())
        if value in TEXT_BLANKS:
            return None
        if _CONTROLS.search(value):
            raise Unfit("text.control")
        value = unicodedata.normalize("NFC", " ".join(value.split()))
        if len(value) > limit:
            raise Unfit("text.too-long", limit=limit)
        return value or None

    return read


def note(*, limit: int) -> Parser[str]:
    """Read text of several lines."""

    def read(cell: Cell) -> str | None:
        refuse_errors(cell)
        value = safe.restore(seen(shown(cell)).strip())
        if value in TEXT_BLANKS:
            return None
        if _CONTROLS.search(value):
            raise Unfit("text.control")
        value = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
        if len(value) > limit:
            raise Unfit("text.too-long", limit=limit)
        return value

    return read


def identifier(*, limit: int) -> Parser[str]:
    """Read a number or code that names something: kept as text, leading zeros and all.

    :raises Unfit: also when the spreadsheet rounded it: ``6.22E+18``, or over fifteen digits.
    """

    def read(cell: Cell) -> str | None:
        if type(cell) is int and len(text := str(cell)) <= limit:
            return text
        if isinstance(cell, float) and abs(cell) >= 1e15:
            raise Unfit("code.damaged")
        value = plain(cell)
        if not value:
            return None
        if isinstance(cell, str):
            if _SCIENTIFIC.fullmatch(value):
                raise Unfit("code.damaged")
            if fraction := _ZERO_FRACTION.fullmatch(value):
                value = fraction[1]
        if _CONTROLS.search(value):
            raise Unfit("text.control")
        value = " ".join(value.split())
        if len(value) > limit:
            raise Unfit("text.too-long", limit=limit)
        return value

    return read


def uuid(cell: Cell) -> str | None:
    """Read one of our ids."""
    value = plain(cell)
    if not value:
        return None
    try:
        return str(UUID(value))
    except ValueError:
        raise Unfit("id.format") from None


def email(cell: Cell) -> str | None:
    """Read an address of mail, in small letters."""
    value = plain(cell).removeprefix("mailto:").casefold()
    if not value:
        return None
    if len(value) > 254 or ".." in value or not _EMAIL.fullmatch(value):
        raise Unfit("email.format")
    return value


def tags(cell: Cell) -> tuple[str, ...] | None:
    """Read tags separated by commas, semicolons, bars or line breaks; each once, in order."""
    refuse_errors(cell)
    value = safe.restore(seen(shown(cell)).strip())
    one = text(limit=40)
    found = [one(part) for part in _TAG_BREAKS.split(value)]
    kept = tuple(dict.fromkeys(tag for tag in found if tag))
    if len(kept) > 50:
        raise Unfit("tags.too-many", limit=50)
    return kept or None


def _word(cell: Cell) -> str:
    return plain(cell).casefold()


def boolean(cell: Cell) -> bool | None:
    """Read yes or no in the ways of people and programs."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, str) and cell.strip() in ("无", "無"):
        return False
    word = _word(cell)
    if not word:
        return None
    if word in YES:
        return True
    if word in NO:
        return False
    raise Unfit("boolean.format")


def gender(cell: Cell) -> str | None:
    """Read a gender: ``female``, ``male`` or ``other``; None when untold. 1 and 2 as ISO 5218."""
    word = _word(cell)
    if not word or word in UNTOLD:
        return None
    for value, words in (("male", MALE), ("female", FEMALE), ("other", OTHER)):
        if word in words:
            return value
    raise Unfit("gender.format")


def payment(*, limit: int) -> Parser[str]:
    """Read a means of payment; one without a name of ours is kept as it came."""
    as_text = text(limit=limit)

    def read(cell: Cell) -> str | None:
        value = as_text(cell)
        return None if value is None else MEANS.get(value.casefold(), value)

    return read


def sale_or_return(cell: Cell) -> str | None:
    """Read what kind of receipt a line is of: ``sale`` or ``return``."""
    word = _word(cell)
    if not word:
        return None
    if word in SALE or word in NO:
        return "sale"
    if word in RETURN or word in YES:
        return "return"
    raise Unfit("kind.format")


def calendar(cell: Cell) -> bool | None:
    """Read by which calendar a birthday counts: True for the lunar one."""
    word = _word(cell)
    if not word:
        return None
    if word in LUNAR or word in SOLAR:
        return word in LUNAR
    raise Unfit("calendar.format")
