"""A text at providers that send approved texts only: handed in, asked after, written down."""

from typing import Any

import pytest
from django.core.cache import cache

from regulars.messages.gateways import chosen
from regulars.messages.gateways.contract import (
    Approval,
    Draft,
    NotDone,
    Refused,
    Uncertain,
)
from regulars.messages.selectors import templates
from regulars.messages.selectors.templates import Approved
from regulars.tenancy.context import ChainInfo
from tests.factories.visitors import Visitor, signed_in

KEY = "birthday-greeting"
ADDRESS = f"/settings/texts/edit/{KEY}/approval/"


class Authority:
    """A provider that approves what it is shown, or raises what it is told to."""

    def __init__(self) -> None:
        self.shown: list[Draft] = []
        self.answer = Approval(state="approved")
        self.raising: NotDone | None = None

    def submit(self, draft: Draft) -> str:
        self.shown.append(draft)
        if self.raising is not None:
            raise self.raising
        return "SMS_<1>"

    def approval(self, template: str) -> Approval:
        assert template == "SMS_<1>"
        return self.answer


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Aliyun for text messages and WeChat, both set up by the chain."""
    made = Authority()
    of = {"sms": "aliyun", "wechat": "wechat"}
    monkeypatch.setattr(chosen, "provider_of", lambda slot: of.get(slot, ""))
    monkeypatch.setattr(chosen, "opened", lambda slot, **_: made)
    return made


@pytest.fixture
def office(inside_aurum: ChainInfo) -> Visitor:
    """Head office."""
    cache.clear()
    return signed_in()


def act(office: Visitor, do: str, provider: str = "aliyun", **facts: str) -> str:
    """Send one of the forms and return the page it leads to."""
    sent = {"do": do, "provider": provider, "language": "zh-Hans", **facts}
    answer: Any = office.post(ADDRESS, sent, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def kept(provider: str = "aliyun") -> Approved | None:
    return templates.at_providers(KEY).get((provider, "zh-Hans"))


def test_without_such_a_provider_nothing_is_asked(office: Visitor) -> None:
    page = office.get(f"/settings/texts/edit/{KEY}/").content.decode()

    assert "At your providers" not in page


def test_a_text_is_handed_in_and_asked_after(office: Visitor, authority: Authority) -> None:
    first = act(office, "submit", signature="金店")
    pending = kept()
    second = act(office, "track")

    assert "Handed in." in first
    assert authority.shown[0].signature == "金店"
    assert authority.shown[0].remark == "Birthday · Care"
    assert pending is not None
    assert pending.state == "pending"
    assert "Aliyun text messages says: approved" in second
    assert "SMS_&lt;1&gt;" in second


def test_a_rejection_is_told_with_its_reason(office: Visitor, authority: Authority) -> None:
    act(office, "submit")
    authority.answer = Approval(state="rejected", reason="no <b>signature")

    page = act(office, "track")

    assert "no &lt;b&gt;signature" in page
    assert "<b>" not in page


def test_words_changed_since_are_said_to_wait(office: Visitor, authority: Authority) -> None:
    act(office, "submit")
    changed = "{customer.salutation}，生日快乐。{store.name}{guide.name}"

    fields = {"channels": ["sms", "wechat", "call"], "text_zh_hans": changed}
    office.post(f"/settings/texts/edit/{KEY}/", fields)

    page = office.get(f"/settings/texts/edit/{KEY}/").content.decode()
    assert "The words have changed since" in page


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Refused("text-refused", "isv.X"), "refused the wording"),
        (Uncertain("silent"), "Look there whether the text has arrived"),
    ],
)
def test_what_the_provider_does_not_take_is_said_in_words(
    office: Visitor, authority: Authority, fault: NotDone, told: str
) -> None:
    authority.raising = fault

    assert told in act(office, "submit")
    assert kept() is None


def test_an_id_of_wechat_is_written_down_and_forgotten(
    office: Visitor, authority: Authority
) -> None:
    names = {"name.customer.salutation": "thing1", "name.store.name": "", "name.guide.name": "x"}
    act(office, "adopt", provider="wechat", id=" TM1 ", **names)
    told = kept("wechat")
    act(office, "forget", provider="wechat")

    assert told is not None
    assert (told.id, told.state) == ("TM1", "approved")
    assert told.variables == (("thing1", "customer.salutation"), ("x", "guide.name"))
    assert kept("wechat") is None
    assert "Write down the number or id" in act(office, "adopt", provider="wechat")


def test_another_provider_or_language_changes_nothing(
    office: Visitor, authority: Authority
) -> None:
    assert "Choose one of your providers" in act(office, "submit", provider="twilio")
    assert office.post(ADDRESS.replace(KEY, "no-such")).status_code == 404
