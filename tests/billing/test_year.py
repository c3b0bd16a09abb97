"""A chain's life on a test clock through our services, billed to the cent as worked out by hand.

What Stripe reckons by is said at `regulars.local.stripe.engine.prorating`: by the second, each line
rounded for itself, and what is given back is a part of what was billed. All times are UTC.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from regulars.billing import entitlements, reconciling, services
from regulars.local.stripe import server
from regulars.local.stripe.engine import amounts
from regulars.stores import services as stores
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from regulars.usecases import subscribe
from tests.billing.conftest import with_plans
from tests.billing.paying import Payer
from tests.counts import Note
from tests.factories import people

type Lines = list[int]


@dataclass(frozen=True, kw_only=True)
class Bills:
    """What a life costs in one currency, in minor units: the lines of each invoice that has any.

    A store costs `month` or `year`. The fractions of the comments hold in each currency.
    """

    month: int
    year: int
    april: Lines
    """3 months."""
    may: Lines
    """The 4th store from 11 April, 10:00, for 20 of 30 days: −3 × 20/30, + 4 × 20/30. The 5th from
    20 April, 17:36:07: of these 20 days (1,728,000 s) 923,033 s are left, of the 30 (2,592,000 s)
    as well: − what was billed × 923,033/1,728,000, + 5 × 923,033/2,592,000. Then 5 for May."""
    the_year: Lines
    """16 May, 22:00: 15.5 of 31 days are left: −5 months × 1/2, + 5 years."""
    again: Lines
    """5 years."""
    at_the_end: Lines
    """The 5th store closed on 15 June 2027, 22:00, 336 of 366 days (2028 has a 29 February) before
    the end: −5 years × 336/366, + 4 years × 336/366."""
    back: Lines
    """4 months."""
    due: int
    """Of the third month back: what the balance does not cover any more."""
    paid: int
    """What was taken from cards in all: april + may + the year + again + due."""


BILLS: Final = {
    "CNY": Bills(
        month=19_900,
        year=199_000,
        april=[59_700],  # 3 × 199.00
        # −597.00 × 2/3; 796.00 × 2/3 = 530.666…; −530.67 × 0.5341626… = −283.464…;
        # 995.00 × 0.3561084… = 354.327…; 5 × 199.00; together 1,198.54
        may=[-39_800, 53_067, -28_346, 35_433, 99_500],
        the_year=[-49_750, 995_000],  # −995.00 × 1/2; 5 × 1,990.00; together 9,452.50
        again=[995_000],
        # −9,950.00 × 0.9180327… = −9,134.426…; 7,960.00 × 0.9180327… = 7,307.540…; −1,826.89
        at_the_end=[-913_443, 730_754],
        back=[79_600],  # 4 × 199.00
        due=56_111,  # 3 × 796.00 − 1,826.89
        paid=2_175_915,  # 597.00 + 1,198.54 + 9,452.50 + 9,950.00 + 561.11
    ),
    "EUR": Bills(
        month=2_700,
        year=27_000,
        april=[8_100],
        # −81.00 × 2/3; 108.00 × 2/3; −72.00 × 0.5341626… = −38.459…;
        # 135.00 × 0.3561084… = 48.074…; 5 × 27.00; together 162.61
        may=[-5_400, 7_200, -3_846, 4_807, 13_500],
        the_year=[-6_750, 135_000],  # together 1,282.50
        again=[135_000],
        # −1,350.00 × 0.9180327… = −1,239.344…; 1,080.00 × 0.9180327… = 991.475…; −247.86
        at_the_end=[-123_934, 99_148],
        back=[10_800],
        due=7_614,  # 3 × 108.00 − 247.86
        paid=295_225,  # 81.00 + 162.61 + 1,282.50 + 1,350.00 + 76.14
    ),
    "USD": Bills(
        month=2_900,
        year=29_000,
        april=[8_700],
        # −87.00 × 2/3; 116.00 × 2/3 = 77.333…; −77.33 × 0.5341626… = −41.306…;
        # 145.00 × 0.3561084… = 51.635…; 5 × 29.00; together 174.66
        may=[-5_800, 7_733, -4_131, 5_164, 14_500],
        the_year=[-7_250, 145_000],  # together 1,377.50
        again=[145_000],
        # −1,450.00 × 0.9180327… = −1,331.147…; 1,160.00 × 0.9180327… = 1,064.918…; −266.23
        at_the_end=[-133_115, 106_492],
        back=[11_600],
        due=8_177,  # 3 × 116.00 − 266.23
        paid=317_093,  # 87.00 + 174.66 + 1,377.50 + 1,450.00 + 81.77
    ),
}


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def stands(payer: Payer) -> tuple[str, str, str, int, int, str]:
    """Return how we keep it: status, state, interval, stores, what recurs a month, access."""
    row = payer.row
    return (
        row.status, row.state, row.interval, row.quantity, row.monthly_minor, payer.access
    )  # fmt: skip


def billed(payer: Payer) -> list[tuple[str, Lines, int]]:
    """Return status, lines and what was due of every invoice, the oldest first."""
    found = payer.client.invoices.list({"customer": payer.customer, "limit": 100}).data[::-1]
    bills = []
    for each in found:
        lines = [line.amount for line in each.lines.data if line.amount]
        assert each.total == sum(lines)
        bills.append((each.status, lines, each.amount_due))
    return bills


def night(payer: Payer, *moment: int) -> str:
    """Let it become that moment of a night, hear nothing, and reconcile; return the access."""
    payer.clock.to(int(at(*moment).timestamp()))
    reconciling.reconcile(now=payer.now)
    return payer.access


def opens(payer: Payer, code: str) -> None:
    """Open a store; a minute's changes are paid for together, and here each is at once."""
    facts = stores.StoreFacts(code=code, name=f"Store {code}", time_zone="Asia/Shanghai")
    with context.inside(payer.chain):
        stores.add(actor=people.actor(people.owner()), facts=facts)
        subscribe.keep_quantity(now=payer.now)


