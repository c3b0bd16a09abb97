"""Contacts in the life of a record: merged, parted, disclosed, erased, archived (H2, P5)."""

from datetime import timedelta

import pytest

from regulars.audit import SYSTEM
from regulars.messages import refusals, services
from regulars.messages.models import Contact
from regulars.messages.selectors import history
from regulars.tenancy.context import ChainInfo
from regulars.usecases import disclose, erase, merge
from tests.factories.contacts import budget, contacts, draft, limits, person, reserve
from tests.factories.customers import NOW

pytestmark = pytest.mark.usefixtures("inside_aurum")
HOUR = timedelta(hours=1)


def test_a_merge_joins_two_budgets_and_undoing_it_parts_them() -> None:
    budget(limits=limits(2))
    kept, absorbed = person(), person()
    first = reserve(kept, now=NOW - 2 * HOUR)
    second = reserve(absorbed, now=NOW - HOUR)

    merge.merge(actor=SYSTEM, kept_id=kept.pk, absorbed_id=absorbed.pk, now=NOW)

    assert [row.pk for row in contacts(kept)] == [first, second]
    with pytest.raises(refusals.BudgetUsedUp):
        reserve(kept)
    with pytest.raises(refusals.NobodyThere):
        reserve(absorbed)

    merge.unmerge(actor=SYSTEM, absorbed_id=absorbed.pk, now=NOW)

    assert [row.pk for row in contacts(absorbed)] == [second]
    assert reserve(kept)
    assert reserve(absorbed)


def test_a_merge_of_two_full_budgets_is_not_refused() -> None:
    budget(limits=limits(1))
    kept, absorbed = person(), person()
    reserve(kept)
    reserve(absorbed)

    merge.merge(actor=SYSTEM, kept_id=kept.pk, absorbed_id=absorbed.pk, now=NOW)

    assert len(contacts(kept)) == 2


def test_a_call_with_a_merged_record_is_logged_with_the_survivor() -> None:
    kept, absorbed = person(), person()
    merge.merge(actor=SYSTEM, kept_id=kept.pk, absorbed_id=absorbed.pk, now=NOW)

    services.log(actor=SYSTEM, draft=draft(absorbed, channel="call"), now=NOW)

    assert len(contacts(kept)) == 1


def test_erasing_empties_what_was_said_and_gives_up_what_waits() -> None:
    budget()
    carol = person()
    sent = services.log(
        actor=SYSTEM, draft=draft(carol, channel="call", text="her ring"), now=NOW - HOUR
    )
    waiting = reserve(carol, text="dear Carol", facts={"name": "Carol"})

    erase.erase(actor=SYSTEM, customer_id=carol.pk, reason="asked", now=NOW)

    rows = {row.pk: row for row in contacts(carol)}
    assert (rows[sent.pk].state, rows[waiting].state) == ("logged", "cancelled")
    assert {(row.text, row.subject, row.address, str(row.facts)) for row in rows.values()} == {
        ("", "", "", "{}")
    }


def test_what_was_said_is_disclosed() -> None:
    carol = person()
    reserve(carol, text="dear Carol")

    told = disclose.disclose(actor=SYSTEM, customer_id=carol.pk, asked="in the shop", now=NOW)

    assert "dear Carol" in str(told)


def test_the_list_of_open_contacts_holds_what_waits_and_nothing_else(
    inside_aurum: ChainInfo,
) -> None:
    reserve(person())

    assert Contact.objects.filter(state__in=Contact.OPEN).count() == 1


def test_the_last_contacts_of_many_are_found_newest_first() -> None:
    budget(limits=[])
    carol, dave = person(), person()
    for hours in range(5):
        services.log(
            actor=SYSTEM, draft=draft(carol, channel="call", text=str(hours)),
            now=NOW - hours * HOUR,
        )  # fmt: skip
    reserve(carol, channel="call")

    found = history.latest([carol.pk, dave.pk], now=NOW)

    assert [row.text for row in found[carol.pk]] == ["0", "1", "2"]
    assert found[dave.pk] == []
