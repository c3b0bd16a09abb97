"""What the pictures of the public site show: invented people, drawn with the product's parts."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

_DAYS = (
    42,
    38,
    45,
    51,
    47,
    58,
    64,
    55,
    49,
    57,
    61,
    66,
    72,
    69,
    63,
    70,
    78,
    74,
    81,
    88,
    83,
    91,
    86,
    97,
)
_BEFORE = (
    40,
    41,
    39,
    44,
    46,
    48,
    52,
    50,
    47,
    49,
    53,
    55,
    58,
    60,
    57,
    59,
    63,
    61,
    66,
    68,
    67,
    70,
    69,
    73,
)


def context() -> dict[str, Any]:
    """Return the invented chain of the pictures. Amounts are minor units of CNY."""
    now = timezone.now()
    return {
        "scene": {
            "customer": _("Chen Meiling"),
            "guide": _("Zhou Li"),
            "phone": "+8613800138000",
            "visited": (timezone.localtime(now) - timedelta(days=1)).replace(hour=15, minute=20),
            "spent": 4_286_000,
            "points": 8_430,
            "due": [
                {
                    "name": _("Chen Meiling"),
                    "why": _("Birthday tomorrow"),
                    "says": _("She liked the plain band. Ask whether Saturday suits."),
                    "icon": "cake",
                },
                {
                    "name": _("Wang Jianguo"),
                    "why": _("7 days after delivery"),
                    "says": _("Is the sofa as comfortable as in the shop?"),
                    "icon": "phone",
                },
                {
                    "name": _("Li Na"),
                    "why": _("Quiet for 90 days"),
                    "says": _("Her yearly cleaning is due. No offer, just the reminder."),
                    "icon": "clock",
                },
            ],
            "stores": [
                {"name": _("Nanjing Road"), "sales": 91_284_000, "repeat": 0.463},
                {"name": _("Xujiahui"), "sales": 74_190_000, "repeat": 0.418},
                {"name": _("Guanqian Street"), "sales": 52_877_000, "repeat": 0.372},
                {"name": _("West Lake"), "sales": 40_312_000, "repeat": 0.391},
            ],
            "largest": 91_284_000,
            "sales": 258_663_000,
            "sales_before": 231_900_000,
            "buyers": 4_218,
            "buyers_before": 3_966,
            "repeat": 0.417,
            "repeat_before": 0.398,
            "days": _DAYS,
            "before": _BEFORE,
        }
    }
