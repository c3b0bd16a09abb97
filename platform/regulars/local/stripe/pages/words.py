"""What the pages say, in English and in Chinese."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

_ZERO_DECIMALS: Final = {"jpy", "krw", "vnd"}
_SIGNS: Final = {"usd": "$", "eur": "€", "cny": "¥", "gbp": "£", "hkd": "HK$", "jpy": "¥"}
TAX_IDS: Final = {
    "cn_tin": ("China, unified social credit code", "中国 · 统一社会信用代码"),
    "hk_br": ("Hong Kong, business registration", "中国香港 · 商业登记号"),
    "tw_vat": ("Taiwan, unified business number", "中国台湾 · 统一编号"),
    "sg_gst": ("Singapore, GST", "新加坡 · 消费税号"),
    "jp_trn": ("Japan, registration number", "日本 · 登记号"),
    "eu_vat": ("EU, VAT", "欧盟 · 增值税号"),
    "gb_vat": ("United Kingdom, VAT", "英国 · 增值税号"),
    "us_ein": ("United States, EIN", "美国 · 雇主识别号"),
}
"""Kinds of tax ids that the pages offer, as they are called."""
_CHINESE: Final = {
    "Simulated payments": "模拟支付",
    "No money moves. Use a test card.": "这里不会真的扣款。请用测试卡。",
    "Pay": "付款",
    "Subscribe": "订阅",
    "Start trial": "开始试用",
    "Save card": "保存银行卡",
    "Total due today": "今日应付",
    "Subtotal": "小计",
    "Total": "合计",
    "Discount": "优惠",
    "Promotion code": "优惠码",
    "Apply": "使用",
    "Remove": "移除",
    "Contact": "联系方式",
    "E-mail": "邮箱",
    "Card": "银行卡",
    "Card number": "卡号",
    "Expiry (MM / YY)": "有效期（月 / 年）",
    "Security code": "安全码",
    "Name on card": "持卡人姓名",
    "Business tax ID": "企业税号",
    "Kind": "类型",
    "Number": "号码",
    "Back": "返回",
    "Test cards": "测试卡",
    "pays": "付款成功",
    "asks for 3-D Secure": "要求 3-D Secure 验证",
    "is kept, then fails": "可以保存，扣款时失败",
    "is declined": "被拒绝",
    "This page is no longer open.": "这个页面已经失效。",
    "It was completed or has expired.": "它已完成或已过期。请回到商家网站重新开始。",
    "3-D Secure": "3-D Secure 验证",
    "Your bank wants to know that it is you.": "银行需要确认是您本人在操作。",
    "Complete": "通过验证",
    "Fail": "验证失败",
    "Billing": "账单与付款",
    "Billing information": "开票信息",
    "Company or name": "公司或姓名",
    "Address": "地址",
    "City": "城市",
    "Postal code": "邮编",
    "Country (two letters)": "国家或地区（两个字母）",
    "Write the country as two letters, like CN.": "国家或地区请写两个字母，例如 CN。",
    "Change": "修改",
    "Add tax ID": "添加税号",
    "This tax ID is not valid.": "税号不正确。请核对后重试。",
    "Back to the shop": "回到商家网站",
    "has expired": "已过期",
    "has too little on it": "余额不足",
    "Current plan": "当前套餐",
    "Plan": "套餐",
    "Payment methods": "付款方式",
    "Invoices": "账单",
    "Cancel plan": "取消套餐",
    "Keep plan": "保留套餐",
    "Cancelled; it ends on": "已取消，服务到期日：",
    "Renews on": "下次续费：",
    "Trial ends on": "试用到期：",
    "Ended on": "已结束于",
    "Default": "默认",
    "Make default": "设为默认",
    "Add card": "添加银行卡",
    "expires": "有效期至",
    "Nothing here yet.": "这里还没有内容。",
    "No card yet. Add one so that invoices can be paid.": (
        "还没有银行卡。添加一张，账单才能自动支付。"
    ),
    "No invoice yet.": "还没有账单。",
    "No plan.": "没有套餐。",
    "Invoice": "账单",
    "Due": "应付",
    "Paid": "已付",
    "Credit balance": "账户余额抵扣",
    "Pay with": "用此卡支付",
    "Pay with another card": "用另一张卡支付",
    "active": "使用中",
    "trialing": "试用中",
    "past_due": "付款逾期",
    "unpaid": "未付款",
    "canceled": "已取消",
    "incomplete": "等待首次付款",
    "incomplete_expired": "未完成，已过期",
    "paused": "已暂停",
    "draft": "草稿",
    "open": "待支付",
    "paid": "已支付",
    "void": "已作废",
    "uncollectible": "坏账",
    "day": "天",
    "week": "周",
    "month": "月",
    "year": "年",
    "Date": "日期",
    "Amount": "金额",
    "Status": "状态",
    "Description": "说明",
    "The card was kept.": "银行卡已保存。",
    "Saved.": "已保存。",
    "Really cancel? You keep the service until then.": "确定取消？到期之前可以照常使用。",
    "Your card was declined.": "银行卡被拒绝。请换一张卡，或联系发卡银行。",
    "Your card has insufficient funds.": "卡内余额不足。请换一张卡。",
    "Your card has expired.": "银行卡已过期。请换一张卡。",
    "Your card's security code is incorrect.": "安全码不正确。请核对后重试。",
    "Your card number is incorrect.": "卡号不正确。请核对后重试。",
    "Your card's expiration month is invalid.": "有效期的月份不正确。",
    "Your card's expiration year is invalid.": "有效期的年份不正确。",
    "An error occurred while processing your card. Try again in a little bit.":
        "处理银行卡时出错。请稍后再试。",
    "We are unable to authenticate your payment method. Please choose a different payment "
    "method and try again.": "未能通过验证。请换一张卡再试。",
    "This promotion code is invalid.": "优惠码无效。",
    "Please fill in the e-mail address.": "请填写邮箱。",
    "Your card was declined. Your request was in test mode, but used a non test card.":
        "这里只接受测试卡。请用下方列出的卡号。",
    "Write the expiry as MM / YY.": "有效期请写成 月 / 年，例如 12 / 34。",
    "Operator": "模拟器",
    "Objects": "对象",
    "Events": "事件",
    "Test clocks": "测试时钟",
    "Settings": "设置",
    "Webhook endpoints": "Webhook 地址",
    "Deliveries": "投递",
    "Resend": "重新发送",
    "Advance": "推进",
    "by a day": "一天",
    "by a week": "一周",
    "by a month": "一个月",
    "stands at": "停在",
    "Customer": "顾客",
    "told": "已送达",
    "waiting": "等待重试",
    "given up": "已放弃",
    "not told to anyone": "无人接收",
    "Retry after (days)": "重试间隔（天）",
    "After the last try": "最后一次重试之后",
    "Save": "保存",
    "No test clock. Make one through the API, or for each new customer in the settings below.":
        "没有测试时钟。请通过 API 创建，或在下方设置中让每个新顾客都有一个。",
    "New customers on a test clock, begun so many days ago (empty: none)":
        "新顾客使用测试时钟，起点在多少天前（留空则不使用）",
    "Nothing has happened yet.": "还没有发生任何事件。",
}  # fmt: skip


class Words:
    """The words of one language, and how it writes money and days."""

    def __init__(self, language: str) -> None:
        """Take ``zh`` or ``en``."""
        self.language = language

    @classmethod
    def choose(cls, *wished: str | None) -> "Words":
        """Take the first wish that is a language of ours; a browser's list is one wish."""
        for wish in wished:
            if wish and wish != "auto":
                first = wish.split(",")[0].strip().lower()
                return cls("zh" if first.startswith("zh") else "en")
        return cls("en")

    def __call__(self, english: str) -> str:
        """Say something."""
        if self.language == "zh":
            return _CHINESE.get(english, english)
        return english.replace("_", " ") if english.islower() else english

    def money(self, amount: int, currency: str | None) -> str:
        """Write an amount of minor units."""
        currency = (currency or "usd").lower()
        places = 0 if currency in _ZERO_DECIMALS else 2
        value = Decimal(abs(amount)).scaleb(-places)
        sign = _SIGNS.get(currency, f"{currency.upper()} ")
        return f"{'−' if amount < 0 else ''}{sign}{value:,.{places}f}"

    def day(self, moment: int | None) -> str:
        """Write a day."""
        if moment is None:
            return "–"
        when = datetime.fromtimestamp(moment).astimezone()  # the days of this machine's owner
        if self.language == "zh":
            return f"{when.year}年{when.month}月{when.day}日"
        return f"{when.day} {when:%b %Y}"

    def on(self, english: str, moment: int | None) -> str:
        """Say something about a day, e.g. ``Renews on 3 Mar 2026``."""
        return f"{self(english)}{'' if self.language == 'zh' else ' '}{self.day(moment)}"

    def moment(self, moment: int) -> str:
        """Write a second."""
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}"

    def price(self, price: dict[str, Any], quantity: int | None = 1) -> str:
        """Write what a price costs, e.g. ``$29.00 / month``."""
        amount = Decimal(price.get("unit_amount_decimal") or 0) * (quantity or 1)
        text = self.money(int(amount), price["currency"])
        each = price["recurring"]
        if not each:
            return text
        if each["usage_type"] == "metered":
            return self.choice(f"{text} per unit used", f"每单位用量 {text}")
        count = each["interval_count"]
        unit = self(each["interval"])
        if self.language == "zh":
            several = f"{count} {'个' if unit == '月' else ''}" if count > 1 else ""
            return f"{text} / {several}{unit}"
        return f"{text} / {f'{count} {unit}s' if count > 1 else unit}"

    def tax_id(self, kind: str) -> str:
        """Name a kind of tax id."""
        return self.choice(*TAX_IDS[kind]) if kind in TAX_IDS else kind

    def off(self, coupon: dict[str, Any]) -> str:
        """Say what a coupon takes off, e.g. ``20% off for 3 months``."""
        if coupon["percent_off"]:
            number = f"{Decimal(str(coupon['percent_off'])).normalize():f}%"
            text = self.choice(f"{number} off", f"优惠 {number}")
        else:
            amount = self.money(coupon["amount_off"], coupon["currency"])
            text = self.choice(f"{amount} off", f"优惠 {amount}")
        months = coupon["duration_in_months"]
        if months:
            return text + self.choice(f" for {months} months", f"，共 {months} 个月")
        is_once = coupon["duration"] == "once"
        return text + (self.choice(", once", "，一次") if is_once else "")

    def choice(self, english: str, chinese: str) -> str:
        """Say a sentence that has values in it."""
        return chinese if self.language == "zh" else english
