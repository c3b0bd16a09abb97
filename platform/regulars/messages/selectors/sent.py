"""How many messages went, as plans count them: everything that was handed to a provider (S3).

Those of service are counted too; what a person sent from their own phone is not, nor what a
provider surely never took or could not deliver.
"""

from datetime import datetime, timedelta
from typing import Final

from regulars.tenancy import context, statements
from regulars.tenancy.identifiers import first_id

_SENT: Final = """c.direction = 'out' AND c.state NOT IN ('refused', 'failed', 'cancelled')
  AND c.sent_at >= %(since)s
  AND c.sent_at < %(until)s"""
# Keys rise with the time of writing. What was written long before it went is a batch's.
_COUNT: Final = f"""
SELECT (SELECT count(*) FROM messaging_contact c WHERE c.id >= %(first)s AND {_SENT})
  + (SELECT count(*) FROM messaging_contact c WHERE c.id < %(first)s AND {_SENT}
     AND c.batch_id = ANY(ARRAY(SELECT b.id FROM messaging_batch b WHERE b.id < %(first)s
       AND (b.finished_at IS NULL OR b.finished_at >= %(since)s))))"""  # noqa: S608
_WRITTEN_BEFORE: Final = timedelta(days=62)  # longer than any message of one person waits


def count(*, since: datetime, until: datetime) -> int:
    """Return how many messages of the current chain went in a span, its end excluded.

    One statement that reads the messages of the span and of two months before it, in the order of
    their keys.
    """
    named = {"since": since, "until": until, "first": first_id(since - _WRITTEN_BEFORE)}
    row = statements.one(_COUNT, named)
    return int(row[0]) if row else 0


def month(now: datetime) -> tuple[datetime, datetime]:
    """Return the beginning and the end of the calendar month in the chain's zone."""
    zone = context.current().zone
    start = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (start + timedelta(days=32)).replace(day=1)
    return start, end


def this_month(now: datetime) -> int:
    """Return how many messages of the current chain went in the month of `now`."""
    since, until = month(now)
    return count(since=since, until=until)
