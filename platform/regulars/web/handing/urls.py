"""Addresses of what is handed over."""

from django.urls import path

from regulars.web.handing import gift_rules, gifts_given, giving, goods, ownership

_RECEIPT = "counter/receipts/<uuid:pk>/"
_RULES = "settings/gifts/"
_GIVEN = "insights/gifts/"

urlpatterns = [
    path(f"{_RECEIPT}handover/", goods.checklist, name="counter_handover"),
    path(f"{_RECEIPT}card/", goods.card, name="counter_card"),
    path("customers/<uuid:pk>/gifts/", giving.hand_over, name="customer_gifts"),
    path(_RULES, gift_rules.rules, name="gift_rules"),
    path(f"{_RULES}new/", gift_rules.new, name="gift_rule_new"),
    path(f"{_RULES}<slug:key>/", gift_rules.change, name="gift_rule"),
    path(f"{_RULES}<slug:key>/remove/", gift_rules.remove, name="gift_rule_remove"),
    path(_GIVEN, gifts_given.page, name="gifts_given"),
    path(f"{_GIVEN}gifts.csv", gifts_given.file, {"ending": "csv"}, name="gifts_csv"),
    path(f"{_GIVEN}gifts.xlsx", gifts_given.file, {"ending": "xlsx"}, name="gifts_xlsx"),
    path("settings/ownership/", ownership.ownership, name="ownership"),
]
