"""What a receipt asks of its customer: how satisfied they are (Q7), and what is not right (Q1).

Both addresses follow from the purchase's key alone: they cost no statement, and are the same each
time they are asked for.
"""

from dataclasses import dataclass
from uuid import UUID

from regulars.complaints import codes
from regulars.surveys import declared, links
from regulars.usecases import ask_customers


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a receipt's codes lead; `survey` is empty where none follows a purchase."""

    survey: str
    complaint: str


def of(purchase_id: UUID) -> Addresses:
    """Return what a receipt prints. Whoever holds them speaks as the customer."""
    asks = declared.on(*declared.AFTER_PURCHASE)
    survey = ask_customers.address(links.token("purchase", purchase_id)) if asks else ""
    return Addresses(survey=survey, complaint=codes.link(codes.of_purchase(purchase_id)))
