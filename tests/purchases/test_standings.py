"""What a customer's purchases add up to: counted with each, and counted anew."""

from datetime import timedelta

import pytest

from regulars.purchases import selectors, services
from regulars.purchases.models import Number, Purchase, Standing
from regulars.tenancy.identifiers import new_id
from tests.factories import people
from tests.factories.purchases import NOW, customer, line, returned, sale

pytestmark = pytest.mark.usefixtures("inside_aurum")


def values(standing: Standing) -> tuple[object, ...]:
    return tuple(getattr(standing, field.attname) for field in Standing._meta.local_fields)


def test_counting_anew_finds_what_was_counted_with_each() -> None:
    carol = customer()
    other = people.store(code="B")
    first = sale(line(900, quantity=3), customer=carol, occurred_at=NOW - timedelta(days=9))
    sale(line(5_000, discount_minor=100), customer=carol, store_id=other.id)
    sale(line(70), customer=carol, occurred_at=NOW - timedelta(days=30))
    returned(first, (1, 1))
    counted = values(selectors.standing_of(carol.id))

    Standing.objects.filter(pk=carol.pk).update(purchases=0, paid_minor=1, last_store_id=None)
    services.recount(customer_ids=[carol.id])

    assert values(selectors.standing_of(carol.id)) == counted


def test_a_voided_purchase_counts_for_nothing() -> None:
    carol = customer()
    kept = sale(line(500), customer=carol, occurred_at=NOW - timedelta(days=3))
    undone = selectors.numbered(source="till-1", number=sale(line(900), customer=carol).number)
    assert undone is not None
    fact = undone.purchase
    Purchase(
        id=new_id(),
        kind=Purchase.Kind.VOID,
        counts=-1,
        original=fact,
        store_id=fact.store_id,
        customer=carol,
        source="import",
        number="void",
        occurred_at=fact.occurred_at,
        business_day=fact.business_day,
        gross_minor=-fact.gross_minor,
        paid_minor=-fact.paid_minor,
    ).save(force_insert=True)
    Number.objects.filter(purchase_id=fact.pk).delete()

    services.recount(customer_ids=[carol.id])

    standing = selectors.standing_of(carol.id)
    assert (standing.purchases, standing.paid_minor, standing.last_at) == (
        1,
        kept.paid_minor,
        NOW - timedelta(days=3),
    )


def test_a_customer_whose_purchases_left_counts_nothing() -> None:
    kept, absorbed = customer(), customer(name="Again")
    sale(line(500), customer=absorbed)

    moved = services.reassign(kept_id=kept.id, absorbed_id=absorbed.id, now=NOW)
    assert selectors.standing_of_many([kept.id, absorbed.id])[kept.id].purchases == 1
    services.give_back(moved=moved, kept_id=kept.id, absorbed_id=absorbed.id, now=NOW)

    found = selectors.standing_of_many([kept.id, absorbed.id])
    assert (found[kept.id].purchases, found[absorbed.id].purchases) == (0, 1)


def test_erasing_empties_what_is_personal_and_keeps_the_figures() -> None:
    carol = customer()
    sold = sale(line(500, extra={"karat": "au999"}), customer=carol)

    services.erase(customer_id=carol.id, now=NOW)

    fact = Purchase.objects.get(pk=sold.purchase_id)
    assert (fact.paid_minor, fact.lines.get().extra) == (500, {})


def test_only_purchases_of_ones_own_stores_are_listed() -> None:
    other = people.store(code="B")
    sale()
    theirs = sale(store_id=other.id)
    manager = people.staff(stores=(other,))

    listed = selectors.visible(people.actor(manager).scope)

    assert [fact.pk for fact in listed] == [theirs.purchase_id]


def test_a_receipt_is_found_by_anybody_who_knows_its_full_number() -> None:
    sold = sale()

    assert [fact.pk for fact in selectors.found_by_number(sold.number)] == [sold.purchase_id]
    assert selectors.found_by_number(sold.number[:-1]) == []
