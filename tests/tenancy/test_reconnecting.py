"""The pool gives out no connection that the database has closed, and waits for it to be back."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg_pool import ConnectionPool

from regulars.tenancy import reconnecting

KILL_THE_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'pooled' AND pid <> pg_backend_pid()"""


def parameters() -> dict[str, Any]:
    """Return how the test's own database is reached."""
    known = connections["default"].settings_dict
    return {
        "host": known["HOST"],
        "port": known["PORT"],
        "user": known["USER"],
        "password": known["PASSWORD"],
        "dbname": known["NAME"],
    }


@contextmanager
def pooled(monkeypatch: pytest.MonkeyPatch, **how: Any) -> Iterator[ConnectionPool[Any]]:
    kwargs = {**parameters(), "application_name": "pooled", "autocommit": True}
    links = reconnecting.Connection
    with ConnectionPool(
        kwargs=kwargs, connection_class=links, min_size=4, timeout=10, **how
    ) as pool:
        pool.wait()
        monkeypatch.setattr(reconnecting, "_drain", pool.drain)
        yield pool


def end_all() -> None:
    with psycopg.connect(**parameters()) as link:
        assert len(link.execute(KILL_THE_OTHERS).fetchall()) == 4


@pytest.mark.usefixtures("own_database")
def test_connections_that_the_database_closed_are_replaced_before_anybody_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pooled(monkeypatch, check=reconnecting.check) as pool:
        end_all()
        began = time.monotonic()

        for _ in range(5):
            with pool.connection() as link:
                link.execute("SELECT 1")

    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("own_database")
def test_positive_control_without_the_check_somebody_gets_a_dead_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pooled(monkeypatch) as pool:
        end_all()

        with pytest.raises(psycopg.OperationalError), pool.connection() as link:
            link.execute("SELECT 1")


@pytest.mark.usefixtures("own_database")
def test_a_healthy_connection_is_not_asked_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    with pooled(monkeypatch, check=reconnecting.check) as pool:
        monkeypatch.setattr(ConnectionPool, "check_connection", asked.append)

        with pool.connection() as link:
            link.execute("SELECT 1")

    assert asked == []


@pytest.mark.usefixtures("own_database")
def test_a_database_that_comes_back_is_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    known = parameters()
    behind = (known["host"], int(known["port"]))

    def open_later() -> None:
        time.sleep(1.5)
        with socket.create_server(("127.0.0.1", port)) as front:
            front.settimeout(10)
            near, _address = front.accept()
            with near, socket.create_connection(behind) as far:
                back = threading.Thread(target=pump, args=(far, near))
                back.start()
                pump(near, far)
                back.join()

    opener = threading.Thread(target=open_later)
    opener.start()
    began = time.monotonic()

    with reconnecting.Connection.connect(**known | {"port": port}) as link:
        assert link.execute("SELECT 1").fetchone() == (1,)

    opener.join()
    assert time.monotonic() - began < 6


@pytest.mark.usefixtures("own_database")
def test_a_wrong_password_is_not_tried_again() -> None:
    began = time.monotonic()

    with pytest.raises(psycopg.OperationalError, match="password"):
        reconnecting.Connection.connect(**parameters() | {"password": "wrong"})

    assert time.monotonic() - began < 5


def pump(source: socket.socket, target: socket.socket) -> None:
    """Hand bytes on until one side has ended."""
    while piece := source.recv(65_536):
        target.sendall(piece)
    target.shutdown(socket.SHUT_WR)
