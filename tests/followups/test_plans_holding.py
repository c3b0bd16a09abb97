"""Tasks when two customers turn out to be one, are two again, are forgotten, or ask to know."""

from datetime import date, timedelta

from regulars.audit import SYSTEM
from regulars.followups import holding
from regulars.followups.models import Task
from regulars.followups.plans import pausing, selectors
from regulars.usecases.erase import erase
from regulars.usecases.merge import merge, unmerge
from tests.factories import customers, followups, purchases
from tests.factories.followups import NOW, plan, told
from tests.followups.conftest import Cast, Declare


def test_a_merge_moves_tasks_and_what_is_double_is_done_once(cast: Cast, declare: Declare) -> None:
    declare(plan())
    kept, absorbed = (customers.customer(store=cast.north) for _ in range(2))
    followups.task(kept, key="tier.raised:gold:2026-11-20")
    followups.task(absorbed, key="tier.raised:gold:2026-11-20")
    followups.task(absorbed, plan="other", due_on=date(2026, 11, 25))

    merge(actor=SYSTEM, kept_id=kept.pk, absorbed_id=absorbed.pk, now=NOW)

    assert sorted(told(kept)) == [
        "11-21 after/call open",
        "11-21 after/call stopped merged",
        "11-25 other/call open",
    ]
    assert told(absorbed) == []
    unmerge(actor=SYSTEM, absorbed_id=absorbed.pk, now=NOW)
    assert told(absorbed) == ["11-21 after/call open", "11-25 other/call open"]
    assert told(kept) == ["11-21 after/call open"]
    assert set(Task.objects.values_list("key", flat=True)) >= {"tier.raised:gold:2026-11-20"}


def test_what_the_survivor_bought_ends_what_the_other_was_missed_for(
    cast: Cast, declare: Declare
) -> None:
    declare(plan("quiet", starts="customer.silent", stops=("purchase.recorded",)))
    kept, absorbed = (customers.customer(store=cast.north) for _ in range(2))
    followups.task(absorbed, plan="quiet", since=NOW - timedelta(days=9))
    purchases.sale(customer=kept)

    merge(actor=SYSTEM, kept_id=kept.pk, absorbed_id=absorbed.pk, now=NOW)

    assert told(kept) == ["11-21 quiet/call stopped purchase.recorded"]


def test_a_pause_goes_along(cast: Cast) -> None:
    kept, absorbed = (customers.customer(store=cast.north) for _ in range(2))
    pausing.pause(absorbed.pk, "complaint:1", NOW)

    merge(actor=SYSTEM, kept_id=kept.pk, absorbed_id=absorbed.pk, now=NOW)

    assert pausing.is_paused(kept.pk)
    assert pausing.resume(kept.pk, "complaint:1", NOW)


def test_who_is_forgotten_is_followed_up_no_more_and_leaves_only_figures(cast: Cast) -> None:
    one = customers.customer(store=cast.north)
    followups.task(one)
    pausing.pause(one.pk, "complaint:1", NOW)
    followups.task(
        one,
        state="done",
        done_at=NOW,
        outcome="reached",
        satisfaction=2,
        note="Divorced",
        answers={"wants": "a ring"},
        next_step="Call the brother",
        facts={"product": "Ring"},
    )

    erase(actor=SYSTEM, customer_id=one.pk, reason="asked", now=NOW)

    left = Task.objects.get()
    assert (left.state, left.outcome, left.satisfaction) == ("done", "reached", 2)
    assert (left.note, left.answers, left.next_step, left.facts) == ("", {}, "", {})
    wanted = selectors.Wanted(states=("done",))
    assert selectors.page(actor=cast.alice, wanted=wanted, now=NOW).items == []


def test_a_customer_may_know_what_was_done_and_answered(cast: Cast) -> None:
    one = customers.customer(store=cast.north)
    followups.task(one, state="done", done_at=NOW, note="Likes pearls", satisfaction=5)
    pausing.pause(one.pk, "complaint:1", NOW)

    (known,) = holding.disclose(customer_id=one.pk)["follow_ups"]

    assert (known["note"], known["satisfaction"], known["state"]) == ("Likes pearls", 5, "done")
