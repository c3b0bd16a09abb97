"""A new chain works at once: its owner, its first shop, its trial, in few statements."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from regulars.audit.models import Entry
from regulars.billing.models import Subscription
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy import context, planting
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain, Signup
from regulars.usecases import seeding
from tests.factories import people

pytestmark = pytest.mark.usefixtures("inside_aurum")


def test_the_owner_signs_in_with_the_password_of_the_sign_up(inside_aurum: ChainInfo) -> None:
    alice = people.owner()

    assert (alice.role, alice.state, alice.email) == (
        Role.OWNER,
        Staff.State.ACTIVE,
        "alice@aurum.example",
    )
    assert alice.check_password(people.PASSWORD)
    assert EmailAddress.objects.get(user=alice).verified


def test_the_first_shop_carries_the_companys_name_and_zone(inside_aurum: ChainInfo) -> None:
    shop = Store.objects.get()

    assert inside_aurum.name in shop.name
    assert shop.time_zone == inside_aurum.time_zone
    assert people.owner().home_store == shop


def test_a_trial_begins(inside_aurum: ChainInfo, now: datetime) -> None:
    trial = Subscription.objects.get(chain_id=inside_aurum.id)

    assert trial.state == Subscription.State.TRIAL
    assert trial.trial_ends_at > now + timedelta(days=7)


def test_the_opening_is_in_the_audit(inside_aurum: ChainInfo) -> None:
    assert Entry.objects.filter(action="chain.opened").count() == 1


def test_a_company_with_a_very_long_name_opens_too(inside_aurum: ChainInfo) -> None:
    shop = _seed_again(inside_aurum, company="非" * 120)

    assert shop.name == "非" * 80


def test_seeding_takes_one_statement(
    inside_aurum: ChainInfo, django_assert_max_num_queries: Any
) -> None:
    chain, signup = _fresh(inside_aurum, company="Another")

    with django_assert_max_num_queries(2):  # where to, and what
        planting.insert(*seeding.seed(chain, signup))


def _fresh(info: ChainInfo, *, company: str) -> tuple[Chain, Signup]:
    """Empty the chain of what seeding makes, so that it can be seeded again."""
    EmailAddress.objects.all().delete()
    Staff.objects.filter(name="Alice").update(email=None)
    Store.objects.update(code="was")
    Subscription.objects.all().delete()
    with context.public():
        chain = Chain.objects.get(pk=info.id)
        signup = Signup.objects.get(chain=chain)
    chain.name = company
    signup.password = make_password(people.PASSWORD)
    return chain, signup


def _seed_again(info: ChainInfo, *, company: str) -> Store:
    planting.insert(*seeding.seed(*_fresh(info, company=company)))
    return people.first_store()
