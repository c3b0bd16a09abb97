"""An unhappy answer is never silent: guide and manager are told, a complaint is offered."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from regulars.audit import SYSTEM
from regulars.errors import NotFound
from regulars.followups.models import Task
from regulars.followups.plans import writing
from regulars.outbox.models import Job
from regulars.staff.models import Role
from regulars.surveys import services
from regulars.surveys.models import Invitation
from regulars.usecases import erase, timeline, unhappy_answers
from regulars.web.surveys import notices
from tests.factories import people, surveys
from tests.factories.customers import NOW
from tests.surveys.conftest import Shop


@pytest.fixture
def unhappy(shop: Shop) -> Invitation:
    return surveys.answered(
        customer=shop.carol, store_id=shop.store.pk, unhappy=True,
        answers={"recommend": 2, "price": 1, "words": "I waited."},
    )  # fmt: skip


def tell(row: Invitation) -> list[dict[str, Any]]:
    """Do what the job does; return who is to be written to."""
    unhappy_answers.unhappy(invitation=str(row.pk), now=NOW)
    return list(Job.objects.filter(handler=unhappy_answers.TELL).values_list("payload", flat=True))


def test_guide_and_manager_are_told_and_the_guide_has_something_to_do(
    shop: Shop, unhappy: Invitation
) -> None:
    told = tell(unhappy)

    assert {each["staff"] for each in told} == {str(shop.guide.id), str(shop.manager.id)}
    task = Task.objects.get(customer=shop.carol)
    assert (task.owner_id, task.do, task.state) == (shop.guide.id, "call", "open")
    assert "I waited." in task.note


def test_what_is_erased_before_the_task_is_written_is_in_no_task(
    shop: Shop, unhappy: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds = writing.hold

    def late(customer_id: Any) -> None:
        monkeypatch.setattr(writing, "hold", holds)
        erase.erase(actor=SYSTEM, customer_id=customer_id, reason="letter", now=NOW)

    monkeypatch.setattr(writing, "hold", late)

    tell(unhappy)

    assert not Task.objects.exclude(note="").exists()
    assert not Task.objects.filter(state="open").exists()


def test_they_are_told_once(shop: Shop, unhappy: Invitation) -> None:
    tell(unhappy)

    assert len(tell(unhappy)) == 2
    assert Task.objects.count() == 1


def test_an_answer_of_nobody_goes_to_the_manager(shop: Shop) -> None:
    row = surveys.answered(store_id=shop.store.pk, unhappy=True, answers={"recommend": 1})

    assert [each["staff"] for each in tell(row)] == [str(shop.manager.id)]
    assert not Task.objects.exists()


def test_nobodys_answers_are_one_mail_an_hour_for_each_store(shop: Shop) -> None:
    other = people.store(code="910")
    max_ = people.staff(name="Max", role=Role.STORE_MANAGER, stores=(other,))
    facts: dict[str, Any] = {"unhappy": True, "answers": {"recommend": 1}}
    rows = [surveys.answered(store_id=shop.store.pk, **facts) for _ in range(3)]
    elsewhere = surveys.answered(store_id=other.pk, **facts)
    later = surveys.answered(store_id=shop.store.pk, **facts)

    for row in (*rows, elsewhere):
        unhappy_answers.unhappy(invitation=str(row.pk), now=NOW)
    unhappy_answers.unhappy(invitation=str(later.pk), now=NOW + timedelta(hours=1))

    jobs = Job.objects.filter(handler=unhappy_answers.TELL).order_by("id")
    told = [(job.payload["invitation"], job.payload["staff"]) for job in jobs]
    assert told == [
        (str(rows[0].pk), str(shop.manager.id)),
        (str(elsewhere.pk), str(max_.pk)),
        (str(later.pk), str(shop.manager.id)),
    ]
    assert not Invitation.objects.filter(told_at=None).exists()


def test_head_office_is_told_where_nobody_else_is(shop: Shop) -> None:
    row = surveys.answered(unhappy=True, answers={"recommend": 1})

    assert str(people.owner().pk) in {each["staff"] for each in tell(row)}


def test_an_answer_amended_to_a_happy_one_is_not_told(shop: Shop, unhappy: Invitation) -> None:
    Invitation.objects.filter(pk=unhappy.pk).update(unhappy=False)

    assert tell(unhappy) == []


def test_the_mail_leads_to_the_answer_and_says_no_words_of_it(
    shop: Shop, unhappy: Invitation
) -> None:
    notices.tell(invitation=str(unhappy.pk), staff=str(shop.manager.id), now=NOW)

    (letter,) = mail.outbox
    assert letter.to == ["mona@aurum.example"]
    assert f"/surveys/{unhappy.pk}/" in letter.body
    assert "I waited" not in letter.body


def test_who_looked_at_it_is_written_down_once(shop: Shop, unhappy: Invitation) -> None:
    services.see(actor=shop.manager, invitation_id=unhappy.pk, now=NOW)
    services.see(actor=shop.guide, invitation_id=unhappy.pk, now=NOW)

    unhappy.refresh_from_db()
    assert (unhappy.seen_at, unhappy.seen_by_id) == (NOW, shop.manager.id)
    assert tell(unhappy) == []


def test_a_stranger_sees_no_answer_of_another_store(shop: Shop, unhappy: Invitation) -> None:
    nobodys = surveys.answered(store_id=shop.store.pk, unhappy=True)

    for row in (unhappy, nobodys):
        with pytest.raises(NotFound):
            services.see(actor=shop.stranger, invitation_id=row.pk, now=NOW)


def test_the_line_of_time_tells_what_was_answered(shop: Shop, unhappy: Invitation) -> None:
    page = timeline.page(
        customer_id=shop.carol.pk, actor=shop.guide, language="en", kinds=frozenset({"surveys"})
    )

    (event,) = page.events
    assert event.title == "Answered: After the purchase"
    assert "Clear and fair price: 1/5" in event.details
    assert event.tone == "warning"
