"""Rows that refer to each other are written by one statement."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM
from regulars.audit.models import Entry
from regulars.audit.services import drafted
from regulars.staff.models import Role, Staff
from regulars.stores.models import Region, Store
from regulars.tenancy import planting

pytestmark = pytest.mark.usefixtures("inside_aurum")


def drafts(*, code: str) -> tuple[Region, Store, Staff, EmailAddress, Entry]:
    region = Region(code=f"r-{code}", name="North % 'quoted'")
    store = Store(code=code, name="Shop", region=region, time_zone="Asia/Shanghai")
    person = Staff(email=f"{code}@aurum.example", name="Dora", role=Role.GUIDE, home_store=store)
    address = EmailAddress(user=person, email=person.email, verified=True, primary=True)
    entry = drafted(actor=SYSTEM, action="store.opened", data={"code": [code]})
    entry.object_id = person  # type: ignore[assignment]
    return region, store, person, address, entry


def values(row: Any) -> dict[str, Any]:
    """Return what the database holds of a row, without what differs by nature."""
    fresh = type(row)._base_manager.get(pk=row.pk)
    given = {f.attname: getattr(fresh, f.attname) for f in row._meta.concrete_fields}
    own = {"id", "at", "code", "email", "region_id", "home_store_id", "user_id", "object_id"}
    moments = {name for name, value in given.items() if hasattr(value, "tzinfo")}
    return {name: value for name, value in given.items() if name not in own | moments | {"data"}}


def test_they_are_what_saving_them_one_by_one_would_have_made() -> None:
    together, alone = drafts(code="t-1"), drafts(code="t-2")

    with CaptureQueriesContext(connection) as sent:
        planting.insert(*together)
    region, store, person, address, entry = alone
    region.save()
    store.region_id = region.pk
    store.save()
    person.home_store_id = store.pk
    person.save()
    address.user_id = person.pk
    address.save()
    entry.object_id = person.pk
    entry.save()

    assert sum("INSERT" in each["sql"] for each in sent.captured_queries) == 1
    assert [values(row) for row in together] == [values(row) for row in alone]


def test_they_refer_to_each_other_and_know_their_keys() -> None:
    region, store, person, address, entry = drafts(code="t-1")

    planting.insert(region, store, person, address, entry)

    assert Store.objects.get(code="t-1").region == region
    assert Staff.objects.get(pk=person.pk).home_store == store
    assert EmailAddress.objects.get(pk=address.pk).user == person
    kept = Entry.objects.get(pk=entry.pk)
    assert kept.object_id == person.pk
    assert kept.data == {"code": ["t-1"]}
    assert entry.at == kept.at  # what the database chose is read when asked for


def test_if_one_cannot_be_written_none_is() -> None:
    region, store, *_others = drafts(code="001")  # there is a store with this code

    with pytest.raises(IntegrityError), transaction.atomic():
        planting.insert(region, store)

    assert not Region.objects.filter(code="r-001").exists()
