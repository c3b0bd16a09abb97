"""The files of a new vertical that works as it is: install it, test it, fill it."""

import re

from regulars.kit.content import build
from regulars.kit.keys import lock_text

__all__ = ["files"]

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "regulars-{key}"
version = "0.1.0"
description = "{title} for Regulars"
requires-python = ">=3.13"
dependencies = ["regulars"]

[project.entry-points."regulars.verticals"]
{key} = "{package}:vertical"

[tool.setuptools.package-data]
{package} = ["*.toml", "keys.lock", "py.typed"]
"""

_README = """\
# {title} for Regulars

| what | how many | file |
|---|---|---|
| fields of customers and lines | 2 | `{package}/fields.toml` |
| possessions with reminders | 1 | `{package}/fields.toml` |
| rates, bonuses, spends, tiers | 1, 1, 1, 2 | `{package}/points.toml` |

Install it beside Regulars with `pip install -e .`, test it with `pytest`. After adding a key run
`regulars vertical lock {key}`: keys are for ever, so a key no longer wanted is `retired = true`.
"""

_INIT = '''\
"""{title} for Regulars. The content lies in the data files beside this module."""

from regulars.kit import content

__all__ = ["vertical"]

vertical = content.load(__name__)
'''

_TEST = '''\
"""The vertical is fit to publish."""

from {package} import vertical
from regulars.kit.testing import check


def test_the_vertical_conforms() -> None:
    check(vertical)
'''

_VERTICAL = """\
key = "{key}"
version = "0.1.0"
name.zh-Hans = "{title}"
name.zh-Hant = "{title}"
name.en = "{title}"
summary.zh-Hans = "一句话说明这个行业包。"
summary.zh-Hant = "一句話說明這個行業包。"
summary.en = "What this vertical is for, in one sentence."

[[categories]]
key = "service"
label = {{zh-Hans = "服务", zh-Hant = "服務", en = "Services"}}
spellings = ["项目"]

[[categories]]
key = "goods"
label = {{zh-Hans = "商品", zh-Hant = "商品", en = "Goods"}}
spellings = ["产品"]
"""

_FIELDS = """\
[[fields]]
on = "customer"
key = "favourite"
kind = "text"
label.zh-Hans = "最喜欢的"
label.zh-Hant = "最喜歡的"
label.en = "Favourite"
personal = true

[[fields]]
on = "line"
key = "batch"
kind = "text"
label.zh-Hans = "批号"
label.zh-Hant = "批號"
label.en = "Batch"
headers = ["生产批号", "lot"]

[[possessions]]
key = "item"
label.zh-Hans = "物品"
label.zh-Hant = "物品"
label.en = "Item"
shown_by = ["model"]

[[possessions.fields]]
on = "possession"
key = "model"
kind = "text"
label.zh-Hans = "型号"
label.zh-Hant = "型號"
label.en = "Model"

[[possessions.reminders]]
key = "yearly-care"
label.zh-Hans = "年度保养"
label.zh-Hant = "年度保養"
label.en = "Yearly care"
since = "acquired-on"
months = 12
repeats = true
"""

_POINTS = """\
[[rates]]
key = "everything"
says.zh-Hans = "消费 {{amount}} 元，得 {{points}} 分"
says.zh-Hant = "消費 {{amount}} 元，得 {{points}} 分"
says.en = "Spent {{amount}}: {{points}} points"
points = 1
per = 10

[[bonuses]]
key = "birthday-month"
says.zh-Hans = "生日当月多得 {{points}} 分"
says.zh-Hant = "生日當月多得 {{points}} 分"
says.en = "Birthday month: {{points}} points more"
times = 2
where = [{{fact = "customer.birthday-month"}}]

[[spends]]
key = "pay-with-points"
says.zh-Hans = "{{points}} 积分抵 {{amount}} 元"
says.zh-Hant = "{{points}} 積分抵 {{amount}} 元"
says.en = "{{points}} points pay {{amount}}"
mode = "share"
point_value = 0.1
share = 0.5

[[tiers]]
key = "member"
label.zh-Hans = "会员"
label.zh-Hant = "會員"
label.en = "Member"

[[tiers]]
key = "friend"
label.zh-Hans = "老友"
label.zh-Hant = "老友"
label.en = "Old friend"
threshold = 5000
"""


def files(name: str, *, title: str = "") -> dict[str, str]:
    """Return the files of a new vertical, path → text; installed as they are they pass `check`.

    `name` becomes the vertical's key (`pet-care`), the distribution (`regulars-pet-care`) and the
    package (`regulars_pet_care`). Raises ValueError for a name that is no key.
    """
    if not _NAME.fullmatch(name) or len(name) > 40:
        raise ValueError(
            f"{name!r} cannot name a vertical: lower-case letters, digits and single hyphens"
        )
    title = title or name.replace("-", " ").capitalize()
    if any(sign in title for sign in '"\\{}') or not title.isprintable():
        raise ValueError(f"{title!r} cannot be a title: no quotes, braces or backslashes")
    package = f"regulars_{name.replace('-', '_')}"
    texts = {
        "pyproject.toml": _PYPROJECT,
        "README.md": _README,
        f"{package}/__init__.py": _INIT,
        f"{package}/py.typed": "",
        f"{package}/vertical.toml": _VERTICAL,
        f"{package}/fields.toml": _FIELDS,
        f"{package}/points.toml": _POINTS,
        f"tests/test_{package}.py": _TEST,
    }
    made = {
        path: text.format(key=name, package=package, title=title) for path, text in texts.items()
    }
    tables = {path: text for path, text in made.items() if path.startswith(package)}
    made[f"{package}/keys.lock"] = lock_text(build(tables, name=package))
    return made
