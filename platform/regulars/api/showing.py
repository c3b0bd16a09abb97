"""From results and rows to what is answered, with the shapes that the OpenAPI document shows."""

from typing import Any

from rest_framework import serializers

from regulars.api.shapes import POINTS_STATUS, AwardShape, RecordedShape
from regulars.usecases import on_receipts

KINDS = ["sale", "return", "void"]


class LineAnswer(serializers.Serializer[Any]):
    """One position, and how much of it can still come back."""

    id = serializers.UUIDField()
    position = serializers.IntegerField()
    product_code = serializers.CharField()
    product_name = serializers.CharField()
    category = serializers.CharField()
    quantity = serializers.CharField()
    gross_minor = serializers.IntegerField()
    discount_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()
    returnable = serializers.CharField()


class PurchaseAnswer(serializers.Serializer[Any]):
    """A purchase or a return; amounts of a return are negative."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    original_id = serializers.UUIDField(allow_null=True)
    store_id = serializers.UUIDField()
    customer_id = serializers.UUIDField(allow_null=True)
    guide_id = serializers.UUIDField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    number = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    business_day = serializers.DateField()
    gross_minor = serializers.IntegerField()
    discount_minor = serializers.IntegerField()
    rounding_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()
    lines = LineAnswer(many=True, required=False, help_text="When one purchase is read.")


class PreviewAnswer(serializers.Serializer[Any]):
    """What a purchase would come to."""

    gross_minor = serializers.IntegerField()
    discount_minor = serializers.IntegerField()
    rounding_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()
    points = serializers.IntegerField()
    balance = serializers.IntegerField(allow_null=True)
    balance_after = serializers.IntegerField(allow_null=True)
    tier = serializers.CharField(allow_null=True)
    points_status = serializers.ChoiceField(choices=POINTS_STATUS)
    awards = AwardShape(many=True)
    sentences = serializers.ListField(child=serializers.CharField())


class ReturnedAnswer(serializers.Serializer[Any]):
    """What came of a return."""

    id = serializers.UUIDField()
    original_id = serializers.UUIDField(allow_null=True)
    customer_id = serializers.UUIDField(allow_null=True)
    paid_minor = serializers.IntegerField(help_text="Negative: given back.")
    points = serializers.IntegerField(help_text="Zero or negative: taken back.")
    given_back = serializers.IntegerField(help_text="Spent points that came back.")
    balance = serializers.IntegerField(allow_null=True)
    sentences = serializers.ListField(child=serializers.CharField())
    points_status = serializers.ChoiceField(choices=POINTS_STATUS)
    repeated = serializers.BooleanField()


class ExchangedAnswer(serializers.Serializer[Any]):
    """Both halves of an exchange."""

    returned = ReturnedAnswer()
    sale = RecordedShape()
    difference_minor = serializers.IntegerField(help_text="Positive: the customer pays.")


class BatchEntryAnswer(serializers.Serializer[Any]):
    """What became of one entry: the body of its own call, or a problem."""

    status = serializers.IntegerField()
    body = serializers.DictField()


class BatchAnswer(serializers.Serializer[Any]):
    """What became of a batch."""

    recorded = serializers.IntegerField()
    failed = serializers.IntegerField()
    results = BatchEntryAnswer(many=True)


_MONEY = ("gross_minor", "discount_minor", "rounding_minor", "paid_minor")


def _awards(awards: Any) -> list[dict[str, Any]]:
    return [
        {"rule": each.rule, "points": each.points, "sentence": each.sentence} for each in awards
    ]


def _named(source: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(source, name) for name in names}


def recorded(done: Any) -> dict[str, Any]:
    """Show a recorded purchase."""
    return {
        "id": done.purchase_id,
        **_named(done, "customer_id", *_MONEY, "points", "balance", "tier", "points_status"),
        "awards": _awards(done.awards),
        "sentences": list(done.sentences),
        "links": _named(on_receipts.of(done.purchase_id), "survey", "complaint"),
        "repeated": done.repeated,
    }


def preview(computed: Any) -> dict[str, Any]:
    """Show what a purchase would come to."""
    names = (*_MONEY, "points", "balance", "balance_after", "tier", "points_status")
    return {
        **_named(computed, *names),
        "awards": _awards(computed.awards),
        "sentences": list(computed.sentences),
    }


def returned(done: Any) -> dict[str, Any]:
    """Show a return."""
    return {
        "id": done.purchase_id,
        **_named(done, "original_id", "customer_id", "paid_minor", "points", "given_back"),
        **_named(done, "balance", "points_status", "repeated"),
        "sentences": list(done.sentences),
    }


def exchanged(done: Any) -> dict[str, Any]:
    """Show both halves of an exchange."""
    return {
        "returned": returned(done.returned),
        "sale": recorded(done.sale),
        "difference_minor": done.difference_minor,
    }


def purchase(row: Any) -> dict[str, Any]:
    """Show a row of purchases."""
    names = ("id", "kind", "original_id", "store_id", "customer_id", "guide_id", "source", "number")
    return _named(row, *names, "occurred_at", "business_day", *_MONEY, "recorded_at")


def line(found: Any) -> dict[str, Any]:
    """Show a line of a purchase with what can still come back."""
    names = ("id", "position", "product_code", "product_name", "category")
    return {
        **_named(found.line, *names, "gross_minor", "discount_minor", "paid_minor"),
        "quantity": format(found.line.quantity.normalize(), "f"),
        "returnable": format(found.left.normalize(), "f"),
    }
