"""What customers write, and their asking for no more (P5)."""

import pytest

from regulars.audit import SYSTEM
from regulars.customers import services as customers
from regulars.customers.models import Consent
from regulars.messages import refusals
from regulars.messages.gateways.contract import Inbound, Media
from regulars.messages.models import Contact, Suppression
from regulars.messages.services import receiving, suppressing
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories.contacts import budget, contacts, person, reserve
from tests.factories.customers import NOW


@pytest.fixture(autouse=True)
def _wide_budget(inside_aurum: ChainInfo) -> None:
    budget(limits=[])


def comes_in(sender: str | None, text: str, *, number: str = "m1", channel: str = "sms") -> int:
    message = Inbound(
        sender=sender or "", to="us", text=text, at=NOW, provider_id=number,
        media=(Media(kind="image", reference="x"),),
    )  # fmt: skip
    taken = receiving.take_inbound(provider="p", channel=channel, messages=[message], now=NOW)
    return len(taken)


def test_a_message_is_found_its_customer_and_kept_once() -> None:
    carol = person()

    assert comes_in(carol.phone, "几点开门？") == 1
    assert comes_in(carol.phone, "几点开门？") == 0

    (row,) = contacts(carol)
    assert (row.direction, row.state, row.text) == ("in", "received", "几点开门？")
    assert (row.uses_allowance, row.facts) == (False, {"media": [["image", "x"]]})


def test_by_wechat_a_customer_is_known_by_their_number_there() -> None:
    carol = person()
    customers.add_identity(
        actor=SYSTEM, customer_id=carol.pk, source="wechat", number="openid-1", now=NOW
    )

    comes_in("openid-1", "hello", channel="wechat")

    assert len(contacts(carol)) == 1


def test_a_stranger_is_kept_as_nobody() -> None:
    assert comes_in("+8613500000000", "who are you?") == 1
    assert Contact.objects.get(direction="in").customer_id is None


@pytest.mark.parametrize("word", ["TD", "td。", "退订", "退訂", " T ", "ＴＤ", "Stop!"])
def test_who_replies_with_a_word_to_stop_gets_receipts_only(word: str) -> None:
    carol = person()

    comes_in(carol.phone, word)

    with pytest.raises(refusals.NotWished):
        reserve(carol)
    assert reserve(carol, purpose="service")
    assert Suppression.objects.get().reason == "replied"


@pytest.mark.parametrize("text", ["退订单的钱到了吗", "please stop by", "谢谢", ""])
def test_a_sentence_is_for_a_person_to_read(text: str) -> None:
    assert not receiving.asks_to_stop(text)


def test_a_stranger_who_asks_to_stop_is_heard_too() -> None:
    comes_in("+8613500000001", "TD")

    carol = person(phone="+8613500000001")

    with pytest.raises(refusals.Suppressed):
        reserve(carol)


def test_a_link_stops_the_channel_of_its_message_once() -> None:
    carol = person(email="carol@example.com")
    token = receiving.unsubscribe_token(reserve(carol, channel="email"))

    receiving.unsubscribe(token=token, now=NOW)
    receiving.unsubscribe(token=token, now=NOW)

    with pytest.raises(refusals.NotWished):
        reserve(carol, channel="email")
    assert reserve(carol, channel="sms")
    assert Consent.objects.filter(customer=carol).count() == 3


def test_a_link_is_nothing_in_another_chain(bloom: ChainInfo) -> None:
    token = receiving.unsubscribe_token(reserve(person()))

    with context.inside(bloom), pytest.raises(receiving.NoSuchLink):
        receiving.unsubscribe(token=token, now=NOW)


@pytest.mark.parametrize("token", ["", "x", "x:y", "0" * 32])
def test_a_link_that_was_cut_short_is_said_to_be(token: str) -> None:
    with pytest.raises(receiving.NoSuchLink):
        receiving.unsubscribe(token=token, now=NOW)


def test_an_address_may_be_allowed_again() -> None:
    carol = person()
    suppressing.suppress(channel="sms", address=carol.phone or "", reason="bounced", now=NOW)
    with pytest.raises(refusals.Suppressed):
        reserve(carol)

    assert suppressing.allow_again(actor=SYSTEM, channel="sms", address=carol.phone or "")

    assert reserve(carol)
    assert not suppressing.allow_again(actor=SYSTEM, channel="sms", address=carol.phone or "")


def test_what_bounced_stays_bounced_when_its_owner_unsubscribes() -> None:
    carol = person()
    for reason in ("replied", "bounced", "unsubscribed"):
        suppressing.suppress(channel="sms", address=carol.phone or "", reason=reason, now=NOW)

    assert Suppression.objects.get().reason == "bounced"
