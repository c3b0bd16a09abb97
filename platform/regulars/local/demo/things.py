"""What customers have at home since: possessions that guides noted with a sale (P7)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from regulars import registry
from regulars.kit import fields
from regulars.local.demo import drawing, writing
from regulars.local.demo.content import Company, Product
from regulars.local.demo.customers_past import Past
from regulars.local.demo.drawing import Dice
from regulars.purchases.settling import Settled

_NOTED: Final = 42  # per cent of the sales a guide could have noted
_COLUMNS: Final = "customer_id kind title extra line_id acquired_on"


class Things:
    """Collects possessions, and writes them at the end."""

    def __init__(self, company: Company, *, today: date) -> None:
        """Begin with none."""
        self._products = {each.code: each for each in company.products}
        self._declared = {each.key: each.fields for each in registry.vertical().possessions}
        self._today = today
        self._rows: list[tuple[Any, ...]] = []

    def bought(
        self, past: Past, settled: Settled, lines: Sequence[UUID], *, day: date, rng: Dice
    ) -> None:
        """Note what somebody took home, where a guide would have."""
        for line, key in zip(settled.lines, lines, strict=True):
            product = self._products[line.product_code]
            if not product.possession or not drawing.happens(rng, _NOTED):
                continue
            declared = self._declared[product.possession]
            raw = {**line.extra, **self._values(product, day)}
            values, _not_fitting = fields.clean(declared, raw, unknown="drop")
            extra = writing.as_json(values)
            self._rows.append((past.id, product.possession, product.name, extra, key, day))

    def write(self) -> None:
        """Write them all."""
        writing.copy("customers_possession", _COLUMNS, self._rows)

    def _values(self, product: Product, day: date) -> dict[str, Any]:
        values = dict(product.thing)
        for key, days in product.dates.items():
            values[key] = (day + timedelta(days=days)).isoformat()
        every = product.used.get("every")
        if every:
            for key, whole in product.used.items():
                if key != "every":
                    values[key] = max(whole - (self._today - day).days // every, 0)
        return values
