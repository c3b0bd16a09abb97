"""Stores and guides as files name them: by number, or by a name that only one of them has."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from regulars.staff.models import Staff
from regulars.stores.models import Store


@dataclass(frozen=True, slots=True)
class Place:
    """A store of the chain."""

    id: UUID
    code: str
    name: str
    zone: ZoneInfo


class Places:
    """What texts of a file mean; read once for a whole file."""

    def __init__(self, stores: Iterable[Place], guides: Iterable[tuple[UUID, str, str]]) -> None:
        """Take the stores, and the guides as (id, number, name)."""
        stores, guides = list(stores), list(guides)
        self._stores = _known(
            [(each.code, each) for each in stores], [(each.name, each) for each in stores]
        )
        self._guides = _known(
            [(number, key) for key, number, _name in guides if number],
            [(name, key) for key, _number, name in guides],
        )

    @classmethod
    def read(cls) -> "Places":
        """Read all stores and everybody who works or worked in the chain. Two statements."""
        stores = Store.objects.values_list("id", "code", "name", "time_zone")
        guides = Staff.objects.values_list("id", "number", "name")
        return cls(
            [Place(key, code, name, ZoneInfo(zone)) for key, code, name, zone in stores],
            [(key, number or "", name) for key, number, name in guides],
        )

    def store(self, text: str) -> Place | None:
        """Return the store of this number or name, if it is one."""
        return self._stores.get(folded(text))

    def guide(self, text: str) -> UUID | None:
        """Return the guide of this number or name, if it is one."""
        return self._guides.get(folded(text))


def folded(text: str) -> str:
    """Return what is compared of a number or a name: not its case, nor its spaces."""
    return "".join(text.split()).casefold()


def _known[T](by_number: Iterable[tuple[str, T]], by_name: Iterable[tuple[str, T]]) -> dict[str, T]:
    """Return what each text stands for; a number counts before a name, a shared one for nobody."""
    found: dict[str, T] = {}
    for pairs in (by_name, by_number):
        own: dict[str, list[T]] = {}
        for text, thing in pairs:
            own.setdefault(folded(text), []).append(thing)
        found |= {text: several[0] for text, several in own.items() if text and len(several) == 1}
        for text, several in own.items():
            if len(several) > 1:
                found.pop(text, None)
    return found
