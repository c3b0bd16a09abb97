"""Customers over the API: created, found, changed, listed page by page."""

from collections.abc import Callable

import pytest

from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till


def test_a_customer_is_created_read_and_changed(till: Till) -> None:
    made = till.post("customers", {"name": " 王  小明 ", "phone": "13800138000"})
    assert made.status_code == 201, made.json()
    customer_id = made.json()["id"]

    changed = till.patch(f"customers/{customer_id}", {"email": "wang@example.com"})

    assert changed.status_code == 200, changed.json()
    read = till.get(f"customers/{customer_id}").json()
    assert (read["phone"], read["email"]) == ("+8613800138000", "wang@example.com")


def test_fields_of_the_industry_are_cleaned_and_faults_named(till: Till) -> None:
    good = till.post("customers", {"name": "A", "extra": {"ring-size": "12号"}})
    bad = till.post("customers", {"name": "B", "extra": {"ring-size": "large"}})
    strange = till.post("customers", {"name": "C", "extra": {"shoe-size": 40}})

    assert good.status_code == 201, good.json()
    assert bad.status_code == strange.status_code == 422
    assert bad.json()["errors"][0]["pointer"] == "#/extra/ring-size"


def test_a_known_phone_is_a_conflict_unless_said_to_be_shared(till: Till) -> None:
    till.post("customers", {"name": "A", "phone": "13800138000"})

    again = till.post("customers", {"name": "B", "phone": "13800138000"})
    family = till.post(
        "customers", {"name": "B", "phone": "13800138000", "same_phone_is_fine": True}
    )

    assert (again.status_code, again.json()["code"]) == (409, "phone-known")
    assert family.status_code == 201


def test_the_counter_card_masks_the_phone(till: Till) -> None:
    till.post("customers", {"name": "A", "phone": "13800138000"})

    [card] = till.get("customers/find", phone="138 0013 8000").json()["data"]

    assert card["name"] == "A"
    assert card["phone"].endswith("8000")
    assert "*" in card["phone"]


def test_a_list_is_read_whole_page_by_page_without_repeats(till: Till) -> None:
    made = {till.post("customers", {"name": f"C{n}"}).json()["id"] for n in range(7)}
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = till.get("customers", limit=3, **({"cursor": cursor} if cursor else {})).json()
        seen += [each["id"] for each in page["data"]]
        cursor = page["next"]

    assert len(seen) == len(set(seen))
    assert made <= set(seen)


def test_changes_since_a_moment_come_in_the_order_of_change(till: Till) -> None:
    first = till.post("customers", {"name": "A"}).json()
    second = till.post("customers", {"name": "B"}).json()
    till.patch(f"customers/{first['id']}", {"email": "a@example.com"})

    page = till.get("customers", modified_since=first["changed_at"], limit=1).json()
    rest = till.get("customers", modified_since=first["changed_at"], cursor=page["next"]).json()

    assert page["data"][0]["id"] == second["id"]
    assert rest["data"][-1]["id"] == first["id"]


@pytest.mark.parametrize(
    "moment", ["0149-04-26T22:51:10.620398+20:34", "2026-11-21T10:00:00-23:59"]
)
def test_a_moment_in_a_zone_nobody_lives_in_is_a_moment(till: Till, moment: str) -> None:
    assert till.get("customers", modified_since=moment).status_code == 200


@pytest.mark.parametrize("moment", ["2026-11-21T10:00:00", "0001-01-01T00:00:00+12:00", "now"])
def test_a_moment_without_a_zone_or_outside_the_calendar_is_refused(
    till: Till, moment: str
) -> None:
    answer = till.get("customers", modified_since=moment)

    assert answer.status_code == 422
    assert "modified_since" in answer.json()["detail"]


def test_a_cursor_somebody_made_up_is_refused(till: Till) -> None:
    for cursor in ("x", "%%%", "AAAA", "kwD"):
        answer = till.get("customers", cursor=cursor)
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor-refused")


def test_a_customer_of_another_chain_is_simply_not_there(
    till: Till, bloom: ChainInfo, make_till: Callable[..., Till]
) -> None:
    made = till.post("customers", {"name": "A"}).json()["id"]
    stranger = make_till(bloom)

    for path in (f"customers/{made}", f"customers/{made}/balance", f"customers/{made}/points"):
        assert stranger.get(path).status_code == 404
