"""Only what Stripe signed, as it signed it, is taken."""

import random
from collections.abc import Callable

import pytest
import stripe
from django.test import override_settings

from regulars.billing import gateway
from tests import counts
from tests.billing.paying import START, signed
from tests.billing.test_events import told
from tests.counts import Note

pytestmark = pytest.mark.usefixtures("simulator")
type Sent = tuple[bytes, str]


def flip(chance: random.Random, raw: bytes) -> bytes:
    """Change one bit."""
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :]


def other_digits(chance: random.Random, text: str) -> str:
    """Put another character into the header."""
    at = chance.randrange(len(text))
    another = chance.choice([each for each in "0123456789abcdefABC=,tv. \t-+_" if each != text[at]])
    return text[:at] + another + text[at + 1 :]


def shorter(chance: random.Random, text: str) -> str:
    return text[: chance.randrange(len(text))]


def longer(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice("0123456789abcdef ,=t") + text[at:]


def of_another_second(chance: random.Random, text: str) -> str:
    stamp = int(text[2:].split(",")[0]) + chance.choice([-1, 1]) * chance.randrange(1, 250)
    return f"t={stamp},{text.split(',', 1)[1]}"


def of_another_secret(chance: random.Random, body: bytes) -> str:
    stamp = int(START.timestamp())
    secret = f"whsec_{chance.getrandbits(64):x}"
    mac = stripe.WebhookSignature._compute_signature(f"{stamp}.{body.decode()}", secret)
    return f"t={stamp},v1={mac}"


MUTATIONS: list[Callable[[random.Random, bytes, str], Sent]] = [
    lambda chance, body, header: (flip(chance, body), header),
    lambda chance, body, header: (body + chance.choice([b" ", b"\n", b"{}"]), header),
    lambda chance, body, header: (body[: chance.randrange(len(body))], header),
    lambda chance, body, header: (body, other_digits(chance, header)),
    lambda chance, body, header: (body, shorter(chance, header)),
    lambda chance, body, header: (body, longer(chance, header)),
    lambda chance, body, header: (body, of_another_second(chance, header)),
    lambda chance, body, header: (body, of_another_secret(chance, body)),
    lambda chance, body, header: (body, header.replace("v1=", "v0=")),
    lambda chance, body, header: (body, header.upper()),
]


def accepted(seed: int, times: int) -> list[Sent]:
    """Return what was taken of so many mutated webhooks, each another."""
    chance = random.Random(seed)
    body, header = signed(told(), now=START)
    found = []
    for number in range(times):
        sent = MUTATIONS[number % len(MUTATIONS)](chance, body, header)
        assert sent != (body, header)
        try:
            gateway.verified(*sent, now=START)
        except gateway.BadSignature:
            continue
        found.append(sent)
    return found


@pytest.mark.proof("bodies, stamps and signatures changed at random; none may be taken")
def test_nothing_that_was_changed_is_taken(record_property: Note) -> None:
    seed, times = counts.seed(), counts.of(1000, proof=10_000)
    record_property("seed", seed)

    assert accepted(seed, times) == []

    assert gateway.verified(*signed(told(), now=START), now=START).id == told()["id"]
    record_property("mutations", times)


@pytest.mark.proof("the same with the signature not looked at")
def test_positive_control_without_the_check_many_are_taken(
    monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    monkeypatch.setattr(stripe.WebhookSignature, "verify_header", lambda *_given: True)

    found = accepted(1, 200)

    assert len(found) > 50
    record_property("found", f"{len(found)} of 200")


@pytest.mark.proof("the same with the official client alone, which reads a stamp in many ways")
def test_positive_control_without_our_form_the_client_takes_some(
    monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    body, header = signed(told(), now=START)
    odd = [header.replace("t=", "t= "), header.replace("t=", "t=0"), f"{header},v1=ff"]

    taken = [
        each
        for each in odd
        if stripe.WebhookSignature.verify_header(body.decode(), each, "whsec_of_a_test", None)
    ]

    assert taken == odd
    record_property("found", f"{len(taken)} of {len(odd)}")


def test_without_a_secret_nothing_is_taken() -> None:
    with override_settings(STRIPE_WEBHOOK_SECRET=""), pytest.raises(gateway.BadSignature):
        gateway.verified(*signed(told(), now=START), now=START)
