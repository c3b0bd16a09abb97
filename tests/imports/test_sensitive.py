"""Sensitive values in a file: taken where the customer agreed before, else refused with reason."""

from datetime import datetime

import pytest

from regulars.audit import SYSTEM
from regulars.customers import consents, services
from regulars.customers.models import Customer
from regulars.imports.models import Import
from regulars.registry import services as registry
from tests.factories.customers import customer
from tests.imports.steps import check, driven, folder, received, rejected_rows, started

__all__ = ["folder"]
pytestmark = pytest.mark.usefixtures("folder")


def test_a_sensitive_answer_of_somebody_who_agreed_comes_in(now: datetime) -> None:
    registry.set_policy(actor=SYSTEM, key="customers.ask-ethnicity", value=True, now=now)
    known = customer(name="张伟", member_code="M1", now=now)
    services.consent(
        actor=SYSTEM,
        customer_id=known.pk,
        purpose=consents.for_field("ethnicity"),
        given=True,
        how="spoken",
        now=now,
    )
    row = received(now, text="会员号,民族\r\nM1,汉\r\nM2,回\r\n")

    row = driven(check(row, now), now)
    row = driven(started(row, now), now)

    assert row.state == Import.State.DONE
    assert Customer.objects.get().profile["ethnicity"]["value"] == "汉"
    assert [line[0] for line in rejected_rows(row)[1:]] == ["3"]
