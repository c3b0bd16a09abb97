"""A chain's name and colour: who may change them, and which colours can be read."""

from typing import Any

import pytest

from regulars.audit.models import Entry
from regulars.errors import Forbidden, Invalid
from regulars.staff.models import Role
from regulars.tenancy import accent, directory
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from regulars.usecases import present
from regulars.web.settings.forms import OWN, PALETTE, hex_of, initial
from tests.factories import people

PEONY, LEMON = "#b3125f", "#f2d94e"


def save(*, name: str = "Aurum", colour: str = PEONY, role: Role | None = None) -> None:
    """Let Alice, or somebody with another role, change the look."""
    person = people.owner() if role is None else people.staff(name="Mei", role=role)
    present.present(actor=people.actor(person), name=name, colour=colour)


def kept(chain: ChainInfo) -> tuple[str, str]:
    row = Chain.objects.get(pk=chain.id)
    return row.name, row.accent


def test_a_new_name_and_colour_are_kept_and_audited(inside_aurum: ChainInfo) -> None:
    save(name="  Aurum   and Daughters ", colour="#B3125F")

    assert kept(inside_aurum) == ("Aurum and Daughters", PEONY)
    entry = Entry.objects.get(action="chain.presented")
    assert entry.data == {
        "changed": {"name": [inside_aurum.name, "Aurum and Daughters"], "accent": ["", PEONY]}
    }


def test_saving_what_is_there_writes_nothing(inside_aurum: ChainInfo) -> None:
    save(name=inside_aurum.name, colour="")

    assert not Entry.objects.filter(action="chain.presented").exists()


def test_every_process_forgets_the_chain_once_it_is_committed(
    inside_aurum: ChainInfo, django_capture_on_commit_callbacks: Any
) -> None:
    before = directory.find("aurum")
    with django_capture_on_commit_callbacks(execute=True):
        save()

    found = directory.find("aurum")
    assert before is not None
    assert before.accent == ""
    assert found is not None
    assert found.accent == PEONY


def test_another_chain_keeps_its_look(inside_aurum: ChainInfo, bloom: ChainInfo) -> None:
    before = kept(bloom)

    save()

    assert kept(bloom) == before


@pytest.mark.parametrize("role", [Role.REGION_MANAGER, Role.STORE_MANAGER, Role.GUIDE])
def test_only_owner_and_head_office_change_it(inside_aurum: ChainInfo, role: Role) -> None:
    with pytest.raises(Forbidden):
        save(role=role)


def test_head_office_may(inside_aurum: ChainInfo) -> None:
    save(role=Role.HEAD_OFFICE)

    assert kept(inside_aurum) == ("Aurum", PEONY)


def test_a_pale_colour_is_refused_with_the_nearest_that_can_be_read(
    inside_aurum: ChainInfo,
) -> None:
    with pytest.raises(present.Unreadable) as refusal:
        save(colour=LEMON)

    nearest = refusal.value.params["nearest"]
    assert accent.is_readable(nearest)
    assert nearest in str(refusal.value)
    assert kept(inside_aurum)[1] == ""
    save(colour=nearest)
    assert kept(inside_aurum)[1] == nearest


@pytest.mark.parametrize(
    "colour", ["red", "#12345", "#0b6e5f;}body{display:none", "url(//x)", "#gggggg"]
)
def test_what_is_no_colour_is_refused(inside_aurum: ChainInfo, colour: str) -> None:
    with pytest.raises(Invalid) as refusal:
        save(colour=colour)

    assert set(refusal.value.fields) == {"accent"}


@pytest.mark.parametrize("name", ["", "   ", "a\u202eb", "x" * 121])
def test_a_name_that_cannot_be_is_refused(inside_aurum: ChainInfo, name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        save(name=name)

    assert set(refusal.value.fields) == {"name"}


@pytest.mark.parametrize("colour", [colour for colour, _name in PALETTE])
def test_every_colour_of_the_palette_can_be_read_as_it_is(colour: str) -> None:
    assert accent.is_readable(colour)
    assert accent.worst(colour) >= accent.ENOUGH


@pytest.mark.parametrize("surface", accent.DARK_SURFACES)
@pytest.mark.parametrize("colour", ["#000000", "#0000ff", PEONY, "#46525c"])
def test_the_dark_kind_of_a_colour_can_be_read_on_every_dark_surface(
    colour: str, surface: str
) -> None:
    assert accent.contrast(accent.of(colour).dark, surface) >= accent.ENOUGH


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        (" #B3125F ", PEONY),
        ("b3125f", PEONY),
        ("#b15", "#bb1155"),
        ("＃ｂ３１２５ｆ", PEONY),
        ("red", "red"),
        ("", ""),
    ],
)
def test_a_colour_is_read_as_designers_write_it(text: str, colour: str) -> None:
    assert hex_of(text) == colour


@pytest.mark.parametrize(
    ("colour", "pick", "own"),
    [("", accent.BRAND, ""), (PEONY, PEONY, ""), ("#123456", OWN, "#123456")],
)
def test_the_form_shows_the_colour_in_use(colour: str, pick: str, own: str) -> None:
    assert initial(name="x", colour=colour) == {"name": "x", "pick": pick, "accent": own}
