"""The database every test's database is cloned from: prepared, with two chains in it."""

from datetime import UTC, datetime, timedelta

import django
from django.db import connections

if __name__ == "__main__":
    django.setup()

from django.contrib.auth.hashers import make_password

from regulars.billing.models import Subscription
from regulars.tenancy import context, preparation, provisioning
from regulars.tenancy.models import Chain, Signup

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # a Saturday morning in Shanghai
PASSWORD = "correct horse battery"


def prepare(*, now: datetime) -> None:
    """Migrate everything and sign the two chains up, as the product itself does it."""
    preparation.prepare(spares=4)
    for company, subdomain, vertical in (
        ("Aurum 金店", "aurum", "jewelry"),
        ("Bloom 美容", "bloom", "beauty"),
    ):
        sign_up(company=company, subdomain=subdomain, vertical=vertical, now=now)
    with context.public():  # tests run in years to come as well
        Subscription.objects.update(trial_ends_at=now + timedelta(days=36_500))
    for alias in ("default", "owner"):
        connections[alias].close()


def sign_up(*, company: str, subdomain: str, vertical: str, now: datetime) -> Chain:
    """Sign a chain up with an owner called Alice, and confirm it."""
    with context.public():
        signup = Signup.objects.create(
            token_hash=f"test-{subdomain}",
            company=company,
            subdomain=subdomain,
            vertical=vertical,
            owner_name="Alice",
            owner_email=f"alice@{subdomain}.example",
            password=make_password(PASSWORD),
            language="zh-hans",
            currency="CNY",
            time_zone="Asia/Shanghai",
            created_at=now,
            expires_at=now + timedelta(days=2),
        )
        chain = provisioning.reserve(signup=signup)
    return provisioning.provision(chain_id=chain.id, now=now)


if __name__ == "__main__":
    prepare(now=NOW)
