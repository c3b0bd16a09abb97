"""Forgetting a person on request (P5), and telling them what is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from regulars import registry
from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.customers.models import Consent, Customer, Identity, LifeEvent, Note, Possession
from regulars.customers.selectors import visibility
from regulars.kit.schema import Field

_BASIC: Final = (
    "member_code",
    "name",
    "gender",
    "age_band",
    "phone",
    "email",
    "address",
    "language",
    "time_zone",
)


def lock_whole(
    *, actor: Actor, customer_id: UUID, permission: str = "customers.erase"
) -> list[Customer]:
    """Lock a customer and every record merged into it, in key order; the survivor comes first.

    Raises Forbidden, NotFound.
    """
    require(actor, permission)
    survivor = visibility.get(actor=actor, customer_id=customer_id)
    ids = Customer.objects.filter(merged_into=survivor.pk).values_list("pk", flat=True)
    rows = Customer.objects.select_for_update().filter(pk__in=[survivor.pk, *ids])
    found = list(rows.order_by("pk"))
    return sorted(found, key=lambda row: row.pk != survivor.pk)


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Empty what is personal in this domain; the row and what is not personal stay to be counted.

    Idempotent. The caller holds the row. Consents stay: they name nobody, and prove what was
    agreed while it was kept.
    """
    for model in (Identity, LifeEvent, Note):
        model._default_manager.filter(customer=customer_id).delete()
    for possession in Possession.objects.filter(customer=customer_id):
        declared = _possession_fields(possession.kind)
        possession.title = ""
        possession.extra = impersonal(possession.extra, declared)
        possession.save(update_fields=["title", "extra"])
    customer = Customer.objects.get(pk=customer_id)
    customer.state = Customer.State.ERASED
    customer.merged_into, customer.merge = None, None  # a merge remembers values
    customer.member_code = customer.phone = None
    customer.name = customer.pinyin = customer.initials = ""
    customer.gender = customer.age_band = customer.email = ""
    customer.language = customer.time_zone = ""
    customer.tokens, customer.address, customer.profile = [], {}, {}
    customer.extra = impersonal(
        customer.extra, registry.vertical().fields_on("customer", retired=True)
    )
    customer.changed_at = now
    customer.save()


def impersonal(values: Mapping[str, Any], declared: tuple[Field, ...]) -> dict[str, Any]:
    """Keep the values whose fields are declared and not personal; unknown ones go too."""
    kept = {each.key for each in declared if not (each.personal or each.sensitive)}
    return {key: value for key, value in values.items() if key in kept}


def disclose(*, customer_id: UUID) -> dict[str, Any]:
    """Return what this domain keeps of a person, as JSON-able data in plain words."""
    customer = Customer.objects.select_related("owner", "home_store").get(pk=customer_id)
    return {
        **{key: getattr(customer, key) or None for key in _BASIC},
        "joined_at": customer.joined_at.isoformat(),
        "guide": customer.owner.name if customer.owner else None,
        "store": customer.home_store.name if customer.home_store else None,
        "answers": customer.profile,
        "fields": customer.extra,
        "numbers": list(
            Identity.objects.filter(customer=customer).order_by("pk").values("source", "number")
        ),
        "days": list(
            LifeEvent.objects.filter(customer=customer)
            .order_by("pk")
            .values("kind", "label", "year", "month", "day", "lunar", "leap_month")
        ),
        "possessions": [
            {
                "kind": row.kind,
                "title": row.title,
                "fields": row.extra,
                "acquired_on": row.acquired_on.isoformat() if row.acquired_on else None,
                "ended_on": row.ended_on.isoformat() if row.ended_on else None,
            }
            for row in Possession.objects.filter(customer=customer).order_by("pk")
        ],
        "consents": [
            {
                "purpose": row.purpose,
                "channel": row.channel,
                "given": row.given,
                "how": row.how,
                "at": row.at.isoformat(),
            }
            for row in Consent.objects.filter(customer=customer).order_by("at", "pk")
        ],
        "notes": [
            {"text": row.text, "at": row.at.isoformat()}
            for row in Note.objects.filter(customer=customer).order_by("pk")
        ],
    }


def _possession_fields(kind: str) -> tuple[Field, ...]:
    """Return the declared fields; none of a kind of a vertical the chain no longer uses."""
    declared = registry.vertical().possession(kind)
    return declared.fields if declared else ()
