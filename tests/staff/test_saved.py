"""Lists somebody saved: their own, by page, few enough to be seen at once."""

import pytest

from regulars.staff import arriving, saved
from regulars.staff.saved import View, ViewRefused
from tests.factories import people

pytestmark = pytest.mark.usefixtures("inside_aurum")


def test_a_list_is_kept_under_its_name_for_one_person_and_one_page() -> None:
    bob, carol = (people.actor(people.staff(name=name)) for name in ("Bob", "Carol"))

    saved.keep(actor=bob, page="complaints", name="  Late   rings ", query="is=late")
    saved.keep(actor=bob, page="complaints", name="Web", query="is=unowned")
    saved.keep(actor=bob, page="complaints", name="Late rings", query="is=late&q=ring")

    assert saved.of(bob, "complaints") == [
        View("Late rings", "is=late&q=ring"), View("Web", "is=unowned")
    ]  # fmt: skip
    assert saved.of(bob, "customers") == []
    assert saved.of(carol, "complaints") == []


def test_a_saved_list_can_be_removed_twice() -> None:
    bob = people.actor(people.staff())
    saved.keep(actor=bob, page="complaints", name="Late", query="is=late")

    for _ in range(2):
        saved.drop(actor=bob, page="complaints", name="Late")

    assert saved.of(bob, "complaints") == []


@pytest.mark.parametrize(
    ("name", "query"), [("", "a"), ("  \0 ", "a"), ("n" * 41, "a"), ("Late", "q" * 1_001)]
)
def test_a_list_without_a_short_name_is_refused(name: str, query: str) -> None:
    bob = people.actor(people.staff())

    with pytest.raises(ViewRefused):
        saved.keep(actor=bob, page="complaints", name=name, query=query)

    assert saved.of(bob, "complaints") == []


def test_no_more_than_a_dozen_are_kept_but_each_can_be_changed() -> None:
    bob = people.actor(people.staff())
    for n in range(saved.MOST):
        saved.keep(actor=bob, page="complaints", name=str(n), query="a")

    saved.keep(actor=bob, page="complaints", name="0", query="b")
    with pytest.raises(ViewRefused, match="12"):
        saved.keep(actor=bob, page="complaints", name="more", query="a")

    assert len(saved.of(bob, "complaints")) == saved.MOST


def test_who_is_signed_in_is_read_without_what_they_saved() -> None:
    assert "saved_views" not in arriving._columns()
    assert {"email", "role"} <= set(arriving._columns())
