"""A double tap does one thing: the key of a form is the number of its receipt."""

from collections.abc import Callable
from datetime import datetime

from regulars.purchases import selectors as purchases
from regulars.usecases.record_purchase import NumberTaken
from regulars.web.counter.forms import SOURCE


def recorded[T](act: Callable[[datetime], T], *, number: str, now: datetime) -> T:
    """Do it as of now or, when this form was sent before, as of then: that is a plain repeat.

    Raises NumberTaken when the form was changed after it had been recorded.
    """
    try:
        return act(now)
    except NumberTaken:
        known = purchases.numbered(source=SOURCE, number=number)
        if known is None:
            raise
        return act(known.purchase.occurred_at)
