"""`regulars ledger verify`: a table and an exit code for operators, JSON for programs."""

import json

import pytest
from click.testing import CliRunner, Result
from django.db.models import F

from regulars.points import commands, verification
from regulars.points.models import Account
from regulars.tenancy import context, lifecycle
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from tests.factories.purchases import customer, line, sale


@pytest.fixture
def chain(aurum: ChainInfo) -> ChainInfo:
    """Aurum with one purchase that earned points."""
    with context.inside(aurum):
        sale(line(10_000), customer=customer())
    return aurum


def verify(*arguments: str) -> Result:
    return CliRunner().invoke(commands.ledger, ["verify", *arguments], env={"COLUMNS": "200"})


def corrupt(chain: ChainInfo) -> None:
    """Change a balance behind the ledger's back."""
    with context.inside(chain):
        Account.objects.update(available=F("available") + 7)


def test_sound_books_of_all_chains_are_one_sentence(chain: ChainInfo) -> None:
    result = verify()

    assert result.exit_code == 0, result.output
    assert f"{len(verification.names())} checks of the ledgers of 2 chains" in result.stdout
    assert "everything adds up" in result.stdout


def test_what_disagrees_is_a_table_and_exit_code_1(chain: ChainInfo) -> None:
    corrupt(chain)

    result = verify()

    assert result.exit_code == 1
    assert "account-differs-from-lots" in result.stdout
    assert "aurum" in result.stdout
    assert "bloom" not in result.stdout


def test_programs_get_every_finding(chain: ChainInfo) -> None:
    corrupt(chain)

    result = verify("aurum", "-o", "json")

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {each["check"] for each in found} == {
        "account-differs-from-lots",
        "account-differs-from-postings",
    }
    assert {each["chain"] for each in found} == {"aurum"}
    assert set(found[0]) == {"chain", "check", "id", "detail"}


def test_sound_books_are_an_empty_list_for_programs(chain: ChainInfo) -> None:
    result = verify("-o", "json")

    assert (json.loads(result.stdout), result.exit_code) == ([], 0)


def test_only_the_named_chain_is_checked(chain: ChainInfo) -> None:
    corrupt(chain)

    assert verify("bloom").exit_code == 0
    assert verify("aurum", "bloom").exit_code == 1


def test_a_suspended_chain_is_checked_too(chain: ChainInfo) -> None:
    corrupt(chain)
    lifecycle.suspend(chain_id=chain.id, reason="unpaid")

    assert verify().exit_code == 1


def test_an_unknown_chain_is_named_and_the_others_are_checked(chain: ChainInfo) -> None:
    result = verify("aurum", "nowhere")

    assert result.exit_code == 3
    assert "Not checked: No chain has the sub-domain 'nowhere'" in result.stderr
    assert "everything adds up" in result.stdout


def test_a_chain_behind_the_release_says_what_to_do_and_hides_no_other(chain: ChainInfo) -> None:
    with context.public():
        Chain.objects.exclude(pk=chain.id).update(schema_version=1)

    late = verify()
    corrupt(chain)
    found = verify()

    assert (late.exit_code, found.exit_code) == (3, 1)
    assert "bloom is behind this release: run `regulars chain migrate` first" in late.stderr
    assert "aurum" in found.stdout


def test_what_was_found_says_where_to_read_on(chain: ChainInfo) -> None:
    corrupt(chain)

    result = verify("aurum")

    assert "2 findings in the ledger of 1 chain. Change no row" in result.stdout
    assert "docs/operations.md" in result.stdout


def test_a_flood_of_findings_is_cut_in_the_table_only(
    chain: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    flood = "SELECT uuidv7(), 'x' FROM generate_series(1, 30)"
    monkeypatch.setitem(verification.CHECKS, "flood", flood)

    text, plain = verify("aurum"), verify("aurum", "-o", "json")

    assert "10 more of flood" in text.stdout
    assert len(json.loads(plain.stdout)) == 30
