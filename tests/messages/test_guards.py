"""What the database itself refuses, whatever code tries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from regulars.messages import refusals
from regulars.messages.models import Contact
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories.contacts import budget, limits, person, reserve
from tests.factories.customers import NOW

pytestmark = pytest.mark.usefixtures("inside_aurum")
ADVANCES = {
    "reserved": {"sending", "cancelled", "refused"},
    "sending": {"reserved", "accepted", "delivered", "failed", "refused", "unknown"},
    "unknown": {"accepted", "delivered", "failed", "refused"},
    "accepted": {"delivered", "failed"},
    "failed": {"delivered"},
    "delivered": set(),
    "refused": set(),
    "cancelled": set(),
}
WAYS: dict[str, tuple[str, ...]] = {
    "reserved": (),
    "sending": ("sending",),
    "unknown": ("sending", "unknown"),
    "accepted": ("sending", "accepted"),
    "failed": ("sending", "failed"),
    "delivered": ("sending", "delivered"),
    "refused": ("refused",),
    "cancelled": ("cancelled",),
}


def become(pk: Any, state: str) -> str | None:
    """Write a state past every service; return what the database says against it."""
    try:
        with transaction.atomic():
            Contact.objects.filter(pk=pk).update(state=state)
    except DatabaseError as error:
        return refusals.sqlstate(error)
    return None


def written(**facts: Any) -> str | None:
    """Write a row past every service; return what the database says against it."""
    row = Contact(**{"purpose": "care", "channel": "sms", "at": NOW, **facts})
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except DatabaseError as error:
        return refusals.sqlstate(error)
    return None


@pytest.mark.parametrize("was", sorted(WAYS))
def test_a_contact_goes_on_only_as_the_picture_says(was: str) -> None:
    budget(limits=[])
    allowed = set()

    for becomes in sorted(ADVANCES):
        pk = reserve(person())
        for state in WAYS[was]:
            assert become(pk, state) is None
        if becomes != was and become(pk, becomes) is None:
            allowed.add(becomes)

    assert allowed == ADVANCES[was]


def test_only_by_hand_does_a_reserved_contact_arrive_without_being_sent() -> None:
    call, text = reserve(person(), channel="call"), reserve(person(), channel="sms")

    assert become(call, "delivered") is None
    assert become(text, "delivered") == refusals.NOT_LIKE_THIS


@pytest.mark.parametrize("state", ["sending", "accepted", "delivered", "unknown", "failed"])
def test_nothing_begins_in_the_middle(state: str) -> None:
    assert written(customer=person(), state=state) == refusals.NOT_LIKE_THIS


def test_a_text_message_cannot_be_written_down_as_done_by_hand() -> None:
    assert written(customer=person(), state="logged") == "23514"


def test_nobody_is_contacted_whose_record_is_merged_or_erased() -> None:
    gone = person()
    gone.state = "erased"
    gone.save(update_fields=["state"])

    assert written(customer=gone) == refusals.NOBODY
    assert written(customer=gone, state="logged", channel="call") == refusals.NOBODY


def test_a_contact_moved_in_time_is_counted_where_it_goes() -> None:
    budget(limits=limits(1))
    carol = person()
    reserve(carol)
    later = reserve(carol, at=NOW + timedelta(days=8))

    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        Contact.objects.filter(pk=later).update(at=NOW + timedelta(days=6))

    assert refusals.sqlstate(caught.value) == refusals.TOO_MANY


def test_a_message_that_arrives_after_all_is_kept_and_flagged() -> None:
    budget(limits=limits(1))
    carol = person()
    first = reserve(carol)
    for state in ("sending", "failed"):
        become(first, state)
    reserve(carol, now=NOW + timedelta(hours=1))

    assert become(first, "delivered") is None
    assert Contact.objects.get(pk=first).flagged


def test_a_search_path_that_points_elsewhere_counts_in_the_same_chain(
    inside_aurum: ChainInfo, bloom: ChainInfo
) -> None:
    budget(limits=limits(1))
    carol = person()
    reserve(carol)
    table = f'"{inside_aurum.schema_name}".messaging_contact'

    with context.inside(bloom), pytest.raises(DatabaseError) as caught, transaction.atomic():
        _insert(table, carol.pk)
    with context.inside(bloom), transaction.atomic():
        budget(limits=[])
        _insert(table, person_of(inside_aurum))
        with connection.cursor() as cursor:
            cursor.execute("SHOW search_path")
            assert cursor.fetchone() == (bloom.schema_name,)

    assert refusals.sqlstate(caught.value) == refusals.TOO_MANY


def person_of(chain: ChainInfo) -> Any:
    with context.inside(chain):
        return person().pk


def _insert(table: str, customer_id: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (customer_id, direction, purpose, channel, state, at, flagged,"
            " tier, occasion, template, source, address, subject, text, language, facts, provider,"
            " attempts, fault) VALUES (%s, 'out', 'care', 'sms', 'reserved', %s, false, '', '', '',"
            " '', '', '', '', '', '{}', '', 0, '')",
            [customer_id, NOW],
        )


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM messaging_contact",
        "UPDATE messaging_contact SET purpose = 'service'",
        "UPDATE messaging_contact SET direction = 'in'",
        "UPDATE messaging_contact SET tier = 'gold'",
        "UPDATE messaging_contact SET key = NULL",
        "TRUNCATE messaging_contact",
    ],
)
def test_what_a_contact_was_for_is_not_rewritten(statement: str) -> None:
    reserve(person())

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_saying_that_one_restores_an_archive_helps_nobody_but_the_owner() -> None:
    budget(limits=limits(0))
    pk = person().pk

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL regulars.restoring = 'on'")
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        _insert("messaging_contact", pk)

    assert refusals.sqlstate(caught.value) == refusals.TOO_MANY
