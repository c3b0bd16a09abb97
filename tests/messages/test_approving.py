"""Texts at providers that send approved ones only: handed in, tracked, written down."""

import pytest

from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.messages.gateways.contract import Approval, Draft
from regulars.messages.selectors import rendering, templates
from regulars.messages.selectors.facts import Subject
from regulars.messages.services import approving
from tests.factories.customers import NOW
from tests.messages import test_templates
from tests.messages.test_templates import WORDS, save

pytestmark = pytest.mark.usefixtures("inside_aurum")
carol = test_templates.carol


class Authority:
    """A provider that approves what it is shown."""

    def __init__(self) -> None:
        self.shown: list[Draft] = []
        self.answer = Approval(state="approved")

    def submit(self, draft: Draft) -> str:
        self.shown.append(draft)
        return "SMS_1"

    def approval(self, template: str) -> Approval:
        assert template == "SMS_1"
        return self.answer


def submitted(authority: Authority) -> None:
    approving.submit(
        actor=SYSTEM,
        gateway=authority,
        provider="aliyun",
        key="own-birthday",
        language="zh-Hans",
        remark="Birthday greetings",
        signature="金店",
        now=NOW,
    )


def tracked(authority: Authority) -> str:
    return approving.track(
        actor=SYSTEM,
        gateway=authority,
        provider="aliyun",
        key="own-birthday",
        language="zh-Hans",
        now=NOW,
    ).state


def test_a_provider_is_shown_numbered_places_and_sent_their_values_once_it_approves(
    carol: Customer,
) -> None:
    made, authority = save(), Authority()
    (words,) = rendering.render(made, [Subject(customer_id=carol.pk)], channel="sms")

    submitted(authority)
    pending = rendering.at_provider(made.key, words, provider="aliyun")
    state = tracked(authority)
    sent = rendering.at_provider(made.key, words, provider="aliyun")

    assert authority.shown[0].text == "${p1}您好，祝您生日快乐，愿您天天开心。${p2}${p3}"
    assert (pending, state) == (None, "approved")
    assert sent == {
        "template": "SMS_1",
        "signature": "金店",
        "variables": [["p1", "王先生"], ["p2", "人民路店"], ["p3", "小李"]],
    }


def test_words_changed_since_they_were_approved_are_not_sent_under_the_approval(
    carol: Customer,
) -> None:
    made, authority = save(), Authority()
    submitted(authority)
    tracked(authority)
    changed = save(text=WORDS + "！")
    (words,) = rendering.render(changed, [Subject(customer_id=carol.pk)], channel="sms")

    assert rendering.at_provider(made.key, words, provider="aliyun") is None


def test_a_rejection_keeps_its_reason() -> None:
    save()
    authority = Authority()
    submitted(authority)
    authority.answer = Approval(state="rejected", reason="no signature")

    assert tracked(authority) == "rejected"
    kept = templates.at_providers("own-birthday")["aliyun", "zh-Hans"]
    assert kept.reason == "no signature"


def test_a_provider_is_told_what_stands_in_each_place() -> None:
    save()
    authority = Authority()

    submitted(authority)

    assert authority.shown[0].kinds == (("p1", "person"), ("p2", "company"), ("p3", "person"))


def test_an_id_that_was_given_elsewhere_is_written_down(carol: Customer) -> None:
    made = save()
    (words,) = rendering.render(made, [Subject(customer_id=carol.pk)], channel="sms")
    names = {"customer.salutation": "name", "store.name": "shop", "guide.name": "sign"}

    approving.adopt(
        actor=SYSTEM,
        provider="wechat",
        key=made.key,
        language="zh-Hans",
        id="TM1",
        names=names,
        approved=True,
        now=NOW,
    )

    assert rendering.at_provider(made.key, words, provider="wechat") == {
        "template": "TM1",
        "signature": "",
        "variables": [["name", "王先生"], ["shop", "人民路店"], ["sign", "小李"]],
    }
