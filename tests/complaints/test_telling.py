"""Owners are warned before a clock runs out, and whoever is drawn in is told, once each (Q5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from regulars.complaints import services
from regulars.complaints.models import Case, Entry
from regulars.complaints.services import escalating
from regulars.outbox.models import Job
from regulars.staff.models import Staff
from regulars.tenancy.context import ChainInfo
from regulars.web.complaints import notices
from tests.factories import complaints
from tests.factories.complaints import HOUR, Cast
from tests.factories.customers import NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def warned(case: Case) -> list[dict[str, Any]]:
    found = Entry.objects.filter(case=case, kind=escalating.WARNED).order_by("id")
    return [each.data for each in found]


def jobs() -> list[dict[str, Any]]:
    rows = Job.objects.filter(handler="complaint.drawn-in").order_by("pk")
    return list(rows.values_list("payload", flat=True))


def test_the_owner_is_warned_when_three_quarters_have_run_and_once(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")  # an hour for the first answer
    seen = []

    for moment in (0.75 * HOUR - SECOND, 0.75 * HOUR, 0.8 * HOUR, 0.9 * HOUR):
        escalating.sweep(now=NOW + moment)
        seen.append(len(warned(case)))

    assert seen == [0, 1, 1, 1]
    assert warned(case)[0] == {"clocks": ["reply"], "level": 0, "to": [str(cast.guide.id)]}
    assert jobs() == [
        {"complaint": str(case.pk), "clocks": ["reply"], "level": 0, "staff": str(cast.guide.id)}
    ]


def test_the_next_word_is_warned_of_anew_after_each_answer(cast: Cast) -> None:
    case = complaints.case(cast, severity="low")
    now = NOW
    for turn in range(2):
        services.write_to_customer(
            actor=cast.guide, case_id=case.pk, text="Not yet", now=now, key=f"w{turn}"
        )
        case.refresh_from_db()
        assert case.look_at is not None
        now = case.look_at
        escalating.sweep(now=now)

    assert [each["clocks"] for each in warned(case)] == [["update"], ["update"]]


def test_a_pause_puts_the_warning_off(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")
    services.wait(actor=cast.guide, case_id=case.pk, text="A picture?", now=NOW, key="w")
    services.resume(actor=cast.guide, case_id=case.pk, now=NOW + 2 * HOUR, key="r")

    escalating.sweep(now=NOW + 5 * HOUR - SECOND)
    assert warned(case) == []
    escalating.sweep(now=NOW + 5 * HOUR)

    assert [each["clocks"] for each in warned(case)] == [["resolve"]]


def test_the_manager_is_warned_where_the_owner_has_left(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")
    Staff.objects.filter(name="Gina").update(state="left")

    escalating.sweep(now=NOW + 0.75 * HOUR)

    assert warned(case)[0]["to"] == [str(cast.manager.id)]


def test_a_sweep_that_comes_late_draws_in_and_warns_of_nothing(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")

    escalating.sweep(now=NOW + HOUR)

    assert warned(case) == []
    assert [each["level"] for each in jobs()] == [1]


def test_what_is_rolled_back_is_told_to_nobody(cast: Cast) -> None:
    complaints.case(cast, severity="high")

    with transaction.atomic():
        escalating.sweep(now=NOW + HOUR)
        transaction.set_rollback(True)

    assert jobs() == []


def tell(case: Case, person: Any, *, level: int) -> None:
    notices.tell(
        complaint=str(case.pk), clocks=["reply"], level=level, staff=str(person.id), now=NOW
    )


def test_the_mail_names_the_complaint_in_the_readers_language(cast: Cast) -> None:
    case = complaints.case(cast, title="A <b>loose</b> stone")
    Staff.objects.filter(name="Mona").update(email="mona@example.com", language="en")

    tell(case, cast.manager, level=1)

    (sent,) = mail.outbox
    assert sent.to == ["mona@example.com"]
    assert sent.subject == f"Overdue: complaint {case.number}"
    assert "first answer" in sent.body
    assert "Gina looks after it" in sent.body
    (html, _kind) = sent.alternatives[0]  # type: ignore[attr-defined]
    assert "A &lt;b&gt;loose&lt;/b&gt; stone" in html


def test_the_owner_reads_that_it_is_due_soon(cast: Cast) -> None:
    case = complaints.case(cast)
    Staff.objects.filter(name="Gina").update(email="gina@example.com", language="en")

    tell(case, cast.guide, level=0)

    assert mail.outbox[0].subject == f"Due soon: complaint {case.number}"
    assert "looks after it" not in mail.outbox[0].body


@pytest.mark.parametrize("why", ["left", "no address", "waits", "over"])
def test_nobody_is_told_in_vain(cast: Cast, why: str) -> None:
    case = complaints.case(cast)
    manager = Staff.objects.filter(name="Mona")
    manager.update(email=None if why == "no address" else "mona@example.com")
    if why == "left":
        manager.update(state="left")
    if why == "waits":
        services.wait(actor=cast.guide, case_id=case.pk, text="A picture?", now=NOW, key="w")
    if why == "over":
        services.end(
            actor=cast.manager, case_id=case.pk, how="spam", reason="Advertising", now=NOW, key="e"
        )

    tell(case, cast.manager, level=1)

    assert mail.outbox == []
