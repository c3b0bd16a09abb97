"""What was answered is disclosed, goes with the customer, and stays in the figures."""

from typing import Any

import pytest

from regulars.audit import SYSTEM
from regulars.surveys import links, services
from regulars.surveys.models import Invitation
from regulars.surveys.services import LinkOver
from regulars.usecases import disclose, erase, merge
from tests.factories import contacts, purchases, surveys
from tests.factories.customers import NOW
from tests.surveys.conftest import Shop

SAID: dict[str, Any] = {"recommend": 2, "price": 4, "words": "I waited."}


def test_what_was_asked_and_answered_is_disclosed(shop: Shop) -> None:
    surveys.answered(customer=shop.carol, answers=SAID)
    surveys.asked(customer=shop.carol, state="waiting", asked_at=None, due_at=NOW)

    told = disclose.disclose(actor=SYSTEM, customer_id=shop.carol.pk, asked="letter", now=NOW)

    (answer,) = told["records"][0]["surveys"]
    assert (answer["survey"], answer["answers"]) == ("after-purchase", SAID)


def test_an_erasure_forgets_the_words_and_keeps_the_numbers(shop: Shop) -> None:
    sold = purchases.sale(customer=shop.carol, store_id=shop.store.pk)
    token = links.token("purchase", sold.purchase_id)
    said = services.answer(token=token, given={**SAID, "recommend": "2", "price": "4"}, now=NOW)
    waiting = surveys.asked(customer=shop.carol, state="waiting", asked_at=None, due_at=NOW)
    asked = surveys.asked(customer=shop.carol)

    erase.erase(actor=SYSTEM, customer_id=shop.carol.pk, reason="asked", now=NOW)

    rows = {row.pk: row for row in Invitation.objects.all()}
    assert rows[said.pk].answers == {"recommend": 2, "price": 4}
    assert {(row.customer_id, row.purchase_id, row.contact_id) for row in rows.values()} == {
        (None, None, None)
    }
    assert rows[waiting.pk].state == "left-out"
    for each in (token, links.token("invitation", said.pk), links.token("invitation", asked.pk)):
        with pytest.raises(LinkOver):
            services.answer(token=each, given={"recommend": "9", "overall": "5"}, now=NOW)


def test_a_merge_moves_them_and_undoing_it_moves_exactly_those_back(shop: Shop) -> None:
    double = contacts.person(name="王小芳", store=shop.store)
    moved = surveys.answered(customer=double)
    own = surveys.answered(customer=shop.carol)

    merge.merge(actor=SYSTEM, kept_id=shop.carol.pk, absorbed_id=double.pk, now=NOW)
    assert Invitation.objects.filter(customer=shop.carol).count() == 2

    merge.unmerge(actor=SYSTEM, absorbed_id=double.pk, now=NOW)
    assert Invitation.objects.get(customer=double).pk == moved.pk
    assert Invitation.objects.get(customer=shop.carol).pk == own.pk
