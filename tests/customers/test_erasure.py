"""Forgetting a person on request, and telling them what is kept (P5)."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection

from regulars.audit.models import Entry
from regulars.customers import selectors, services
from regulars.customers.models import Customer, Possession
from regulars.errors import Forbidden, NotFound
from regulars.purchases.models import Standing
from regulars.usecases import disclose, erase, merge
from tests.customers.conftest import Cast
from tests.factories import customers, purchases

CANARY = "金丝雀"
PHONE = "13812344321"


def full(cast: Cast) -> Customer:
    """Make somebody of whom everything is known, each text with a canary in it."""
    made = customers.customer(
        name=f"王{CANARY}",
        phone=PHONE,
        member_code="CANARY7",
        email="canary@b.cn",
        address={"city": "上海", "line": f"{CANARY}路 1"},
        gender="female",
        owner=cast.bob_,
        store=cast.north,
        identities=[("card", "CANARY8"), ("phone", "13912344321")],
        extra={"ring-size": 12, "metals": ["gold"]},
    )
    facts: dict[str, Any] = {"actor": cast.alice, "customer_id": made.pk, "now": customers.NOW}
    services.answer(**facts, values={"occupation": CANARY}, how="conversation")
    services.set_life_event(**facts, kind="birthday", year=1990, month=8, day=15, label=CANARY)
    services.add_possession(
        **facts, kind="ring", values={"engraving": CANARY, "carat": 1}, title=CANARY
    )
    services.note(**facts, text=CANARY)
    services.consent(**facts, purpose="care", given=True, how="spoken")
    purchases.sale(customer=made)
    return made


def places_of(text: str) -> list[str]:
    """Return the tables of the chain in which a text stands anywhere."""
    tables = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and '"' not in model._meta.db_table
    }
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        here = {row[0] for row in cursor.fetchall()}
        for table in sorted(tables & here):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE strpos(t::text, %s) > 0", [text])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def forget(cast: Cast, customer_id: UUID) -> None:
    """Erase somebody."""
    erase.erase(actor=cast.alice, customer_id=customer_id, reason="本人要求", now=customers.NOW)


def test_nothing_personal_is_left_anywhere_in_the_chain(cast: Cast) -> None:
    made = full(cast)
    personal = [CANARY, "CANARY", "canary@", PHONE, "13912344321", "wangjinsique"]
    assert "customers_customer" in places_of(CANARY)  # the positive control

    forget(cast, made.pk)

    assert {text: places_of(text) for text in personal} == {text: [] for text in personal}
    assert Customer.objects.get(pk=made.pk).tokens == []  # pieces of the number and the name


def test_what_is_counted_and_what_is_not_personal_stays(cast: Cast) -> None:
    made = full(cast)

    forget(cast, made.pk)

    row = Customer.objects.get(pk=made.pk)
    assert (row.state, row.extra, row.home_store_id) == ("erased", {"ring-size": 12}, cast.north.pk)
    assert Possession.objects.get().extra == {"carat": 1}
    assert Standing.objects.get(pk=made.pk).purchases == 1
    assert row.consents.count() == 1  # the proof of what was agreed
    assert Entry.objects.get(action="customer.erased").data == {"reason": "本人要求"}


def test_an_erased_customer_is_found_by_nobody(cast: Cast) -> None:
    made = full(cast)

    forget(cast, made.pk)

    assert selectors.anything(actor=cast.alice, text=PHONE, region="CN") == []
    assert selectors.search(actor=cast.alice, text=f"王{CANARY}").customers == []
    assert selectors.page(actor=cast.alice).customers == []
    for refused in (selectors.get, selectors.card):
        with pytest.raises(NotFound):
            refused(actor=cast.alice, customer_id=made.pk)
    with pytest.raises(NotFound):
        forget(cast, made.pk)


def test_records_merged_into_theirs_are_forgotten_too(cast: Cast) -> None:
    made = full(cast)
    other = customers.customer(name=f"{CANARY}明", phone="13700137000")
    merge.merge(
        actor=cast.alice, kept_id=made.pk, absorbed_id=other.pk, now=customers.NOW, reason="same"
    )

    forget(cast, other.pk)  # asked for by the record that was absorbed

    assert places_of(CANARY) == []
    states = set(Customer.objects.values_list("state", "merged_into", "merge"))
    assert states == {("erased", None, None)}


def test_a_number_that_was_forgotten_may_be_used_by_somebody_new(cast: Cast) -> None:
    forget(cast, full(cast).pk)

    again = customers.customer(
        name="李雷", phone=PHONE, member_code="CANARY7", identities=[("card", "CANARY8")]
    )

    assert again.phone == f"+86{PHONE}"


def test_only_head_office_forgets(cast: Cast) -> None:
    made = full(cast)

    for actor in (cast.bob, cast.carol, cast.ann):
        with pytest.raises(Forbidden):
            erase.erase(actor=actor, customer_id=made.pk, reason="", now=customers.NOW)
    assert Customer.objects.get(pk=made.pk).name == f"王{CANARY}"


def test_everything_kept_is_told_as_plain_data_and_that_is_written_down(cast: Cast) -> None:
    made = full(cast)
    other = customers.customer(name="小王", phone="13700137000")
    merge.merge(actor=cast.alice, kept_id=made.pk, absorbed_id=other.pk, now=customers.NOW)

    told = disclose.disclose(
        actor=cast.alice, customer_id=made.pk, asked="在店里", now=customers.NOW
    )

    text = json.dumps(told, ensure_ascii=False)
    for known in (CANARY, "CANARY7", "CANARY8", "canary@b.cn", "4321", "ring-size", "小王", "care"):
        assert known in text, known
    record = told["records"][0]
    assert record["customers"]["answers"]["occupation"]["value"] == CANARY
    assert len(record["purchases"]) == 1
    assert Entry.objects.get(action="customer.disclosed").data == {"asked": "在店里"}


def test_handing_out_a_person_s_data_needs_the_permission_and_the_scope(cast: Cast) -> None:
    made = full(cast)

    for actor in (cast.bob, cast.carol):
        with pytest.raises(Forbidden):
            disclose.disclose(
                actor=actor,
                customer_id=made.pk,
                asked="",
                now=customers.NOW + timedelta(days=1),
            )
    assert not Entry.objects.filter(action="customer.disclosed").exists()
