"""Chinese surnames that are read differently from their characters, and those of two characters."""

from typing import Final


def _table(text: str) -> dict[str, str]:
    """Read lines of a reading followed by the surnames that have it."""
    rows = (line.split() for line in text.strip().splitlines())
    return {surname: reading for reading, *surnames in rows for surname in surnames}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# How the character is read as a family name; its ordinary reading is found as well.
READINGS: Final = _table("""
    bi 秘 祕
    bo 薄
    chong 种 重
    ge 盖 蓋
    gou 句
    gui 炅
    he 黑
    kan 阚
    kuo 适
    miao 缪 繆
    mu 牟
    nai 佴 能
    nian 粘
    nie 乜
    ou 区 區
    piao 朴
    po 繁
    qin 覃
    qiu 仇
    shan 单 單
    shao 召
    she 折
    wei 隗
    xian 洗
    xie 解
    xun 郇
    yue 乐 樂
    yun 员 員
    zeng 曾
    zha 查
    zhai 翟 祭
""")

# Further readings in use, beside the one above and the character's own.
FURTHER: Final = _table("""
    chi 郗
    fu 宓
    huan 郇
    kui 隗
    nuo 那
    shen 谌 諶
    sheng 晟
    yu 尉
""")

# Two characters, whether they are read as written or not.
DOUBLE: Final = _words("""
    欧阳 歐陽 上官 司马 司馬 司徒 司空 诸葛 諸葛 东方 東方 皇甫 公孙 公孫 慕容 夏侯 宇文 轩辕 軒轅
    南宫 南宮 西门 西門 端木 百里 呼延 申屠 太史 淳于 赫连 赫連 闻人 聞人 公羊 濮阳 濮陽 独孤 獨孤
    纳兰 納蘭 钟离 鍾離 令狐 鲜于 鮮于 长孙 長孫 尉迟 尉遲 单于 單于 万俟 澹台 澹臺 拓跋
""")
DOUBLE_READINGS: Final = _table("""
    chanyu 单于 單于
    linghu 令狐
    moqi 万俟
    tantai 澹台 澹臺
    tuoba 拓跋
    xianyu 鲜于 鮮于
    yuchi 尉迟 尉遲
    zhangsun 长孙 長孫
""")
