"""Sessions in the chain's schema, as Django keeps them, read by a statement that stays prepared.

Every page reads one: Django's own way composes the statement anew and has it planned each time.
"""

from typing import Final

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from regulars.tenancy import statements

_READ: Final = """
SELECT session_data, expire_date FROM django_session
 WHERE session_key = %s AND expire_date > %s"""


class SessionStore(db.SessionStore):
    """Django's store; what it wrote is read by either."""

    def _get_session_from_db(self) -> Session | None:
        """Return the row of a session that has not run out; forget a key that leads to none."""
        key = self.session_key or ""
        row = statements.one(_READ, (key, timezone.now()))
        if row is None:
            self._session_key = None
            return None
        data, expires = row
        return Session(session_key=key, session_data=data, expire_date=expires)
