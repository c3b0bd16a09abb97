"""Taking an import of purchases back as a whole, by reversal."""

from collections import Counter
from datetime import datetime
from itertools import batched
from typing import Final
from uuid import UUID

from django.db import transaction

from regulars.customers.services import bulk as many
from regulars.imports.contract import Job, Tell
from regulars.imports.loading.purchases_following import touched
from regulars.imports.loading.purchases_judging import floor
from regulars.imports.models import Import
from regulars.purchases import bulk
from regulars.purchases import services as purchases
from regulars.tenancy import statements
from regulars.usecases import award_history

_AT_ONCE: Final = 2_000
# Whoever was called, asked, noted, merged, changed or sold to since is somebody's customer now.
_UNUSED: Final = """
SELECT c.id FROM customers_customer c
 WHERE c.id > %(after)s AND c.import_id = %(import)s AND c.state = 'active'
   AND (%(finished)s::timestamptz IS NULL OR c.changed_at <= %(finished)s)
   AND NOT EXISTS (SELECT FROM customers_customer m WHERE m.merged_into_id = c.id)
   AND NOT EXISTS (SELECT FROM customers_note n WHERE n.customer_id = c.id)
   AND NOT EXISTS (SELECT FROM customers_consent n WHERE n.customer_id = c.id)
   AND NOT EXISTS (SELECT FROM customers_possession n WHERE n.customer_id = c.id)
   AND NOT EXISTS (SELECT FROM customers_lifeevent n WHERE n.customer_id = c.id)
   AND NOT EXISTS (SELECT FROM points_account a WHERE a.customer_id = c.id
     AND (a.available <> 0 OR a.debt <> 0))
   AND NOT EXISTS (SELECT FROM purchases_purchase p WHERE p.customer_id = c.id
     AND p.kind <> 'void' AND NOT EXISTS (
       SELECT FROM purchases_purchase v WHERE v.original_id = p.id AND v.kind = 'void'))
 ORDER BY c.id LIMIT %(limit)s"""


def undo(job: Job, *, now: datetime, tell: Tell) -> dict[str, int]:
    """Void what still stands, recount, and let go of customers nobody has used since.

    Each step may be repeated: what is void is void. Purchases of which goods came back at a till
    are kept, and so is whoever bought them.
    """
    counts: Counter[str] = Counter()
    after: UUID | None = floor(job)
    while after is not None:
        with transaction.atomic():
            due = bulk.due(import_id=job.import_id, after=after, limit=_AT_ONCE)
            if due.void:
                taken = award_history.revoke(purchase_ids=due.void, actor=job.actor, now=now)
                bulk.void(purchase_ids=due.void, actor_id=job.actor.id, now=now)
                counts["points"] += taken
        counts.update(purchases=len(due.void), kept=len(due.kept))
        after = due.last
        tell(counts["purchases"], None)
    for some in batched(touched(job), _AT_ONCE, strict=False):
        purchases.recount(customer_ids=some)
    counts["customers"] = _let_go(job, now=now, tell=tell)
    return dict(counts)


def _let_go(job: Job, *, now: datetime, tell: Tell) -> int:
    """Empty the customers whom the import made, as far as nothing else knows them."""
    finished = Import.objects.filter(pk=job.import_id).values_list("finished_at", flat=True).first()
    gone, after = 0, floor(job)
    while True:
        with transaction.atomic():
            unused = {"after": after, "import": job.import_id, "limit": _AT_ONCE}
            rows = statements.every(_UNUSED, {**unused, "finished": finished})
            ids = [row[0] for row in rows]
            if not ids:
                return gone
            many.lock(ids=ids)
            again = statements.every(_UNUSED, {**unused, "finished": finished})
            still = {row[0] for row in again}
            gone += many.blank(ids=[each for each in ids if each in still], now=now)
        after = ids[-1]
        tell(gone, None)
