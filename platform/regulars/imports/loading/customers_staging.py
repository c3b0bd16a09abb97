"""Drafts of customers into the staging table: cleaned as they will be kept, stores looked up."""

from collections.abc import Iterable, Iterator
from itertools import chain
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

import msgspec
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from regulars.customers import naming, search_terms
from regulars.imports import problems
from regulars.imports.contract import Job
from regulars.imports.drafts import CustomerDraft
from regulars.imports.loading.customers_places import Places
from regulars.imports.problems import Problem
from regulars.imports.values import Unfit
from regulars.tenancy import context

_AS_THEY_ARE: Final = {
    "id": "given_id",
    "external_number": "number",
    "email": "email",
    "gender": "gender",
    "age_band": "age_band",
    "opening_points": "opening_points",
    "opening_principal_minor": "opening_principal_minor",
    "opening_bonus_minor": "opening_bonus_minor",
}
"""Part of the draft, and the column that takes it unchanged."""
_MADE: Final = (
    "member_code card name pinyin initials tokens phone store home_store_id owner_id joined_at"
    " address note events profile consents extra"
)
_LONGEST_CODE: Final = 40
_LONGEST_CARD: Final = 80
_COPY: Final = "COPY imports_stagedcustomer ({}) FROM STDIN"
_json = msgspec.json.Encoder().encode


class Written(NamedTuple):
    """Rows in the order of the columns, and what is wrong with those that are not among them."""

    rows: list[tuple[Any, ...]]
    problems: list[Problem]


class Stager:
    """Writes drafts by COPY, one batch after the other; nothing is kept in memory."""

    def __init__(self, job: Job) -> None:
        """Look up the stores and the people once."""
        self.places = Places()
        self._job = job
        self._plain = attrgetter(*_AS_THEY_ARE)
        columns = ["import_id", "line", "is_new", *_AS_THEY_ARE.values(), *_MADE.split()]
        self._copy = _COPY.format(", ".join(columns))
        with translation.override(context.current().language):
            self._tags = _("Tags: %(tags)s")
            self._between = _(", ")

    def prepare(self, drafts: Iterable[CustomerDraft]) -> Written:
        """Clean what can be looked up, and find what is wrong with the other rows."""
        found: list[Problem] = []
        return Written(list(self._rows(drafts, found)), found)

    def stage(self, written: Written) -> None:
        """Write a batch."""
        with connection.cursor() as cursor, cast(Any, cursor).copy(self._copy) as copy:
            for row in written.rows:
                copy.write_row(row)

    def _rows(
        self, drafts: Iterable[CustomerDraft], found: list[Problem]
    ) -> Iterator[tuple[Any, ...]]:
        import_id = str(self._job.import_id)
        for draft in drafts:
            try:
                made = self._made(draft)
            except Refused as refused:
                found.append(self._problem(draft.line, refused))
                continue
            yield (import_id, draft.line, "t", *self._plain(draft), *made)

    def _made(self, draft: CustomerDraft) -> tuple[Any, ...]:
        name = _name(draft.name) if draft.name else None
        terms = search_terms.of(name or "", draft.phone)
        code = _code("member_code", draft.member_code, _LONGEST_CODE)
        card = _code("card", draft.card, _LONGEST_CARD)
        store = self._store(draft.home_store) if draft.home_store else None
        unknown = draft.home_store if store is None else None
        owner = self.places.owner(draft.owner) if draft.owner else None
        joined = draft.joined_at and draft.joined_at.isoformat()
        return (
            code, card, name, terms.pinyin, terms.initials, _array(terms.tokens), draft.phone,
            unknown, store, owner, joined, _document(draft.address), self._note(draft),
            _document(_events(draft)), _document(_answers(draft)), _document(_consents(draft)),
            _document(draft.extra),
        )  # fmt: skip

    def _store(self, text: str) -> str | None:
        """Return the key of a store; None for one that will be opened."""
        try:
            found = self.places.store(text)
        except Unfit as unfit:
            raise Refused("home_store", unfit, text) from unfit
        if found is None and not self._job.options.create_stores:
            raise Refused("home_store", Unfit("store.unknown", name=text), text)
        return found

    def _note(self, draft: CustomerDraft) -> str | None:
        """Join note and tags: customers have no tags of their own, and none may be lost."""
        if not draft.tags:
            return draft.note
        tags = self._tags % {"tags": self._between.join(draft.tags)}
        return f"{draft.note}\n{tags}" if draft.note else tags

    def _problem(self, line: int, refused: "Refused") -> Problem:
        column = heading(self._job, refused.attribute)
        return problems.of(refused.unfit, line=line, column=column, cell=refused.cell)


class Refused(Exception):
    """A draft cannot be taken, because of one of its attributes."""

    def __init__(self, attribute: str, unfit: Unfit, cell: str) -> None:
        """Keep what is wrong with what."""
        self.attribute, self.unfit, self.cell = attribute, unfit, cell
        super().__init__(attribute)


def heading(job: Job, attribute: str) -> str:
    """Return the heading of the first column that is this attribute; empty without one."""
    found = (each.heading for each in job.mapping.columns if each.attribute == attribute)
    return next(found, "")


def _name(text: str) -> str:
    try:
        return naming.clean_name(text)
    except naming.NameTooLong as fault:
        too_long = Unfit("text.too-long", limit=naming.NAME_LENGTH)
        raise Refused("name", too_long, text) from fault


def _code(attribute: str, text: str | None, longest: int) -> str | None:
    if text is None:
        return None
    code = naming.clean_code(text)
    if len(code) > longest:
        raise Refused(attribute, Unfit("text.too-long", limit=longest), text)
    return code or None


def _array(tokens: list[str]) -> str:
    """Write tokens, which are letters and digits only, as PostgreSQL reads an array."""
    return '{"' + '","'.join(tokens) + '"}' if tokens else "{}"


def _document(value: Any) -> str | None:
    return _json(value).decode() if value else None


def _events(draft: CustomerDraft) -> list[dict[str, Any]]:
    """Gather the days. There is one birthday: the one by the sun, where both are given."""
    birthday = draft.birthday or draft.lunar_birthday
    born = [("birthday", birthday)] if birthday else []
    return [
        {
            "kind": kind,
            "year": day.year,
            "month": day.month,
            "day": day.day,
            "lunar": day.lunar,
            "leap": day.leap,
        }
        for kind, day in chain(born, draft.events.items())
    ]


def _answers(draft: CustomerDraft) -> dict[str, Any]:
    return {key: {"value": value} for key, value in draft.profile.items()}


def _consents(draft: CustomerDraft) -> list[dict[str, Any]]:
    found = []
    for name, given in draft.consents.items():
        purpose, channel = name, ""
        if not name.startswith(("event.", "field.")):
            purpose, _dot, channel = name.partition(".")
        found.append({"purpose": purpose, "channel": channel, "given": given})
    return found
