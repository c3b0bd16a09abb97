"""Opening time between two instants, for very many of them: the sums of a store's days, once.

Equal to `complaints.clocks.ran` over `clocks.while_open`, which walks the days for each question.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import accumulate

from regulars.complaints import clocks
from regulars.stores.models import Store


class Meter:
    """The opening times of a store between two instants, and the time open before each of them."""

    def __init__(self, store: Store, *, start: datetime, end: datetime) -> None:
        spans = _spans(store, start, end)
        self._opens = [opens.timestamp() for opens, _closes in spans]
        lengths = [(closes - opens).total_seconds() for opens, closes in spans]
        self._lengths = lengths
        self._before = [0.0, *accumulate(lengths)]

    def seconds(self, start: float, end: float) -> float:
        """Return how long the store was open between two instants (seconds of the epoch)."""
        return max(0.0, self._at(end) - self._at(start))

    def _at(self, moment: float) -> float:
        place = bisect_right(self._opens, moment) - 1
        if place < 0:
            return 0.0
        return self._before[place] + min(moment - self._opens[place], self._lengths[place])


def _spans(store: Store, start: datetime, end: datetime) -> list[clocks.Span]:
    found: list[clocks.Span] = []
    since = start
    while since < end:
        before = len(found)
        for span in clocks.openings(store, since):
            if span[0] >= end:
                return found
            if not found or span[0] >= found[-1][1]:
                found.append(span)
        # What `openings` follows at a time is more than two years; go on where it stopped.
        since = found[-1][1] if len(found) > before else since + timedelta(days=400)
    return found
