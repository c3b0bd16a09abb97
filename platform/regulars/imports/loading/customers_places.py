"""Stores and guides as files of customers name them: by number or by name."""

from collections import Counter
from typing import Final

from regulars.imports.loading.places import folded
from regulars.imports.values import Unfit
from regulars.staff.models import Staff
from regulars.stores.models import Store

_SEVERAL: Final = ""


class Places:
    """Every store and everybody who works here, by number and by name, and who was not found.

    A number goes before a name. Closed stores are found too: customers may be older than that.
    """

    def __init__(self) -> None:
        """Read them once; there are thousands at most."""
        stores = Store.objects.values_list("pk", "code", "name")
        self._stores = _by_word([(str(pk), code, name) for pk, code, name in stores])
        people = Staff.objects.filter(state=Staff.State.ACTIVE)
        here = people.values_list("pk", "number", "name")
        self._people = _by_word([(str(pk), number, name) for pk, number, name in here])
        self.stores_unknown: Counter[str] = Counter()
        self.guides_unknown: Counter[str] = Counter()

    def store(self, text: str) -> str | None:
        """Return the key of a store, None for one nobody knows. Raises Unfit for several."""
        found = self._stores.get(folded(text))
        if found:
            return found
        if found == _SEVERAL:
            raise Unfit("store.several", name=text)
        self.stores_unknown[text] += 1
        return None

    def owner(self, text: str) -> str | None:
        """Return the key of a guide, None where the text is not just one who works here."""
        found = self._people.get(folded(text)) or None
        if found is None:
            self.guides_unknown[text] += 1
        return found


def _by_word(rows: list[tuple[str, str | None, str]]) -> dict[str, str]:
    """Map numbers and names to keys; a name that several have leads to `_SEVERAL`."""
    found: dict[str, str] = {}
    for key, _number, name in rows:
        word = folded(name)
        found[word] = _SEVERAL if word in found else key
    return found | {folded(number): key for key, number, _name in rows if number}
