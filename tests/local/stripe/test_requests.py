"""Keys, idempotency, lists, expansion, errors."""

from typing import Any

import pytest
import stripe

from regulars.local.stripe import server
from tests import simulated_stripe
from tests.simulated_stripe import Shop


def test_another_key_is_not_let_in(simulator: server.Server) -> None:
    stranger = simulated_stripe.client(simulator, key="sk_test_somebody")

    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key provided: sk_test_"):
        stranger.customers.list()


def test_the_same_key_gives_the_same_answer_and_does_nothing_twice(client: Any) -> None:
    first = client.customers.create({"name": "Aurum"}, {"idempotency_key": "k1"})
    again = client.customers.create({"name": "Aurum"}, {"idempotency_key": "k1"})

    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert len(client.customers.list().data) == 1


def test_the_same_key_with_other_parameters_is_refused(client: Any) -> None:
    client.customers.create({"name": "Aurum"}, {"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError, match="same parameters they were first used with"):
        client.customers.create({"name": "Bloom"}, {"idempotency_key": "k1"})


def test_an_error_replays_too_though_it_would_go_well_now(client: Any) -> None:
    call = {"product": "prod_later", "currency": "usd", "unit_amount": 5}
    with pytest.raises(stripe.InvalidRequestError):
        client.prices.create(call, {"idempotency_key": "k2"})
    client.products.create({"id": "prod_later", "name": "Chain"})

    with pytest.raises(stripe.InvalidRequestError, match="No such product: 'prod_lat") as again:
        client.prices.create(call, {"idempotency_key": "k2"})

    assert again.value.headers is not None
    assert again.value.headers["Idempotent-Replayed"] == "true"


def test_what_was_refused_for_its_form_may_come_again_corrected(client: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.customers.create({"nmae": "Aurum"}, {"idempotency_key": "k3"})

    assert client.customers.create({"name": "Aurum"}, {"idempotency_key": "k3"}).name == "Aurum"


def test_what_was_done_and_its_answer_are_kept_together_or_not_at_all(
    simulator: server.Server, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: object) -> None:
        raise RuntimeError("killed here")

    with monkeypatch.context() as patch:
        patch.setattr(simulator.api, "_keep", crash)
        with pytest.raises(stripe.APIConnectionError):
            client.customers.create({"name": "Aurum"}, {"idempotency_key": "k4"})

    assert client.customers.list().data == []


def test_lists_come_newest_first_and_page_in_both_directions(client: Any) -> None:
    made = [client.products.create({"name": f"P{n}"}).id for n in range(5)][::-1]

    first = client.products.list({"limit": 2})
    second = client.products.list({"limit": 2, "starting_after": first.data[-1].id})
    back = client.products.list({"limit": 2, "ending_before": made[4]})

    assert [each.id for each in first.data] == made[:2]
    assert first.has_more
    assert [each.id for each in second.data] == made[2:4]
    assert [each.id for each in back.data] == made[2:4]
    assert [each.id for each in first.auto_paging_iter()] == made
    with pytest.raises(stripe.InvalidRequestError):
        client.products.list({"limit": 101})


def test_a_filter_is_understood_where_there_is_nothing_to_filter(client: Any) -> None:
    moment = {"created": {"gte": 1_700_000_000}}

    assert client.customers.list({"email": "a@b.example", **moment}).data == []
    assert client.prices.list({"active": True, "currency": "usd", "type": "recurring"}).data == []
    assert client.invoices.list({"status": "open", "subscription": "sub_1", **moment}).data == []
    assert client.subscriptions.list({"status": "all", **moment}).data == []
    assert client.events.list({"type": "invoice.*", "delivery_success": False, **moment}).data == []
    assert client.checkout.sessions.list({"status": "open", **moment}).data == []
    assert client.payment_intents.list({"customer": "cus_1", **moment}).data == []


def test_what_is_expanded_comes_whole_and_nothing_else(client: Any) -> None:
    product = client.products.create({"name": "Chain"})
    price = client.prices.create(
        {"product": product.id, "currency": "usd", "unit_amount": 5, "expand": ["product"]}
    )

    found = client.prices.list({"expand": ["data.product"]})

    assert price.product.name == "Chain"
    assert found.data[0].product.name == "Chain"
    assert client.prices.retrieve(price.id).product == product.id
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.prices.retrieve(price.id, {"expand": ["currency"]})


def test_nothing_has_that_id(client: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.customers.retrieve("cus_nobody")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert refused.value.user_message == "No such customer: 'cus_nobody'"
    assert refused.value.request_id


def test_metadata_is_merged_and_an_empty_value_unsets(client: Any) -> None:
    made = client.customers.create({"metadata": {"chain": "aurum", "plan": "start"}})

    changed = client.customers.update(made.id, {"metadata": {"plan": "", "stores": "3"}})

    assert changed.metadata.to_dict() == {"chain": "aurum", "stores": "3"}


def test_a_part_of_a_parameter_that_nobody_reads_is_refused_and_not_passed_over(shop: Shop) -> None:
    wish: dict[str, Any] = {
        "mode": "subscription",
        "customer": shop.customer(None).id,
        "line_items": [{"price": shop.price(2_900).id, "quantity": 2}],
        "success_url": "https://aurum.example/",
    }
    shop.client.checkout.sessions.create(wish)
    wish["line_items"][0]["adjustable_quantity"] = {"enabled": True}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.client.checkout.sessions.create(wish)

    assert refused.value.code == "simulator_unsupported"
    assert refused.value.param == "line_items[0][adjustable_quantity]"
    assert len(shop.client.checkout.sessions.list().data) == 1
