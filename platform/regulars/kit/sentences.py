"""What a person is told about a value that cannot be taken; codes are for ever."""

from regulars.kit.labels import Label

SENTENCES: dict[str, Label] = {
    "required": Label(
        zh_hans="请填写“{field}”。", zh_hant="請填寫「{field}」。", en="Please fill in {field}."
    ),
    "unknown": Label(
        zh_hans="没有名为“{field}”的字段。",
        zh_hant="沒有名為「{field}」的欄位。",
        en="There is no field called {field}.",
    ),
    "wrong-type": Label(
        zh_hans="“{field}”的内容格式不对。",
        zh_hant="「{field}」的內容格式不對。",
        en="{field} has the wrong kind of value.",
    ),
    "control-character": Label(
        zh_hans="“{field}”含有无法保存的字符，请重新输入。",
        zh_hant="「{field}」含有無法保存的字元，請重新輸入。",
        en="{field} contains characters that cannot be kept. Type it again.",
    ),
    "too-long": Label(
        zh_hans="“{field}”最多 {limit} 个字。",
        zh_hant="「{field}」最多 {limit} 個字。",
        en="{field} can have at most {limit} characters.",
    ),
    "not-a-number": Label(
        zh_hans="“{field}”要填数字，例如 {example}。",
        zh_hant="「{field}」要填數字，例如 {example}。",
        en="{field} must be a number, such as {example}.",
    ),
    "not-whole": Label(
        zh_hans="“{field}”要填整数。",
        zh_hant="「{field}」要填整數。",
        en="{field} must be a whole number.",
    ),
    "too-many-decimals": Label(
        zh_hans="“{field}”最多 {limit} 位小数。",
        zh_hant="「{field}」最多 {limit} 位小數。",
        en="{field} can have at most {limit} decimal places.",
    ),
    "too-small": Label(
        zh_hans="“{field}”不能小于 {limit}。",
        zh_hant="「{field}」不能小於 {limit}。",
        en="{field} must be at least {limit}.",
    ),
    "too-large": Label(
        zh_hans="“{field}”不能大于 {limit}。",
        zh_hant="「{field}」不能大於 {limit}。",
        en="{field} must be at most {limit}.",
    ),
    "wrong-unit": Label(
        zh_hans="“{field}”的单位是“{expected}”，不是“{unit}”。",
        zh_hant="「{field}」的單位是「{expected}」，不是「{unit}」。",
        en="{field} is in {expected}, not in {unit}.",
    ),
    "not-yes-or-no": Label(
        zh_hans="“{field}”请填“是”或“否”。",
        zh_hant="「{field}」請填「是」或「否」。",
        en="Answer {field} with yes or no.",
    ),
    "not-a-date": Label(
        zh_hans="“{field}”请按年月日填写，例如 2024-03-05。",
        zh_hant="「{field}」請按年月日填寫，例如 2024-03-05。",
        en="Write {field} as year, month, day, such as 2024-03-05.",
    ),
    "not-a-choice": Label(
        zh_hans="“{field}”没有“{value}”这个选项，可选：{choices}。",
        zh_hant="「{field}」沒有「{value}」這個選項，可選：{choices}。",
        en="{field} has no choice “{value}”. Choose from: {choices}.",
    ),
    "consent-needed": Label(
        zh_hans="“{field}”属于敏感信息，须先取得顾客本人同意。",
        zh_hant="「{field}」屬於敏感資料，須先取得顧客本人同意。",
        en="{field} is sensitive: the customer has to agree first.",
    ),
}
