"""What tills send and get, as serializers: they check form, and the OpenAPI document reads them."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

MONEY = "Minor units of the chain's currency."
POINTS_STATUS = ["posted", "pending", "none"]


class Shape(serializers.Serializer[Any]):
    """A body whose unknown members are refused by name, so that a typo never passes silently."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse members nobody reads, then check the known ones."""
        if isinstance(data, dict):
            unknown = sorted(str(name) for name in data.keys() - self.fields.keys())
            if unknown:
                known = ", ".join(self.fields)
                fault = f"There is no such member here; there are: {known}."
                raise serializers.ValidationError({name: [fault] for name in unknown})
        return super().to_internal_value(data)


class CustomerReference(Shape):
    """One customer, by exactly one of these."""

    id = serializers.UUIDField(required=False)
    phone = serializers.CharField(required=False, max_length=30)
    member_code = serializers.CharField(required=False, max_length=40)
    card = serializers.CharField(required=False, max_length=80)
    external = serializers.ListField(
        required=False,
        child=serializers.CharField(max_length=80),
        min_length=2,
        max_length=2,
        help_text='Name of the other system and its number: ["shopify", "1001"].',
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Insist on exactly one."""
        if len(attrs) != 1:
            raise serializers.ValidationError(
                "Name the customer by exactly one of id, phone, member_code, card, external."
            )
        return attrs


class PaymentShape(Shape):
    """Money that changed hands by one means."""

    means = serializers.CharField(max_length=40)
    amount_minor = serializers.IntegerField(help_text=MONEY)


class LineShape(Shape):
    """One position of a purchase."""

    product_code = serializers.CharField(max_length=60, required=False, allow_blank=True)
    product_name = serializers.CharField(max_length=160, required=False, allow_blank=True)
    category = serializers.CharField(max_length=80, required=False, allow_blank=True)
    quantity = serializers.DecimalField(max_digits=14, decimal_places=3, default=Decimal(1))
    gross_minor = serializers.IntegerField(help_text=f"Before discounts. {MONEY}")
    discount_minor = serializers.IntegerField(default=0, help_text=MONEY)
    extra = serializers.DictField(required=False, help_text="Fields of the industry.")


class PurchaseShape(Shape):
    """A purchase as a till sends it. gross − discount − rounding = paid."""

    store = serializers.CharField(max_length=40, help_text="Code or id of the store.")
    number = serializers.CharField(max_length=80, help_text="The till's own receipt number.")
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=40, default="till", help_text="Which system numbers the receipts."
    )
    occurred_at = serializers.DateTimeField()
    customer = CustomerReference(required=False, allow_null=True)
    guide = serializers.CharField(
        max_length=40, required=False, allow_null=True, help_text="Number or id of the guide."
    )
    lines = LineShape(many=True, min_length=1, max_length=500)  # type: ignore[call-arg]
    discount_minor = serializers.IntegerField(
        required=False, help_text="Of the whole receipt; left out: the sum of the lines' own."
    )
    rounding_minor = serializers.IntegerField(default=0, help_text="抹零; negative: rounded up.")
    paid_minor = serializers.IntegerField(required=False, help_text="Checked when it is sent.")
    payments = PaymentShape(many=True, required=False, max_length=20)  # type: ignore[call-arg]
    extra = serializers.DictField(required=False, help_text="Fields of the industry.")


class PreviewShape(PurchaseShape):
    """A purchase that is not recorded; it needs no number."""

    number = serializers.CharField(max_length=80, required=False, default="")
    occurred_at = serializers.DateTimeField(required=False)


class ReturnLineShape(Shape):
    """How much of which line comes back."""

    line_id = serializers.UUIDField(required=False)
    position = serializers.IntegerField(required=False, min_value=1, help_text="From 1.")
    quantity = serializers.DecimalField(max_digits=14, decimal_places=3)


class OriginalShape(Shape):
    """The purchase that comes back, by its id or by its receipt number."""

    id = serializers.UUIDField(required=False)
    source = serializers.CharField(max_length=40, required=False, default="till")  # type: ignore[assignment]
    number = serializers.CharField(max_length=80, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Insist on one of the two."""
        if ("id" in attrs) == ("number" in attrs):
            raise serializers.ValidationError("Name the purchase by its id or by its number.")
        return attrs


class ReturnShape(Shape):
    """Goods that come back: of an `original`, or `without_original` (which takes no points)."""

    store = serializers.CharField(max_length=40, help_text="Code or id of the store.")
    number = serializers.CharField(max_length=80)
    source = serializers.CharField(max_length=40, default="till")  # type: ignore[assignment]
    occurred_at = serializers.DateTimeField()
    original = OriginalShape(required=False)
    lines = ReturnLineShape(  # type: ignore[call-arg]
        many=True, required=False, max_length=500, help_text="Left out: all that is left."
    )
    without_original = LineShape(many=True, required=False, max_length=500)  # type: ignore[call-arg]
    customer = CustomerReference(required=False, allow_null=True)
    guide = serializers.CharField(max_length=40, required=False, allow_null=True)
    payments = PaymentShape(many=True, required=False, max_length=20)  # type: ignore[call-arg]
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Insist on either an original or the goods themselves."""
        if ("original" in attrs) == ("without_original" in attrs):
            raise serializers.ValidationError("Send either `original` or `without_original`.")
        return attrs


class ExchangeShape(Shape):
    """A return and a purchase in one; `payments` settle the difference."""

    returned = ReturnShape()
    sale = PurchaseShape()
    payments = PaymentShape(many=True, required=False, max_length=20)  # type: ignore[call-arg]


class BatchShape(Shape):
    """What a till recorded while it was offline, in the order it happened."""

    entries = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=200)


class AwardShape(serializers.Serializer[Any]):
    """Why some points were earned."""

    rule = serializers.CharField()
    points = serializers.IntegerField()
    sentence = serializers.CharField()


class ReceiptLinksShape(serializers.Serializer[Any]):
    """What the receipt prints as codes or addresses, for this customer's eyes only."""

    survey = serializers.CharField(
        allow_blank=True,
        help_text="How did we do? One question, open for two weeks. Empty where none is asked.",
    )
    complaint = serializers.CharField(
        help_text="Something not right? Where the customer complains of this purchase alone."
    )


class RecordedShape(serializers.Serializer[Any]):
    """What the till shows the customer."""

    id = serializers.UUIDField()
    customer_id = serializers.UUIDField(allow_null=True)
    gross_minor = serializers.IntegerField()
    discount_minor = serializers.IntegerField()
    rounding_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()
    points = serializers.IntegerField(help_text="Earned by this purchase.")
    balance = serializers.IntegerField(allow_null=True, help_text="After it.")
    tier = serializers.CharField(allow_null=True)
    points_status = serializers.ChoiceField(choices=POINTS_STATUS)
    awards = AwardShape(many=True)
    sentences = serializers.ListField(child=serializers.CharField())
    links = ReceiptLinksShape()
    repeated = serializers.BooleanField(help_text="The receipt number was recorded before.")
