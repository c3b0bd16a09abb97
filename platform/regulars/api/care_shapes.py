"""What is sent and answered about follow-ups and contacts."""

from typing import Any, Final, cast, get_args

from rest_framework import serializers

from regulars.api.shapes import CustomerReference, Shape
from regulars.followups.models import Task
from regulars.followups.plans.services import REASONS
from regulars.messages.models import BY_HAND, Channel, Contact, Purpose
from regulars.messages.refusals import Why
from regulars.usecases.reachable import SENT

CHANNELS: Final = list(Channel.values)
DOING: Final = ["call", "message", "visit", "task"]
STATES: Final = [Task.State.OPEN.value, *(each.value for each in Task.CLOSED)]
RESULTS: Final = ["reached", "not-reached", "not-tried"]
_GUIDE: Final = "Number or id of who does it."
_WHYS: Final = sorted(get_args(cast(Any, Why).__value__))


class PlanShape(Shape):
    """Something to do with a customer on a day."""

    customer = CustomerReference()
    on = serializers.DateField(help_text="Moved to the next day the store is open.")
    title = serializers.CharField(max_length=120)
    do = serializers.ChoiceField(choices=DOING, default="call")
    guide = serializers.CharField(
        max_length=40, required=False, help_text="Whose task it is; else the customer's guide's."
    )


class ResultShape(Shape):
    """What came of a follow-up. `not-reached` is an attempt: it is due again the next open day."""

    guide = serializers.CharField(max_length=40, help_text=_GUIDE)
    outcome = serializers.ChoiceField(choices=Task.Outcome.values)
    answers = serializers.DictField(required=False, help_text="By the keys of `asks`.")
    satisfaction = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=5
    )
    next_step = serializers.CharField(max_length=120, required=False, allow_blank=True)
    next_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=2_000, required=False, allow_blank=True)
    contact_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The call or message it was."
    )


class SnoozeShape(Shape):
    """Until when a follow-up is put off."""

    until = serializers.DateTimeField()


class HandOnShape(Shape):
    """Who does a follow-up instead; the customer keeps their guide."""

    guide = serializers.CharField(max_length=40, help_text="Number or id of who hands it on.")
    to = serializers.CharField(max_length=40, help_text="A colleague of the store.")
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class LeaveOutShape(Shape):
    """Why a follow-up is not done."""

    guide = serializers.CharField(max_length=40, help_text=_GUIDE)
    why = serializers.ChoiceField(choices=sorted(REASONS))


class PersonAnswer(serializers.Serializer[Any]):
    """Who it is with."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class FollowUpAnswer(serializers.Serializer[Any]):
    """A follow-up. `rests`: the customer has an open complaint, and nothing is due until then."""

    id = serializers.UUIDField()
    customer = PersonAnswer()
    plan = serializers.CharField(help_text="Empty for one by hand.")
    step = serializers.CharField()
    title = serializers.CharField(help_text="What is to be done, in the chain's language.")
    purpose = serializers.ChoiceField(choices=Purpose.values)
    do = serializers.ChoiceField(choices=DOING)
    started_by = serializers.CharField(help_text="Such as purchase.recorded, or by-hand.")
    started_by_id = serializers.UUIDField(allow_null=True)
    due_on = serializers.DateField()
    not_before = serializers.DateTimeField(allow_null=True)
    overdue = serializers.BooleanField()
    rests = serializers.BooleanField()
    state = serializers.ChoiceField(choices=STATES)
    why = serializers.CharField(help_text="Why it was stopped or left out.")
    guide_id = serializers.UUIDField(allow_null=True)
    store_id = serializers.UUIDField(allow_null=True)
    attempts = serializers.IntegerField()
    outcome = serializers.CharField()
    answers = serializers.DictField()
    satisfaction = serializers.IntegerField(allow_null=True)
    next_step = serializers.CharField()
    next_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    done_at = serializers.DateTimeField(allow_null=True)
    done_by = serializers.UUIDField(allow_null=True)
    contact_id = serializers.UUIDField(allow_null=True)


class OneFollowUpAnswer(FollowUpAnswer):
    """A follow-up with what is asked in it."""

    asks = serializers.DictField(help_text="JSON schema of `answers`.")


class CallShape(Shape):
    """A call that is about to be made: reserved, so that nobody else contacts them too."""

    guide = serializers.CharField(max_length=40, help_text=_GUIDE)
    customer = CustomerReference()
    purpose = serializers.ChoiceField(choices=Purpose.values, default=Purpose.CARE.value)
    follow_up_id = serializers.UUIDField(required=False, allow_null=True)
    complaint_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The open complaint it is about: service then."
    )


class ContactShape(CallShape):
    """A contact that has happened: kept even if the budget did not allow it, and `flagged` then."""

    channel = serializers.ChoiceField(choices=[each.value for each in BY_HAND])
    at = serializers.DateTimeField(required=False, help_text="Left out: now.")
    text = serializers.CharField(
        max_length=2_000, required=False, allow_blank=True, help_text="What was said."
    )


class MessageShape(CallShape):
    """Words to send; `template` is a text of the library, filled for the customer.

    With `text` those are the words, and `template` only says what they were made from.
    """

    channel = serializers.ChoiceField(choices=[each.value for each in SENT])
    text = serializers.CharField(max_length=2_000, required=False, allow_blank=True)
    subject = serializers.CharField(max_length=200, required=False, allow_blank=True)
    template = serializers.CharField(max_length=60, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Insist on words, or on a text of the library."""
        if not (attrs.get("text", "").strip() or attrs.get("template")):
            raise serializers.ValidationError("Send `text`, or the `template` that says it.")
        return attrs


class OverShape(Shape):
    """What became of a call that was reserved; `not-tried` gives its allowance back."""

    guide = serializers.CharField(max_length=40, help_text=_GUIDE)
    result = serializers.ChoiceField(choices=RESULTS)
    text = serializers.CharField(max_length=2_000, required=False, allow_blank=True)


class ContactAnswer(serializers.Serializer[Any]):
    """One contact, in either direction."""

    id = serializers.UUIDField()
    customer_id = serializers.UUIDField()
    direction = serializers.ChoiceField(choices=Contact.Direction.values)
    purpose = serializers.ChoiceField(choices=Purpose.values)
    channel = serializers.ChoiceField(choices=CHANNELS)
    state = serializers.ChoiceField(choices=Contact.State.values)
    at = serializers.DateTimeField(help_text="When it counts for the contact budget.")
    uses_allowance = serializers.BooleanField()
    flagged = serializers.BooleanField(help_text="More than the contact budget allowed.")
    guide_id = serializers.UUIDField(allow_null=True)
    store_id = serializers.UUIDField(allow_null=True)
    text = serializers.CharField()
    follow_up_id = serializers.UUIDField(allow_null=True)
    complaint_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()


class StandingAnswer(serializers.Serializer[Any]):
    """An open complaint: care and selling rest until it is closed."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    guide_id = serializers.UUIDField(allow_null=True, help_text="Who looks after it.")


class WayAnswer(serializers.Serializer[Any]):
    """One way to reach a customer, and what speaks against it now."""

    channel = serializers.ChoiceField(choices=CHANNELS)
    by_hand = serializers.BooleanField()
    possible = serializers.BooleanField()
    why = serializers.ChoiceField(choices=_WHYS, allow_null=True)
    possible_at = serializers.DateTimeField(allow_null=True)


class WaysAnswer(serializers.Serializer[Any]):
    """How a customer can be reached now. Only reserving is binding."""

    complaints = StandingAnswer(many=True)
    ways = WayAnswer(many=True)
