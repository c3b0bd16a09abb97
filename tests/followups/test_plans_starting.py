"""What starts a plan, with whom, and when its steps are due."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.followups.occasions import keeping
from regulars.followups.plans import sweeping
from regulars.insights.models import Silence
from regulars.kit import Field, FollowUp, Function, Where
from regulars.purchases.models import Purchase
from regulars.registry.models import Declaration
from regulars.tenancy.identifiers import new_id
from regulars.usecases import plan_silences
from tests.factories import customers, people, purchases
from tests.factories.followups import EVER, NOW, WORKDAYS, plan, step, told
from tests.followups.conftest import Cast, Declare, keep, own


def sold(customer: Customer | None, **facts: Any) -> Any:
    lines = facts.pop("lines", ())
    return purchases.sale(*lines, customer=customer, **facts)


def sweep(now: datetime = NOW) -> int:
    return sweeping.sweep(now=now, since=EVER)


def test_a_purchase_starts_the_plan_once_with_the_customers_guide(
    cast: Cast, declare: Declare
) -> None:
    declare(plan(steps=(step("call", after=7), step("again", after=30))))
    one = customers.customer(store=cast.north, owner=cast.bob_)
    sale = sold(one)

    began = [sweep(), sweep()]

    assert began == [1, 0]
    assert told(one) == ["11-28 after/call open", "12-21 after/again open"]
    first = Task.objects.get(step="call")
    assert (first.owner_id, first.store_id) == (cast.bob_.pk, cast.north.pk)
    assert (first.source, first.source_kind) == (sale.purchase_id, "purchase.recorded")
    assert first.started_on == date(2026, 11, 21)


def test_nobody_is_followed_up_who_is_not_known(cast: Cast, declare: Declare) -> None:
    declare(plan())
    sold(None)

    assert sweep() == 0


def test_a_step_on_a_closed_day_is_due_when_the_store_opens_next(
    cast: Cast, declare: Declare
) -> None:
    declare(plan(starts="purchase.delivered"))
    shop = people.store(code="W", hours=WORKDAYS)
    one = customers.customer(store=shop)
    ordered = datetime(2026, 10, 1, 2, tzinfo=NOW.tzinfo)
    sold(one, occurred_at=ordered, now=ordered, extra={"delivery-date": "2026-10-03"})

    sweep(ordered)

    task = Task.objects.get()
    assert (task.started_on, task.due_on) == (date(2026, 10, 3), date(2026, 10, 12))


def test_what_was_taken_along_was_delivered_on_the_day(cast: Cast, declare: Declare) -> None:
    declare(plan(starts="purchase.delivered"))
    sold(customers.customer(store=cast.north))

    sweep()

    assert told() == ["11-28 after/call open"]


def test_a_plan_may_count_from_a_date_of_the_purchase(cast: Cast, declare: Declare) -> None:
    declare(plan(starts="purchase.delivery-date", steps=(step(after=-1),)))
    one, two = (customers.customer(store=cast.north) for _ in range(2))
    sold(one, extra={"delivery-date": "2026-12-05"})
    sold(two)

    sweep()

    assert told(one) == ["12-04 after/call open"]
    assert told(two) == []


@pytest.mark.parametrize(
    ("where", "starts"),
    [
        ((Where(fact="line.category", op="is", value="gold"),), True),
        ((Where(fact="line.category", op="is", value="silver"),), False),
        (
            (
                Where(fact="line.category", op="is", value="gold"),
                Where(fact="line.karat", op="at-least", value=20),
            ),
            False,  # the gold has 18, what has 24 is a service
        ),
        ((Where(fact="purchase.net", op="at-least", value=200),), True),
        ((Where(fact="purchase.lines", op="at-least", value=3),), False),
        ((Where(fact="customer.style", op="is", value="plain"),), True),
        ((Where(fact="customer.style", op="known", value=False),), False),
        ((Where(fact="customer.spent", op="at-least", value=150),), True),
        ((Where(fact="customer.tier", op="is", value="silver"),), True),
        ((Where(fact="customer.points", op="at-least", value=100_000),), False),
        ((Where(fact="customer.birthday-month", op="is", value=True),), True),
        ((Where(fact="customer.birthday", op="is", value=True),), False),
    ],
)
def test_conditions_are_asked_of_lines_purchase_and_customer(
    cast: Cast, declare: Declare, where: tuple[Where, ...], starts: bool
) -> None:
    declare(plan(where=where))
    one = customers.customer(store=cast.north, extra={"style": "plain"})
    keep(one, month=11, day=3)
    lines = (
        purchases.line(10_000, category="gold", extra={"karat": 18}),
        purchases.line(10_000, category="service", extra={"karat": 24}),
    )
    sold(one, lines=lines)

    assert (sweep() == 1) is starts


def test_a_function_of_the_vertical_is_a_fact_too(cast: Cast, declare: Declare) -> None:
    from regulars_jewelry import has_matching_set

    function = Function(key="set", on="purchase", gives="boolean", call=has_matching_set)
    series = Field(on="line", key="series", kind="text", label=customers.label("Series"))
    declare(
        plan(where=(Where(fact="purchase.set", op="is", value=True),)),
        functions=(function,),
        fields=(series,),
    )
    one, two = (customers.customer(store=cast.north) for _ in range(2))
    sold(one, lines=[purchases.line(extra={"series": "lotus"}) for _ in range(2)])
    sold(two)

    sweep()

    assert [told(one), told(two)] == [["11-28 after/call open"], []]


def test_the_first_visit_stays_the_first_however_late_we_look(cast: Cast, declare: Declare) -> None:
    declare(plan(where=(Where(fact="customer.purchases", op="at-most", value=1),)))
    one = customers.customer(store=cast.north)
    first = sold(one, occurred_at=NOW - timedelta(hours=2))
    sold(one, occurred_at=NOW - timedelta(hours=1))

    sweep()

    assert [row.source for row in Task.objects.all()] == [first.purchase_id]


def test_what_happened_long_ago_starts_nothing(cast: Cast, declare: Declare) -> None:
    declare(plan())
    one = customers.customer(store=cast.north)
    sold(one, occurred_at=NOW - timedelta(days=8))

    assert sweep() == 0


def test_steps_that_are_long_past_are_left_out(cast: Cast, declare: Declare) -> None:
    declare(plan(steps=(step("next-day", after=1), step("week", after=7))))
    one = customers.customer(store=cast.north)
    sold(one, occurred_at=NOW - timedelta(days=6))

    sweep()

    assert told(one) == ["11-22 after/week open"]


def test_files_start_nothing(cast: Cast, declare: Declare) -> None:
    declare(plan(), plan("joined", starts="customer.joined"))
    one = customers.customer(store=cast.north)
    Customer.objects.filter(pk=one.pk).update(import_id=new_id())
    import_a_purchase(one)

    assert sweep() == 0


def import_a_purchase(customer: Customer, minor: int = 100) -> None:
    Purchase(
        customer=customer,
        store=people.first_store(),
        source="file",
        number="1",
        occurred_at=NOW,
        business_day=NOW.date(),
        gross_minor=minor,
        paid_minor=minor,
        import_id=new_id(),
    ).save(force_insert=True)


def test_a_plan_starts_with_what_happens_after_it_is_switched_on(
    cast: Cast, declare: Declare
) -> None:
    declare(plan("old"), plan("new"))
    one = customers.customer(store=cast.north)
    sold(one)
    switched_on = timezone.now() + timedelta(hours=2)
    Declaration(noun="follow-up", key="new", body={"title": {}}, changed_at=switched_on).save(
        force_insert=True
    )

    sweep()

    assert told(one) == ["11-28 old/call open"]


def test_a_retired_plan_starts_nothing(cast: Cast, declare: Declare) -> None:
    declare(plan(retired=True))
    sold(customers.customer(store=cast.north))

    assert sweep() == 0


def test_a_new_customer_and_a_new_thing_start_their_plans(cast: Cast, declare: Declare) -> None:
    declare(
        plan("welcome", starts="customer.joined", steps=(step(after=3),)),
        plan("care", starts="possession.added", steps=(step(after=10),)),
    )
    one = customers.customer(store=cast.north)
    Customer.objects.filter(pk=one.pk).update(joined_at=NOW)
    own(one, acquired_on=NOW.date())
    own(one, acquired_on=NOW.date() - timedelta(days=400))

    sweep()

    assert told(one) == ["11-24 welcome/call open", "12-01 care/call open"]


def birthday_plan() -> FollowUp:
    steps = (step("prepare", after=-1, do="task"), step("greet", after=0))
    return plan("birthday", starts="customer.birthday", steps=steps)


def test_a_birthday_is_prepared_the_day_before(cast: Cast, declare: Declare) -> None:
    declare(birthday_plan())
    one = customers.customer(store=cast.north)
    keep(one, month=11, day=26)

    began = [sweeping.night(now=NOW) for _ in range(2)]

    assert began == [1, 0]
    assert told(one) == ["11-25 birthday/prepare open", "11-26 birthday/greet open"]


def test_what_comes_before_a_day_is_not_moved_past_it(cast: Cast, declare: Declare) -> None:
    declare(birthday_plan())
    shop = people.store(code="W", hours=WORKDAYS)
    one = customers.customer(store=shop)
    keep(one, month=11, day=23)  # a Monday
    two = customers.customer(store=shop)
    keep(two, month=11, day=29)  # a Sunday

    sweeping.night(now=NOW - timedelta(days=1))

    assert told(one) == ["11-20 birthday/prepare open", "11-23 birthday/greet open"]
    assert told(two) == ["11-27 birthday/prepare open", "11-30 birthday/greet open"]


def test_who_tells_of_tomorrows_birthday_is_still_greeted(cast: Cast, declare: Declare) -> None:
    declare(birthday_plan())
    one = customers.customer(store=cast.north)
    keep(one, month=11, day=21)

    sweeping.night(now=NOW)

    assert told(one) == ["11-21 birthday/greet open"]


def test_a_day_that_is_changed_changes_the_plan(cast: Cast, declare: Declare) -> None:
    declare(birthday_plan())
    one = customers.customer(store=cast.north)
    noted = keep(one, month=11, day=26)
    sweeping.night(now=NOW)

    noted.delete()
    keep(one, month=11, day=24)
    sweeping.night(now=NOW)

    assert told(one) == [
        "11-23 birthday/prepare open",
        "11-24 birthday/greet open",
        "11-25 birthday/prepare stopped day-changed",
        "11-26 birthday/greet stopped day-changed",
    ]


def test_a_reminder_of_a_thing_starts_a_plan(cast: Cast, declare: Declare) -> None:
    declare(plan("clean", starts="possession.ring.clean", steps=(step(after=-2),)))
    one = customers.customer(store=cast.north)
    own(one, acquired_on=date(2026, 5, 28))
    keeping.refresh_all(now=NOW)

    sweeping.night(now=NOW)

    assert told(one) == ["11-26 clean/call open"]


def test_a_silence_starts_a_plan_once(cast: Cast, declare: Declare) -> None:
    declare(plan("quiet", starts="customer.silent", steps=(step(after=0),)))
    one = customers.customer(store=cast.north)
    Silence(
        customer_id=one.pk,
        last_day=date(2026, 8, 1),
        usual_days=30,
        due_on=date(2026, 9, 20),
        noticed_on=NOW.date(),
        weekly_minor=100,
        missed_minor=900,
    ).save(force_insert=True)

    for hours in range(3):
        plan_silences.start(now=NOW + timedelta(hours=hours))

    assert told(one) == ["11-21 quiet/call open"]
    assert Task.objects.get().facts == {
        "last_day": "2026-08-01",
        "usual_days": 30,
        "missed_minor": 900,
    }


def levels() -> tuple[FollowUp, FollowUp]:
    return (
        plan("up", starts="tier.raised", steps=(step(after=0),)),
        plan("down", starts="tier.lowered", steps=(step(after=0),)),
    )


def test_who_rises_to_a_level_or_falls_starts_a_plan(cast: Cast, declare: Declare) -> None:
    declare(*levels())
    today = timezone.now()
    rich, steady = (customers.customer(store=cast.north) for _ in range(2))
    sold(rich, lines=[purchases.line(150_000)], occurred_at=today, now=today)
    sold(steady, lines=[purchases.line(50_000)], occurred_at=today, now=today)

    tomorrow = today + timedelta(days=1)
    sweeping.night(now=tomorrow)
    sweeping.night(now=tomorrow)

    assert [row.plan for row in Task.objects.filter(customer=rich)] == ["up"]
    assert Task.objects.get(customer=rich).facts == {"tier": "gold", "before": "silver"}
    assert told(steady) == []


def test_a_level_is_lost_when_its_year_is_over(cast: Cast, declare: Declare) -> None:
    declare(*levels())
    today = timezone.now()
    one = customers.customer(store=cast.north)
    sold(one, lines=[purchases.line(150_000)], occurred_at=today, now=today)

    year_later = today + timedelta(days=366)
    sweeping.night(now=year_later)
    sweeping.night(now=year_later)

    assert [row.plan for row in Task.objects.filter(customer=one)] == ["down"]


def test_history_from_a_file_lifts_nobody(cast: Cast, declare: Declare) -> None:
    declare(*levels())
    today = timezone.now()
    one = customers.customer(store=cast.north)
    import_a_purchase(one, minor=150_000)
    sold(one, occurred_at=today, now=today)

    sweeping.night(now=today + timedelta(days=1))

    assert told(one) == []
