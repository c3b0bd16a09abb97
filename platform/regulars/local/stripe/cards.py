"""The well-known test cards and how each behaves."""

from dataclasses import dataclass
from typing import Any, Final

from regulars.local.stripe import faults

_WORDS: Final = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "card_velocity_exceeded": "Your card was declined for making repeated attempts too frequently "
    "or exceeding its amount limit.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "fraudulent": "Your card was declined.",
}
_ERROR_CODES: Final = {"expired_card", "incorrect_cvc", "processing_error"}
"""What is a code of its own; every other reason is a decline code of ``card_declined``."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One test card.

    ``declines`` is the reason every charge fails with. ``attaches`` says whether it can be kept
    all the same. ``asks`` says when it wants 3-D Secure: ``never``, ``unless-set-up`` (only while
    it was not authenticated for later use) or ``always``.
    """

    number: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    declines: str | None = None
    attaches: bool = True
    asks: str = "never"
    alias: str = ""

    def refusal(self, **extra: Any) -> faults.Declined:
        """Give the error with which it is refused."""
        reason = self.declines or "card_declined"
        is_code = reason in _ERROR_CODES
        decline = "generic_decline" if reason == "card_declined" else reason
        return faults.Declined(
            _WORDS[reason],
            param={"incorrect_cvc": "cvc", "expired_card": "exp_month"}.get(reason, ""),
            code=reason if is_code else "card_declined",
            extra={**extra, **({} if is_code else {"decline_code": decline})},
        )


CARDS: Final = (
    Card(number="4242424242424242", alias="visa"),
    Card(number="4000056655665556", funding="debit", alias="visa_debit"),
    Card(number="5555555555554444", brand="mastercard", alias="mastercard"),
    Card(number="2223003122003222", brand="mastercard"),
    Card(number="5200828282828210", brand="mastercard", funding="debit", alias="mastercard_debit"),
    Card(number="378282246310005", brand="amex", alias="amex"),
    Card(number="371449635398431", brand="amex"),
    Card(number="6011111111111117", brand="discover", alias="discover"),
    Card(number="3056930009020004", brand="diners", alias="diners"),
    Card(number="3566002020360505", brand="jcb", alias="jcb"),
    Card(number="6200000000000005", brand="unionpay", country="CN", alias="unionpay"),
    Card(number="4000001560000002", country="CN", alias="cn"),
    Card(number="4000002760000016", country="DE", alias="de"),
    Card(number="4000003440000004", country="HK", alias="hk"),
    Card(
        number="4000000000000002",
        declines="card_declined",
        attaches=False,
        alias="visa_chargeDeclined",
    ),
    Card(
        number="4000000000009995",
        declines="insufficient_funds",
        attaches=False,
        alias="visa_chargeDeclinedInsufficientFunds",
    ),
    Card(
        number="4000000000009987",
        declines="lost_card",
        attaches=False,
        alias="visa_chargeDeclinedLostCard",
    ),
    Card(
        number="4000000000009979",
        declines="stolen_card",
        attaches=False,
        alias="visa_chargeDeclinedStolenCard",
    ),
    Card(
        number="4000000000000069",
        declines="expired_card",
        attaches=False,
        alias="chargeDeclinedExpiredCard",
    ),
    Card(
        number="4000000000000127",
        declines="incorrect_cvc",
        attaches=False,
        alias="chargeDeclinedIncorrectCvc",
    ),
    Card(
        number="4000000000000119",
        declines="processing_error",
        attaches=False,
        alias="chargeDeclinedProcessingError",
    ),
    Card(
        number="4000000000006975",
        declines="card_velocity_exceeded",
        attaches=False,
        alias="visa_chargeDeclinedVelocityLimitExceeded",
    ),
    Card(
        number="4100000000000019",
        declines="fraudulent",
        attaches=False,
        alias="radarBlock",
    ),
    Card(number="4000000000000341", declines="card_declined", alias="chargeCustomerFail"),
    Card(number="4000002500003155", asks="unless-set-up", alias="authenticationRequiredOnSetup"),
    Card(number="4000002760003184", asks="always", alias="authenticationRequired"),
    Card(
        number="4000003800000446",
        asks="unless-set-up",
        alias="authenticationRequiredSetupForOffSession",
    ),
    Card(number="4000000000003220", asks="always", alias="threeDSecure2Required"),
    Card(
        number="4000008400001629",
        asks="always",
        declines="card_declined",
        alias="authenticationRequiredChargeDeclined",
    ),
    Card(
        number="4000008260003178",
        asks="always",
        declines="insufficient_funds",
        alias="authenticationRequiredChargeDeclinedInsufficientFunds",
    ),
)
BY_NUMBER: Final = {card.number: card for card in CARDS}
BY_NAME: Final = {
    prefix + card.alias: card for card in CARDS if card.alias for prefix in ("pm_card_", "tok_")
} | {
    f"pm_card_{card.alias.removeprefix('visa_')}": card
    for card in CARDS
    if card.alias.startswith("visa_charge")
}


def read(number: str) -> Card:
    """Give the card of a number. Raises Declined for one that is no number of a test card."""
    digits = "".join(each for each in number if each.isdigit())
    if digits in BY_NUMBER:
        return BY_NUMBER[digits]
    if len(digits) >= 12 and _luhn(digits):
        raise faults.Declined(
            "Your card was declined. Your request was in test mode, but used a non test card.",
            code="card_declined",
            extra={"decline_code": "test_mode_live_card"},
        )
    raise faults.Declined("Your card number is incorrect.", param="number", code="incorrect_number")


def _luhn(digits: str) -> bool:
    doubled = [int(each) * (2 - (n % 2 == 0)) for n, each in enumerate(reversed(digits))]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0
