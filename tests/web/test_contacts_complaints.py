"""While a complaint is open, whoever calls or writes is told, and says that it is about that."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.complaints.models import Case
from regulars.customers.models import Customer
from regulars.messages.models import Contact
from regulars.staff.models import Staff
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints, customers, mornings, people, talk
from tests.factories.complaints import Cast
from tests.factories.contacts import budget, contacts
from tests.factories.visitors import Visitor, signed_in

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _free(inside_aurum: ChainInfo) -> None:
    cache.clear()
    budget(limits=[])


@pytest.fixture
def cast() -> Cast:
    found = complaints.cast()
    Customer.objects.filter(pk=found.customer.pk).update(
        phone=customers.phone(), name="王芳", gender="female"
    )
    found.customer.refresh_from_db()
    return found


@pytest.fixture
def gina(cast: Cast) -> Visitor:
    assert cast.guide.id is not None
    person = Staff.objects.get(pk=cast.guide.id)
    person.email = "gina@aurum.example"
    person.set_password(people.PASSWORD)
    person.save()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return signed_in(email="gina@aurum.example")


def page(visitor: Visitor, address: str) -> str:
    answer = visitor.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def send(visitor: Visitor, address: str, **fields: Any) -> Any:
    return visitor.post(address, {"once": str(uuid4()), **fields}, headers=HTMX)


def test_the_panel_says_so_names_the_owner_leads_there_and_asks_what_it_is_about(
    gina: Visitor, cast: Cast
) -> None:
    address = f"/customers/{cast.customer.pk}/messages/"
    assert "Has an open complaint" not in page(gina, address)
    case = complaints.case(cast)

    shown = page(gina, address)

    assert f"Has an open complaint: {case.number}. Talk to Gina" in shown
    assert f"/complaints/{case.pk}/" in shown
    assert f'name="complaint" value="{case.pk}" required' in shown


def test_a_call_is_refused_until_it_is_said_to_be_about_the_complaint(
    gina: Visitor, cast: Cast
) -> None:
    case = complaints.case(cast)
    address = f"/customers/{cast.customer.pk}/messages/call/"

    refused = send(gina, address)
    passed = send(gina, address, complaint=str(case.pk))

    assert refused.status_code == 409
    assert case.number in refused.content.decode()
    assert passed.status_code == 200
    (row,) = contacts(cast.customer)
    assert (row.purpose, row.source_id) == ("service", case.pk)


def test_a_complaint_closed_meanwhile_is_said_and_words_stay(gina: Visitor, cast: Cast) -> None:
    case = complaints.case(cast)
    Case.objects.filter(pk=case.pk).update(
        state="closed", ended="withdrawn", closed_at=timezone.now()
    )

    answer = send(
        gina, f"/customers/{cast.customer.pk}/messages/write/",
        way="wechat:hand", text="我们在处理", complaint=str(case.pk),
    )  # fmt: skip

    assert answer.status_code == 422
    assert "我们在处理" in answer.content.decode()
    assert contacts(cast.customer) == []


def test_a_paused_task_offers_no_greeting(gina: Visitor, cast: Cast) -> None:
    complaints.case(cast)
    task = mornings.task(cast.customer)

    shown = page(gina, f"/today/{task.pk}/")

    assert "Has an open complaint" in shown


def test_a_contact_written_down_can_have_been_about_it(gina: Visitor, cast: Cast) -> None:
    address = f"/customers/{cast.customer.pk}/messages/log/"
    assert "open complaint" not in page(gina, address)
    case = complaints.case(cast)
    form = page(gina, address)
    fields = {
        "channel": "call", "purpose": "care", "at": "2026-11-21T09:00", "text": "Told her",
        "complaint": str(case.pk),
    }  # fmt: skip
    local = timezone.localtime() - timedelta(hours=1)
    fields["at"] = f"{local:%Y-%m-%dT%H:%M}"

    answer = send(gina, address, **fields)

    assert "Was it about their open complaint?" in form
    assert answer.status_code == 200, answer.content.decode()
    (row,) = contacts(cast.customer)
    assert (row.purpose, row.source_id) == ("service", case.pk)


def test_an_answer_long_after_their_words_says_which_complaint_it_is_about(
    gina: Visitor, cast: Cast
) -> None:
    talk.writes(cast.customer, at=timezone.now() - timedelta(days=3))
    case = complaints.case(cast)
    address = f"/messages/{cast.customer.pk}/"
    words = {"way": "sms", "text": "王女士，您的投诉我们正在处理。First Store Gina"}

    shown = page(gina, address)
    refused = send(gina, f"{address}answer/", **words)
    passed = send(gina, f"{address}answer/", **words, complaint=str(case.pk))

    assert f'name="complaint" value="{case.pk}"' in shown
    assert (refused.status_code, passed.status_code) == (409, 200)
    sent = Contact.objects.get(customer=cast.customer, direction="out")
    assert (sent.purpose, sent.source_id) == ("service", case.pk)


def test_an_answer_to_fresh_words_goes_and_the_complaint_is_shown(
    gina: Visitor, cast: Cast
) -> None:
    talk.writes(cast.customer, at=timezone.now() - timedelta(minutes=5))
    complaints.case(cast)
    address = f"/messages/{cast.customer.pk}/"

    shown = page(gina, address)
    answer = send(gina, f"{address}answer/", way="sms", text="十点开门。")

    assert "Has an open complaint" in shown
    assert 'name="complaint"' not in shown
    assert answer.status_code == 200


def test_the_panel_takes_as_many_statements_for_many_complaints_as_for_one(
    gina: Visitor, cast: Cast
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(gina, f"/customers/{cast.customer.pk}/messages/")
        return len(asked)

    complaints.case(cast)
    statements()
    one = statements()
    for _ in range(5):
        complaints.case(cast)

    assert statements() == one