def closes(payer: Payer, code: str) -> None:
    """Close a store, on a day that has come on the shop's own calendar too."""
    with context.inside(payer.chain):
        store = Store.objects.get(code=code)
        owner = people.actor(people.owner())
        stores.close(actor=owner, store_id=store.pk, on=date(2026, 1, 1))
        subscribe.keep_quantity(now=payer.now)


@pytest.mark.proof(
    "trial, monthly, two stores added, yearly, a card fails, read-only, fixed, a store closed, "
    "cancelled, returned, on a test clock: every line of every invoice as worked out by hand"
)
@pytest.mark.parametrize("currency", BILLS)
def test_a_chain_is_billed_to_the_cent_from_its_trial_to_its_return(
    aurum: ChainInfo,
    simulator: server.Server,
    stripe: Any,
    currency: str,
    record_property: Note,
) -> None:
    with_plans(simulator)
    chain = replace(aurum, currency=currency)
    payer, bills = Payer.of(chain, stripe, trial_days=30), BILLS[currency]

    pays_after_the_trial(payer, bills, currency)
    opens_two_stores(payer, bills)
    goes_on_by_the_year(payer, bills)
    pays_late(payer, bills)
    closes_a_store_and_leaves(payer, bills)
    comes_back(payer, bills, currency)

    assert billed(payer) == [
        ("paid", [], 0),
        ("paid", bills.april, sum(bills.april)),
        ("paid", bills.may, sum(bills.may)),
        ("paid", bills.the_year, sum(bills.the_year)),
        ("paid", bills.again, sum(bills.again)),
        ("paid", bills.at_the_end, 0),
        ("paid", bills.back, 0),
        ("paid", bills.back, 0),
        ("paid", bills.back, bills.due),
    ]
    taken = stripe.payment_intents.list({"customer": payer.customer, "limit": 100}).data
    assert sum(each.amount_received for each in taken) == bills.paid
    record_property("invoices", len(billed(payer)))


@pytest.mark.proof("the same by one who prorates by the day")
def test_positive_control_who_prorates_by_the_day_bills_something_else(
    aurum: ChainInfo,
    simulator: server.Server,
    stripe: Any,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Note,
) -> None:
    with_plans(simulator)
    payer, bills, exact = Payer.of(aurum, stripe, trial_days=30), BILLS["CNY"], amounts.share

    def by_the_day(amount: int, *, start: int, end: int, since: int) -> Any:
        return exact(amount, start=start, end=end, since=since - since % 86_400)

    monkeypatch.setattr(amounts, "share", by_the_day)
    pays_after_the_trial(payer, bills, "CNY")
    opens_two_stores(payer, bills)

    assert billed(payer)[:2] == [("paid", [], 0), ("paid", bills.april, sum(bills.april))]
    assert billed(payer)[2][1] != bills.may
    record_property("found", "an invoice of two stores that came in May")


def pays_after_the_trial(payer: Payer, bills: Bills, currency: str) -> None:
    """Ten days into the trial: the twenty that are left stay free."""
    assert stands(payer) == ("", "trial", "", 0, 0, "full")
    opens(payer, "902")  # beside the first, which every chain begins with
    opens(payer, "903")
    payer.to(at(2026, 3, 12, 10))

    payer.subscribed(plan="start", stores=3, currency=currency)

    assert stands(payer) == ("trialing", "paid", "month", 3, 0, "full")
    assert payer.row.period_ends_at == at(2026, 4, 1, 10)
    payer.to(at(2026, 4, 1, 12))
    assert stands(payer) == ("active", "paid", "month", 3, 3 * bills.month, "full")


