"""A guide's day: the list, one task after the other, and what became of each."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.audit import SYSTEM
from regulars.customers.models import Customer, LifeEvent, Note, Possession
from regulars.followups.models import Task
from regulars.followups.occasions import gifts
from regulars.staff.models import Role, Staff
from tests.factories import customers, mornings, people, talk
from tests.factories.visitors import Visitor, signed_in

pytestmark = pytest.mark.usefixtures("inside_aurum")


@pytest.fixture
def bob() -> Staff:
    return people.staff(name="Bob", stores=(people.first_store(),), email="bob@aurum.example")


@pytest.fixture
def guide(bob: Staff) -> Visitor:
    return signed_in(email="bob@aurum.example")


def regular(owner: Staff, name: str = "陈美玲", **facts: Any) -> Customer:
    """Make a customer of the first store."""
    return customers.customer(
        name=name, phone=customers.phone(), store=people.first_store(), owner=owner, **facts
    )


def result(**given: Any) -> dict[str, Any]:
    """Return what the form of a result sends."""
    return {"once": str(uuid4()), "outcome": "reached", "next_in": "", "note": "", **given}


def shown(visitor: Visitor, url: str = "/today/") -> str:
    answer = visitor.get(url)
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.content.decode())


def test_the_first_page_of_a_guide_is_their_day(guide: Visitor, bob: Staff) -> None:
    regular(bob)

    assert guide.get("/")["Location"] == "/today/"


def test_a_day_shows_who_is_due_why_and_how_late(guide: Visitor, bob: Staff) -> None:
    mornings.task(regular(bob, "Due Today"))
    mornings.task(regular(bob, "Late Already"), days=-3)
    mornings.task(regular(bob, "Not Yet"), days=2)

    page = shown(guide)

    assert page.index("Late Already") < page.index("Due Today")
    assert "3 days late" in page
    assert "足金手链" in page
    assert "Not Yet" not in page


def test_a_day_with_nothing_left_says_so(guide: Visitor, bob: Staff) -> None:
    one = mornings.task(regular(bob))
    assert "Nothing to do yet" not in shown(guide)

    guide.post(f"/today/{one.pk}/result/", result())

    assert "Nothing left for today" in shown(guide)


def test_a_task_says_what_is_good_to_know_before_one_speaks(guide: Visitor, bob: Staff) -> None:
    carol = regular(bob)
    Note(customer=carol, text="Hates being called at lunch", author=bob, is_warning=True).save()
    Possession(customer=carol, kind="ring", title="Wedding ring").save()
    mornings.task(
        carol, days=-9, state=Task.State.DONE, outcome="reached", satisfaction=2,
        note="Clasp too tight", done_at=timezone.now() - timedelta(days=9),
    )  # fmt: skip

    page = shown(guide, f"/today/{mornings.task(carol).pk}/")

    assert "Hates being called at lunch" in page
    assert "Wedding ring" in page
    assert "mood-2" in page
    assert "Clasp too tight" in page
    assert 'name="a-fits"' in page
    assert 'name="a-comfortable"' in page


def test_a_result_is_kept_with_its_answers_and_leads_to_the_next(
    guide: Visitor, bob: Staff
) -> None:
    first = mornings.task(regular(bob, "First"), days=-1)
    second = mornings.task(regular(bob, "Second"))

    answer = guide.post(
        f"/today/{first.pk}/result/",
        result(
            **{
                "satisfaction": "4",
                "a-fits": "loose",
                "a-comfortable": "true",
                "a-wants": "Earrings to go with it",
                "next_in": "7",
                "next_step": "Show the earrings",
                "note": "Was in a hurry",
            }
        ),
    )

    assert (answer.status_code, answer["Location"]) == (302, f"/today/{second.pk}/")
    first.refresh_from_db()
    assert (first.state, first.outcome, first.satisfaction) == ("done", "reached", 4)
    assert first.answers == {
        "fits": "loose", "comfortable": True, "wants": "Earrings to go with it",
    }  # fmt: skip
    assert (first.note, first.next_step) == ("Was in a hurry", "Show the earrings")
    assert first.next_on == mornings.today() + timedelta(days=7)
    assert Task.objects.filter(source_kind="by-hand", title="Show the earrings").count() == 1


def test_the_same_result_twice_is_one(guide: Visitor, bob: Staff) -> None:
    one = mornings.task(regular(bob))
    sent = result(next_in="1", next_step="Call again")

    first = guide.post(f"/today/{one.pk}/result/", sent)
    again = guide.post(f"/today/{one.pk}/result/", {**sent, "note": "changed"})

    assert (first.status_code, again.status_code) == (302, 302)
    assert Task.objects.filter(source_kind="by-hand").count() == 1
    assert Task.objects.get(pk=one.pk).note == ""


def test_another_result_of_a_task_that_is_done_is_refused_in_words(
    guide: Visitor, bob: Staff
) -> None:
    one = mornings.task(regular(bob))
    guide.post(f"/today/{one.pk}/result/", result())

    answer = queued(guide, one, bob)

    assert answer.status_code == 422
    assert answer.json()["sentence"]


def queued(visitor: Visitor, one: Task, person: Staff, **given: Any) -> Any:
    """Send a result as a phone's queue does."""
    sent = result(person=str(person.pk), **given)
    return visitor.post(f"/today/{one.pk}/result/", sent, headers={"accept": "application/json"})


