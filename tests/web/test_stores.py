"""The stores' pages: list, add, edit, hours, closing, regions, pasting; and the settings page."""

from typing import Any

import pytest
from django.core.cache import cache

from regulars.staff.models import Role
from regulars.stores.models import Region, Store
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.visitors import Visitor, sign_in, signed_in

MANAGER = "mei@aurum.example"


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


@pytest.fixture
def shop() -> Store:
    return people.store(code="e1", name="外滩店", city="上海", region=people.region())


@pytest.fixture
def manager(shop: Store) -> Visitor:
    people.staff(name="Mei", role=Role.STORE_MANAGER, stores=(shop,), email=MANAGER)
    return signed_in(email=MANAGER)


def form(**given: Any) -> dict[str, Any]:
    """The store form as a browser sends it."""
    return {
        "name": "南京西路店",
        "code": "sh-02",
        "region_id": "",
        "time_zone": "Asia/Shanghai",
        "ownership": "own",
        **given,
    }


def test_every_page_of_a_store_renders_for_head_office(shop: Store) -> None:
    client = signed_in()
    pages = [
        "/settings/",
        "/stores/",
        "/stores/?state=closed",
        "/stores/?q=zzz",
        "/stores/new/",
        "/stores/paste/",
        "/stores/regions/",
        f"/stores/regions/{shop.region_id}/",
        f"/stores/{shop.id}/",
        f"/stores/{shop.id}/edit/",
        f"/stores/{shop.id}/hours/",
    ]

    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


def test_a_manager_arranges_the_own_store_and_not_the_chain(manager: Visitor, shop: Store) -> None:
    other = people.store(code="w1", name="西店")

    listed = manager.get("/stores/").content.decode()
    statuses = [
        manager.get(page).status_code
        for page in (
            f"/stores/{shop.id}/",
            f"/stores/{shop.id}/edit/",
            f"/stores/{shop.id}/hours/",
            f"/stores/{other.id}/",
            "/stores/new/",
            "/stores/paste/",
            "/stores/regions/",
        )
    ]

    assert statuses == [200, 200, 200, 404, 403, 403, 403]
    assert "外滩店" in listed
    assert "西店" not in listed
    assert "Add a store" not in listed


@pytest.mark.parametrize("role", [Role.GUIDE, Role.ANALYST])
def test_guides_and_analysts_arrange_no_store(role: Role, shop: Store) -> None:
    people.staff(name="Ann", role=role, stores=(shop,), email="ann@aurum.example")
    client = signed_in(email="ann@aurum.example")

    assert client.get("/stores/").status_code == 403
    assert "Stores and regions" not in client.get("/settings/").content.decode()


def test_charlie_of_bloom_finds_no_store_of_aurum(bloom: ChainInfo, shop: Store) -> None:
    with context.inside(bloom):
        people.staff(name="Charlie", role=Role.OWNER, email="charlie@bloom.example")
    charlie = Visitor("bloom")
    sign_in(charlie, email="charlie@bloom.example")

    assert charlie.get(f"/stores/{shop.id}/").status_code == 404
    assert "外滩店" not in charlie.get("/stores/").content.decode()


def test_a_store_is_added_and_shown() -> None:
    client = signed_in()

    response = client.post("/stores/new/", form(), follow=True)

    store = Store.objects.get(code="sh-02")
    assert response.redirect_chain[-1][0] == f"/stores/{store.id}/"
    assert "南京西路店" in response.content.decode()


def test_a_taken_code_is_said_at_the_field_and_nothing_typed_is_lost(shop: Store) -> None:
    response = signed_in().post("/stores/new/", form(code="e1"))

    assert response.status_code == 422
    assert "already in use" in response.content.decode()
    assert "南京西路店" in response.content.decode()


def test_a_manager_is_not_offered_and_cannot_post_what_is_head_offices(
    manager: Visitor, shop: Store
) -> None:
    offered = manager.get(f"/stores/{shop.id}/edit/").context["form"].fields
    manager.post(f"/stores/{shop.id}/edit/", form(name="新名字", code="mine"))

    shop.refresh_from_db()
    assert not {"code", "region_id", "ownership", "opened_on"} & set(offered)
    assert (shop.name, shop.code) == ("新名字", "e1")


def test_the_list_takes_the_same_number_of_queries_for_few_and_many(
    shop: Store, django_assert_max_num_queries: Any
) -> None:
    client = signed_in()
    client.get("/stores/")
    for number in range(80):
        people.store(code=f"n{number}", region=shop.region)

    with django_assert_max_num_queries(7):
        client.get("/stores/")


@pytest.mark.parametrize(("words", "codes"), [("外滩", ["e1"]), ("e1", ["e1"]), ("上海", ["e1"])])
def test_stores_are_found_by_name_code_and_city(words: str, codes: list[str], shop: Store) -> None:
    people.store(code="w9", city="成都")

    rows = signed_in().get("/stores/", {"q": words}).context["rows"]

    assert [row.store.code for row in rows] == codes


def week(**days: tuple[str, str]) -> dict[str, str]:
    """The week form with one span on the days given."""
    return {
        f"{day}-0-{end}": clock
        for day, span in days.items()
        for end, clock in zip(("opens", "closes"), span, strict=True)
    }


def test_the_week_is_saved_and_an_empty_day_is_closed(manager: Visitor, shop: Store) -> None:
    manager.post(f"/stores/{shop.id}/hours/", week(mon=("09:30", "21:00"), sat=("18:00", "02:00")))

    shop.refresh_from_db()
    assert shop.hours["week"]["mon"] == [["09:30", "21:00"]]
    assert shop.hours["week"]["sat"] == [["18:00", "02:00"]]
    assert shop.hours["week"]["sun"] == []


