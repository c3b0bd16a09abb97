"""Handing goods over: which checklist, what was seen to, and what the customer takes home (C11)."""

from datetime import timedelta
from typing import Any

import pytest

from regulars import registry
from regulars.audit.models import Entry
from regulars.errors import Forbidden, NotFound
from regulars.followups.models import Handover
from regulars.kit import Check, Label, Where
from regulars.kit import Handover as Declared
from regulars.staff.models import Staff
from regulars.tenancy.identifiers import new_id
from regulars.usecases import hand_over_goods, timeline
from regulars.usecases.disclose import disclose
from regulars.usecases.erase import erase
from regulars.usecases.hand_over_goods import NoSuchItem, NothingToHandOver
from regulars.usecases.merge import merge, unmerge
from tests.factories import people
from tests.factories.purchases import NOW, customer, label, line, returned, sale, vertical

pytestmark = pytest.mark.usefixtures("inside_aurum")
GOLD = Declared(
    key="piece",
    title=label("Jewelry"),
    advice=Label(zh_hans="洗澡请取下", zh_hant="洗澡請取下", en="Take it off for bathing"),
    steps=(
        Check(key="count", label=label("Count the pieces")),
        Check(key="open", label=label("Open it")),
        Check(key="old", label=label("Old"), retired=True),
    ),
    where=(Where(fact="line.category", value="gold"),),
)
ANY = Declared(
    key="any",
    title=label("Everything"),
    advice=label("Be kind to it"),
    steps=(Check(key="card", label=label("Leave the card")),),
    where=(Where(fact="line.net", op="at-least", value=10),),
)


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    made = vertical(handovers=(GOLD, ANY))
    monkeypatch.setattr(registry, "vertical", lambda: made)


def lists(purchase_id: Any) -> dict[str, list[str]]:
    """Return the items seen to, by checklist."""
    purchase = hand_over_goods.opened(purchase_id)
    return {
        each.key: [item.key for item in each.items if item.is_done]
        for each in hand_over_goods.checklists(purchase, language="en")
    }


def hand_over(purchase_id: Any, *, by: Staff | None = None, **done: Any) -> None:
    hand_over_goods.hand_over(
        actor=people.actor(by or people.owner()),
        purchase_id=purchase_id,
        store_id=people.first_store().pk,
        done=done,
        now=NOW,
    )


def test_only_checklists_that_fit_some_line_are_gone_through() -> None:
    ring = sale(line(100_000, category="gold"), line(100, category="food"))
    bread = sale(line(100, category="food"))

    assert lists(ring.purchase_id) == {"piece": [], "any": []}
    assert lists(bread.purchase_id) == {}


def test_what_was_seen_to_is_kept_and_can_be_taken_back() -> None:
    sold = sale(line(category="gold"), customer=customer()).purchase_id

    hand_over(sold, piece=["open", "count"])
    first = lists(sold)
    hand_over(sold, piece=["count"], any=["card"])

    assert first == {"piece": ["count", "open"], "any": []}
    assert lists(sold) == {"piece": ["count"], "any": ["card"]}
    assert Handover.objects.count() == 2


def test_the_same_twice_is_the_same_as_once() -> None:
    sold = sale(line(category="gold")).purchase_id
    for _tap in range(2):
        hand_over(sold, piece=["count"])

    assert Handover.objects.filter(customer=None).count() == 1
    assert Entry.objects.filter(action="goods.handed-over").count() == 1


def test_what_the_checklist_does_not_have_is_refused() -> None:
    sold = sale(line(category="gold")).purchase_id

    with pytest.raises(NoSuchItem):
        hand_over(sold, piece=["dance"])
    with pytest.raises(NoSuchItem):
        hand_over(sold, linen=["count"])
    bread = sale(line(100, category="food")).purchase_id
    with pytest.raises(NoSuchItem):
        hand_over(bread, piece=["count"])


def test_returns_are_not_handed_over_and_strangers_hand_over_nothing() -> None:
    sold = sale(line(category="gold"))
    back = returned(sold, (1, 1)).purchase_id
    far = people.staff(name="Far", stores=(people.store(),))

    with pytest.raises(NothingToHandOver):
        hand_over(back, piece=["count"])
    with pytest.raises(NotFound):
        hand_over(new_id(), piece=["count"])
    with pytest.raises(Forbidden):
        hand_over(sold.purchase_id, by=far, piece=["count"])


def test_the_card_is_in_the_customers_language_and_names_who_sold_it() -> None:
    bob = people.staff(name="Bob", phone="+8613800138000")
    carol = customer(language="zh-TW")
    ring = line(category="gold", product_name="Ring")
    sold = sale(ring, ring, customer=carol, guide_id=bob.pk).purchase_id

    card = hand_over_goods.card_of(hand_over_goods.opened(sold))

    assert (card.language, card.guide, card.products) == ("zh-hant", bob, ("Ring",))
    assert card.advice == (("Jewelry", "洗澡請取下"), ("Everything", "Be kind to it"))
    assert card.day == "2026年11月21日"
    assert card.phone == "+8613800138000"


def test_without_a_seller_the_card_names_who_handed_it_over_else_whose_customer_it_is() -> None:
    carol = customer(owner=people.staff(name="Dora"))
    sold = sale(line(category="gold"), customer=carol).purchase_id
    before = hand_over_goods.card_of(hand_over_goods.opened(sold)).guide

    hand_over(sold, piece=["count"])
    after = hand_over_goods.card_of(hand_over_goods.opened(sold)).guide

    assert before is not None
    assert after is not None
    assert (before.name, after.name) == ("Dora", "Alice")


def test_the_story_tells_of_it() -> None:
    carol = customer()
    sold = sale(line(category="gold"), customer=carol, occurred_at=NOW - timedelta(1)).purchase_id
    hand_over(sold, piece=["count"], any=["card"])
    hand_over(sold, any=[])

    alice = people.actor(people.owner())
    (told, _bought) = timeline.page(customer_id=carol.pk, actor=alice, language="en").events

    assert (told.kind, told.title, told.who) == ("handovers", "Goods handed over", "Alice")
    assert told.details == ("Jewelry · 1 of 2 seen to",)
    assert told.data == {"purchase": sold}


def test_it_follows_merges_and_is_disclosed_and_outlives_an_erasure() -> None:
    kept, other = customer(name="Kept"), customer(name="Other")
    sold = sale(line(category="gold"), customer=other).purchase_id
    hand_over(sold, piece=["count"])
    alice = people.actor(people.owner())

    merge(actor=alice, kept_id=kept.pk, absorbed_id=other.pk, now=NOW)
    merged = Handover.objects.get().customer_id
    told = disclose(actor=alice, customer_id=kept.pk, asked="by phone", now=NOW)
    unmerge(actor=alice, absorbed_id=other.pk, now=NOW)
    apart = Handover.objects.get().customer_id
    erase(actor=alice, customer_id=other.pk, now=NOW, reason="asked")

    assert (merged, apart) == (kept.pk, other.pk)
    assert str(sold) in str(told["records"])
    assert Handover.objects.get().done == ["count"]
