"""New customers by the thousand, known by no more than a number, a card, a phone or a name."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from regulars.customers import naming, search_terms
from regulars.customers.models import Customer
from regulars.customers.selectors import recognising
from regulars.tenancy import statements
from regulars.tenancy.identifiers import new_id

_MAKE: Final = """
WITH given AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%s::json) AS g(
    id uuid, name text, pinyin text, initials text, tokens text[], phone text, member_code text)
), made AS (
  INSERT INTO customers_customer (
    id, state, name, pinyin, initials, tokens, phone, member_code, gender, age_band, email, address,
    language, time_zone, profile, extra, import_id, joined_at, created_at, changed_at)
  SELECT id, 'active', name, pinyin, initials, tokens, phone, member_code, '', '', '', '{}',
    '', '', '{}', '{}', %s, %s, %s, %s
  FROM given
  RETURNING id
)
INSERT INTO customers_identity (customer_id, source, number)
SELECT n.customer, n.source, n.number
FROM json_to_recordset(%s::json) AS n(customer uuid, source text, number text)
ON CONFLICT (source, number) DO NOTHING"""


class Newcomer(NamedTuple):
    """What is known of somebody nobody knows: `code` and `card` clean, `phone` in E.164."""

    number: str | None
    code: str | None
    card: str | None
    phone: str | None
    name: str | None


def gather(*, rows: Sequence[Newcomer], source: str, import_id: UUID, now: datetime) -> int:
    """Make customers, some thousand at a time; `number` is that of the system `source`.

    A member code, card or number somebody has already stays theirs. Two statements. Searchable at
    once. Raises IntegrityError for a code that somebody takes in this very moment.
    """
    wanted = [row.code for row in rows if row.code]
    taken = set(
        Customer.objects.filter(member_code__in=wanted).values_list("member_code", flat=True)
    )
    people, numbers = [], []
    for row in rows:
        name = naming.clean_name(row.name or "")
        code = row.code if row.code and row.code not in taken else None
        taken.add(code)
        person: dict[str, Any] = {
            "id": str(new_id()),
            "name": name,
            "phone": row.phone,
            "member_code": code,
            **search_terms.of(name, row.phone)._asdict(),
        }
        people.append(person)
        for system, number in ((source, row.number), (recognising.CARD, row.card)):
            if number:
                numbers.append({"customer": person["id"], "source": system, "number": number})
    documents = (json.dumps(people, ensure_ascii=False), json.dumps(numbers, ensure_ascii=False))
    statements.run(_MAKE, (documents[0], import_id, now, now, now, documents[1]))
    return len(people)
