"""The one lock that every writer of the rollups holds; readers never take it."""

from django.db import connection

from regulars.insights.models import State


def lock(*, wait: bool) -> State | None:
    """Take the lock of every writer until the transaction ends, or return None if it is held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO insights_state (id, version, snapshot, folder, findings) "
            "VALUES (1, 0, '3:3:', '0', '[]') ON CONFLICT DO NOTHING"
        )
    # Any later statement has a later snapshot than whoever held the lock before.
    return State.objects.select_for_update(skip_locked=not wait).first()
