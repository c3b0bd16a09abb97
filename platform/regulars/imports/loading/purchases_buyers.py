"""Buyers nobody knows become customers, each once, however their receipts are scattered."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from datetime import datetime
from typing import Final

from django.db import transaction

from regulars.customers.services import gathering
from regulars.customers.services.gathering import Newcomer
from regulars.imports.loading import purchases_sql
from regulars.imports.loading.purchases_judging import Judging

_FIRST: Final = "(array_agg({0} ORDER BY line) FILTER (WHERE {0} IS NOT NULL))[1] AS {0}"
_KEYS: Final = ("number", "code", "card", "phone")


def _people(key: str, before: tuple[str, ...]) -> str:
    """Return those known by `key` and by nothing that goes before it, once each.

    Whoever a person found before has the same code, card or phone is that person.
    """
    others = ", ".join(_FIRST.format(each) for each in (*_KEYS, "name") if each != key)
    known = "".join(
        f" AND NOT EXISTS (SELECT FROM by_{each} b WHERE b.{key} = u.{key})" for each in before
    )
    nothing = "".join(f" AND u.{each} IS NULL" for each in before)
    return (
        f"by_{key} AS MATERIALIZED (SELECT {key}, {others} FROM unknown u"
        f" WHERE u.{key} IS NOT NULL{nothing}{known} GROUP BY {key})"
    )


_PEOPLE: Final = ", ".join(_people(key, _KEYS[:at]) for at, key in enumerate(_KEYS))
_COUNT: Final = "SELECT " + " + ".join(f"(SELECT count(*) FROM by_{key})" for key in _KEYS)
_ALL: Final = " UNION ALL ".join(f"SELECT {', '.join(_KEYS)}, name FROM by_{key}" for key in _KEYS)


def _new(said: purchases_sql.Said, answer: str) -> str:
    judged = purchases_sql.judged(said, where="(source, number) IN (SELECT * FROM strange)")
    return f"""
WITH {purchases_sql.strange(said)}, {judged}, unknown AS MATERIALIZED (
  SELECT line, customer_number AS number, customer_code AS code, customer_card AS card,
    customer_phone AS phone, customer_name AS name
  FROM judged
  WHERE verdict = 'new' AND buyer IS NULL AND is_said
), {_PEOPLE}
{answer}"""


def count(judging: Judging) -> int:
    """Return how many customers loading would make."""
    return int(judging.run(_new(judging.said, _COUNT))[0][0])


def make(judging: Judging, *, now: datetime) -> int:
    """Make them, some thousand at a time; made ones are known, so a repeat makes the rest."""
    job, made = judging.job, 0
    with judging.streamed(_new(judging.said, _ALL)) as pages:
        for rows in pages:
            with transaction.atomic():
                made += gathering.gather(
                    rows=[Newcomer(*row) for row in rows],
                    source=job.mapping.options.source,
                    import_id=job.import_id,
                    now=now,
                )
    return made
