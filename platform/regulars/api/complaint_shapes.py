"""What is sent and answered about complaints."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import get_language
from rest_framework import serializers

from regulars.api.shapes import MONEY, CustomerReference, Shape
from regulars.complaints import access, templates, timing
from regulars.complaints.models import Case, Remedy
from regulars.complaints.selectors import One
from regulars.complaints.services import weighing, writing
from regulars.kit import Complaint
from regulars.kit.complaints import REMEDIES
from regulars.kit.schema import KINDS

STATES: Final = [each.value for each in Case.State]
REMEDY_STATES: Final = [each.value for each in Remedy.State]
REMEDY_KINDS: Final = list(REMEDIES)
ANSWERS: Final = list(KINDS)
_RAISED: Final = [each.value for each in Case.Raised]
_WITHHELD: Final = (
    "Empty where a franchise keeps its customers to itself and the key is not that store's."
)
_GUIDE: Final = "Number or id of the employee in whose name it is done."

# What each step needs besides; whatever else is sent with it is refused.
STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    "note": ("text",),
    "message": ("text",),
    "apologise": ("text",),
    "investigate": ("text", "promised_at"),
    "find": ("text", "cause", "since"),
    "propose": ("text", "cause_told", "remedies"),
    "refuse": ("text",),
    "agree": ("how", "text"),
    "do": ("text",),
    "ask": ("text",),
    "answer": ("satisfied", "text"),
    "close": (),
    "reopen": ("text",),
    "wait": ("text",),
    "resume": (),
    "attempt": ("how",),
    "tick": ("item", "text"),
}


class ComplaintWrite(Shape):
    """A complaint as somebody heard or wrote it."""

    store = serializers.CharField(max_length=40, help_text="Code or id of the store.")
    guide = serializers.CharField(
        max_length=40, required=False, allow_null=True,
        help_text="Who heard it, and so owns it. Left out: it waits for the first who opens it.",
    )  # fmt: skip
    text = serializers.CharField(max_length=writing.LONGEST_TEXT, help_text="In their words.")
    kind = serializers.CharField(
        max_length=60, required=False, allow_blank=True, help_text="Key of a kind of complaint."
    )
    severity = serializers.ChoiceField(
        choices=Case.Severity.values, required=False, help_text="Where no kind fits."
    )
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    answers = serializers.DictField(required=False, help_text="To what the kind asks.")
    raised = serializers.ChoiceField(choices=_RAISED, default=Case.Raised.WEB.value)
    customer = CustomerReference(required=False, allow_null=True)
    purchase_id = serializers.UUIDField(required=False, allow_null=True)
    line_id = serializers.UUIDField(required=False, allow_null=True)
    possession_id = serializers.UUIDField(required=False, allow_null=True)
    product_code = serializers.CharField(max_length=60, required=False, allow_blank=True)
    product_name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    batch = serializers.CharField(max_length=60, required=False, allow_blank=True)
    name = serializers.CharField(
        max_length=80, required=False, allow_blank=True, help_text="Of somebody unknown."
    )
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    language = serializers.CharField(max_length=10, required=False, allow_blank=True)


class StepWrite(Shape):
    """One step of a complaint, by its owner or reviewer. Which members belong to which step is in
    the guide to the interface."""

    guide = serializers.CharField(max_length=40, help_text=_GUIDE)
    step = serializers.ChoiceField(choices=list(STEPS))
    text = serializers.CharField(required=False, allow_blank=True, max_length=writing.LONGEST_TEXT)
    promised_at = serializers.DateTimeField(required=False)
    cause = serializers.CharField(max_length=60, required=False)
    since = serializers.CharField(max_length=60, required=False)
    cause_told = serializers.BooleanField(required=False)
    remedies = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=40)
    how = serializers.CharField(max_length=20, required=False)
    satisfied = serializers.BooleanField(required=False)
    item = serializers.CharField(max_length=120, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse members that do not belong to the step, and name those that are missing."""
        wanted = set(STEPS[attrs["step"]])
        given = attrs.keys() - {"guide", "step"}
        faults = {name: ["This does not belong to the step."] for name in given - wanted}
        optional = {"text", "remedies", "cause_told"}
        faults |= {name: ["The step needs this."] for name in wanted - given - optional}
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class RemedyWrite(Shape):
    """Something to make good with; whether it needs approval follows from kind and amount."""

    guide = serializers.CharField(max_length=40, help_text=_GUIDE)
    kind = serializers.ChoiceField(choices=REMEDY_KINDS)
    label = serializers.CharField(max_length=120, required=False, allow_blank=True)  # type: ignore[assignment]
    amount_minor = serializers.IntegerField(
        default=0, min_value=0, max_value=weighing.MOST_MINOR, help_text=MONEY
    )
    points = serializers.IntegerField(default=0, min_value=0, max_value=weighing.MOST_POINTS)
    goodwill = serializers.BooleanField(default=False)


class ItemAnswer(serializers.Serializer[Any]):
    """One item of the checklist; a complaint is not closed while one is open."""

    key = serializers.CharField()
    group = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    by_hand = serializers.BooleanField(help_text="Ticked by the step `tick`.")
    open = serializers.BooleanField()


class StepAnswer(serializers.Serializer[Any]):
    """Something that happened."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    by = serializers.CharField(allow_blank=True)
    by_customer = serializers.BooleanField()
    public = serializers.BooleanField(help_text="The customer reads it.")
    text = serializers.CharField(allow_blank=True)


class RemedyAnswer(serializers.Serializer[Any]):
    """Something to make good with."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=REMEDY_KINDS)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    goodwill = serializers.BooleanField()
    amount_minor = serializers.IntegerField()
    points = serializers.IntegerField()
    approval = serializers.ChoiceField(choices=list(access.ROLES))
    state = serializers.ChoiceField(choices=REMEDY_STATES)


