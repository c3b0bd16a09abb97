"""Everything the simulator knows, in one SQLite file: objects as JSON, events, deliveries.

Keys of an object that begin with ``_`` are the simulator's own and never leave it; ``_due`` is the
second at which the object wants attention.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

type Thing = dict[str, Any]

_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS thing (
        place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
        customer TEXT, subscription TEXT, clock TEXT, due INTEGER, body TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS thing_kind ON thing (kind, customer);
    CREATE INDEX IF NOT EXISTS thing_due ON thing (clock, due) WHERE due IS NOT NULL;
    CREATE TABLE IF NOT EXISTS inner_id (id TEXT PRIMARY KEY, owner TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS delivery (
        place INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, due REAL, status INTEGER, answer TEXT
    );
    CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due) WHERE due IS NOT NULL;
    CREATE TABLE IF NOT EXISTS answer (
        key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
        request_id TEXT NOT NULL, given_at INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """One file; every method is called under the server's lock."""

    def __init__(self, file: Path | None) -> None:
        """Open or make the file; None keeps everything in memory."""
        self.base = sqlite3.connect(
            file or ":memory:", isolation_level=None, check_same_thread=False
        )
        self.base.execute("PRAGMA journal_mode = WAL")
        self.base.execute("PRAGMA synchronous = NORMAL")
        self.base.executescript(_SCHEMA)
        self._live: dict[str, Thing] = {}
        self._depth = 0

    def close(self) -> None:
        """Close the file."""
        self.base.close()

    @contextmanager
    def transaction(self, name: str = "request") -> Iterator[None]:
        """Keep all that is written in the block, or nothing if it raises; may be nested.

        An error that ``keeps`` leaves what was written. Within the outermost block an id gives the
        same object each time; after a rollback objects have to be read again.
        """
        self.base.execute(f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield
        except BaseException as error:
            if not getattr(error, "keeps", False):
                self.base.execute(f"ROLLBACK TO {name}")
                self._live.clear()
            raise
        finally:
            self.base.execute(f"RELEASE {name}")
            self._depth -= 1
            if not self._depth:
                self._live.clear()

    def get(self, key: str) -> Thing | None:
        """Give the object of an id, or None."""
        return self._live.get(key) or self._keep(self.written(key))

    def written(self, key: str) -> Thing | None:
        """Give an object as it was last written, apart from what is being changed."""
        row = self.base.execute("SELECT body FROM thing WHERE id = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def _keep(self, thing: Thing | None) -> Thing | None:
        if thing is None or not self._depth:
            return thing
        return self._live.setdefault(thing["id"], thing)

    def put(self, thing: Thing, *, clock: str | None) -> None:
        """Write an object, new or not."""
        if self._depth:
            self._live[thing["id"]] = thing
        values = (
            thing["id"],
            thing["object"],
            _text(thing.get("customer")),
            _text(thing.get("subscription") or thing.get("_subscription")),
            clock or "",
            thing.get("_due"),
            json.dumps(thing),
        )
        self.base.execute(
            "INSERT INTO thing (id, kind, customer, subscription, clock, due, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind,"
            " customer = excluded.customer, subscription = excluded.subscription,"
            " clock = excluded.clock, due = excluded.due, body = excluded.body",
            values,
        )

    def remove(self, key: str) -> None:
        """Forget an object."""
        self._live.pop(key, None)
        self.base.execute("DELETE FROM thing WHERE id = ?", (key,))

    def every(self, kind: str, *, most: int = -1, **equal: str | None) -> list[Thing]:
        """Give the objects of a kind, the newest first; by customer, subscription or clock.

        ``most`` is how many are wanted at most; by default all.
        """
        where = "".join(f" AND {name} = ?" for name in equal if equal[name] is not None)
        given = [value for value in equal.values() if value is not None]
        rows = self.base.execute(
            f"SELECT body FROM thing WHERE kind = ?{where} ORDER BY place DESC LIMIT ?",  # noqa: S608
            (kind, *given, most),
        )
        found = (self._keep(json.loads(row[0])) for row in rows)
        return [each for each in found if each is not None]

    def place(self, key: str) -> int | None:
        """Give the rank of an object by age, for lists."""
        row = self.base.execute("SELECT place FROM thing WHERE id = ?", (key,)).fetchone()
        return row[0] if row else None

    def first_due(self, *, clock: str | None, until: int) -> Thing | None:
        """Give the object that wants attention first, at or before ``until``."""
        row = self.base.execute(
            "SELECT body FROM thing WHERE clock = ? AND due <= ? ORDER BY due, place LIMIT 1",
            (clock or "", until),
        ).fetchone()
        return self._keep(json.loads(row[0])) if row else None

    def of_clock(self, clock: str) -> list[str]:
        """Give the ids of everything that lives on a test clock."""
        rows = self.base.execute("SELECT id FROM thing WHERE clock = ?", (clock,))
        return [row[0] for row in rows]

    def own(self, key: str, *, owner: str) -> None:
        """Note in which object the object of an id lives."""
        self.base.execute("INSERT OR REPLACE INTO inner_id VALUES (?, ?)", (key, owner))

    def owner(self, key: str) -> Thing | None:
        """Give the object in which another one lives, or None."""
        row = self.base.execute("SELECT owner FROM inner_id WHERE id = ?", (key,)).fetchone()
        return self.get(row[0]) if row else None

    def setting(self, name: str, otherwise: Any) -> Any:
        """Give a setting of the account."""
        row = self.base.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else otherwise

    def set(self, name: str, value: Any) -> None:
        """Change a setting of the account."""
        self.base.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, json.dumps(value)))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
