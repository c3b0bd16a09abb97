"""The word that goes by itself when nobody answers within a minute (C12)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.kit import lint
from regulars.messages.gateways import chosen
from regulars.messages.models import Contact
from regulars.outbox import handlers
from regulars.outbox.models import Job
from regulars.registry import built_in
from regulars.registry import services as registry
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from regulars.usecases import answering, automatic_word
from tests.factories import people
from tests.factories.contacts import budget, contacts, person
from tests.factories.customers import NOW  # ten in the morning in Shanghai: the store opens
from tests.factories.talk import comes_in, settled, writes

MINUTE = timedelta(minutes=1)
SOON = NOW + MINUTE
NIGHT = NOW + timedelta(hours=14)  # midnight


@pytest.fixture(autouse=True)
def _nothing_allowed(inside_aurum: ChainInfo) -> None:
    budget(limits=[{"purpose": "any", "days": 7, "most": 0}], distance=24 * 60)


@pytest.fixture
def shop() -> Store:
    return people.store(code="e1", name="新天地店")


@pytest.fixture
def bob(shop: Store) -> Staff:
    return people.staff(name="Bob", stores=(shop,))


@pytest.fixture
def carol(shop: Store, bob: Staff) -> Customer:
    return person(name="王芳", store=shop, owner=bob)


def after_a_minute(row: Contact, *, now: datetime = SOON) -> list[Contact]:
    """Do what the job of a message does, and return the words that went by themselves."""
    automatic_word.answer(contact_id=str(row.pk), now=now)
    return list(Contact.objects.filter(source="word").order_by("at", "pk"))


def test_what_comes_in_is_looked_at_again_in_a_minute(carol: Customer) -> None:
    row = writes(carol)
    told = Job.objects.get(handler=automatic_word.RECEIVED)

    for _ in range(2):
        automatic_word.received(**told.payload, now=NOW)

    job = Job.objects.get(handler=automatic_word.HANDLER)
    assert job.due_at == settled(row.pk).created_at + MINUTE
    assert handlers.find(automatic_word.RECEIVED) is not None
    assert handlers.find(job.handler) is not None


def test_a_word_goes_when_nobody_answered_within_the_minute(carol: Customer) -> None:
    row = writes(carol)

    (word,) = after_a_minute(row)

    assert (word.purpose, word.channel, word.address) == ("service", "sms", carol.phone)
    assert (word.template, word.source_id, word.staff_id) == ("word-open", row.pk, None)
    assert word.text.startswith("您好，这里是新天地店。")
    assert settled(row.pk).state == "received"
    assert Job.objects.filter(handler="messages.send").count() == 1


def test_no_word_goes_where_somebody_answered(bob: Staff, carol: Customer) -> None:
    row = writes(carol)
    answering.answer(
        actor=people.actor(bob), customer_id=carol.pk, channel="sms", text="十点。", key="k",
        now=NOW + timedelta(seconds=50),
    )  # fmt: skip

    assert after_a_minute(row) == []


def test_one_word_in_a_spell_and_another_in_the_next(carol: Customer) -> None:
    rows = [writes(carol, f"第{n}条", at=NOW + n * timedelta(hours=3)) for n in range(3)]

    found = [len(after_a_minute(row, now=row.at + MINUTE)) for row in (*rows, rows[0])]
    late = writes(carol, at=NOW + timedelta(hours=11, minutes=30))

    assert found == [1, 1, 1, 1]
    assert len(after_a_minute(late, now=late.at + MINUTE)) == 2


def test_two_messages_in_one_breath_are_one_word(carol: Customer) -> None:
    rows = [writes(carol), writes(carol, "在吗", at=NOW + timedelta(seconds=1))]
    Contact.objects.filter(pk__in=[each.pk for each in rows])

    for row in rows:
        after_a_minute(row)

    assert len(after_a_minute(rows[0])) == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", "今天 10:00开门后马上回复您"),
        ("en", "we open today at 10:00 and will answer you then"),
    ],
)
def test_a_closed_store_says_when_it_opens(carol: Customer, language: str, said: str) -> None:
    Customer.objects.filter(pk=carol.pk).update(language=language)
    row = writes(carol, at=NIGHT)

    (word,) = after_a_minute(row, now=NIGHT + MINUTE)

    assert word.template == "word-closed"
    assert said in word.text


def test_the_next_opening_passes_over_closed_days(shop: Store) -> None:
    shop.hours = {**shop.hours, "dates": {"2026-11-22": [], "2026-11-23": [["12:00", "20:00"]]}}
    shop.save()

    opens = automatic_word.next_opening(shop, NOW + timedelta(hours=13))

    assert opens is not None
    assert opens.isoformat() == "2026-11-23T12:00:00+08:00"
    words = automatic_word.opening_words(
        opens, now=NOW, zone=ZoneInfo(shop.time_zone), language="zh-Hans"
    )
    assert words == "11月23日 12:00"


def test_a_store_that_never_opens_again_promises_nothing(shop: Store, carol: Customer) -> None:
    shop.closed_on = NOW.date()
    shop.save()

    assert after_a_minute(writes(carol)) == []


def test_a_chain_may_switch_it_off(carol: Customer) -> None:
    row = writes(carol)
    registry.set_policy(actor=SYSTEM, key="messages.automatic-word", value=False, now=NOW)

    automatic_word.received(contact_id=str(row.pk), now=NOW)

    assert not Job.objects.filter(handler=automatic_word.HANDLER).exists()
    assert after_a_minute(row) == []


def test_a_chain_says_it_in_its_own_words_or_leaves_it_out(carol: Customer) -> None:
    words = {
        "occasion": "automatic-word", "purpose": "service", "channels": ["sms"],
        "text": {"zh-Hans": "收到，{store.name}马上回。"},
    }  # fmt: skip
    registry.declare(actor=SYSTEM, noun="message", key="word-open", body=words, now=NOW)
    row = writes(carol)
    (word,) = after_a_minute(row)
    assert word.text == "收到，新天地店马上回。"

    registry.declare(actor=SYSTEM, noun="message", key="word-open", body={"off": True}, now=NOW)
    other = person(store=carol.home_store)

    assert len(after_a_minute(writes(other))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "【自动回复】我现在不在",
        "Automatic reply: out of office",
        "AUTO-REPLY: thanks",
        "请勿回复此短信",
    ],
)
def test_machines_are_not_answered_by_machines(carol: Customer, text: str) -> None:
    assert after_a_minute(writes(carol, text)) == []


def test_nobody_is_answered_who_is_no_person(carol: Customer) -> None:
    carol.email = "no-reply@shop.example"
    carol.save()

    assert after_a_minute(comes_in("no-reply@shop.example", channel="email")) == []


def test_very_many_messages_in_an_hour_are_a_machine(carol: Customer) -> None:
    rows = [writes(carol, at=NOW + n * timedelta(seconds=2)) for n in range(13)]

    assert after_a_minute(rows[-1]) == []


def test_two_machines_say_one_word_each(carol: Customer) -> None:
    row = writes(carol, "您好")
    after_a_minute(row)
    for n in range(5):
        row = writes(carol, f"收到 {n}", at=NOW + n * 2 * MINUTE)
        after_a_minute(row, now=row.at + MINUTE)

    assert len(after_a_minute(row)) == 1


def test_a_stranger_and_a_stop_word_get_none(carol: Customer) -> None:
    stranger, stop = comes_in("+8613500000088"), writes(carol, "TD")

    assert after_a_minute(stranger) == []
    assert after_a_minute(stop) == []
    assert settled(stop.pk).facts["by"] == "system"


def test_a_channel_without_a_provider_stays_silent(
    carol: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen, "channels", frozenset)

    assert after_a_minute(writes(carol)) == []


def test_an_address_that_came_back_is_not_written_to(carol: Customer) -> None:
    from regulars.messages.services import suppressing

    suppressing.suppress(channel="sms", address=carol.phone or "", reason="bounced", now=NOW)

    assert after_a_minute(writes(carol)) == []
    assert len(contacts(carol)) == 1


@pytest.mark.parametrize("message", built_in.MESSAGES, ids=lambda each: each.key)
def test_what_we_bring_along_passes_the_lint(message: object) -> None:
    found = [
        (language, each.code)
        for language, text in message.text.texts().items()  # type: ignore[attr-defined]
        for each in lint.findings(
            lint.Draft(
                text=text, purpose="service", channel="sms", language=language,
                at_home=language != "en",
            )
        )
    ]  # fmt: skip

    assert found == []
