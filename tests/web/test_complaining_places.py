"""Where a code leads: shops, those that closed, chains that are away, and nowhere."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from regulars.billing import settling
from regulars.billing.models import Subscription
from regulars.complaints.models import Case
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from regulars.web.complaining import places
from tests.factories import complaining, people, purchases
from tests.factories.complaining import place, send
from tests.factories.visitors import Visitor


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo) -> None:
    cache.clear()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_shop_that_closed_says_so_and_leads_to_the_others() -> None:
    open_one = people.store(code="open", name="Open shop")
    shut = people.store(code="shut", closed_on=timezone.localdate() - timedelta(days=1))

    answer = Visitor().get(f"/complain/{places.of_store(shut.pk)}/")
    others = text(Visitor().get("/complain/"))

    assert answer.status_code == 410
    assert 'href="/complain/"' in text(answer)
    assert places.of_store(open_one.pk) in others
    assert places.of_store(shut.pk) not in others


def test_a_shop_is_found_by_name_city_or_street() -> None:
    people.store(code="N", name="North gate", city="Harbin")
    people.store(code="S", name="South gate", city="Sanya")

    found = text(Visitor().get("/complain/", {"q": "harb\0"}))

    assert "North gate" in found
    assert "South gate" not in found
    assert "No shop found" in text(Visitor().get("/complain/", {"q": "%"}))


def look_only(chain: ChainInfo) -> None:
    """Let the trial's end be so long ago that people may only look."""
    long_ago = timezone.now() - timedelta(days=60)
    Subscription.objects.filter(chain_id=chain.id).update(trial_ends_at=long_ago)
    settling.settle(chain_id=chain.id, now=timezone.now())
    directory._entries.clear()


def test_a_chain_that_pays_is_open_however_long_ago_its_trial_ended(aurum: ChainInfo) -> None:
    Subscription.objects.filter(chain_id=aurum.id).update(
        trial_ends_at=timezone.now() - timedelta(days=60), status="active"
    )
    settling.settle(chain_id=aurum.id, now=timezone.now())
    directory._entries.clear()

    assert send(Visitor()).status_code == 302


def test_a_suspended_chain_and_one_whose_trial_ended_say_where_to_turn(aurum: ChainInfo) -> None:
    at = place()
    look_only(aurum)
    ended = [Visitor().get(f"/complain/{at}/"), send(Visitor(), at), Visitor().get("/complain/")]
    with context.public():
        Chain.objects.filter(pk=aurum.id).update(state=Chain.State.SUSPENDED)
    directory._entries.clear()
    suspended = Visitor().get(f"/complain/{at}/")

    assert [each.status_code for each in ended] == [403, 403, 403]
    assert "takes no messages on this page" in text(ended[0])
    assert suspended.status_code == 403
    assert "Please turn to the shop itself" in text(suspended)
    assert "workspace" not in text(suspended)
    context.activate(aurum)
    assert not Case.objects.exists()


def test_a_case_of_a_chain_whose_trial_ended_can_still_be_followed(aurum: ChainInfo) -> None:
    case = complaining.raised()
    look_only(aurum)

    assert Visitor().get(complaining.link(case)).status_code == 200


def test_a_place_of_another_chain_and_one_that_never_was_are_answered_alike(
    bloom: ChainInfo,
) -> None:
    sold = purchases.sale().purchase_id
    ours = places.of_purchase(sold)
    with context.inside(bloom):
        theirs = [place(), places.of_purchase(sold)]
    tampered = [f"{ours[:-1]}{'a' if ours[-1] != 'a' else 'b'}", ours.partition(":")[0]]
    nonsense = ["s", "p", "s" + "a" * 26, "001", "s" + "é" * 26, "%00", "p:", ":", "s=======" * 4]

    answers = [Visitor().get(f"/complain/{each}/") for each in (*theirs, *tampered, *nonsense)]

    assert {each.status_code for each in answers} == {404}
    assert all("This address leads nowhere" in text(each) for each in answers)
    assert Visitor().get(f"/complain/{ours}/").status_code == 200


def test_a_return_is_no_purchase_to_complain_about() -> None:
    sold = purchases.sale()
    back = purchases.returned(sold, (1, 1)).purchase_id

    assert Visitor().get(f"/complain/{places.of_purchase(back)}/").status_code == 404


def test_guessing_places_has_an_end_and_keeps_nobody_with_a_code_out() -> None:
    guest, at = Visitor(), place()

    guessed = [guest.get(f"/complain/s{'a' * 25}{n % 8 + 2}/").status_code for n in range(61)]

    assert (guessed[0], guessed[-2], guessed[-1]) == (404, 404, 429)
    assert guest.get(f"/complain/{at}/").status_code == 200