def opens_two_stores(payer: Payer, bills: Bills) -> None:
    """Each counts from its second on, and is billed with the next month."""
    payer.to(at(2026, 4, 11, 10))
    opens(payer, "904")
    payer.to(at(2026, 4, 20, 17, 36, 7))
    opens(payer, "905")

    assert stands(payer) == ("active", "paid", "month", 5, 5 * bills.month, "full")
    assert len(billed(payer)) == 2
    payer.to(at(2026, 5, 1, 12))
    assert len(billed(payer)) == 3


def goes_on_by_the_year(payer: Payer, bills: Bills) -> None:
    """The year begins and is paid now, less what is left of the month."""
    payer.to(at(2026, 5, 16, 22))

    services.change(chain=payer.chain, plan="start", interval="year", now=payer.now)

    twelfth = {19_900: 82_917, 2_700: 11_250, 2_900: 12_083}[bills.month]  # 5 years / 12
    assert stands(payer) == ("active", "paid", "year", 5, twelfth, "full")
    assert payer.row.period_ends_at == at(2027, 5, 16, 22)
    assert len(billed(payer)) == 4


def pays_late(payer: Payer, bills: Bills) -> None:
    """The card fails at the renewal; seven days later people only look, until it is paid."""
    payer.to(at(2027, 5, 1, 10))
    payer.use_card("pm_card_chargeCustomerFail")
    payer.to(at(2027, 5, 17, 1))
    assert stands(payer)[:2] == ("past_due", "late")
    assert payer.row.unpaid_since == at(2027, 5, 16, 23)  # the draft waits for an hour
    assert billed(payer)[-1] == ("open", bills.again, sum(bills.again))

    seen = [night(payer, 2027, 5, 20, 3), night(payer, 2027, 5, 23, 22, 59)]
    seen += [night(payer, 2027, 5, 23, 23), night(payer, 2027, 5, 26, 3)]
    assert seen == ["full", "full", "read-only", "read-only"]
    chain = ChainInfo.of(Chain.objects.get(pk=payer.chain.id), subdomain="")
    allowed = entitlements.of(chain)
    assert (allowed.may_change, allowed.may_record) == (False, True)

    (invoice,) = payer.client.invoices.list({"customer": payer.customer, "status": "open"}).data
    payer.pay(invoice.hosted_invoice_url)
    payer.hear()
    twelfth = {19_900: 82_917, 2_700: 11_250, 2_900: 12_083}[bills.month]
    assert stands(payer) == ("active", "paid", "year", 5, twelfth, "full")
    assert payer.row.unpaid_since is None


def closes_a_store_and_leaves(payer: Payer, bills: Bills) -> None:
    """What is given back waits for the next invoice; a cancellation can be taken back."""
    payer.to(at(2027, 6, 15, 22))
    closes(payer, "905")
    twelfth = {19_900: 66_333, 2_700: 9_000, 2_900: 9_667}[bills.month]  # 4 years / 12
    assert stands(payer) == ("active", "paid", "year", 4, twelfth, "full")
    payer.to(at(2027, 9, 1, 10))
    services.cancel(chain=payer.chain, now=payer.now)
    services.take_back(chain=payer.chain, now=payer.now)
    assert payer.row.cancels_at is None
    services.cancel(chain=payer.chain, now=payer.now)

    payer.to(at(2028, 5, 16, 21))
    assert payer.row.cancels_at == at(2028, 5, 16, 22)
    assert stands(payer) == ("active", "paid", "year", 4, twelfth, "full")
    assert len(billed(payer)) == 5
    payer.to(at(2028, 5, 16, 23))
    assert stands(payer) == ("canceled", "ended", "year", 4, 0, "read-only")
    assert payer.row.ended_at == at(2028, 5, 16, 22)
    assert payer.client.customers.retrieve(payer.customer).balance == sum(bills.at_the_end)


def comes_back(payer: Payer, bills: Bills, currency: str) -> None:
    """Everything is open again at once, and the balance pays as long as it lasts."""
    assert night(payer, 2028, 5, 30, 21) == "read-only"
    assert night(payer, 2028, 6, 10, 10) == "paused"

    payer.subscribed(plan="start", stores=4, currency=currency)

    assert stands(payer) == ("active", "paid", "month", 4, 4 * bills.month, "full")
    assert [each.status for each in payer.subscriptions()] == ["active", "canceled"]
    payer.to(at(2028, 8, 10, 12))
    assert stands(payer) == ("active", "paid", "month", 4, 4 * bills.month, "full")
    assert payer.client.customers.retrieve(payer.customer).balance == 0
