"""Events are told signed, in order, again if nobody answers well, and can be told once more."""

import json
import random
import time
from typing import Any

import pytest
import stripe

from regulars.local.stripe import delivering, server
from tests import simulated_stripe
from tests.simulated_stripe import listening


def register(client: Any, address: str, *kinds: str) -> Any:
    return client.webhook_endpoints.create({"url": address, "enabled_events": list(kinds) or ["*"]})


def test_an_event_is_signed_so_that_the_official_client_believes_it(
    simulator: server.Server, client: Any
) -> None:
    with listening() as there:
        endpoint = register(client, there.address, "customer.created")
        made = client.customers.create({"name": "Aurum"})
        client.products.create({"name": "not told"})
        assert simulator.deliverer.settle()

        (body, signature) = there.told[0]
        event = stripe.Webhook.construct_event(body, signature, endpoint.secret)

    assert (event.type, event.data.object.id) == ("customer.created", made.id)
    assert there.kinds() == ["customer.created"]
    assert event.request.idempotency_key
    assert client.events.retrieve(event.id).pending_webhooks == 0


def test_a_changed_body_an_old_stamp_and_another_secret_are_not_believed(
    simulator: server.Server, client: Any
) -> None:
    with listening() as there:
        secret = register(client, there.address).secret
        client.customers.create({"name": "Aurum"})
        assert simulator.deliverer.settle()
    body, signature = there.told[0]
    old = delivering.signature(body, secret, at=int(time.time()) - 301)
    chance = random.Random(6)
    wrong = [(body, old, secret), (body, signature, "whsec_other")]
    for _ in range(50):
        place = chance.randrange(len(body))
        changed = bytes([body[place] ^ 1])
        wrong.append((body[:place] + changed + body[place + 1 :], signature, secret))

    stripe.Webhook.construct_event(body, signature, secret)
    for given in wrong:
        with pytest.raises((stripe.SignatureVerificationError, UnicodeDecodeError)):
            stripe.Webhook.construct_event(*given)


def test_the_secret_is_shown_once(client: Any) -> None:
    made = register(client, "http://127.0.0.1:9/")

    assert made.secret.startswith("whsec_")
    assert "secret" not in client.webhook_endpoints.retrieve(made.id)


def test_what_is_not_answered_well_is_told_again_and_later_given_up(
    simulator: server.Server, client: Any
) -> None:
    with listening() as there:
        register(client, there.address, "customer.created", "product.created")
        there.statuses[:] = [500, 302]
        client.customers.create({"name": "Aurum"})
        deadline = time.monotonic() + 5
        while len(there.told) < 3 and time.monotonic() < deadline:
            time.sleep(0.005)
        assert simulator.deliverer.settle()
        assert len({body for body, _ in there.told}) == 1
        assert len(there.told) == 3

        there.told.clear()
        there.statuses[:] = [500] * 9
        made = client.products.create({"name": "Chain"})
        tries = 1 + len(simulated_stripe.QUICK_RETRIES)
        while len(there.told) < tries and time.monotonic() < deadline:
            time.sleep(0.005)
        assert simulator.deliverer.settle()

    assert len(there.told) == tries
    event = client.events.list({"type": "product.created"}).data[0]
    assert (event.data.object.id, event.pending_webhooks) == (made.id, 1)


def test_an_event_can_be_told_once_more(simulator: server.Server, client: Any) -> None:
    with listening() as there:
        register(client, there.address, "customer.created")
        client.customers.create({"name": "Aurum"})
        assert simulator.deliverer.settle()
        event = json.loads(there.told[0][0])["id"]
        with simulator.api.lock:
            delivering.again(simulator.store, event)
        simulator.deliverer.ring()
        assert simulator.deliverer.settle()

    assert [json.loads(body)["id"] for body, _ in there.told] == [event, event]


def test_the_waits_grow_over_three_days() -> None:
    assert list(delivering.DELAYS) == sorted(delivering.DELAYS)
    assert 2.5 * 86400 < sum(delivering.DELAYS) < 3.5 * 86400
