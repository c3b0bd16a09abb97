"""What stands in each column of a file of customers."""

from collections.abc import Callable
from typing import Final

import msgspec

from regulars.audit import Actor
from regulars.customers import consents
from regulars.customers import selectors as customers
from regulars.customers.models import Customer, LifeEvent
from regulars.imports.columns import own as owns
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Options
from regulars.imports.columns.own import Own
from regulars.imports.values import Unfit, phones
from regulars.imports.values import words as texts
from regulars.imports.writing import places, words
from regulars.imports.writing.persons import Person
from regulars.imports.writing.sheets import Cell
from regulars.tenancy import context

type Write = Callable[[Person], Cell]

EVENT: Final = "event."
CONSENT: Final = "consent."
OF_MINORS: Final = f"{EVENT}{LifeEvent.Kind.CHILD_BIRTHDAY}"

_ADDRESS: Final = {
    "province": "province",
    "city": "city",
    "district": "district",
    "address": "line",
    "postcode": "postcode",
}
_LONGEST_NOTE: Final = 2_000


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of customers should hold besides the basic file."""

    phones: bool = False
    """The numbers in full of customers on others' lists; they are hidden otherwise."""
    answers: bool = True
    """The deep answers, and what the vertical asks."""
    sensitive: bool = False
    """What is kept only with consent, of the customers who gave it."""


class Writers:
    """What writes each column."""

    def __init__(
        self, actor: Actor, wishes: Wishes, own: Own, options: Options, language: str
    ) -> None:
        self.source = options.source
        self._actor = actor
        self._wishes = wishes
        self._options = options
        self._language = language
        self._zone = context.current().zone
        self._fields = dict(own.attributes(Subject.CUSTOMERS))
        self._stores, self._guides = places.stores(), places.guides()
        self._genders = {key: str(label) for key, label in Customer.Gender.choices}

    def of(self, attribute: str) -> Write:
        """Return what writes an attribute."""
        if attribute in _ADDRESS:
            part = _ADDRESS[attribute]
            return lambda person: person.row.address.get(part)
        if attribute.startswith(EVENT):
            return self._event(attribute.removeprefix(EVENT), lunar=None)
        if attribute.startswith(CONSENT):
            purpose, _dot, channel = attribute.removeprefix(CONSENT).partition(".")
            return self._consent(purpose, channel)
        if attribute in self._fields:
            return self._field(attribute)
        return self._basic()[attribute]

    def hidden_phone(self, person: Person) -> Cell:
        """Write the ends of a number that may not be read; the import leaves the column out."""
        if person.row.phone is None or self._may_read(person):
            return None
        number = phones.written(person.row.phone, region=self._options.region)
        is_long = len(number) > 10 and number.isdecimal()
        return f"{number[:3]}****{number[-4:]}" if is_long else f"****{number[-2:]}"

    def _may_read(self, person: Person) -> bool:
        return self._wishes.phones or customers.may_read_phone(self._actor, person.row.owner_id)

    def _phone(self, person: Person) -> Cell:
        if person.row.phone is None or not self._may_read(person):
            return None
        return phones.written(person.row.phone, region=self._options.region)

    def _basic(self) -> dict[str, Write]:
        return {
            "id": lambda person: str(person.row.id),
            "external_number": lambda person: person.numbers.get(self.source),
            "card": lambda person: person.numbers.get("card"),
            "member_code": lambda person: person.row.member_code,
            "name": lambda person: person.row.name,
            "phone": self._phone,
            "email": lambda person: person.row.email,
            "gender": lambda person: self._genders.get(person.row.gender),
            "note": _note,
            "age_band": lambda person: person.row.age_band,
            "birthday": self._event(LifeEvent.Kind.BIRTHDAY, lunar=False),
            "lunar_birthday": self._event(LifeEvent.Kind.BIRTHDAY, lunar=True),
            "home_store": lambda person: self._stores.get(person.row.home_store_id),
            "owner": lambda person: self._guides.get(person.row.owner_id),
            "joined_at": lambda person: words.moment(person.row.joined_at, zone=self._zone),
        }

    def _event(self, kind: str, *, lunar: bool | None) -> Write:
        """Write the day of a kind; `lunar` takes only the moon's days, or only the sun's."""
        needs = consents.for_event(kind) if f"{EVENT}{kind}" == OF_MINORS else ""

        def write(person: Person) -> Cell:
            event = person.days.get(kind)
            if event is None or (lunar is not None and event.lunar != lunar):
                return None
            if needs and not person.agreed.get((needs, "")):
                return None
            return words.yearly(
                year=event.year,
                month=event.month,
                day=event.day,
                lunar=event.lunar,
                leap=event.leap,
                language=self._language,
            )

        return write

    def _consent(self, purpose: str, channel: str) -> Write:
        said: dict[bool | None, Cell] = {
            given: words.yes_or_no(given, language=self._language) for given in (True, False)
        }
        return lambda person: said.get(person.agreed.get((purpose, channel)))

    def _field(self, attribute: str) -> Write:
        field = self._fields[attribute]
        write = words.field_writer(field, language=self._language)
        needs = consents.for_field(field.key) if field.sensitive else ""
        is_answer = attribute.startswith(owns.ANSWER)

        def value(person: Person) -> Cell:
            if needs and not person.agreed.get((needs, "")):
                return None
            if is_answer:
                return write(person.row.profile.get(field.key, {}).get("value"))
            return write(person.row.extra.get(field.key))

        return value


def _note(person: Person) -> Cell:
    """Write the newest note, unless it would be read as another than it is."""
    try:
        return person.note if texts.note(limit=_LONGEST_NOTE)(person.note) == person.note else None
    except Unfit:
        return None