def test_half_a_time_is_refused_and_kept_on_the_page(manager: Visitor, shop: Store) -> None:
    response = manager.post(f"/stores/{shop.id}/hours/", {"mon-0-opens": "09:30"})

    shop.refresh_from_db()
    assert response.status_code == 422
    assert "09:30" in response.content.decode()
    assert shop.hours["week"]["mon"] == [["10:00", "22:00"]]


def test_a_holiday_is_noted_shown_as_one_and_removed(manager: Visitor, shop: Store) -> None:
    days = {"first": "2099-02-16", "last": "2099-02-18", "opens": "", "closes": ""}

    noted = manager.post(f"/stores/{shop.id}/hours/days/", days, follow=True)
    shop.refresh_from_db()
    kept = dict(shop.hours["dates"])
    manager.post(
        f"/stores/{shop.id}/hours/days/remove/", {"first": "2099-02-16", "last": "2099-02-18"}
    )
    shop.refresh_from_db()

    assert kept == {"2099-02-16": [], "2099-02-17": [], "2099-02-18": []}
    assert len(noted.context["exceptions"]) == 1
    assert shop.hours["dates"] == {}


@pytest.mark.parametrize(
    "days",
    [
        {"first": "", "last": ""},
        {"first": "2099-02-18", "last": "2099-02-16"},
        {"first": "2099-01-01", "last": "2099-12-31"},
        {"first": "2099-01-01", "last": "", "opens": "10:00", "closes": ""},
        {"first": "2099-01-01", "last": "", "opens": "ten", "closes": "12:00"},
    ],
)
def test_days_that_cannot_be_are_refused(
    days: dict[str, str], manager: Visitor, shop: Store
) -> None:
    response = manager.post(f"/stores/{shop.id}/hours/days/", days)

    shop.refresh_from_db()
    assert response.status_code == 422
    assert shop.hours["dates"] == {}


def test_a_store_is_closed_and_opened_again(shop: Store) -> None:
    client = signed_in()

    client.post(f"/stores/{shop.id}/close/", {"on": "2026-01-31"})
    closed = Store.objects.get(pk=shop.pk).closed_on
    page = client.get(f"/stores/{shop.id}/")
    again = client.post(f"/stores/{shop.id}/close/", {"on": "2099-01-31"})
    client.post(f"/stores/{shop.id}/reopen/")

    assert str(closed) == "2026-01-31"
    assert "The store is closed." in page.text
    assert "Open it again" in page.text
    assert again.status_code == 422
    assert Store.objects.get(pk=shop.pk).closed_on is None


def test_a_store_that_will_close_says_so_and_stays_among_the_open_ones(shop: Store) -> None:
    client = signed_in()

    client.post(f"/stores/{shop.id}/close/", {"on": "2099-01-31"})
    page = client.get(f"/stores/{shop.id}/").text
    listed = client.get("/stores/").context["tabs"]
    client.post(f"/stores/{shop.id}/reopen/")
    kept = client.get(f"/stores/{shop.id}/").text

    assert "The store stays open until it closes on" in page
    assert "Keep it open" in page
    assert "closed for good" not in page
    assert [each["count"] for each in listed[:2]] == [2, 0]
    assert f"{shop.name} stays open." in kept


def test_shared_devices_are_ended_from_the_stores_page(manager: Visitor, shop: Store) -> None:
    manager.post(f"/stores/{shop.id}/devices/")

    assert Store.objects.get(pk=shop.pk).device_epoch == shop.device_epoch + 1


def test_regions_are_added_and_renamed(shop: Store) -> None:
    client = signed_in()

    client.post("/stores/regions/", {"code": "west", "name": "西部"})
    refused = client.post("/stores/regions/", {"code": "west", "name": "Again"})
    client.post(f"/stores/regions/{shop.region_id}/", {"code": "east", "name": "华东大区"})

    assert refused.status_code == 422
    assert set(Region.objects.values_list("name", flat=True)) == {"西部", "华东大区"}


ROWS = "编号\t名称\t区域\t城市\nS1\t一店\t华东\t上海\nS2\t二店\t华南\t广州\n\t三店\t\t"


def test_pasted_rows_are_shown_before_anything_is_made(shop: Store) -> None:
    page = signed_in().post("/stores/paste/", {"rows": ROWS})

    assert (page.context["good"], page.context["bad"]) == (2, 1)
    assert Store.objects.filter(code="S1").count() == 0


def test_pasted_rows_are_made_when_asked_with_the_regions_that_were_missing(shop: Store) -> None:
    signed_in().post("/stores/paste/", {"rows": ROWS, "save": "yes"})

    made = dict(Store.objects.filter(code__in=["S1", "S2"]).values_list("code", "region__name"))
    assert made == {"S1": "华东", "S2": "华南"}
    assert Region.objects.filter(name="华东").count() == 1
    assert not Store.objects.filter(name="三店").exists()


def test_settings_show_what_a_person_may_arrange(manager: Visitor) -> None:
    page = manager.get("/settings/").content.decode()

    assert "Team" in page
    assert "Stores and regions" in page
    assert "API keys" not in page


def test_the_first_page_leads_to_the_first_place_of_the_rail() -> None:
    response = signed_in().get("/")

    assert response.status_code == 302
    assert response["Location"].startswith("/")
