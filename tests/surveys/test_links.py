"""Links that cannot be guessed and hold in one chain only."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from regulars.surveys import links
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import new_id


def test_a_link_leads_to_what_it_was_made_for(inside_aurum: ChainInfo) -> None:
    key = new_id()

    assert links.read(links.token("invitation", key)) == links.Link("invitation", key)
    assert links.read(links.token("purchase", key)) == links.Link("purchase", key)
    assert len(links.token("invitation", key)) <= 40  # short enough for a text message


def test_a_link_of_a_tablet_opens_no_answer_and_ends_with_the_devices(
    inside_aurum: ChainInfo,
) -> None:
    token = links.token("tablet", new_id(), epoch=3)

    assert links.read(token) is None
    assert links.holds(token, epoch=3)
    assert not links.holds(token, epoch=4)


def test_a_link_holds_in_its_own_chain_only(aurum: ChainInfo, bloom: ChainInfo) -> None:
    with context.inside(aurum):
        token = links.token("invitation", new_id())

    with context.inside(bloom):
        assert links.read(token) is None


def test_a_link_outlives_a_change_of_the_secret(inside_aurum: ChainInfo, settings: object) -> None:
    token = links.token("invitation", new_id())
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]

    assert links.read(token) is not None

    settings.SECRET_KEY_FALLBACKS = []  # type: ignore[attr-defined]
    assert links.read(token) is None


def test_no_sign_of_a_link_can_be_another(inside_aurum: ChainInfo) -> None:
    token = links.token("invitation", UUID(int=7 << 76))
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    changed = [
        token[:place] + sign + token[place + 1 :]
        for place in range(len(token))
        for sign in signs
        if sign != token[place]
    ]

    # The last sign holds two bits that say nothing: a few spellings of the same bytes.
    alive = [each for each in changed if links.read(each) is not None]
    assert all(each[:-1] == token[:-1] for each in alive)
    assert len(alive) <= 3


@given(text=st.text(max_size=60))
def test_any_text_is_no_link_and_no_fault(text: str) -> None:
    assert links.named(text) is None or len(text) >= 38
