"""What is sent and answered about customers."""

from typing import Any

from rest_framework import serializers

from regulars.api.shapes import Shape
from regulars.points.models import Posting

GENDERS = ["female", "male", "other", ""]


class AddressShape(Shape):
    """Parts of an address; all may be left out."""

    province = serializers.CharField(max_length=200, required=False, allow_blank=True)
    city = serializers.CharField(max_length=200, required=False, allow_blank=True)
    district = serializers.CharField(max_length=200, required=False, allow_blank=True)
    line = serializers.CharField(max_length=200, required=False, allow_blank=True)
    postcode = serializers.CharField(max_length=200, required=False, allow_blank=True)


class CustomerChange(Shape):
    """What to change of a customer; an empty value clears one."""

    name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    phone = serializers.CharField(
        max_length=30, required=False, allow_blank=True, help_text="As people write it, or E.164."
    )
    member_code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    gender = serializers.ChoiceField(choices=GENDERS, required=False)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    address = AddressShape(required=False)
    language = serializers.CharField(max_length=10, required=False, allow_blank=True)
    extra = serializers.DictField(required=False, help_text="Fields of the industry.")
    same_phone_is_fine = serializers.BooleanField(
        default=False, help_text="A family may share a number."
    )


class CustomerWrite(CustomerChange):
    """A new customer: any of name, phone, member code or external number is enough."""

    external = serializers.ListField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=80), min_length=2, max_length=2
        ),
        required=False,
        max_length=20,
        help_text='Numbers of other systems: [["shopify", "1001"]].',
    )
    store = serializers.CharField(
        max_length=40, required=False, help_text="Code or id of the home store."
    )
    guide = serializers.CharField(
        max_length=40, required=False, help_text="Number or id of the guide who looks after them."
    )


class CustomerAnswer(serializers.Serializer[Any]):
    """A customer."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    phone = serializers.CharField(allow_null=True, help_text="E.164.")
    member_code = serializers.CharField(allow_null=True)
    gender = serializers.ChoiceField(choices=GENDERS)
    email = serializers.CharField()
    address = serializers.DictField()
    language = serializers.CharField()
    store_id = serializers.UUIDField(allow_null=True)
    guide_id = serializers.UUIDField(allow_null=True)
    extra = serializers.DictField()
    joined_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class CardAnswer(serializers.Serializer[Any]):
    """What a till may know of somebody at the counter; the phone is masked."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    phone = serializers.CharField(allow_null=True)
    member_code = serializers.CharField(allow_null=True)
    balance = serializers.IntegerField()
    warnings = serializers.ListField(child=serializers.CharField())


class CardsAnswer(serializers.Serializer[Any]):
    """Everybody with exactly this number: several may share a phone."""

    data = CardAnswer(many=True)  # type: ignore[assignment]


class BalanceAnswer(serializers.Serializer[Any]):
    """What a customer may use now."""

    balance = serializers.IntegerField(help_text="available − debt")
    available = serializers.IntegerField()
    debt = serializers.IntegerField()
    expiring = serializers.IntegerField(help_text="Within the next 30 days.")
    expires_at = serializers.DateTimeField(allow_null=True)


class EntryAnswer(serializers.Serializer[Any]):
    """One line of a statement."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    verb = serializers.ChoiceField(choices=Posting.Verb.values)
    amount = serializers.IntegerField()
    balance = serializers.IntegerField()
    sentences = serializers.ListField(child=serializers.CharField())
    store_id = serializers.UUIDField(allow_null=True)
    purchase_id = serializers.UUIDField(allow_null=True)
