"""Who pays late is told, looks only, is closed at last; who pays again has everything at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from regulars.billing import entitlements, reconciling, settling, tasks
from regulars.billing.entitlements import Usage
from regulars.billing.models import Subscription
from regulars.outbox import services as outbox
from regulars.outbox.models import Job
from regulars.staff.models import Staff
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from regulars.web import billing_notices
from tests.billing.paying import DAY, Payer

assert tasks
assert billing_notices


def night(payer: Payer) -> str:
    reconciling.reconcile(now=payer.now)
    return payer.access


def noticed(payer: Payer) -> list[str]:
    with context.inside(payer.chain):
        jobs = Job.objects.filter(handler="billing.notice").order_by("created_at", "id")
        return [each.payload["notice"] for each in jobs]


def late(payer: Payer) -> Payer:
    """Return a chain whose card failed at the renewal an hour ago."""
    payer.subscribed(plan="start", stores=1)
    payer.use_card("pm_card_chargeCustomerFail")
    ends = payer.row.period_ends_at
    assert ends is not None
    return payer.to(ends + timedelta(hours=2))


def test_late_then_only_looking_then_paused_then_closed_and_paying_opens_all(payer: Payer) -> None:
    late(payer)
    since = payer.row.unpaid_since
    assert since is not None
    seen = []
    for days in (0, 6, 7, 20, 21, 59, 60):
        payer.clock.to(int((since + days * DAY).timestamp()) + 7200)
        seen.append(night(payer))

    assert seen == ["full", "full", *["read-only"] * 2, "paused", "paused", "closed"]
    invoice = payer.client.invoices.list({"customer": payer.customer, "status": "open"}).data[-1]
    payer.use_card("pm_card_visa")
    payer.client.invoices.pay(invoice.id)
    payer.hear()
    assert (payer.row.status, payer.access) == ("active", "full")


def test_the_owner_is_told_every_day_while_it_is_late_and_each_thing_once(payer: Payer) -> None:
    late(payer)
    before = noticed(payer)
    assert before[-1] == "late-0"
    for _day in range(3):
        night(payer)
        night(payer)
        payer.clock.to(payer.clock.now + 86_400)

    assert noticed(payer) == [*before, "late-1", "late-2"]


def test_a_trial_that_ends_is_told_before_and_then_goes_the_same_way(
    aurum: ChainInfo, inside_aurum: ChainInfo
) -> None:
    row = Subscription.objects.get(chain_id=aurum.id)
    found = []
    for days in (-8, -7, -3, -1, 1, 8, 22, 61):
        settling.settle(chain_id=aurum.id, now=row.trial_ends_at + days * DAY)
        found.append(Chain.objects.get(pk=aurum.id).access)
    told = [each.payload["notice"] for each in Job.objects.filter(handler="billing.notice")]

    assert found == ["full"] * 5 + ["read-only", "paused", "closed"]
    assert set(told) == {
        "trial-7", "trial-3", "trial-1", "late-1", "read-only", "paused", "closed"
    }  # fmt: skip


def test_a_demo_never_ends(aurum: ChainInfo) -> None:
    Chain.objects.filter(pk=aurum.id).update(is_demo=True)
    row = Subscription.objects.get(chain_id=aurum.id)

    settling.settle(chain_id=aurum.id, now=row.trial_ends_at + 400 * DAY)

    assert Chain.objects.get(pk=aurum.id).access == "full"


@pytest.mark.parametrize(
    ("language", "subject"), [("en", "Your subscription is not paid"), ("zh-hans", "")]
)
def test_the_owner_reads_it_in_the_chains_language(
    payer: Payer, language: str, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Chain.objects.filter(pk=payer.chain.id).update(language=language)
    chain = Chain.objects.get(pk=payer.chain.id)
    now = late(payer).now
    with context.inside(chain):
        billing_notices.tell(notice="late-0", now=now)

        owner = Staff.objects.get(role="owner")
    assert [each.to for each in mail.outbox] == [[owner.email]]
    assert subject in mail.outbox[0].subject


def test_who_paid_meanwhile_is_told_nothing(payer: Payer) -> None:
    payer.subscribed()
    with context.inside(payer.chain):
        billing_notices.tell(notice="late-0", now=payer.now)

    assert mail.outbox == []


def test_every_notice_has_a_sentence() -> None:
    for notice in ("trial-7", "trial-1", "late-0", "read-only", "paused", "closing-7", "closed"):
        said = billing_notices.says(notice, "1 May")
        assert said["subject"]
        assert "%(" not in said["text"]


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ("full", (True, True, True, True)),
        ("read-only", (False, True, True, True)),
        ("paused", (False, True, False, True)),
        ("closed", (False, False, False, False)),
    ],
)
def test_what_is_open_follows_how_a_chain_stands(
    aurum: ChainInfo, access: str, expected: tuple[bool, ...]
) -> None:
    found = entitlements.of(context_of(aurum, access=access))

    assert (found.may_change, found.may_record, found.goes_by_itself, found.is_open) == expected


def context_of(chain: ChainInfo, **changes: Any) -> ChainInfo:
    return ChainInfo(**{name: changes.get(name, getattr(chain, name)) for name in chain.__slots__})


def test_what_a_plan_allows_is_read_from_the_chain_without_asking(
    aurum: ChainInfo, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        start = entitlements.of(context_of(aurum, plan="start"))
        group = entitlements.of(context_of(aurum, plan="group"))

    assert (start.stores, start.members, start.messages) == (5, 20_000, 2_000)
    assert (group.stores, group.members) == (None, None)
    used = Usage(stores=6, members=16_000, messages=1_999)
    assert entitlements.near(start.plan, used) == [
        ("stores", 100),
        ("members", 80),
        ("messages", 80),
    ]
    assert [each.what for each in entitlements.what_no_longer_fits("start", used)] == ["stores"]
    assert entitlements.what_no_longer_fits("group", used) == []


def test_the_night_has_the_mail_sent_by_the_chains_outbox(payer: Payer) -> None:
    row = payer.row
    Subscription.objects.filter(pk=row.pk).update(trial_ends_at=payer.now + 2 * DAY)
    night(payer)

    with context.inside(payer.chain):
        assert outbox.work_off() >= 1
        job = Job.objects.get(handler="billing.notice")

    assert (job.payload, job.fault) == ({"notice": "trial-3"}, "")
    assert job.done_at is not None
