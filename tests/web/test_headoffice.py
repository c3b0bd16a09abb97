"""Head office's page: who sees which figures, where they lead, and what the page costs."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from regulars.insights.selectors import portraits
from regulars.staff.models import Role
from tests.factories import insights as facts
from tests.factories import people
from tests.factories.headoffice import FIRST, figures_of, manager, october, text_of, url
from tests.factories.visitors import signed_in
from tests.insights.conftest import World


@pytest.fixture
def world(inside_aurum: Any) -> World:
    """Four stores in two regions, and sales of October."""
    cache.clear()  # who signs in often from one address is slowed down
    return october()


def test_an_empty_chain_sees_what_will_be_here_and_the_first_step(inside_aurum: Any) -> None:
    response = signed_in().get("/insights/")

    assert "Here you will see every store" in text_of(response)
    assert figures_of(response) == {}


def test_head_office_sees_all_stores(world: World) -> None:
    response = signed_in().get(url())

    assert figures_of(response) == {
        "sales": "¥185", "purchases": "5", "basket": "¥37", "held": "0",
        "buyers": "3", "new": "3", "returning": "0", "repeat": "33.3%",
    }  # fmt: skip
    names = [row.name for row in response.context["stores"].rows]
    assert names[:2] == ["Store s0", "Store s1"]
    assert {row.name for row in response.context["regions"].rows} == {"East", "West"}


def test_a_region_manager_sees_the_region_and_a_store_manager_the_store(world: World) -> None:
    east = manager(Role.REGION_MANAGER, regions=(world.regions[0],)).get(url())
    people.staff(name="Sam", role=Role.STORE_MANAGER, email="s@a.cn", stores=(world.stores[1],))
    store = signed_in(email="s@a.cn").get(url())

    assert figures_of(east)["sales"] == "¥132"
    assert {row.name for row in east.context["stores"].rows} == {"Store s0", "Store s2"}
    assert figures_of(store)["sales"] == "¥50"
    assert figures_of(store)["new"] == "1"  # Carol is known to the chain, and new to this store


def test_a_manager_of_two_stores_sees_them_as_one(world: World) -> None:
    client = manager(Role.STORE_MANAGER, stores=(world.stores[0], world.stores[1]))

    response = client.get(url())

    assert figures_of(response)["sales"] == "¥175"
    assert figures_of(response)["buyers"] == "2"
    assert figures_of(response)["repeat"] == "50.0%"


def test_a_guide_sees_no_figures(world: World) -> None:
    client = manager(Role.GUIDE, stores=(world.stores[0],))

    assert client.get(url()).status_code == 403
    assert client.get(url("/insights/customers/")).status_code == 403
    assert client.get(url("/insights/rows/sales/")).status_code == 403
    assert client.get(url("/insights/files/stores.csv")).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/insights/", "/insights/customers/", "/insights/rows/buyers/", "/insights/files/sales.csv"],
)
def test_what_lies_outside_ones_scope_is_not_there(world: World, path: str) -> None:
    client = manager(Role.REGION_MANAGER, regions=(world.regions[0],))
    inside = client.get(url(path, store=world.stores[2].id))
    outside: list[dict[str, Any]] = [
        {"store": world.stores[1].id},
        {"region": world.regions[1].id},
        {"store": "0192f0c0-0000-7000-8000-000000000000"},
        {"store": "x"},
    ]

    assert inside.status_code == 200
    assert [client.get(url(path, **each)).status_code for each in outside] == [404] * 4


def test_head_office_sees_nothing_of_a_franchise_that_does_not_share(world: World) -> None:
    store = world.stores[0]
    store.ownership, store.shares_figures = store.Ownership.FRANCHISE, False
    store.save()
    client = signed_in()

    response = client.get(url())

    assert figures_of(response)["sales"] == "¥60"
    assert "Store s0" not in text_of(response)
    assert client.get(url(store=store.id)).status_code == 404
    assert len(client.get(url("/insights/rows/sales/")).context["rows"]) == 3
    assert len(client.get(url("/insights/files/sales.csv")).getvalue().splitlines()) == 4
    franchisee = manager(Role.STORE_MANAGER, stores=(store,))
    assert figures_of(franchisee.get(url()))["sales"] == "¥125"


def test_the_page_asks_the_same_number_of_questions_however_much_there_is(
    world: World, django_assert_num_queries: Any
) -> None:
    client = signed_in()
    client.get(url())
    with django_assert_num_queries(10) as few:
        client.get(url(compare="previous"))
    for n in range(40):
        store = people.store(code=f"t{n}", region=world.regions[n % 2])
        facts.write(
            facts.sale(
                store=store.id, customer=world.customers[day % 3], day=FIRST + timedelta(day)
            )
            for day in range(4)
        )

    with django_assert_num_queries(len(few)):
        response = client.get(url(compare="previous"))

    assert figures_of(response)["purchases"] == "165"


def test_customers_are_portrayed_with_curve_top_and_shared(world: World) -> None:
    response = signed_in().get(url("/insights/customers/"), headers={"HX-Request": "true"})
    text = text_of(response)
    portrait = response.context["portrait"]

    assert "<html" not in response.content.decode()
    assert portrait.buyers == 3
    assert portrait.total_minor == 18_200
    assert portrait.most_of_sales == 1
    assert [each["customer"].text for each in response.context["top"]] == [
        "Carol", "=cmd|calc", "Dora",
    ]  # fmt: skip
    assert portrait.curve[-1] == (1.0, 1.0)
    assert portrait.shared == 1
    assert "1 buyer bought in more than one of these stores (33.3%)" in text
    assert "Store s0 + Store s1 1" in text


def test_a_big_period_is_portrayed_in_the_background(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portraits, "AT_ONCE", 1)

    text = text_of(signed_in().get(url("/insights/customers/")))

    assert "This part appears by itself" in text


def test_the_address_holds_place_period_and_order(world: World) -> None:
    client = signed_in()

    response = client.get(url(region=world.regions[0].id, sort="sales"))

    assert [row.name for row in response.context["stores"].rows] == ["Store s2", "Store s0"]
    html = response.content.decode()
    assert f'value="region:{world.regions[0].id}" selected' in html
    assert 'name="sort" value="sales"' in html
    assert f"start=2026-10-01&amp;end=2026-10-31&amp;store={world.stores[0].id}" in html


def test_every_chart_has_its_table_and_every_figure_says_how_it_is_counted(world: World) -> None:
    html = signed_in().get(url(compare="previous")).content.decode()

    assert html.count("As a table") == 2
    assert html.count('class="define"') == 8
    payload = json.loads(re.findall(r"<script[^>]*application/json[^>]*>(.*?)</script>", html)[0])
    assert len(payload["series"][0]["values"]) == 31
    assert payload["series"][1]["muted"]


def test_a_store_that_fell_or_sold_nothing_needs_attention(world: World) -> None:
    before = FIRST - timedelta(days=10)
    world.sell(1, 0, before, 90_000)
    world.sell(2, 0, before, 600)
    quiet = people.store(code="quiet", region=world.regions[0])
    facts.write([facts.sale(store=quiet.id, customer=None, day=before, paid=400)])

    response = signed_in().get(url(compare="previous"))

    assert [(each["kind"], each["name"]) for each in response.context["alerts"]] == [
        ("sales-fell", "Store s1"),
        ("no-sales", "Store quiet"),
    ]


def test_days_that_make_no_period_are_told_and_the_page_still_stands(world: World) -> None:
    response = signed_in().get(url(start="2026-10-31", end="2026-10-01"))

    assert "The last day lies before the first." in text_of(response)


def test_a_place_is_chosen_from_a_list(world: World) -> None:
    client = signed_in()

    region = client.get(url(place=f"region:{world.regions[0].id}"))
    store = client.get(url(place=f"store:{world.stores[1].id}"))

    assert figures_of(region)["sales"] == "¥132"
    assert figures_of(store)["sales"] == "¥50"
    assert client.get(url(place="town:1")).status_code == 404
    assert client.get(url(place="store:1")).status_code == 404
    choices = dict(region.context["choices"])
    assert [name for _value, name in choices["East"]] == [
        "East: all stores", "Store s0", "Store s2",
    ]  # fmt: skip


def test_who_has_one_store_has_nothing_to_choose(world: World) -> None:
    client = manager(Role.STORE_MANAGER, stores=(world.stores[1],))

    assert client.get(url()).context["choices"] == []


def test_late_purchases_and_returns_appear_at_once(world: World) -> None:
    client = signed_in()
    client.get(url())

    late = world.sell(0, 2, FIRST, 100_000)
    after_sale = figures_of(client.get(url()))
    world.write(facts.returned(late, day=FIRST + timedelta(days=1)))
    response = client.get(url())

    assert (after_sale["sales"], after_sale["purchases"]) == ("¥1,185", "6")
    assert figures_of(response)["sales"] == "¥185"
    assert "Returns taken off: 1, ¥1,000" in text_of(response)


def test_big_figures_are_short_on_their_card_and_exact_beside_it(world: World) -> None:
    world.sell(0, 0, FIRST, 1_234_567_890_12)
    client = signed_in()

    english = client.get(url())
    client.cookies["language"] = "zh-hans"
    chinese = client.get(url())

    assert figures_of(english)["sales"] == "¥1.23B"
    assert "Exactly ¥1,234,568,075.12" in text_of(english)
    assert figures_of(chinese)["sales"] == "¥12.3 亿"


def test_a_store_shows_its_guides_and_each_leads_to_its_rows(world: World) -> None:
    store = world.stores[0]
    ann = people.staff(name="Ann", stores=(store,))
    facts.write(
        facts.sale(
            store=store.id, customer=world.customers[n % 2], day=FIRST, paid=900, guide=ann.id
        )
        for n in range(3)
    )
    client = signed_in()

    response = client.get(url(store=store.id))
    lines = {each.name: each for each in response.context["guides"].rows}
    listed = client.get(lines["Ann"].hrefs["purchases"])
    buyers = client.get(lines["Ann"].hrefs["buyers"])

    ours = lines["Ann"].row
    assert (ours.sales_minor, ours.purchases, ours.buyers, ours.repeat_buyers) == (2700, 3, 2, 1)
    assert lines[""].row.sales_minor == 12_500  # of purchases that name nobody
    assert len(listed.context["rows"]) == 3
    assert "Purchases · 3" in text_of(listed)
    assert [each["row"].purchases for each in buyers.context["rows"]] in ([1, 2], [2, 1])
    assert "guides" not in text_of(client.get(url())).lower().split("take along")[0]


def test_a_chain_of_one_store_needs_no_tables_of_stores(inside_aurum: Any) -> None:
    cache.clear()
    facts.write([facts.sale(store=people.first_store().id, customer=None, day=FIRST)])

    response = signed_in().get(url())

    assert figures_of(response)["purchases"] == "1"
    assert 'id="stores"' not in response.content.decode()
