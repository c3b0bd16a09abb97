"""Messages to many: whom a batch is for, why others are left out, and resuming after a crash."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regulars.audit import SYSTEM
from regulars.customers import services as customers
from regulars.customers.models import LifeEvent
from regulars.messages.gateways import chosen
from regulars.messages.models import Batch, Contact, PassedOver
from regulars.messages.services import batches, sending
from regulars.staff.models import Staff
from regulars.tenancy.context import ChainInfo
from regulars.usecases import batching
from regulars.usecases.batching import Audience
from tests.factories import people
from tests.factories.batches import KEY, crowd, prepared, put_together, text, work_off
from tests.factories.contacts import budget, person
from tests.factories.customers import NOW
from tests.factories.purchases import line, sale
from tests.messages.conftest import Clock, Provider


@pytest.fixture(autouse=True)
def _words(inside_aurum: ChainInfo, settings: Any) -> None:
    settings.LOCAL = True
    budget()
    text()


def reached(batch: Batch) -> set[Any]:
    return set(Contact.objects.filter(batch=batch).values_list("customer_id", flat=True))


def test_a_batch_is_put_together_and_says_why_others_are_left_out() -> None:
    some = crowd(3)
    mute = person(phone=None)
    nameless = person(name="")

    batch = put_together()

    assert reached(batch) == {each.pk for each in some}
    assert batch.filled_at is not None
    assert batch.counts == {
        "asked": 5, "reserved": 3, "words": 2, "looked-at": 5,
    }  # fmt: skip
    left_out = dict(PassedOver.objects.filter(batch=batch).values_list("customer_id", "why"))
    assert left_out == {mute.pk: "words", nameless.pk: "words"}


def test_wishes_addresses_and_budgets_are_respected() -> None:
    one, unwilling, mute = crowd(3)
    mute.phone = None
    mute.save(update_fields=["phone"])
    consent: dict[str, Any] = {"purpose": "care", "given": False, "how": "spoken", "now": NOW}
    customers.consent(actor=SYSTEM, customer_id=unwilling.pk, **consent)

    batch = put_together()

    assert reached(batch) == {one.pk}
    assert (batch.counts["wish"], batch.counts["address"]) == (1, 1)
    second = put_together(title="Again, today")
    assert second.counts.get("reserved", 0) == 1  # three a week


def test_a_crash_between_two_slices_leaves_nobody_out_and_asks_nobody_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batching, "SLICE", 2)
    some = crowd(5)
    pk = prepared()
    work_off(slices=1)
    batching.fill(batch_id=str(pk), after=None, now=NOW)  # the first slice again

    work_off()

    batch = Batch.objects.get(pk=pk)
    assert reached(batch) == {each.pk for each in some}
    assert batch.counts["reserved"] == 5
    assert batch.filled_at is not None


def test_positive_control_without_the_key_of_a_batch_a_slice_asks_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batching, "SLICE", 2)
    monkeypatch.setattr(batches, "_in_batch", lambda draft, _batch: draft)
    crowd(2)
    pk = prepared()

    for _ in range(2):
        batching.fill(batch_id=str(pk), after=None, now=NOW)

    assert Contact.objects.filter(batch=pk).count() == 4


def test_an_audience_is_narrowed_by_store_and_region() -> None:
    east = people.region()
    near, far = people.store(code="n1", region=east), people.store(code="f1")
    here, there = crowd(2, store=near), crowd(1, store=far)

    by_store = put_together(audience=Audience(store_id=far.pk))
    by_region = put_together(audience=Audience(region_id=east.pk))

    assert reached(by_store) == {each.pk for each in there}
    assert reached(by_region) == {each.pk for each in here}


def test_an_audience_is_narrowed_by_level_and_by_a_group_of_the_vertical() -> None:
    rich, poor = crowd(2)
    sale(line(2_000_000), customer=rich)
    poor.extra = {"stone-preference": ["jadeite"]}
    poor.save(update_fields=["extra"])

    by_tier = put_together(audience=Audience(tier="silver"))
    by_segment = put_together(audience=Audience(segment="jade-lovers"))

    assert reached(by_tier) == {rich.pk}
    assert reached(by_segment) == {poor.pk}


def test_an_audience_is_those_whose_day_is_near() -> None:
    soon, later, _never = crowd(3)
    today = NOW.astimezone(UTC).date()
    for one, days in ((soon, 3), (later, 30)):
        on = today + timedelta(days=days)
        LifeEvent(customer=one, kind="birthday", month=on.month, day=on.day, next_on=on).save(
            force_insert=True
        )

    batch = put_together(audience=Audience(occasion="birthday", days=7))

    assert reached(batch) == {soon.pk}


def test_whoever_is_in_quiet_hours_gets_it_after_them() -> None:
    budget(quiet=["21:00", "09:00"])
    (one,) = crowd(1)
    night = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)  # ten in the evening in Shanghai
    morning = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)

    in_time = put_together(at=night, now=NOW)
    too_late = put_together(at=night, now=NOW, not_after=night + timedelta(hours=1))

    assert Contact.objects.get(batch=in_time, customer=one).due_at == morning
    assert PassedOver.objects.get(batch=too_late).why in ("quiet", "distance")


def test_it_goes_only_once_it_is_complete_and_somebody_says_so() -> None:
    crowd(2)
    owner = people.actor(people.owner())
    pk = prepared()

    with pytest.raises(batches.NotPutTogether):
        batches.begin(actor=owner, batch_id=pk, now=NOW)
    work_off()
    batches.begin(actor=owner, batch_id=pk, now=NOW)

    assert Batch.objects.get(pk=pk).state == "sending"


def test_a_batch_that_was_stopped_is_not_put_together_any_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batching, "SLICE", 1)
    crowd(3)
    pk = prepared()
    work_off(slices=1)

    batches.stop(actor=people.actor(people.owner()), batch_id=pk, now=NOW)
    work_off()

    assert set(Contact.objects.filter(batch=pk).values_list("state", flat=True)) == {"cancelled"}
    assert Contact.objects.filter(batch=pk).count() == 1


def test_a_batch_whose_owner_has_left_is_given_up() -> None:
    crowd(1)
    pk = prepared()
    Staff.objects.filter(pk=people.owner().pk).update(state="left")

    work_off()

    batch = Batch.objects.get(pk=pk)
    assert (batch.state, batch.fault) == ("stopped", batching.GIVEN_UP)


@pytest.mark.parametrize(("template", "channel"), [("nothing", "sms"), (KEY, "wechat")])
def test_a_text_goes_by_its_own_channels_only(template: str, channel: str) -> None:
    with pytest.raises(batching.NotSendable):
        prepared(template=template, channel=channel)


def test_a_provider_of_approved_texts_gets_no_others() -> None:
    crowd(2)
    values = {"key_id": "K", "key_secret": "S", "callback_secret": "hush"}
    chosen.choose(actor=SYSTEM, slot="sms", provider="aliyun", values=values, now=NOW)

    batch = put_together()

    assert batch.counts["template"] == 2
    assert reached(batch) == set()


def test_a_greeting_that_could_only_come_too_late_stays_at_home(
    inside_aurum: ChainInfo,
) -> None:
    provider, clock = Provider(), Clock()
    crowd(1)
    batch = put_together(not_after=NOW + timedelta(days=1))
    batches.begin(actor=people.actor(people.owner()), batch_id=batch.pk, now=NOW)
    clock.now = NOW + timedelta(days=2)
    means = sending.Means(opened=lambda _slot: provider, clock=clock)  # type: ignore[arg-type, return-value]

    batches.drive(batch_id=batch.pk, means=means)

    assert provider.sent == []
    (row,) = Contact.objects.filter(batch=batch)
    assert (row.state, row.fault) == ("cancelled", "too-late")
