"""What a code on a poster or on a receipt leads to: a shop, or one purchase made there."""

from dataclasses import dataclass
from typing import Final

from regulars.complaints import codes
from regulars.errors import NotFound
from regulars.purchases import selectors as purchases
from regulars.purchases.models import Line, Purchase
from regulars.stores.models import Store

of_store: Final = codes.of_store
of_purchase: Final = codes.of_purchase
link: Final = codes.link


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody complains; `lines` are what they bought, if a purchase is named."""

    token: str
    store: Store
    purchase: Purchase | None = None
    lines: tuple[Line, ...] = ()

    @property
    def key(self) -> str:
        """What it stands for, whichever token named it."""
        return str(self.purchase.pk if self.purchase else self.store.pk)


def find(token: str) -> Place:
    """Return where a token leads, in one statement, or two for a purchase. Raises NotFound."""
    named = codes.read(token)
    if named is None:
        raise NotFound
    what, key = named
    if what == "store":
        store = Store.objects.filter(pk=key).first()
        if store is None:
            raise NotFound
        return Place(token=token, store=store)
    rows = Purchase.objects.filter(pk=key, kind=Purchase.Kind.SALE)
    found = purchases.with_lines(rows).first()
    if found is None:
        raise NotFound
    return Place(token=token, store=found.store, purchase=found, lines=tuple(found.lines.all()))
