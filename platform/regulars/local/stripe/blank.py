"""Large objects as they begin, before anything is known of them."""

import copy
from typing import Any, Final

_INVOICE: Final[dict[str, Any]] = {
    "object": "invoice",
    "account_country": "US",
    "account_name": "Regulars",
    "amount_overpaid": 0,
    "amount_paid": 0,
    "amount_shipping": 0,
    "attempt_count": 0,
    "attempted": False,
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
    "default_payment_method": None,
    "default_tax_rates": [],
    "due_date": None,
    "issuer": {"type": "self"},
    "livemode": False,
    "metadata": {},
    "next_payment_attempt": None,
    "number": None,
    "parent": None,
    "payment_settings": {
        "default_mandate": None,
        "payment_method_options": None,
        "payment_method_types": None,
    },
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "status": "draft",
    "status_transitions": {
        "finalized_at": None,
        "marked_uncollectible_at": None,
        "paid_at": None,
        "voided_at": None,
    },
    "_retries": 0,
}
_SUBSCRIPTION: Final[dict[str, Any]] = {
    "object": "subscription",
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
    "billing_schedules": [],
    "cancel_at": None,
    "cancel_at_period_end": False,
    "canceled_at": None,
    "cancellation_details": {
        "comment": None,
        "feedback": None,
        "feedback_option": None,
        "reason": None,
    },
    "default_payment_method": None,
    "default_tax_rates": [],
    "discounts": [],
    "ended_at": None,
    "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
    "latest_invoice": None,
    "livemode": False,
    "payment_settings": {
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "off",
    },
    "schedule": None,
    "status": "incomplete",
    "trial_end": None,
    "trial_settings": {
        "end_behavior": {
            "billing_cycle_anchor": None,
            "missing_payment_method": "create_invoice",
        }
    },
    "trial_start": None,
}
_SESSION: Final[dict[str, Any]] = {
    "object": "checkout.session",
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "custom_fields": [],
    "custom_text": {},
    "customer_details": None,
    "invoice": None,
    "livemode": False,
    "payment_intent": None,
    "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
    "payment_method_types": ["card"],
    "phone_number_collection": {"enabled": False},
    "setup_intent": None,
    "shipping_options": [],
    "status": "open",
    "subscription": None,
    "ui_mode": "hosted_page",
}


def invoice() -> dict[str, Any]:
    """Give a draft of nothing."""
    return copy.deepcopy(_INVOICE)


def subscription() -> dict[str, Any]:
    """Give a subscription to nothing."""
    return copy.deepcopy(_SUBSCRIPTION)


def session() -> dict[str, Any]:
    """Give a checkout session about nothing."""
    return copy.deepcopy(_SESSION)
