"""Texts at providers that send approved ones only: handed in, tracked, written down."""

from datetime import timedelta

import pytest

from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.messages import tasks
from regulars.messages.gateways import chosen
from regulars.messages.gateways.contract import Approval, Draft, TryLater
from regulars.messages.selectors import rendering, templates
from regulars.messages.selectors.facts import Subject
from regulars.messages.services import approving, tracking
from regulars.outbox.models import Job
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


@pytest.fixture
def aliyun(monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Let the chain send its text messages by a provider that approves texts."""
    authority = Authority()
    monkeypatch.setattr(chosen, "provider_of", {"sms": "aliyun"}.get)
    monkeypatch.setattr(chosen, "opened", {"sms": authority}.get)
    return authority


def test_what_waits_is_asked_after_by_itself_until_it_is_decided(aliyun: Authority) -> None:
    save()
    submitted(aliyun)
    aliyun.answer = Approval(state="pending")

    assert list(tracking.track_all(now=NOW)) == ["pending"]
    aliyun.answer = Approval(state="rejected", reason="no signature")
    assert list(tracking.track_all(now=NOW)) == ["rejected"]
    assert list(tracking.track_all(now=NOW)) == []
    assert templates.at_providers("own-birthday")["aliyun", "zh-Hans"].reason == "no signature"


def test_a_provider_that_does_not_answer_is_asked_again(
    aliyun: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    save()
    submitted(aliyun)

    def silent(_self: Authority, _template: str) -> Approval:
        raise TryLater("busy", "", after=timedelta(minutes=1))

    with monkeypatch.context() as patched:
        patched.setattr(Authority, "approval", silent)
        assert list(tracking.track_all(now=NOW)) == []

    assert list(tracking.track_all(now=NOW)) == ["approved"]


def test_a_worker_is_called_only_where_something_waits(aliyun: Authority) -> None:
    tasks.track_texts(now=NOW)
    assert not Job.objects.filter(handler="messages.track").exists()
    save()
    submitted(aliyun)

    tasks.track_texts(now=NOW)

    assert Job.objects.filter(handler="messages.track").count() == 1


def test_of_a_provider_that_is_not_used_any_more_nobody_is_asked(
    aliyun: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    save()
    submitted(aliyun)

    monkeypatch.setattr(chosen, "provider_of", {"sms": "twilio"}.get)

    assert tracking.waiting() == []
