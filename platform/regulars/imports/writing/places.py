"""What stores and colleagues are called in a file, so that they are found again."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from regulars.imports.loading.places import folded
from regulars.staff.models import Staff
from regulars.stores.models import Store

type Names = dict[UUID | None, str]


def stores() -> Names:
    """Map every store to its name, or to its code where another one is called the same."""
    return _told_apart(Store.objects.values_list("pk", "name", "code"))


def guides() -> Names:
    """Map every colleague to their name, or to their number where two are called the same.

    One who cannot be told from another has no name here: left empty, a column changes nothing.
    """
    return _told_apart(Staff.objects.values_list("pk", "name", "number"))


def _told_apart(rows: Iterable[tuple[UUID, str, str | None]]) -> Names:
    found = list(rows)
    names = Counter(folded(name) for _key, name, _code in found)
    codes = {folded(code): key for key, _name, code in found if code}
    return {
        key: name
        if names[folded(name)] == 1 and codes.get(folded(name), key) == key
        else code or ""
        for key, name, code in found
    }
