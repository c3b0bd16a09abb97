"""Moments as somebody else wrote them."""

from datetime import UTC, datetime


def read(text: str) -> datetime:
    """Return the moment of an ISO 8601 text in UTC; raises ValueError, also without a zone."""
    return in_utc(datetime.fromisoformat(text))


def in_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; raises ValueError without a zone or outside the calendar.

    PostgreSQL takes no offset above 15:59:59, and Python writes any below a day.
    """
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("A moment must lie within the years 1 to 9999.") from error
