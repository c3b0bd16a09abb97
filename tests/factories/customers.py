"""Customers, and a vertical with one field of every sort, made inside the active chain."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection

from regulars.audit import SYSTEM, Actor
from regulars.customers import search_terms, services
from regulars.customers.models import Customer
from regulars.kit import Choice, Field, Label, Possession, Rate, Vertical

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
_ARGUMENTS = ("identities", "extra", "same_phone_is_fine")
_phones = count(13_800_000_000)


def label(text: str) -> Label:
    """Return a label that reads the same in every language."""
    return Label(zh_hans=text, zh_hant=text, en=text)


def vertical(**parts: Any) -> Vertical:
    """Return a small jeweller: a size, several metals, an allergy that is sensitive, and rings."""
    metals = tuple(Choice(key=key, label=label(key)) for key in ("gold", "silver", "platinum"))
    fields = (
        Field(
            on="customer", key="ring-size", kind="integer", label=label("Ring size"), ask_after=1
        ),
        Field(
            on="customer",
            key="metals",
            kind="choices",
            label=label("Metals"),
            choices=metals,
            personal=True,
            ask_after=2,
        ),
        Field(
            on="customer",
            key="allergy",
            kind="text",
            label=label("Allergy"),
            personal=True,
            sensitive=True,
            ask_after=1,
        ),
    )
    ring = Possession(
        key="ring",
        label=label("Ring"),
        fields=(
            Field(on="possession", key="carat", kind="decimal", label=label("Carat")),
            Field(
                on="possession",
                key="engraving",
                kind="text",
                label=label("Engraving"),
                personal=True,
                required=True,
            ),
        ),
        shown_by=("engraving",),
    )
    return Vertical(
        **{
            "key": "test",
            "version": "1.0",
            "name": label("Test"),
            "summary": label("Test"),
            "rates": (Rate(key="base", says=label("{points} for {amount}")),),
            "fields": fields,
            "possessions": (ring,),
            **parts,
        }
    )


def phone() -> str:
    """Return a mobile number nobody has yet, in E.164."""
    return f"+86{next(_phones)}"


def customer(
    *, name: str = "王小明", actor: Actor = SYSTEM, now: datetime = NOW, **facts: Any
) -> Customer:
    """Make a customer through the service; columns by name, places as `store` and `owner`."""
    store, owner = facts.pop("store", None), facts.pop("owner", None)
    given = {key: facts.pop(key) for key in _ARGUMENTS if key in facts}
    return services.create(
        actor=actor,
        now=now,
        values={"name": name, **facts},
        **given,
        home_store_id=store.pk if store else None,
        owner_id=owner.pk if owner else None,
    )


def crowd(people: Iterable[tuple[str, str | None]], *, store: UUID, owner: UUID) -> None:
    """Write many customers of one store and guide by COPY, as an import does."""
    columns = (
        "state, name, phone, pinyin, initials, tokens, gender, age_band, email, address, language,"
        " time_zone, profile, extra, home_store_id, owner_id"
    )
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY customers_customer ({columns}) FROM STDIN") as copy:
            for name, number in people:
                found = search_terms.of(name, number)
                copy.write_row(
                    (
                        "active", name, number, found.pinyin, found.initials, found.tokens, "",
                        "", "", "{}", "", "", "{}", "{}", store, owner,
                    )
                )  # fmt: skip
        cursor.execute("ANALYZE customers_customer")
