"""Words for an occasion: filled for a customer, judged, approved (C2, C3, C4)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars import registry
from regulars.audit import SYSTEM
from regulars.customers import services as customers
from regulars.customers.addressing import salutation
from regulars.customers.models import Customer
from regulars.errors import Forbidden
from regulars.kit import Message, lint
from regulars.messages import wording
from regulars.messages.selectors import facts, rendering, templates
from regulars.messages.selectors.facts import Subject
from regulars.messages.services import templating
from regulars.registry.services import DeclarationRefused
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.contacts import person
from tests.factories.customers import NOW, vertical
from tests.factories.purchases import line, sale

pytestmark = pytest.mark.usefixtures("inside_aurum")
WORDS = "{customer.salutation}您好，祝您生日快乐，愿您天天开心。{store.name}{guide.name}"


def message(text: str = WORDS, **facts: Any) -> dict[str, Any]:
    return {
        "occasion": "birthday",
        "purpose": "care",
        "channels": ["sms"],
        "text": {"zh-Hans": text},
        **facts,
    }


def save(key: str = "own-birthday", **facts: Any) -> Message:
    templating.save(actor=SYSTEM, key=key, body=message(**facts), now=NOW)
    found = templates.find(key)
    assert found is not None
    return found


@pytest.fixture
def carol() -> Customer:
    """A customer with a guide, a home shop and a ring."""
    shop = people.store(code="C", name="人民路店", phone="021-1", city="上海", address="人民路1号")
    guide = people.staff(name="小李", stores=(shop,), phone="13900000000")
    return person(name="王小明", gender="male", store=shop, owner=guide)


@pytest.mark.parametrize(
    ("name", "gender", "language", "said"),
    [
        ("王小明", "male", "zh-hans", "王先生"),
        ("欧阳娜", "female", "zh-hans", "欧阳女士"),
        ("歐陽娜娜", "female", "zh-hant", "歐陽女士"),
        ("王小明", "", "zh-hans", "王小明"),
        ("王小明", "other", "zh-hans", "王小明"),
        ("王小明", "male", "en", "王小明"),
        ("Anna Schmidt", "female", "zh-hans", "Anna Schmidt"),
        ("王", "male", "zh-hans", "王"),
    ],
)
def test_a_title_stands_only_where_it_is_certain(
    name: str, gender: str, language: str, said: str
) -> None:
    assert salutation(name, gender, language) == said


def test_a_message_is_filled_from_profile_guide_and_store(carol: Customer) -> None:
    (found,) = rendering.render(save(), [Subject(customer_id=carol.pk)], channel="sms")

    assert found.text == "王先生您好，祝您生日快乐，愿您天天开心。人民路店小李"
    assert (found.missing, found.findings, found.may_be_sent) == (frozenset(), (), True)


def test_purchase_possession_and_fields_fill_their_places(
    carol: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = vertical()
    monkeypatch.setattr(registry, "vertical", lambda: made)
    carol.extra = {"ring-size": 12, "allergy": "nickel"}
    carol.save(update_fields=["extra"])
    bought = sale(line(129_900, product_name="项链"), line(100, product_name="盒"), customer=carol)
    ring = customers.add_possession(
        actor=SYSTEM, customer_id=carol.pk, kind="ring", values={"engraving": "永远"}, now=NOW
    )
    subject = Subject(
        customer_id=carol.pk,
        purchase_id=bought.purchase_id,
        possession_id=ring.pk,
        further={"customer.points": "120"},
    )

    (found,) = facts.of_many([subject])

    assert found.values["purchase.product"] == "项链"
    assert found.values["purchase.amount"] == "¥1,300.00"
    assert found.values["customer.ring-size"] == "12"
    assert found.values["possession.engraving"] == "永远"
    assert found.values["customer.points"] == "120"
    assert "customer.allergy" not in found.values, "what is sensitive is not written in a message"


def test_what_belongs_to_somebody_else_is_not_told(carol: Customer) -> None:
    theirs = sale(line(100, product_name="戒指"), customer=person())

    (found,) = facts.of_many([Subject(customer_id=carol.pk, purchase_id=theirs.purchase_id)])

    assert "purchase.product" not in found.values


def test_a_place_that_stays_empty_keeps_the_message_at_home() -> None:
    (found,) = rendering.render(save(), [Subject(customer_id=person().pk)], channel="sms")

    assert {"guide.name", "store.name"} <= found.missing
    assert not found.may_be_sent


def test_each_customer_reads_their_own_language(carol: Customer) -> None:
    carol.language = "en"
    carol.save(update_fields=["language"])
    both = {
        "zh-Hans": WORDS,
        "en": "Dear {customer.salutation}, be happy. {store.name} {guide.name}",
    }
    made = save_in(both)

    (found,) = rendering.render(made, [Subject(customer_id=carol.pk)], channel="sms")

    assert found.text == "Dear 王小明, be happy. 人民路店 小李"


def save_in(texts: dict[str, str]) -> Message:
    templating.save(actor=SYSTEM, key="both", body={**message(), "text": texts}, now=NOW)
    found = templates.find("both")
    assert found is not None
    return found


def test_many_are_filled_in_constant_statements(carol: Customer) -> None:
    made = save()
    crowd = [carol, *(person(store=carol.home_store, owner=carol.owner) for _ in range(10))]

    def statements(whom: list[Customer]) -> int:
        subjects = [Subject(customer_id=each.pk) for each in whom]
        with CaptureQueriesContext(connection) as queries:
            rendering.render(made, subjects, channel="sms")
        return len(queries)

    assert statements(crowd) == statements(crowd[:1])


@pytest.mark.parametrize(
    "text",
    [
        "{customer.name}您好，生日快乐！今天全场8折，{guide.name}",
        "生日快乐！{guide.name}",
        "{customer.name}，生日快乐！",
    ],
)
def test_13_14_a_greeting_that_sells_or_names_nobody_is_not_kept(text: str) -> None:
    with pytest.raises(templating.TemplateRefused) as caught:
        save(text=text)

    ((_language, channel), findings), *_rest = caught.value.findings.items()
    assert channel == "sms"
    assert any(each.severity == "refuse" for each in findings)
    assert templates.find("own-birthday") is None


def test_words_of_the_chain_are_refused_too() -> None:
    templating.set_words(actor=SYSTEM, added=["天天开心"], allowed=[], now=NOW)

    with pytest.raises(templating.TemplateRefused):
        save()


def test_what_is_no_message_is_refused_with_its_faults() -> None:
    with pytest.raises(DeclarationRefused):
        save(occasion="no such day")


def test_word_lists_have_bounds() -> None:
    with pytest.raises(templating.WordsRefused):
        templating.set_words(actor=SYSTEM, added=["长" * 41], allowed=[], now=NOW)


def test_only_who_manages_rules_changes_words() -> None:
    guide = people.actor(people.staff(name="Gina"))

    with pytest.raises(Forbidden):
        templating.save(actor=guide, key="x", body=message(), now=NOW)


def test_the_library_finds_by_occasion_and_purpose(inside_aurum: ChainInfo) -> None:
    save()

    keys = {each.key for each in templates.library(occasion="birthday", purpose="care")}

    assert "own-birthday" in keys
    assert all(each.purpose == "care" for each in templates.library(purpose="care"))


def test_what_is_left_out_is_not_found_until_it_is_restored() -> None:
    (first, *_rest) = templates.library()
    templating.save(actor=SYSTEM, key=first.key, body={"off": True}, now=NOW)
    gone = templates.find(first.key)

    templating.restore(actor=SYSTEM, key=first.key)

    assert gone is None
    assert templates.find(first.key) == first


def test_what_the_chain_switched_off_keeps_its_words() -> None:
    made = save()

    templating.switch(actor=SYSTEM, key=made.key, on=False, now=NOW)
    gone = templates.find(made.key)
    templating.switch(actor=SYSTEM, key=made.key, on=True, now=NOW)

    assert gone is None
    assert templates.find(made.key) == made


def test_one_of_the_industry_is_switched_off_and_on() -> None:
    (first, *_rest) = templates.library()

    templating.switch(actor=SYSTEM, key=first.key, on=False, now=NOW)
    (off,) = [each for each in templates.shelf() if each.message.key == first.key]
    templating.switch(actor=SYSTEM, key=first.key, on=True, now=NOW)

    assert (off.is_off, off.is_used, off.is_own) == (True, False, False)
    assert templates.find(first.key) == first


def test_words_that_became_forbidden_are_not_switched_on_again() -> None:
    made = save()
    templating.switch(actor=SYSTEM, key=made.key, on=False, now=NOW)
    templating.set_words(actor=SYSTEM, added=["天天开心"], allowed=[], now=NOW)

    with pytest.raises(templating.TemplateRefused):
        templating.switch(actor=SYSTEM, key=made.key, on=True, now=NOW)


def test_a_longer_list_of_words_takes_no_text_out_of_use() -> None:
    made = save()

    templating.set_words(actor=SYSTEM, added=["天天开心"], allowed=[], now=NOW)

    assert templates.find(made.key) == made
    assert lint.is_refused(wording.of_template(made)["zh-Hans", "sms"])


def test_what_the_chain_allows_is_kept() -> None:
    text = "{customer.salutation}您好，新品堂祝您生日快乐。{store.name}{guide.name}"
    with pytest.raises(templating.TemplateRefused):
        save(text=text)

    templating.set_words(actor=SYSTEM, added=[], allowed=["新品堂"], now=NOW)

    assert save(text=text).text.zh_hans == text


def test_a_text_of_the_chain_is_removed_unless_a_plan_sends_it() -> None:
    made = save()
    templating.remove(actor=SYSTEM, key=made.key)

    assert templates.find(made.key) is None
    with pytest.raises(templating.NotOwn):
        templating.remove(actor=SYSTEM, key=templates.library()[0].key)


def test_a_text_that_a_plan_sends_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    made = save()
    monkeypatch.setattr(templates, "plans_that_send", lambda _key: ["Birthday"])

    with pytest.raises(templating.StillSent, match="Birthday"):
        templating.remove(actor=SYSTEM, key=made.key)


def test_the_plans_that_send_a_text_are_known() -> None:
    plan = next(each for each in registry.vertical().follow_ups if not each.retired)
    (step, *_rest) = [each for each in plan.steps if each.send]

    assert plan.title.en in templates.plans_that_send(step.send)
