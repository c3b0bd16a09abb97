"""Two roles: one owns and migrates, the other runs the product and can do no more than it must."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from regulars.local import postgres, roles


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    folder: Path = tmp_path_factory.mktemp("roles")
    with postgres.Server(folder / "postgres", settings=postgres.FAST) as server:
        roles.prepare_roles(server)
        roles.prepare_roles(server)
        yield server


def as_app(server: postgres.Server, database: str = "regulars") -> psycopg.Connection[object]:
    return psycopg.connect(server.url(user=postgres.APP, database=database), autocommit=True)


def as_owner(server: postgres.Server, database: str = "regulars") -> psycopg.Connection[object]:
    return psycopg.connect(server.url(user=postgres.OWNER, database=database), autocommit=True)


def test_the_owner_makes_schemas_tables_and_databases(prepared: postgres.Server) -> None:
    with as_owner(prepared) as connection:
        connection.execute("CREATE SCHEMA s1 CREATE TABLE t (n integer)")
        connection.execute("CREATE TABLE public.shared (n integer)")
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE DATABASE scratch")
        connection.execute("DROP DATABASE scratch WITH (FORCE)")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE SCHEMA s2",
        "CREATE TABLE public.mine (n integer)",
        "CREATE TEMPORARY TABLE shadow (n integer)",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "SET ROLE regulars_owner",
    ],
)
def test_the_app_makes_nothing(prepared: postgres.Server, statement: str) -> None:
    with as_app(prepared) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_a_clone_is_open_to_temporary_tables_until_it_is_hardened(
    prepared: postgres.Server,
) -> None:
    with as_owner(prepared) as connection:
        connection.execute("CREATE DATABASE clone TEMPLATE regulars")
    with as_app(prepared, "clone") as connection:
        connection.execute("CREATE TEMPORARY TABLE shadow (n integer)")

    roles.prepare_database(prepared, name="clone")

    with (
        as_app(prepared, "clone") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TEMPORARY TABLE shadow (n integer)")
