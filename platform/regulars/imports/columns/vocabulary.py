"""Comparing headings: folded to one form, looked up whole, then by how they end."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from regulars.imports.columns import customers, purchases
from regulars.imports.columns.attributes import Attribute, Subject

_TRADITIONAL = (
    "機號碼電話會員編戶顧姓別農曆陰陽舊歷類導購門單據條價數額實應銷貨產稱時間備註標籤點儲贈餘積級開區縣"
    "鄉鎮郵遞聯絡動圍範歲齡職業學歷婦婚姻狀況孩個愛興趣習慣觀族訂閱簡訊貴賓帳賬檔業務營運櫃專屬顧問"
    "維護跟進負責發展歸註冊辦卡檔紀念結寶兒喬遷項務總計優惠讓減銀收銀臺臺灣買賣種規劃東長飾傢體質"
)
_SIMPLIFIED = (
    "机号码电话会员编户顾姓别农历阴阳旧历类导购门单据条价数额实应销货产称时间备注标签点储赠余积级开区县"
    "乡镇邮递联络动围范岁龄职业学历妇婚姻状况孩个爱兴趣习惯观族订阅简讯贵宾账账档业务营运柜专属顾问"
    "维护跟进负责发展归注册办卡档纪念结宝儿乔迁项务总计优惠让减银收银台台湾买卖种规划东长饰家体质"
)
_TO_SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
_BRACKETS = re.compile(r"[(\[【〔「{<《].*?[)\]】〕」}>》]")
_NOT_WORD = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"(?<=[^\d])[1一]$")

NEUTRAL = (
    "会员",
    "顾客",
    "客户",
    "用户",
    "客人",
    "买家",
    "消费者",
    "customer",
    "member",
    "client",
    "buyer",
)
"""Words before a heading that only say again whose it is."""


class Match(NamedTuple):
    """An attribute that a heading may mean, and how surely (0 to 1)."""

    key: str
    score: float


class _Words(NamedTuple):
    meanings: dict[str, list[Match]]
    left_out: frozenset[str]


def fold(heading: str) -> str:
    """Bring a heading to the form in which words are compared."""
    text = unicodedata.normalize("NFKC", heading).casefold().translate(_TO_SIMPLIFIED)
    return _NOT_WORD.sub("", text)


def attributes(subject: Subject) -> tuple[Attribute, ...]:
    """Return everything a column of such a file can mean, vertical fields aside."""
    return customers.ATTRIBUTES if subject is Subject.CUSTOMERS else purchases.ATTRIBUTES


@cache
def _words(subject: Subject) -> _Words:
    meanings: dict[str, list[Match]] = {}
    for attribute in attributes(subject):
        for score, words in ((1.0, attribute.words), (0.7, attribute.weak)):
            for word in words:
                meanings.setdefault(fold(word), []).append(Match(attribute.key, score))
    for attribute in attributes(subject):
        meanings.setdefault(fold(attribute.key), []).append(Match(attribute.key, 0.9))
    catalogue = customers if subject is Subject.CUSTOMERS else purchases
    return _Words(meanings, frozenset(map(fold, catalogue.LEFT_OUT)))


@cache
def _all_words() -> frozenset[str]:
    parts = [_words(subject) for subject in Subject]
    return frozenset(word for part in parts for word in (*part.meanings, *part.left_out))


def is_known(heading: str) -> bool:
    """Tell whether the heading is one we have seen, with or without what stands in brackets."""
    return any(form in _all_words() for form in _forms(heading))


def _forms(heading: str) -> list[str]:
    """List the heading whole, without brackets, without a whose-word, without a final 1."""
    whole = fold(heading)
    forms = [whole, fold(_BRACKETS.sub("", unicodedata.normalize("NFKC", heading)))]
    for form in tuple(forms):
        forms += [form.removeprefix(word) for word in NEUTRAL if form.startswith(word)]
    forms += [_NUMBERED.sub("", form) for form in forms]
    return [form for form in dict.fromkeys(forms) if form]


def matches(heading: str, subject: Subject) -> list[Match]:
    """List what the heading may mean, surest first.

    A word met whole is sure. One that the heading only ends with is a suggestion: “导购手机” ends
    with “手机” and is not the customer's phone.
    """
    words = _words(subject)
    found: dict[str, float] = {}
    for penalty, form in enumerate(_forms(heading)):
        for match in words.meanings.get(form, ()):
            score = match.score - min(penalty, 3) * 0.02
            found[match.key] = max(found.get(match.key, 0.0), score)
        if found or form in words.left_out:
            break
    else:
        found = _suggestions(_forms(heading)[:1], words)
    return sorted((Match(*item) for item in found.items()), key=lambda item: -item.score)


def known_words(subject: Subject) -> Mapping[str, Sequence[Match]]:
    """Return every folded word with what it may mean."""
    return _words(subject).meanings


def is_left_out(heading: str, subject: Subject) -> bool:
    """Tell whether the heading is known to mean nothing we take in."""
    words = _words(subject)
    forms = _forms(heading)
    return any(form in words.left_out for form in forms[:2]) and forms[0] not in words.meanings


def _suggestions(forms: list[str], words: _Words) -> dict[str, float]:
    found: dict[str, float] = {}
    for form in forms:
        for start in range(1, len(form) - 1):
            for match in words.meanings.get(form[start:], ()):
                score = 0.3 + 0.15 * (len(form) - start) / len(form)
                found[match.key] = max(found.get(match.key, 0.0), score * match.score)
    return found
