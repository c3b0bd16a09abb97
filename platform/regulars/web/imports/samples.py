"""Sample files: headings in the chain's own words, its industry's fields included, and two rows."""

import csv
import io
from typing import Final

from django.utils.translation import get_language

from regulars.imports import safe, surroundings
from regulars.imports.columns import mapping
from regulars.imports.columns.attributes import Subject
from regulars.kit.schema import Field
from regulars.stores.models import Store

_CUSTOMERS: Final = {
    "name": ("王小明", "李芳"),
    "phone": ("13800138000", "13900139000"),
    "member_code": ("M0001", "M0002"),
    "gender": ("男", "女"),
    "birthday": ("1988-05-12", "1992-09-03"),
    "joined_at": ("2024-03-01", "2025-06-18"),
    "opening_points": ("1200", "0"),
    "note": ("", "喜欢素雅的款式"),
}
_PURCHASES: Final = {
    "number": ("XS20260001", "XS20260001"),
    "occurred_at": ("2026-03-05 15:20", "2026-03-05 15:20"),
    "customer_phone": ("13800138000", "13800138000"),
    "product_name": ("足金手链", "清洗服务"),
    "category": ("黄金", "服务"),
    "quantity": ("1", "1"),
    "paid": ("3280.00", "0.00"),
}


_EXAMPLES: Final = {"date": "2025-05-20", "boolean": "是"}


def written(kind: Subject) -> str:
    """Write the sample of a kind of file, with the headings in the language in use."""
    own = surroundings.own()
    labels = mapping.label_of(kind, own)
    columns = dict(_CUSTOMERS if kind is Subject.CUSTOMERS else _PURCHASES)
    store = Store.objects.order_by("code").values_list("code", flat=True).first()
    if store is not None:
        place = "home_store" if kind is Subject.CUSTOMERS else "store"
        columns[place] = (store, store)
    for key, field in own.attributes(kind):
        if not key.startswith("profile."):
            columns[key] = (_example(field), "")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([safe.neutralise(labels[key]) for key in columns])
    for at in range(2):
        writer.writerow([values[at] for values in columns.values()])
    return text.getvalue()


def _example(field: Field) -> str:
    """Return a value the field takes: a sample that is refused teaches nobody."""
    if field.choices:
        return field.choices[0].label.text(get_language() or "en")
    if field.kind in {"integer", "decimal", "measure", "rating"}:
        return str(field.minimum if field.minimum is not None else 1)
    return _EXAMPLES.get(field.kind, "")
