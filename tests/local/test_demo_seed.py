"""`regulars demo seed`, as `make up` runs it, from sign-up to the card; here one small chain."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from click.testing import CliRunner
from django.contrib.auth import authenticate
from django.utils import timezone

from regulars.api import keys
from regulars.complaints.models import Case
from regulars.customers.models import Customer
from regulars.insights.services import verification as figures
from regulars.local.demo import chains, demo
from regulars.local.demo.shopping import Size
from regulars.points import verification
from regulars.purchases.models import Purchase
from regulars.tenancy import context, directory
from regulars.tenancy.models import Chain
from tests.servers import addresses

PASSWORD = "a password for demos"
CUSTOMERS, PURCHASES = 30, 60


@pytest.fixture
def environment(own_database: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a command that works in a database of this test's own."""
    return {
        **os.environ,
        "DATABASE_URL": _of(own_database, "default"),
        "DATABASE_OWNER_URL": _of(own_database, "owner"),
        "REGULARS_STATE": str(tmp_path),
        "REGULARS_DEMO_FILE": str(tmp_path / "demo.json"),
        "REGULARS_DEMO_PASSWORD": PASSWORD,
        "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody there: seeding does without
    }


def _of(database: str, role: str) -> str:
    return urlunsplit(urlsplit(addresses()[role])._replace(path=f"/{database}"))


def seed(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    size = ("--customers", str(CUSTOMERS), "--purchases", str(PURCHASES))
    return subprocess.run(
        [sys.executable, "-m", "regulars.cli", "demo", "seed", *size, *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_seeded_chain_is_whole_and_seeding_again_leaves_it_as_it_is(
    environment: dict[str, str], tmp_path: Path, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    first = seed(environment, "--vertical", "jewelry")
    assert first.returncode == 0, first.stdout + first.stderr
    [card] = json.loads((tmp_path / "demo.json").read_text())["chains"]
    size = Size(customers=CUSTOMERS, purchases=PURCHASES)
    again = chains.write(
        "jewelry", size=size, now=timezone.now(), password=PASSWORD, tell=lambda *_words: None
    )

    assert "[100/100]" in first.stdout
    assert first.stdout.splitlines()[-1] == f"{card['name']}: jewelry"
    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600
    assert {**card, "api_key": ""} == {**again, "api_key": ""}
    chain = directory.find("jewelry")
    assert chain is not None
    assert (chain.is_demo, chain.state, chain.vertical) == (True, Chain.State.ACTIVE, "jewelry")
    with context.inside(chain):
        assert Customer.objects.count() == CUSTOMERS
        sales = Purchase.objects.filter(kind="sale")
        assert sales.count() == PURCHASES + sales.exclude(pair_id=None).count()
        assert set(Case.objects.values_list("state", flat=True)) == set(Case.State.values)
        assert Case.objects.filter(round=2, reviewer__isnull=False).exists()
        assert verification.findings() == []
        assert figures.verify(now=timezone.now()) == []
        assert all(authenticate(None, **_words(each)) for each in card["sign_ins"])
        assert keys.recognise(text=again["api_key"], now=timezone.now()).name == "Demo till"
        with pytest.raises(keys.KeyRefused):
            keys.recognise(text=card["api_key"], now=timezone.now())


def _words(sign_in: dict[str, str]) -> dict[str, str]:
    return {"email": sign_in["email"], "password": sign_in["password"]}


def test_a_vertical_without_content_is_named_and_nothing_is_written() -> None:
    result = CliRunner().invoke(demo, ["seed", "--vertical", "bakery"])

    assert result.exit_code == 0
    assert result.stdout == "There is no demo content for the vertical bakery.\n"
