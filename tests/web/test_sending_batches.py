"""Messages to many on their pages: put together, looked at, let go, stopped, resolved."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.messages.models import Batch, Contact
from regulars.messages.services import batches
from regulars.outbox.models import Job
from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from regulars.usecases import batching
from tests.factories import people
from tests.factories.batches import KEY, crowd, put_together, text, work_off
from tests.factories.contacts import budget, person
from tests.factories.customers import NOW
from tests.factories.headoffice import text_of
from tests.factories.visitors import Visitor
from tests.isolation.cast import entered

FORM = {"title": "Mid-autumn", "goes": f"{KEY}:sms", "until": "3", "days": "7"}


@pytest.fixture
def office(inside_aurum: ChainInfo, settings: Any) -> Visitor:
    settings.LOCAL = True
    budget()
    text()
    return entered(people.owner(), inside_aurum)


def test_a_new_batch_is_put_together_shown_and_let_go(office: Visitor) -> None:
    crowd(3)
    person(phone=None)

    answer = office.post("/messages/batches/new/", FORM)
    batch = Batch.objects.get()
    running = text_of(office.get(answer["Location"]))
    work_off(now=timezone.now())
    ready = text_of(office.get(answer["Location"]))
    office.post(f"/messages/batches/{batch.pk}/begin/")

    assert answer.status_code == 302
    assert "Looking at customers" in running
    assert "3 customers would get it." in ready
    assert "miss something the words speak of" in ready
    assert "祝您中秋安康" in ready
    batch.refresh_from_db()
    assert batch.state == "sending"
    assert "Mid-autumn" in text_of(office.get("/messages/batches/"))


def test_a_double_tap_is_one_batch_and_other_choices_another(office: Visitor) -> None:
    crowd(1)
    page = office.get("/messages/batches/new/").content.decode()
    found = re.search(r'name="once" value="([0-9a-f-]{36})"', page)
    assert found
    form = {**FORM, "once": found[1]}

    answers = [office.post("/messages/batches/new/", form)["Location"] for _ in range(2)]
    office.post("/messages/batches/new/", {**form, "until": "7"})

    assert answers[0] == answers[1]
    assert Batch.objects.count() == 2
    assert Job.objects.filter(handler=batching.HANDLER).count() == 2


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "2020-01-01T00:00", "9999-12-31T23:59"])
def test_a_moment_nobody_plans_for_is_refused(office: Visitor, at: str) -> None:
    refused = office.post("/messages/batches/new/", {**FORM, "at": at})

    assert refused.status_code == 422
    assert "between now and a year from now" in refused.content.decode()
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"goes": "nothing:sms"}, {"days": "1000"}, {"place": "store:x"}]
)
def test_what_makes_no_sense_is_refused(office: Visitor, wrong: dict[str, str]) -> None:
    assert office.post("/messages/batches/new/", {**FORM, **wrong}).status_code == 422
    assert not Batch.objects.exists()


def test_without_a_way_to_send_the_page_leads_to_providers(office: Visitor, settings: Any) -> None:
    settings.LOCAL, settings.SMTP_URL = False, ""

    assert "/settings/providers/" in office.get("/messages/batches/new/").content.decode()


def test_it_is_stopped_by_a_button(office: Visitor) -> None:
    crowd(2)
    batch = put_together()

    office.post(f"/messages/batches/{batch.pk}/stop/")

    assert "stopped" in text_of(office.get(f"/messages/batches/{batch.pk}/"))
    assert set(Contact.objects.values_list("state", flat=True)) == {"cancelled"}


def test_progress_is_asked_for_until_there_is_something_else_to_see(office: Visitor) -> None:
    crowd(2)
    batch = put_together()
    batches.begin(actor=people.actor(people.owner()), batch_id=batch.pk, now=NOW)
    url = f"/messages/batches/{batch.pk}/progress/"

    still = office.get(f"{url}?phase=sending", headers={"hx-request": "true"})
    moved = office.get(f"{url}?phase=filling", headers={"hx-request": "true"})

    assert "0 / 2" in still.content.decode()
    assert moved["HX-Redirect"] == f"/messages/batches/{batch.pk}/"


def test_a_person_says_what_became_of_the_unknown(office: Visitor) -> None:
    crowd(2)
    batch = put_together()
    rows = Contact.objects.filter(batch=batch).order_by("pk")
    for state in ("sending", "unknown"):
        rows.update(state=state)
    one, other = rows
    page = office.get(f"/messages/batches/{batch.pk}/").content.decode()

    for row, arrived in ((one, "yes"), (other, "no"), (one, "no")):
        office.post(f"/messages/batches/{batch.pk}/unknown/{row.pk}/", {"arrived": arrived})

    assert "It was never sent" in page
    assert list(rows.values_list("state", flat=True)) == ["delivered", "refused"]


def test_who_was_not_reached_is_listed_by_reason_and_taken_out(office: Visitor) -> None:
    crowd(1)
    person(name="Mute", phone=None)
    person(name="Nobody's", phone=None)
    batch = put_together()
    url = f"/messages/batches/{batch.pk}/passed"

    listed = text_of(office.get(f"{url}/?why=words"))
    none = text_of(office.get(f"{url}/?why=wish"))
    table = office.get(f"{url}.csv").getvalue().decode("utf-8-sig")

    assert "Mute" in listed
    assert "Mute" not in none
    assert table.count("miss something") == 2


def test_pages_ask_as_much_for_many_as_for_few(office: Visitor) -> None:
    counted = []
    for count in (1, 6):
        crowd(count)
        for _ in range(count):
            person(phone=None)
        batch = put_together(now=NOW + timedelta(days=30 * count), title=str(count))
        for path in ("", "passed/"):
            url = f"/messages/batches/{batch.pk}/{path}"
            office.get(url)
            with CaptureQueriesContext(
                connection,
            ) as seen:
                office.get(url)
            counted.append(len(seen))

    assert counted[:2] == counted[2:]


def test_a_batch_that_is_halted_says_why(office: Visitor) -> None:
    crowd(1)
    batch = put_together()
    batches.begin(actor=people.actor(people.owner()), batch_id=batch.pk, now=NOW)
    Batch.objects.update(fault="money")

    assert "run out of credit" in text_of(office.get(f"/messages/batches/{batch.pk}/"))


def test_a_batch_that_never_was_is_not_found(office: Visitor) -> None:
    pk = people.owner().pk

    assert office.get(f"/messages/batches/{pk}/").status_code == 404
    assert office.post(f"/messages/batches/{pk}/begin/").status_code == 404
    assert office.post(f"/messages/batches/{pk}/stop/").status_code == 404


@pytest.mark.parametrize("role", [Role.REGION_MANAGER, Role.STORE_MANAGER, Role.GUIDE])
def test_others_send_nothing_to_many(office: Visitor, inside_aurum: ChainInfo, role: Role) -> None:
    guest = people.staff(name="Bob", role=role, stores=(people.store(),))
    bob = entered(guest, inside_aurum)
    batch = batches.open_batch(
        actor=people.actor(people.owner()), title="x", purpose="care", channel="sms", now=NOW
    )

    assert bob.get("/messages/batches/").status_code == 403
    assert bob.post("/messages/batches/new/", FORM).status_code == 403
    assert bob.post(f"/messages/batches/{batch.pk}/begin/").status_code == 403
