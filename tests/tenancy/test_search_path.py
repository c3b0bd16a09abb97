"""The search path goes with the first statement, and is never left to chance."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from regulars.stores.models import Store
from regulars.tenancy import context, directory, statements
from regulars.tenancy.context import ChainInfo

_WHERE = "SELECT current_schema()"


def where() -> str:
    row = statements.one(_WHERE)
    assert row is not None
    return str(row[0])


@transaction.atomic
def _fail_inside(chain: ChainInfo) -> None:
    with context.inside(chain):
        assert where() == chain.schema_name
        raise ZeroDivisionError


@transaction.atomic
def _go_on_regardless(chain: ChainInfo) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
    except DatabaseError:
        connection.needs_rollback = False
    with context.inside(chain):
        where()


def test_it_is_one_statement_for_any_number_of_reads(aurum: ChainInfo) -> None:
    with CaptureQueriesContext(connection) as sent, context.inside(aurum):
        for _ in range(3):
            Store.objects.count()

    texts = [str(each["sql"]) for each in sent.captured_queries]
    assert texts[0] == f'SET search_path = "{aurum.schema_name}"'
    assert len(texts) == 4


def test_it_is_set_again_after_a_rollback(aurum: ChainInfo, bloom: ChainInfo) -> None:
    with context.inside(aurum):
        assert where() == aurum.schema_name
        with pytest.raises(ZeroDivisionError):
            _fail_inside(bloom)
        assert where() == aurum.schema_name


def test_in_a_transaction_that_failed_the_next_statement_fails_too(
    aurum: ChainInfo, bloom: ChainInfo
) -> None:
    with context.inside(aurum):
        with pytest.raises(DatabaseError):
            _go_on_regardless(bloom)
        assert where() == aurum.schema_name


@pytest.mark.usefixtures("own_database")
def test_a_connection_that_is_gone_is_said_so() -> None:
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        where()
        connection.connection.pgconn.finish()
        context.activate(chain)
        with pytest.raises(OperationalError):
            where()
        connection.close()
        assert where() == chain.schema_name


def test_a_name_that_would_break_its_quotes_is_refused(db: None) -> None:
    connection.set_schema('x", public; --', include_public=False)  # type: ignore[attr-defined]

    with pytest.raises(ValidationError):
        connection.cursor()
