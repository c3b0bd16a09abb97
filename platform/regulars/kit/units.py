"""Units of measure: their words, how people spell them, and what they convert to."""

from dataclasses import dataclass
from decimal import Decimal

from regulars.kit.labels import Label

__all__ = ["UNITS", "Unit"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """What a number counts: `12 g`, `12号`, `90㎡`.

    `spellings` are accepted after a number besides the label. A unit of a family (`mass`) with a
    `size` (its length in the family's base unit) is converted to any other of that family.
    """

    key: str
    label: Label
    spellings: tuple[str, ...] = ()
    family: str = ""
    size: Decimal = Decimal(1)

    def factor_to(self, other: "Unit") -> Decimal | None:
        """Return what one of this unit is in `other`, or None when they do not compare."""
        if self.key == other.key:
            return Decimal(1)
        if not self.family or self.family != other.family:
            return None
        return self.size / other.size


def _unit(  # one row of the table below
    key: str, hans: str, hant: str, en: str, *spellings: str, family: str = "", size: str = "1"
) -> Unit:
    label = Label(zh_hans=hans, zh_hant=hant, en=en)
    return Unit(key=key, label=label, spellings=spellings, family=family, size=Decimal(size))


_MASS, _LENGTH, _AREA, _VOLUME, _TIME = "mass", "length", "area", "volume", "time"

UNITS: dict[str, Unit] = {
    unit.key: unit
    for unit in (
        _unit("mg", "毫克", "毫克", "mg", family=_MASS, size="0.001"),
        _unit("g", "克", "克", "g", "公克", "gram", "grams", family=_MASS),
        _unit("kg", "千克", "公斤", "kg", "公斤", "千克", family=_MASS, size="1000"),
        _unit("ct", "克拉", "克拉", "ct", "卡", "carat", "carats", family=_MASS, size="0.2"),
        _unit("mm", "毫米", "毫米", "mm", "公厘", family=_LENGTH),
        _unit("cm", "厘米", "公分", "cm", "公分", "厘米", family=_LENGTH, size="10"),
        _unit("m", "米", "公尺", "m", "公尺", "米", family=_LENGTH, size="1000"),
        _unit("inch", "英寸", "英吋", "in", "寸", "吋", '"', family=_LENGTH, size="25.4"),
        _unit("m2", "㎡", "㎡", "m²", "平", "平方", "平米", "平方米", "平方公尺", family=_AREA),
        _unit("ping", "坪", "坪", "ping", family=_AREA, size="3.305785"),
        _unit("sqft", "平方英尺", "平方呎", "sq ft", "呎", "ft2", family=_AREA, size="0.09290304"),
        _unit("ml", "毫升", "毫升", "ml", family=_VOLUME),
        _unit("l", "升", "公升", "l", "公升", "litre", family=_VOLUME, size="1000"),
        _unit("minute", "分钟", "分鐘", "min", "分", "minutes", family=_TIME),
        _unit("hour", "小时", "小時", "h", "个小时", "個小時", "hours", family=_TIME, size="60"),
        _unit("day", "天", "天", "days", "日", "day"),
        _unit("month", "个月", "個月", "months", "月", "month"),
        _unit("year", "年", "年", "years", "year"),
        _unit("ring-hk", "号", "號", "HK size", "#", "港号", "港號", "港码", "號圍", "hk"),
        _unit("session", "次", "次", "sessions", "session", "回", "times"),
        _unit("person", "人", "人", "people", "位", "个人", "個人", "person", "guests"),
        _unit("piece", "件", "件", "pieces", "个", "個", "piece", "pcs"),
        _unit("room", "间", "間", "rooms", "室", "个房间", "room", "房"),
        _unit("chair", "张", "張", "chairs", "把", "個", "个", "chair"),
        _unit("percent", "%", "%", "%", "percent"),
    )
}
