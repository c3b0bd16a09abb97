"""Home stores that a file names and nobody knows: opened before the customers come in."""

from typing import Final

from regulars.imports.contract import Job
from regulars.imports.loading import opening
from regulars.imports.loading.customers_places import Places
from regulars.tenancy import statements

_NAMED: Final = """
SELECT DISTINCT store FROM imports_stagedcustomer
WHERE import_id = %s::uuid AND store IS NOT NULL AND is_new IS NOT NULL"""
_OPENED: Final = """
UPDATE imports_stagedcustomer s SET home_store_id = o.id, store = NULL
FROM unnest(%s::text[], %s::uuid[]) AS o(store, id)
WHERE s.import_id = %s::uuid AND s.store = o.store"""


def open_named(job: Job) -> None:
    """Open the stores of rows that will come in, in the caller's transaction. Repeatable."""
    named = sorted(row[0] for row in statements.every(_NAMED, (job.import_id,)))
    if not named:
        return
    known = Places()
    opening.open_stores(
        actor=job.actor, named=[text for text in named if known.store(text) is None]
    )
    opened = Places()
    keys = [opened.store(text) for text in named]
    statements.run(_OPENED, (named, keys, job.import_id))