class ComplaintBrief(serializers.Serializer[Any]):
    """A complaint as a list shows it."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    store_id = serializers.UUIDField()
    customer_id = serializers.UUIDField(allow_null=True)
    owner_id = serializers.UUIDField(allow_null=True)
    kind = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    severity = serializers.ChoiceField(choices=Case.Severity.values)
    raised = serializers.ChoiceField(choices=_RAISED)
    state = serializers.ChoiceField(choices=STATES)
    round = serializers.IntegerField()
    ended = serializers.CharField(allow_blank=True)
    satisfied = serializers.BooleanField(allow_null=True)
    cause = serializers.CharField(allow_blank=True)
    purchase_id = serializers.UUIDField(allow_null=True)
    line_id = serializers.UUIDField(allow_null=True)
    possession_id = serializers.UUIDField(allow_null=True)
    product_code = serializers.CharField(allow_blank=True)
    product_name = serializers.CharField(allow_blank=True)
    batch = serializers.CharField(allow_blank=True)
    cost_minor = serializers.IntegerField(help_text=MONEY)
    open_items = serializers.IntegerField(help_text="Of the checklist.")
    due_at = serializers.DateTimeField(allow_null=True, help_text="The first clock to run out.")
    opened_at = serializers.DateTimeField()
    replied_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class ComplaintAnswer(ComplaintBrief):
    """A complaint with all that happened; `moves` are what may be done next."""

    name = serializers.CharField(allow_blank=True, help_text=_WITHHELD)
    phone = serializers.CharField(allow_blank=True, help_text=_WITHHELD)
    email = serializers.CharField(allow_blank=True, help_text=_WITHHELD)
    answers = serializers.DictField()
    moves = serializers.ListField(child=serializers.CharField())
    items = ItemAnswer(many=True)
    steps = StepAnswer(many=True)
    remedies = RemedyAnswer(many=True)


class AskAnswer(serializers.Serializer[Any]):
    """A question of a kind of complaint."""

    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=ANSWERS)
    label = serializers.CharField()  # type: ignore[assignment]
    required = serializers.BooleanField()  # type: ignore[assignment]
    asks_customer = serializers.BooleanField(
        help_text="Whether a customer can know it; else it is required of employees alone."
    )
    choices = serializers.DictField(child=serializers.CharField(), help_text="Key to words.")


class KindAnswer(serializers.Serializer[Any]):
    """A kind of complaint that can be raised; words in the language asked for."""

    key = serializers.CharField()
    title = serializers.CharField()
    severity = serializers.ChoiceField(choices=Case.Severity.values)
    regret = serializers.CharField()
    urgent = serializers.ListField(child=serializers.CharField(), help_text="Done first of all.")
    asks = AskAnswer(many=True)


class KindsAnswer(serializers.Serializer[Any]):
    """Every kind of complaint."""

    data = KindAnswer(many=True)  # type: ignore[assignment]


_PLAIN: Final = (
    "id", "number", "store_id", "customer_id", "owner_id", "title", "severity", "raised", "state",
    "round", "ended", "satisfied", "cause", "purchase_id", "line_id", "possession_id",
    "product_code", "product_name", "batch", "cost_minor", "open_items", "opened_at", "replied_at",
    "resolved_at", "closed_at",
)  # fmt: skip


def brief(case: Case) -> dict[str, Any]:
    """Show a complaint as a list does."""
    return {
        **{name: getattr(case, name) for name in _PLAIN},
        "kind": case.template,
        "due_at": None if case.urgent_at == timing.NEVER else case.urgent_at,
    }


def whole(one: One, *, is_told: bool) -> dict[str, Any]:
    """Show a complaint with its steps, its list and its remedies; `is_told`: also whose it is."""
    case = one.case
    return {
        **brief(case),
        **{name: getattr(case, name) if is_told else "" for name in ("name", "phone", "email")},
        "answers": case.answers,
        "moves": [str(each) for each in one.moves],
        "items": [
            {
                "key": each.item.key,
                "group": each.item.group,
                "label": str(each.item.label),
                "by_hand": each.item.by_hand,
                "open": each.is_open,
            }
            for each in one.seen
        ],
        "steps": [
            {
                "id": each.entry.pk,
                "at": each.entry.at,
                "kind": each.entry.kind,
                "by": each.by,
                "by_customer": each.entry.by_customer,
                "public": each.entry.public,
                "text": each.entry.text,
            }
            for each in one.steps
        ],
        "remedies": [remedy(each) for each in one.remedies],
    }


def remedy(row: Remedy) -> dict[str, Any]:
    """Show a remedy."""
    names = ("id", "kind", "label", "goodwill", "amount_minor", "points", "approval", "state")
    return {name: getattr(row, name) for name in names}


def kinds() -> list[dict[str, Any]]:
    """Show what can be raised, in the language that was asked for."""
    return [_kind(each, get_language() or "en") for each in templates.offered()]


def _kind(kind: Complaint, language: str) -> dict[str, Any]:
    return {
        "key": kind.key,
        "title": kind.title.text(language),
        "severity": kind.severity,
        "regret": kind.regret.text(language),
        "urgent": [each.label.text(language) for each in kind.urgent if not each.retired],
        "asks": [
            {
                "key": each.key,
                "kind": each.kind,
                "label": each.label.text(language),
                "required": each.required,
                "asks_customer": each.asks_customer,
                "choices": {
                    one.key: one.label.text(language) for one in each.choices if not one.retired
                },
            }
            for each in kind.asks
            if not each.retired
        ],
    }