def test_the_queue_of_a_phone_is_told_where_to_go_on(guide: Visitor, bob: Staff) -> None:
    one = mornings.task(regular(bob))

    answer = queued(guide, one, bob)

    assert answer.json() == {"next": "/today/"}


def test_the_queue_of_somebody_else_is_not_taken(guide: Visitor, bob: Staff) -> None:
    one = mornings.task(regular(bob))
    other = people.staff(name="Carla", stores=(people.first_store(),))

    answer = queued(guide, one, other)

    assert answer.status_code == 401
    assert Task.objects.get(pk=one.pk).state == "open"


def test_who_was_not_reached_comes_back(guide: Visitor, bob: Staff) -> None:
    one = mornings.task(regular(bob))
    sent = result(outcome="not-reached")

    for _time in range(2):
        guide.post(f"/today/{one.pk}/result/", sent)

    one.refresh_from_db()
    assert (one.state, one.attempts) == ("open", 1)
    assert one.due_on > mornings.today()


def test_a_result_without_an_outcome_is_refused_and_keeps_what_was_typed(
    guide: Visitor, bob: Staff
) -> None:
    one = mornings.task(regular(bob))

    answer = guide.post(f"/today/{one.pk}/result/", result(outcome="", note="She will think"))

    assert answer.status_code == 422
    assert "She will think" in answer.content.decode()


def test_a_task_is_put_off_handed_on_and_left_out(guide: Visitor, bob: Staff) -> None:
    colleague = people.staff(name="Carla", stores=(people.first_store(),))
    later, given, out = (mornings.task(regular(bob, name)) for name in ("Later", "Given", "Out"))

    guide.post(f"/today/{later.pk}/later/", {"until": "week"})
    guide.post(f"/today/{given.pk}/hand-on/", {"to": str(colleague.pk), "reason": "my day off"})
    guide.post(f"/today/{out.pk}/leave-out/", {"why": "not-needed"})

    page = shown(guide)
    assert not any(f"<strong>{name}</strong>" in page for name in ("Later", "Given", "Out"))
    for each in (later, given, out):
        each.refresh_from_db()
    assert (later.state, later.not_before is None) == ("open", False)
    assert given.owner_id == colleague.pk
    assert (out.state, out.why) == ("skipped", "not-needed")


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("later", {"until": "day", "day": "2020-01-01"}),
        ("later", {}),
        ("hand-on", {"to": "nobody"}),
        ("leave-out", {"why": "because"}),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    guide: Visitor, bob: Staff, what: str, given: dict[str, str]
) -> None:
    one = mornings.task(regular(bob))

    answer = guide.post(f"/today/{one.pk}/{what}/", given)

    assert answer["Location"] == f"/today/{one.pk}/"
    kept = Task.objects.get(pk=one.pk)
    assert (kept.state, kept.not_before, kept.owner_id) == ("open", None, bob.pk)


def test_somebody_elses_task_is_not_there(guide: Visitor) -> None:
    other = people.staff(name="Carla", stores=(people.first_store(),))

    assert guide.get(f"/today/{mornings.task(regular(other)).pk}/").status_code == 404


def test_tomorrows_birthday_and_its_gift_stand_below(guide: Visitor, bob: Staff) -> None:
    carol = regular(bob, "Birthday Child")
    day = mornings.today() + timedelta(days=1)
    LifeEvent(
        customer=carol, kind="birthday", month=day.month, day=day.day, year=day.year - 30,
        next_on=day,
    ).save()  # fmt: skip

    page = shown(guide)

    assert "Birthday Child" in page
    assert "30 years" in page


