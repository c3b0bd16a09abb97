"""One body for each call that takes one, as it works in a chain that has a store 001.

They can be sent in this order: later ones take back what earlier ones sold.
"""

from typing import Any, Final

_AT: Final = "2026-11-21T10:00:00+08:00"
_LINE: Final = {"product_name": "足金项链", "gross_minor": 368_000, "discount_minor": 8_000}
_CUSTOMER: Final = {"phone": "138 0013 8000"}
_SALE: Final[dict[str, Any]] = {
    "store": "001",
    "number": "T1-0042",
    "occurred_at": _AT,
    "lines": [_LINE],
    "payments": [{"means": "wechat", "amount_minor": 360_000}],
}


def _back(number: str, *, of: str) -> dict[str, Any]:
    """Return everything of a purchase that is left."""
    return {
        "store": "001",
        "number": number,
        "occurred_at": _AT,
        "original": {"number": of},
        "reason": "尺寸不合",
    }


EXAMPLES: Final[dict[str, Any]] = {
    "customers_create": {"name": "王小明", "phone": "138 0013 8000", "store": "001"},
    "customers_change": {"name": "王晓明", "address": {"city": "上海"}},
    "purchases_record": _SALE,
    "purchases_preview": {"store": "001", "lines": [_LINE]},
    "purchases_batch": {
        "entries": [
            {"kind": "purchase", **_SALE, "number": "T1-0044"},
            {"kind": "purchase", **_SALE, "number": "T1-0045"},
            {"kind": "return", **_back("T1-0046", of="T1-0044")},
        ]
    },
    "returns_take": _back("T1-0043", of="T1-0042"),
    "exchanges_make": {
        "returned": _back("T1-0047", of="T1-0045"),
        "sale": {
            **{name: part for name, part in _SALE.items() if name != "payments"},
            "number": "T1-0048",
        },
    },
    "follow_ups_plan": {
        "customer": _CUSTOMER,
        "on": "2027-03-01",
        "title": "问候新家",
        "guide": "1001",
    },
    "follow_ups_result": {
        "guide": "1001",
        "outcome": "reached",
        "answers": {"liked": True},
        "satisfaction": 5,
        "note": "很满意",
    },
    "follow_ups_snooze": {"until": "2027-03-02T10:00:00+08:00"},
    "follow_ups_hand_on": {"guide": "1001", "to": "1001", "reason": "休假"},
    "contacts_call": {"guide": "1001", "customer": _CUSTOMER, "purpose": "service"},
    "contacts_send": {
        "guide": "1001",
        "customer": _CUSTOMER,
        "channel": "sms",
        "purpose": "service",
        "text": "王小明您好，您的戒指已经修好，随时可来取。",
    },
    "contacts_over": {"guide": "1001", "result": "reached", "text": "已约周六到店"},
    "contacts_log": {
        "guide": "1001",
        "customer": _CUSTOMER,
        "channel": "wechat",
        "text": "微信问候",
    },
    "complaints_raise": {
        "store": "001",
        "guide": "1001",
        "text": "戒指戴了一周就掉了一颗小钻",
        "severity": "high",
        "product_name": "钻石戒指",
        "raised": "phone",
        "customer": _CUSTOMER,
    },
    "complaints_step": {
        "guide": "1001",
        "step": "message",
        "text": "已请师傅检查，明天上午给您答复。",
    },
    "complaints_remedy": {"guide": "1001", "kind": "repair", "label": "免费补镶"},
    "imports_change": {"name": "老顾客", "constants": {"store": "001"}},
    "imports_check": {"existing": "fill", "unknown_customers": "create"},
    "imports_cancel": {"keep": False},
}
