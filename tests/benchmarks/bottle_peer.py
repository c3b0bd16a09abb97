"""BottleCRM's side of B11, run by the Python of its own environment; it knows nothing of ours.

Reads one JSON object a line and answers with one: ``{"do": "list", "times": 3}`` gives
``{"seconds": [...], "answer": ...}``. Its settings are its own, from the environment; it is asked
the way its web application asks: REST with the token of a signed-in administrator.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TextIO

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

_PEOPLE: Final = """
CREATE TEMPORARY TABLE people (n bigint GENERATED ALWAYS AS IDENTITY, surname text, given text,
  phone text)"""
_CONTACTS: Final = """
INSERT INTO contacts ({columns}) SELECT {values}
FROM contacts AS s, people WHERE s.email = 'sample@example.com'"""
_SALES: Final = """
INSERT INTO opportunity ({columns}) SELECT {values}
FROM opportunity AS s, people WHERE s.name = 'sample'"""


class Peer:
    """One organisation, its administrator's token, and a client that asks with it."""

    def __init__(self) -> None:
        """Make the tables."""
        from django.db import connection
        from django.test import Client

        self.connection = connection
        self.client = Client(headers={"Host": "localhost"})
        self.made = 0
        self._make_tables()

    def _make_tables(self) -> None:
        """Make the tables of its models and its row-level security on them.

        It is what its 240 migrations lead to where there are no rows yet, without the minutes
        that they take.
        """
        settings.MIGRATION_MODULES = {each.label: None for each in apps.get_app_configs()}
        call_command("migrate", run_syncdb=True, verbosity=0)
        rls = importlib.import_module("common.rls")
        there = set(self.connection.introspection.table_names())
        with self.connection.cursor() as cursor:
            for table in rls.ORG_SCOPED_TABLES:
                if table in there:
                    cursor.execute(rls.get_enable_policy_sql(table))

    def sign_up(self) -> None:
        """Make the organisation and sign its administrator in, through the product's own code."""
        user = _model("common", "User").objects.create(email="alice@example.com", is_active=True)
        self.org = _model("common", "Org").objects.create(name="Aurum", default_currency="CNY")
        self.act()
        profile = _model("common", "Profile").objects.create(
            user=user, org=self.org, role="ADMIN", is_active=True
        )
        tokens = importlib.import_module("common.serializer").OrgAwareRefreshToken
        token = tokens.for_user_and_org(user, self.org, profile).access_token
        self.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    def ready(self) -> dict[str, Any]:
        """Say that the tables are there."""
        return {"tables": len(self.connection.introspection.table_names())}

    def act(self) -> None:
        """Let row-level security see the organisation outside a request too."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.current_org', %s, false)", [str(self.org.pk)])

    def fill(self, *, file: str) -> dict[str, Any]:
        """Make a contact of each line (surname, given name, phone), and as many sales won.

        The last line becomes the newest contact.
        """
        self.sign_up()
        contact = _model("contacts", "Contact")
        sale = _model("opportunity", "Opportunity")
        pipelines = _model("opportunity", "DealPipeline")
        contact.objects.create(first_name="x", last_name="y", email="sample@example.com",
                               org=self.org)  # fmt: skip
        sale.objects.create(name="sample", org=self.org, stage="CLOSED_WON", currency="CNY",
                            pipeline=pipelines.default_for(self.org))  # fmt: skip
        at = "now() - interval '3 years' + n * interval '1 second'"
        every = {"id": "gen_random_uuid()", "created_at": at, "updated_at": at}
        with self.connection.cursor() as cursor:
            cursor.execute(_PEOPLE)
            with (
                Path(file).open("rb") as rows,
                cursor.copy("COPY people (surname, given, phone) FROM STDIN") as copy,
            ):
                while block := rows.read(1 << 20):
                    copy.write(block)
            self._repeat(cursor, _CONTACTS, contact, {
                **every, "email": "'p' || n || '@example.com'", "last_name": "surname",
                "first_name": "given", "phone": "right(people.phone, 11)",
                "phone_e164": "people.phone",
            })  # fmt: skip
            self._repeat(cursor, _SALES, sale, {
                **every, "name": "'sale ' || n", "amount": "n % 5000 + 1",
                "closed_on": "current_date - n::int % 365",
            })  # fmt: skip
            contact.objects.filter(email="sample@example.com").delete()
            sale.objects.filter(name="sample").delete()
            cursor.execute("DROP TABLE people")
            cursor.execute("VACUUM ANALYZE")
        return {"contacts": contact.objects.count(), "sales": sale.objects.count()}

    def _repeat(self, cursor: Any, insert: str, model: Any, own: dict[str, str]) -> None:
        """Repeat the sample row for each of the people, with some columns of its own."""
        columns = [field.column for field in model._meta.concrete_fields]
        values = [own.get(column, f's."{column}"') for column in columns]
        quoted = ", ".join(f'"{column}"' for column in columns)
        cursor.execute(insert.format(columns=quoted, values=", ".join(values)))

    def list(self, *, limit: int) -> Any:
        """Return the newest page, as its list of contacts opens."""
        return self._get(f"/api/contacts/?limit={limit}")

    def deep(self, *, limit: int, offset: int) -> Any:
        """Return a page far down the list."""
        return self._get(f"/api/contacts/?limit={limit}&offset={offset}")

    def search(self, *, text: str, limit: int) -> Any:
        """Return the list narrowed by what somebody types."""
        return self._get("/api/contacts/", search=text, limit=limit)

    def palette(self, *, text: str) -> Any:
        """Return what the search of every page offers."""
        return self._get("/api/search/", q=text)

    def create(self) -> Any:
        """Create a contact nobody knows yet."""
        self.made += 1
        body = {"first_name": "小明", "last_name": "王", "email": f"new{self.made}@example.com",
                "phone": f"139{self.made:08}", "city": "上海"}  # fmt: skip
        answer = self.client.post("/api/contacts/", body, content_type="application/json")
        return self._checked(answer)

    def dashboard(self) -> Any:
        """Return the figures its home page shows."""
        return self._get("/api/dashboard/")

    def _get(self, path: str, **query: Any) -> Any:
        return self._checked(self.client.get(path, query or None))

    @staticmethod
    def _checked(answer: Any) -> Any:
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code}: {answer.content[:500]!r}")
        return answer


def _model(label: str, name: str) -> Any:
    """Return one of its models."""
    return apps.get_model(label, name)


def serve(peer: Peer, answers: TextIO) -> None:
    """Answer each line until there are no more."""
    for line in sys.stdin:
        asked = json.loads(line)
        job: Callable[..., Any] = getattr(peer, asked.pop("do"))
        if job in (peer.ready, peer.fill):
            told = job(**asked)
        else:
            seconds, answer = [], None
            for _ in range(asked.pop("times", 1)):
                begin = time.perf_counter()
                answer = job(**asked)
                seconds.append(time.perf_counter() - begin)
            assert answer is not None
            told = {"seconds": seconds, "answer": answer.json()}
        answers.write(json.dumps(told, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    django.setup()
    ours, sys.stdout = sys.stdout, sys.stderr  # its migrations print what they do
    serve(Peer(), ours)