def test_who_wrote_and_waits_stands_on_top(guide: Visitor, bob: Staff) -> None:
    carol = regular(bob, "Carol Writes")
    mornings.task(regular(bob, "Due Today"))
    talk.writes(carol, "Can the ring be resized?", at=timezone.now())

    page = shown(guide)

    assert "Can the ring be resized?" in page
    assert page.index("Carol Writes") < page.index("Due Today")


def test_the_gift_of_a_birthday_stands_with_its_task(guide: Visitor, bob: Staff) -> None:
    rule = gifts.Gift(
        key="flowers", title="Flowers", occasions=("customer.birthday",), cost_minor=6_800
    )
    gifts.set_rule(actor=SYSTEM, gift=rule, now=timezone.now())
    carol, day = regular(bob, "Carol"), mornings.today()
    event = LifeEvent(customer=carol, kind="birthday", month=day.month, day=day.day, next_on=day)
    event.save()
    one = mornings.task(
        carol, plan="birthday", step="greet", source_kind="customer.birthday", source=event.pk,
        facts={}, started_on=day,
    )  # fmt: skip

    assert "Flowers" in shown(guide)
    assert "Flowers" in shown(guide, f"/today/{one.pk}/")


def test_a_store_manager_sees_who_is_behind_and_hands_on_what_is_open(bob: Staff) -> None:
    store = people.first_store()
    carla = people.staff(name="Carla", stores=(store,))
    people.staff(name="Mo", role=Role.STORE_MANAGER, stores=(store,), email="mo@aurum.example")
    tasks = [mornings.task(regular(bob, f"Customer {n}"), days=-n) for n in range(3)]
    manager = signed_in(email="mo@aurum.example")

    page = shown(manager)
    assert "Bob" in page
    of_bob = shown(manager, f"/today/?guide={bob.pk}")
    assert "Customer 2" in of_bob

    manager.post(
        "/today/hand-on/",
        {"guide": str(bob.pk), "task": [str(tasks[0].pk)], "to": str(carla.pk), "reason": "ill"},
    )
    assert Task.objects.filter(owner=carla).count() == 1
    manager.post("/today/hand-on/", {"guide": str(bob.pk), "every": "yes", "to": str(carla.pk)})
    assert Task.objects.filter(owner=carla).count() == 3


def test_head_office_sees_the_stores_with_their_counts(bob: Staff) -> None:
    mornings.task(regular(bob), days=-1)

    page = shown(signed_in())

    assert people.first_store().name in page
    assert f"?store={people.first_store().pk}" in page


def test_a_day_of_many_is_paged(guide: Visitor, bob: Staff) -> None:
    for number in range(33):
        mornings.task(regular(bob, f"Number {number:02}"))

    first = shown(guide)
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = shown(guide, f"/today/{following}")

    names = [f"Number {number:02}" for number in range(33)]
    assert sum(name in first for name in names) == 30
    assert sum(name in second for name in names) == 3


def statements(visitor: Visitor, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        shown(visitor, url)
    return len(caught)


def test_a_day_and_a_task_take_the_same_statements_however_much_there_is(
    guide: Visitor, bob: Staff
) -> None:
    def add(number: int) -> Task:
        carol = regular(bob, f"Customer {number}")
        thing = Possession(customer=carol, kind="ring", title="Ring")
        thing.save()
        day = mornings.today() + timedelta(days=1)
        LifeEvent(customer=carol, kind="birthday", month=day.month, day=day.day, next_on=day).save()
        mornings.task(
            carol, plan="ring-cleaning", step="cleaned", source_kind="possession.ring.cleaning",
            source=thing.pk,
        )  # fmt: skip
        mornings.task(
            carol, state=Task.State.DONE, outcome="reached", satisfaction=3,
            done_at=timezone.now(),
        )  # fmt: skip
        return mornings.task(carol, days=-number)

    one = add(1)
    shown(guide)
    shown(guide, f"/today/{one.pk}/")
    few = statements(guide, "/today/"), statements(guide, f"/today/{one.pk}/")
    for number in range(2, 9):
        add(number)

    many = statements(guide, "/today/"), statements(guide, f"/today/{one.pk}/")

    assert many == few
