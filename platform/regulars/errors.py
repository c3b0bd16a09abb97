"""What can go wrong for a caller, as one tree of exceptions with stable codes.

::

    RegularsError
    ├── Invalid        422  what was sent cannot be accepted; `fields` says where
    ├── Unauthenticated 401 nobody is signed in, or the key is wrong
    ├── Unpaid         402  the subscription is not paid
    ├── Forbidden      403  this person or key may not do this
    ├── NotFound       404  there is no such thing, or it is not yours to see
    ├── Conflict       409  it is being done already, or contradicts what is there
    ├── TooLarge       413  more than we accept at once
    ├── TooMany        429  too often; `retry_after` says when
    └── Unavailable    503  not now; nothing was changed

Each class raised by a service sits beside the function that raises it and names its own `code`.
`str(error)` is a sentence for a person, in their language, that says what to do.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Text = str | Promise


class RegularsError(Exception):
    """A failure that has a code, a status of HTTP and a sentence for a person."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    sentence: ClassVar[Text] = _("Something went wrong. Please try again.")

    def __init__(
        self,
        sentence: Text | None = None,
        *,
        fields: Mapping[str, Sequence[Text]] | None = None,
        retry_after: int | None = None,
        **params: Any,
    ) -> None:
        """Take the sentence (with ``%(name)s`` places for `params`), faults by field, seconds."""
        self.template = sentence if sentence is not None else self.sentence
        self.fields = dict(fields or {})
        self.retry_after = retry_after
        self.params = params
        super().__init__(self.template)

    def settle(self) -> None:
        """Do what must outlive the transaction this error undid; once, by whoever answers it."""

    def __str__(self) -> str:
        text = str(self.template)
        return text % self.params if self.params else text


class Invalid(RegularsError):
    """What was sent cannot be accepted as it is."""

    status = 422
    code = "invalid"
    sentence = _("Some of this cannot be accepted. Please look at the marked places.")


class Unauthenticated(RegularsError):
    """Nobody is signed in, or the key is not known."""

    status = 401
    code = "unauthenticated"
    sentence = _("Please sign in first.")


class Unpaid(RegularsError):
    """The subscription is not paid."""

    status = 402
    code = "unpaid"
    sentence = _("The subscription is not paid. An owner can pay under Settings → Subscription.")


class Forbidden(RegularsError):
    """The person or key is known, and may not do this."""

    status = 403
    code = "forbidden"
    sentence = _("You are not allowed to do this. Ask your head office if you should be.")


class NotFound(RegularsError):
    """There is no such thing, or it lies outside what this person may see."""

    status = 404
    code = "not-found"
    sentence = _("We cannot find this. It may have been removed, or it belongs to another store.")


class Conflict(RegularsError):
    """It contradicts what is already there."""

    status = 409
    code = "conflict"
    sentence = _("This was changed by somebody else at the same time. Please look again.")


class TooLarge(RegularsError):
    """More than is accepted at once."""

    status = 413
    code = "too-large"
    sentence = _("This is more than we accept at once. Please send it in parts.")


class TooMany(RegularsError):
    """Too often in too short a time."""

    status = 429
    code = "too-many-requests"
    sentence = _("That was a little too often. Please wait a moment and try again.")


class Unavailable(RegularsError):
    """Not possible right now; nothing was changed."""

    status = 503
    code = "unavailable"
    sentence = _("This is not available right now. Nothing was changed; please try again soon.")
