"""The tablet at the counter: its own link, no way into the workspace, nobody's answer."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from regulars.staff.models import Role
from regulars.stores import services as stores
from regulars.stores.models import Store
from regulars.surveys import links
from regulars.surveys.models import Invitation
from regulars.web.surveys import tablet
from tests.factories import people, purchases, surveys
from tests.factories.headoffice import manager, text_of
from tests.factories.visitors import Visitor, is_in, signed_in


@pytest.fixture
def store(inside_aurum: Any) -> Store:
    cache.clear()
    return people.first_store()


def link(store: Store) -> str:
    return f"/survey/tablet/{links.token('tablet', store.pk, epoch=store.device_epoch)}/"


def tap(visitor: Visitor, store: Store, **given: str) -> Any:
    return visitor.post(f"{link(store)}?l=en", {"once": str(uuid4()), **given})


def test_a_customer_answers_and_the_next_one_finds_the_start(store: Store) -> None:
    visitor = Visitor()
    start = visitor.get(f"{link(store)}?l=en")
    assert "How likely are you to recommend us?" in text_of(start)

    first = tap(visitor, store, recommend="9")
    more = visitor.get(first["Location"])
    assert "Clear and fair price" in text_of(more)
    assert f'data-kiosk-back="{link(store)}" data-kiosk-seconds="30"' in more.content.decode()

    answer = first["Location"].split("a=")[1]
    done = tap(visitor, store, rest="1", price="5", answer=answer)
    thanks = visitor.get(done["Location"])

    assert "Thank you!" in text_of(thanks)
    assert f'data-kiosk-back="{link(store)}" data-kiosk-seconds="6"' in thanks.content.decode()
    row = Invitation.objects.get()
    assert (row.answers, row.customer_id, row.store_id) == (
        {"recommend": 9, "price": 5}, None, store.pk
    )  # fmt: skip


def test_back_shows_nobody_what_the_customer_before_them_said(store: Store) -> None:
    visitor = Visitor()
    first = tap(visitor, store, recommend="2")
    answer = first["Location"].split("a=")[1]
    tap(visitor, store, rest="1", words="I am Alice.", price="1", answer=answer)

    back = visitor.get(first["Location"])
    link_of_it = Visitor().get(f"/s/{answer}/")

    assert "How likely are you to recommend us?" in text_of(back)  # the start
    assert "Alice" not in back.content.decode()
    assert "checked" not in back.content.decode()
    assert "is-chosen" not in back.content.decode()
    assert link_of_it.status_code == 404
    assert "Alice" not in link_of_it.content.decode()


def test_a_tablet_never_shows_words_nor_another_shops_answer(store: Store) -> None:
    now, other = timezone.now(), people.store(code="909", name="Elsewhere")
    facts: dict[str, Any] = {"at": now, "way": Invitation.Way.TABLET}
    said = {"recommend": 9, "words": "I am Alice."}
    here = surveys.answered(store_id=store.pk, answers=said, **facts)
    there = surveys.answered(store_id=other.pk, answers=said, **facts)

    mine, theirs = (
        Visitor().get(f"{link(store)}?l=en&a={links.token('invitation', row.pk)}")
        for row in (here, there)
    )

    assert "Saved, thank you" in text_of(mine)
    assert "How likely are you to recommend us?" in text_of(theirs)
    assert "Alice" not in mine.content.decode() + theirs.content.decode()


def test_nothing_on_it_leads_into_the_workspace(store: Store) -> None:
    visitor = Visitor()
    pages = [visitor.get(link(store)), visitor.get(f"{link(store)}?done=1")]
    pages.append(visitor.get(tap(visitor, store, recommend="9")["Location"]))

    for page in pages:
        text = page.content.decode()
        assert page["Cache-Control"].count("no-store") == 1
        assert 'href="/' not in text.replace('href="/static/', "")
        assert "hx-get" not in text
    assert not is_in(visitor)


def test_a_device_on_which_somebody_is_signed_in_asks_nothing(store: Store) -> None:
    visitor = signed_in()
    assert "sign out first" in text_of(visitor.get(link(store)))

    visitor.post(link(store))

    assert not is_in(visitor)
    assert "customers" not in text_of(visitor.get(link(store))).lower()


def test_a_store_that_forgets_its_devices_ends_the_link(store: Store) -> None:
    address = link(store)
    stores.forget_devices(actor=people.actor(people.owner()), store_id=store.pk)

    assert Visitor().get(address).status_code == 404


def test_a_link_of_another_kind_opens_no_tablet(store: Store) -> None:
    visitor = Visitor()

    for token in ("x", links.token("invitation", store.pk), links.token("tablet", store.pk)[:-1]):
        assert visitor.get(f"/survey/tablet/{token}/").status_code == 404


def test_the_receipt_handed_over_is_the_one_it_asks_about(store: Store) -> None:
    carol = purchases.customer()
    sold = purchases.sale(customer=carol, occurred_at=timezone.now(), now=timezone.now())
    office = signed_in()
    page = office.post(f"/counter/receipts/{sold.purchase_id}/survey/?store={store.pk}")
    assert page.status_code == 302

    tap(Visitor(), store, recommend="2")

    assert Invitation.objects.get(purchase_id=sold.purchase_id).answers == {"recommend": 2}
    receipt = office.get(f"/counter/receipts/{sold.purchase_id}/")
    assert "The customer has answered." in text_of(receipt)


def test_whoever_has_the_link_answers_no_more_than_a_counter_can(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tablet, "_MOST_ANSWERS", 5)
    monkeypatch.setattr(tablet, "_MOST_OF_ADDRESS", 3)
    elsewhere = people.store(code="909", name="Elsewhere")

    flood = [tap(Visitor(), store, recommend="1") for _ in range(5)]
    others = [
        tap(Visitor(REMOTE_ADDR=f"203.0.113.{n}"), store, recommend="9") for n in range(3)
    ]  # fmt: skip
    there = tap(Visitor(), elsewhere, recommend="9")

    assert [each.status_code for each in flood] == [302, 302, 302, 429, 429]
    assert [each.status_code for each in others] == [302, 302, 429]
    assert there.status_code == 302
    assert Invitation.objects.filter(store=store).count() == 5


def test_a_tablet_that_is_refused_says_so_and_finds_its_start_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tablet, "_MOST_ANSWERS", 0)

    answer = tap(Visitor(), store, recommend="9")

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "try again in a few minutes" in answer.content.decode()
    assert f'data-kiosk-back="{link(store)}" data-kiosk-seconds="30"' in answer.content.decode()


def test_who_began_may_add_more_though_no_others_may_begin(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tablet, "_MOST_ANSWERS", 1)
    visitor = Visitor()
    first = tap(visitor, store, recommend="9")

    more = tap(visitor, store, rest="1", price="5", answer=first["Location"].split("a=")[1])

    assert more.status_code == 302
    assert Invitation.objects.get().answers == {"recommend": 9, "price": 5}


def test_managers_find_the_links_of_their_own_stores(store: Store) -> None:
    other = people.store(code="909", name="Elsewhere")
    mia = manager(Role.STORE_MANAGER, stores=(store,))

    text = mia.get("/settings/surveys/tablets/").content.decode()

    assert link(store) in text
    assert link(other) not in text
