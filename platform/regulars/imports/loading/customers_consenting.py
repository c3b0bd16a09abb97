"""What may be kept only with the customer's own consent: sensitive values, and children's days.

The consent may stand in the same row, or have been given here before. A value without one is
refused with its row, as a form would refuse it.
"""

from collections.abc import Iterator
from typing import Final

from regulars.customers import consents, questions
from regulars.customers.services.days import OF_CHILDREN
from regulars.imports.columns.mapping import Mapping

NEEDED: Final = """
SELECT s.line, %(heading)s::text AS heading, ''::text AS excerpt, '{{}}'::jsonb AS params,
  'customer.consent-needed' AS code
FROM imports_stagedcustomer s
WHERE s.import_id = %(import)s::uuid AND s.is_new IS NOT NULL AND {has} AND NOT coalesce(
  (SELECT bool_and(e.given) FROM jsonb_to_recordset(s.consents) AS e(purpose text, given boolean)
    WHERE e.purpose = %(purpose)s::text),
  (SELECT k.given FROM customers_consent k WHERE k.customer_id = s.customer_id
    AND k.purpose = %(purpose)s::text AND k.channel = '' ORDER BY k.at DESC, k.id DESC LIMIT 1),
  false)"""
_HAS_DAY: Final = "s.events @> jsonb_build_array(jsonb_build_object('kind', %(key)s::text))"


def needing(mapping: Mapping) -> Iterator[tuple[str, str, str]]:
    """Yield what the file has that needs consent: attribute, the rows that have it, purpose."""
    for kind in OF_CHILDREN:
        if mapping.has(f"event.{kind}"):
            yield f"event.{kind}", _HAS_DAY, consents.for_event(kind)
    for field in questions.extra_fields():
        if field.sensitive and mapping.has(f"field.{field.key}"):
            has = "jsonb_exists(s.extra, %(key)s::text)"
            yield f"field.{field.key}", has, consents.for_field(field.key)
    for question in questions.questions():
        if question.field.sensitive and mapping.has(f"profile.{question.key}"):
            has = "jsonb_exists(s.profile, %(key)s::text)"
            yield f"profile.{question.key}", has, consents.for_field(question.key)
