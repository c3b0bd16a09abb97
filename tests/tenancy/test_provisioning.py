"""Chains come into being from spare schemas, one after another, and never share one."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, connections, transaction

from regulars.tenancy import context, names, provisioning, releases, signup
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain, Domain, Schema, Signup


def wish(subdomain: str = "carat", **changes: Any) -> signup.Wish:
    given: dict[str, Any] = {
        "company": "Carat 珠宝",
        "subdomain": subdomain,
        "vertical": "jewelry",
        "owner_name": "Carol",
        "owner_email": f"carol@{subdomain}.example",
        "password": "correct horse battery",
        "language": "zh-hans",
        "currency": "CNY",
        "time_zone": "Asia/Shanghai",
    }
    return signup.Wish(**(given | changes))


def existing_schemas() -> set[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_'")
        return {row[0] for row in cursor.fetchall()}


def test_both_chains_of_the_tests_are_active_in_schemas_of_their_own(
    aurum: ChainInfo, bloom: ChainInfo
) -> None:
    assert aurum.state == bloom.state == Chain.State.ACTIVE
    assert aurum.schema_name != bloom.schema_name


def test_no_schema_is_taken_before_the_address_is_confirmed(
    own_database: str, now: datetime
) -> None:
    with context.public():
        spares = Schema.objects.filter(state="spare").count()
        signup.start(wish=wish(), now=now)

        assert Schema.objects.filter(state="spare").count() == spares
        assert not Chain.objects.filter(name="Carat 珠宝").exists()


def test_confirming_takes_a_spare_schema_without_any_ddl(own_database: str, now: datetime) -> None:
    before = existing_schemas()
    with context.public():
        _wished, token = signup.start(wish=wish(), now=now)
        chain = signup.confirm(token=token, now=now)

    assert chain.state == Chain.State.ACTIVE
    assert chain.schema_name in before
    assert existing_schemas() == before


def test_confirming_twice_gives_the_same_chain(own_database: str, now: datetime) -> None:
    with context.public():
        _wished, token = signup.start(wish=wish(), now=now)
        first = signup.confirm(token=token, now=now)
        second = signup.confirm(token=token, now=now)

        assert first.id == second.id
        assert Chain.objects.filter(name="Carat 珠宝").count() == 1


def test_an_expired_link_is_refused(own_database: str, now: datetime) -> None:
    with context.public():
        _wished, token = signup.start(wish=wish(), now=now)

        with pytest.raises(signup.ConfirmationExpired):
            signup.confirm(token=token, now=now + timedelta(days=3))


def test_of_people_racing_for_one_name_one_wins_and_the_others_are_told(
    own_database: str, now: datetime
) -> None:
    with context.public():
        tokens = [signup.start(wish=wish(), now=now)[1] for _ in range(6)]

    def confirm(token: str) -> str:
        try:
            with context.public():
                return str(signup.confirm(token=token, now=now).id)
        except provisioning.NameTaken:
            return "taken"
        finally:
            for each in connections.all():
                each.close()

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(confirm, tokens))

    assert outcomes.count("taken") == 5
    with context.public():
        assert Domain.objects.filter(domain="carat").count() == 1
        assert Chain.objects.filter(name="Carat 珠宝").count() == 1


def test_the_loser_of_a_race_can_choose_another_name_under_the_same_link(
    own_database: str, now: datetime
) -> None:
    with context.public():
        _first, winner = signup.start(wish=wish(), now=now)
        _second, loser = signup.start(wish=wish(), now=now)
        signup.confirm(token=winner, now=now)
        with pytest.raises(provisioning.NameTaken):
            signup.confirm(token=loser, now=now)

        signup.choose_another(token=loser, subdomain="carat-2", now=now)
        chain = signup.confirm(token=loser, now=now)

    assert chain.state == Chain.State.ACTIVE


def test_without_a_spare_schema_the_chain_gets_one_made_for_it(
    own_database: str, now: datetime
) -> None:
    with context.public():
        Schema.objects.filter(state="spare").update(state="dropped")
        _wished, token = signup.start(wish=wish(), now=now)
        chain = signup.confirm(token=token, now=now)

        assert chain.state == Chain.State.ACTIVE
        assert Schema.objects.get(name=chain.schema_name).state == "taken"


@pytest.mark.parametrize("dies_in", ["_take_spare", "_make_own_schema", "_seed", "_activate"])
@pytest.mark.parametrize("has_spare", [True, False])
def test_a_provisioning_that_dies_in_any_step_is_finished_by_the_next_attempt(
    own_database: str, now: datetime, monkeypatch: pytest.MonkeyPatch, dies_in: str, has_spare: bool
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: Any, **_kwargs: Any) -> None:
        raise Killed

    with context.public():
        if not has_spare:
            Schema.objects.filter(state="spare").update(state="dropped")
        wished, token = signup.start(wish=wish(), now=now)
        chain = provisioning.reserve(signup=wished)
        with monkeypatch.context() as patch:
            patch.setattr(provisioning, dies_in, die)
            with suppress(Killed):
                provisioning.provision(chain_id=chain.id, now=now)

        finished = provisioning.resume(now=now)

        assert signup.confirm(token=token, now=now).state == Chain.State.ACTIVE
        assert finished <= 1
    assert not {chain.schema_name} - existing_schemas() or has_spare


def test_a_schema_that_an_earlier_release_left_empty_is_filled(
    own_database: str, now: datetime
) -> None:
    with context.public():
        wished, _token = signup.start(wish=wish(), now=now)
        chain = provisioning.reserve(signup=wished)
        Schema.objects.filter(state="spare").update(state="dropped")
        Schema.objects.create(name=chain.schema_name, state="taken")
        Chain.objects.filter(pk=chain.pk).update(state=Chain.State.CREATED)
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{chain.schema_name}"')

    opened = provisioning.provision(chain_id=chain.pk, now=now)

    assert opened.state == Chain.State.ACTIVE
    with context.public():
        assert Schema.objects.get(name=chain.schema_name).version == opened.schema_version


def test_a_schema_that_was_not_made_here_is_neither_adopted_nor_dropped(
    own_database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = names.new_schema_name()
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{foreign}"')
    monkeypatch.setattr(names, "new_schema_name", lambda: foreign)

    with pytest.raises(Exception, match="already exists"):
        provisioning.make_spare()
    with pytest.raises(Schema.DoesNotExist):
        provisioning.drop_schema(name=foreign)

    assert foreign in existing_schemas()


def test_the_database_itself_refuses_a_schema_name_that_is_not_random(
    own_database: str, now: datetime
) -> None:
    with context.public(), pytest.raises(IntegrityError), transaction.atomic():
        Chain(schema_name="public", name="x", vertical="jewelry", owner_email="x@y.example").save()


def test_a_cursor_outside_every_chain_raises(aurum: ChainInfo) -> None:
    with context.inside(aurum):
        pass
    context.reset()

    with pytest.raises(Exception, match="schema not set"):
        connection.cursor()


def test_a_spare_that_is_behind_the_newest_release_is_not_given_out(
    own_database: str, now: datetime
) -> None:
    with context.public():
        Schema.objects.filter(state="spare").update(version=1)
        _wished, token = signup.start(wish=wish(), now=now)
        chain = signup.confirm(token=token, now=now)

        assert chain.schema_version == releases.head()


def test_a_wish_that_was_never_confirmed_is_forgotten(own_database: str, now: datetime) -> None:
    with context.public():
        signup.start(wish=wish(), now=now)

        signup.clean_up(now=now + timedelta(days=10))

        assert not Signup.objects.filter(subdomain="carat").exists()


def test_passwords_are_kept_hashed_and_only_until_the_chain_has_them(
    own_database: str, now: datetime
) -> None:
    with context.public():
        wished, token = signup.start(wish=wish(), now=now)
        assert wished.password != "correct horse battery"
        assert wished.password.startswith(make_password("x").split("$")[0])

        signup.confirm(token=token, now=now)

        assert Signup.objects.get(pk=wished.pk).password == ""
