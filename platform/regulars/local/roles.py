"""The two login roles of Regulars and a database between them, as design §2 asks for."""

import psycopg
from psycopg import sql

from regulars.local import postgres


def prepare_roles(server: postgres.Server) -> None:
    """Make both roles and the database ``regulars``; changes nothing where they are right.

    ``regulars_owner`` owns databases and migrates (CREATEDB for tests), ``regulars_app`` is what
    the product runs as. Their passwords are set to those of the server's folder.
    """
    with psycopg.connect(server.url(), autocommit=True) as connection:
        for role, rights in (
            (postgres.OWNER, sql.SQL("LOGIN CREATEDB")),
            (postgres.APP, sql.SQL("LOGIN NOCREATEDB")),
        ):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            verb = sql.SQL("ALTER" if known.fetchone() else "CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} {} PASSWORD {}").format(
                    verb, sql.Identifier(role), rights, sql.Literal(server.password(role))
                )
            )
        # So that a test run may end the sessions of a database it drops.
        connection.execute(
            sql.SQL("GRANT pg_signal_backend TO {}").format(sql.Identifier(postgres.OWNER))
        )
    prepare_database(server, name=postgres.DATABASE)


def prepare_database(server: postgres.Server, *, name: str) -> None:
    """Make a database owned by ``regulars_owner`` if it is missing, and close it to everybody else.

    Needed for a clone as well: PostgreSQL copies the contents of a template, not its privileges.
    """
    database = sql.Identifier(name)
    owner = server.url(user=postgres.OWNER, database="postgres")
    with psycopg.connect(owner, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not known.fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
    with psycopg.connect(server.url(user=postgres.OWNER, database=name)) as connection:
        harden(connection, name=name)


def harden(connection: psycopg.Connection[tuple[object, ...]], *, name: str) -> None:
    """Take from PUBLIC what a database grants by itself; run as its owner, inside it.

    Temporary tables are refused because one of them could shadow a table of a chain.
    """
    database, app = sql.Identifier(name), sql.Identifier(postgres.APP)
    for statement in (
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, app),
        sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC"),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(app),
    ):
        connection.execute(statement)
