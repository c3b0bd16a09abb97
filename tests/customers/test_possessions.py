"""Things a customer has, and notes colleagues leave."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from regulars.customers import selectors, services
from regulars.customers.models import Customer, Note, Possession
from regulars.errors import Invalid, NotFound
from tests.customers.conftest import Cast
from tests.factories import customers


def add(cast: Cast, customer: Customer, **facts: Any) -> Possession:
    """Add an engraved ring unless told otherwise."""
    values = {"kind": "ring", "values": {"engraving": "永远"}, **facts}
    return services.add_possession(
        actor=cast.alice, customer_id=customer.pk, now=customers.NOW, **values
    )


def test_a_thing_keeps_what_its_kind_declares(cast: Cast) -> None:
    made = customers.customer()

    ring = add(
        cast,
        made,
        values={"engraving": "永远", "carat": "0.5"},
        title=" 订婚 戒指 ",
        acquired_on=date(2026, 5, 20),
    )

    assert ring.extra == {"engraving": "永远", "carat": 0.5}
    assert (ring.title, ring.acquired_on) == ("订婚 戒指", date(2026, 5, 20))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"kind": "boat"}, "kind"),
        ({"values": {}}, "extra.engraving"),
        ({"values": {"engraving": "x", "carat": "heavy"}}, "extra.carat"),
        ({"values": {"engraving": "x", "wheels": 4}}, "extra.wheels"),
    ],
)
def test_what_a_kind_does_not_declare_is_refused(
    cast: Cast, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        add(cast, customers.customer(), **facts)

    assert list(refusal.value.fields) == [field]
    assert not Possession.objects.exists()


def test_a_thing_is_changed_field_by_field(cast: Cast) -> None:
    made = customers.customer()
    ring = add(cast, made, values={"engraving": "永远", "carat": 0.5})

    def change(**values: Any) -> Possession:
        return services.update_possession(
            actor=cast.alice,
            customer_id=made.pk,
            possession_id=ring.pk,
            values=values,
            now=customers.NOW,
        )

    assert change(carat="0.7").extra == {"engraving": "永远", "carat": 0.7}
    assert change(carat="").extra == {"engraving": "永远"}
    with pytest.raises(Invalid):
        change(engraving="")


def test_a_thing_ends_and_can_be_taken_up_again(cast: Cast) -> None:
    made = customers.customer()
    ring = add(cast, made, acquired_on=date(2026, 5, 20))
    other = add(cast, made)

    def end(on: date | None) -> Possession:
        return services.end_possession(
            actor=cast.alice,
            customer_id=made.pk,
            possession_id=ring.pk,
            ended_on=on,
            now=customers.NOW,
        )

    with pytest.raises(Invalid):
        end(date(2026, 5, 19))
    assert end(date(2026, 11, 1)).ended_on == date(2026, 11, 1)
    assert [row.pk for row in selectors.possessions(made.pk)] == [ring.pk, other.pk]
    assert end(None).ended_on is None


def test_a_thing_of_somebody_else_is_not_found(cast: Cast) -> None:
    ring = add(cast, customers.customer())
    other = customers.customer(name="李雷")

    with pytest.raises(NotFound):
        services.end_possession(
            actor=cast.alice,
            customer_id=other.pk,
            possession_id=ring.pk,
            ended_on=None,
            now=customers.NOW,
        )


def test_a_note_tells_colleagues_and_a_warning_tops_the_card(cast: Cast) -> None:
    made = customers.customer(owner=cast.bob_, store=cast.north)
    note = services.note(
        actor=cast.bob, customer_id=made.pk, text=" 爱喝\n龙井 \x00", now=customers.NOW
    )

    assert (note.text, note.author_id, note.is_warning) == ("爱喝\n龙井", cast.bob_.pk, False)
    services.set_warning(
        actor=cast.bob, customer_id=made.pk, note_id=note.pk, is_warning=True, now=customers.NOW
    )
    assert selectors.card(actor=cast.charlie, customer_id=made.pk).warnings == ("爱喝\n龙井",)


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "x" * 2001])
def test_a_note_that_says_nothing_or_too_much_is_refused(cast: Cast, text: str) -> None:
    made = customers.customer()

    with pytest.raises(Invalid):
        services.note(actor=cast.alice, customer_id=made.pk, text=text, now=customers.NOW)


def test_a_guide_takes_back_their_own_note_and_a_manager_any(cast: Cast) -> None:
    made = customers.customer(owner=cast.bob_, store=cast.north)
    by_carol, by_bob = [
        services.note(actor=actor, customer_id=made.pk, text="x", now=customers.NOW)
        for actor in (cast.carol, cast.bob)
    ]

    with pytest.raises(NotFound):
        services.remove_note(
            actor=cast.bob, customer_id=made.pk, note_id=by_carol.pk, now=customers.NOW
        )
    with pytest.raises(NotFound):
        services.remove_note(
            actor=cast.bob, customer_id=made.pk, note_id=uuid4(), now=customers.NOW
        )
    for actor, note in ((cast.bob, by_bob), (cast.carol, by_carol)):
        services.remove_note(actor=actor, customer_id=made.pk, note_id=note.pk, now=customers.NOW)
    assert not Note.objects.exists()
