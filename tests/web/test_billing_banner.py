"""The word about the subscription on every page of a chain."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.billing import settling
from regulars.billing.models import Subscription
from regulars.staff.models import Role
from regulars.tenancy import directory
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from regulars.web.billing import banner
from tests.factories.visitors import Visitor, signed_in

DAY = timedelta(days=1)
OWNER, MANAGER, GUIDE = Role.OWNER, Role.STORE_MANAGER, Role.GUIDE


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


@pytest.mark.parametrize(
    ("standing", "access", "days", "title"),
    [
        ("", "full", 3, None),
        ("paid", "full", 3, None),
        ("trial", "full", 8, None),
        ("trial", "full", 7, "Your trial ends within 7 days"),
        ("trial", "full", 0.5, "Your trial ends within 1 day"),
        ("trial", "full", -0.5, "The free trial is over"),
        ("trial-over", "full", 5, "The free trial is over"),
        ("late", "full", 5, "Your subscription is not paid"),
        ("ending", "full", 20, "The subscription is cancelled"),
        ("late", "read-only", 5, "Your team can only look now"),
        ("cancelled", "paused", 5, "Nothing is sent by itself any more"),
        ("trial-over", "closed", None, "Your workspace is closed"),
    ],
)
def test_an_owner_is_told_what_needs_them_and_nothing_else(
    aurum: ChainInfo, now: datetime, standing: str, access: str, days: float | None, title: str
) -> None:
    until = None if days is None else now + days * DAY
    chain = replace(aurum, standing=standing, access=access, standing_until=until)

    told = banner.words(chain, role=OWNER, now=now)

    assert (told.title if told else None) == title
    assert told is None or told.label


def test_managers_hear_of_it_without_a_button_and_guides_of_what_is_closed(
    aurum: ChainInfo, now: datetime
) -> None:
    late = replace(aurum, standing="late", standing_until=now + DAY)
    closed = replace(late, access="read-only")

    manager = banner.words(late, role=MANAGER, now=now)
    assert manager is not None
    assert (manager.label, manager.tone) == ("", "warning")
    assert manager.text == "The owner of this workspace can mend it."
    assert banner.words(late, role=GUIDE, now=now) is None
    guide = banner.words(closed, role=GUIDE, now=now)
    assert guide is not None
    assert (guide.label, guide.tone) == ("", "bad")
    assert "Tills go on recording." in guide.text


def test_every_page_says_it_and_asks_nobody_for_it(inside_aurum: ChainInfo) -> None:
    client = signed_in()
    quiet, asked = seen(client)
    Chain.objects.filter(pk=inside_aurum.id).update(
        standing="late", standing_until=timezone.now() + 3 * DAY
    )
    directory._entries.clear()

    said, asked_then = seen(client)

    assert "data-billing-banner" not in quiet
    assert 'data-billing-banner="full" data-billing-standing="late"' in said
    assert 'href="/settings/billing/">See to the payment' in said
    assert asked_then == asked


def seen(client: Visitor) -> tuple[str, int]:
    """Return a page, and how many questions it asked when it was warm."""
    client.get("/settings/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/settings/").content.decode()
    return page, len(queries)


@pytest.mark.parametrize(
    ("row", "standing"),
    [
        ({"trial_ends_at": 20}, "trial"),
        ({"trial_ends_at": -3}, "trial-over"),
        ({"status": "active", "period_ends_at": 10}, "paid"),
        ({"status": "active", "period_ends_at": 10, "cancels_at": 10}, "ending"),
        ({"status": "past_due", "unpaid_since": -3}, "late"),
        ({"status": "canceled", "trial_ends_at": -60, "ended_at": -3}, "cancelled"),
    ],
)
def test_what_stands_beside_the_chain_is_written_when_it_is_settled(
    aurum: ChainInfo, now: datetime, row: dict[str, Any], standing: str
) -> None:
    facts = {
        name: now + each * DAY if isinstance(each, int) else each for name, each in row.items()
    }
    Subscription.objects.filter(chain_id=aurum.id).update(**facts)

    settling.settle(chain_id=aurum.id, now=now)

    assert Chain.objects.get(pk=aurum.id).standing == standing
    assert settling.settle(chain_id=aurum.id, now=now) == []


def test_a_demo_is_told_nothing(aurum: ChainInfo, now: datetime) -> None:
    Chain.objects.filter(pk=aurum.id).update(is_demo=True)
    Subscription.objects.filter(chain_id=aurum.id).update(trial_ends_at=now - 90 * DAY)

    settling.settle(chain_id=aurum.id, now=now)

    chain = Chain.objects.get(pk=aurum.id)
    assert (chain.access, chain.standing, chain.standing_until) == ("full", "", None)


def test_a_closed_workspace_still_shows_the_owner_the_way(inside_aurum: ChainInfo) -> None:
    Chain.objects.filter(pk=inside_aurum.id).update(access="closed", standing="late")
    directory._entries.clear()

    page = signed_in().get("/settings/billing/").content.decode()

    assert 'data-billing-banner="closed"' in page
    assert "Nothing is deleted" in page
    assert "/messages/count/" not in page  # would be refused, and say so over and over
    assert "data-search" not in page


def test_a_closed_workspace_lists_what_may_be_taken_out(inside_aurum: ChainInfo) -> None:
    Chain.objects.filter(pk=inside_aurum.id).update(access="closed", standing="late")
    directory._entries.clear()

    page = signed_in().get("/today/").content.decode()

    ways = page[page.index('class="ways-out"') :]
    assert ways.index("/customers/export/") < ways.index("</ul>") < ways.index("Sign out")
