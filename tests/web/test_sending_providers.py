"""Providers on their page: chosen, secrets never shown again, tried by a message to oneself."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from regulars.audit import SYSTEM
from regulars.messages.gateways import chosen
from regulars.messages.models import Contact
from regulars.registry.models import Declaration
from regulars.staff.models import Role, Staff
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.contacts import budget, person, reserve
from tests.factories.headoffice import text_of
from tests.factories.visitors import Visitor
from tests.isolation.cast import entered

ALIYUN = {"provider": "aliyun", "key_id": "LTAI5t", "key_secret": "very-hidden"}
URL = "/settings/providers/sms/"


@pytest.fixture
def office(inside_aurum: ChainInfo) -> Visitor:
    cache.clear()
    return entered(people.owner(), inside_aurum)


def test_a_provider_is_chosen_and_its_callback_is_shown_once(office: Visitor) -> None:
    page = office.post(URL, ALIYUN).content.decode()
    again = office.get(URL).content.decode()

    found = re.search(r"/callbacks/sms/aliyun/\?secret=([\w-]+)", page)
    assert found is not None
    assert chosen.provider_of("sms") == "aliyun"
    assert found[1] not in again
    assert "very-hidden" not in page + again
    assert "LTAI5t" in again
    kept = json.dumps(list(Declaration.objects.values_list("body", flat=True)))
    assert "very-hidden" not in kept
    assert found[1] not in kept


def test_a_secret_that_is_left_empty_stays_and_the_callback_too(office: Visitor) -> None:
    office.post(URL, ALIYUN)

    answer = office.post(URL, {**ALIYUN, "key_id": "LTAI6", "key_secret": ""})

    assert answer.status_code == 302
    assert chosen.shown("sms")["key_id"] == "LTAI6"
    assert chosen.is_kept("sms", "key_secret")


def test_a_callback_is_made_anew_when_asked_for(office: Visitor) -> None:
    first = office.post(URL, ALIYUN).content.decode()
    second = office.post(URL, {**ALIYUN, "new_secret": "on"}).content.decode()

    secrets = [re.findall(r"\?secret=([\w-]+)", page)[0] for page in (first, second)]
    assert secrets[0] != secrets[1]


def test_what_is_missing_is_marked(office: Visitor) -> None:
    answer = office.post(URL, {**ALIYUN, "key_secret": ""})

    assert answer.status_code == 422
    assert chosen.provider_of("sms") == ""


def test_a_provider_that_signs_needs_no_secret_of_ours(office: Visitor) -> None:
    form = {"provider": "twilio", "account": "AC1", "token": "T", "sender": "+15550001"}

    assert office.post("/settings/providers/sms-abroad/", form).status_code == 302
    page = office.get("/settings/providers/sms-abroad/").content.decode()
    assert "/callbacks/sms-abroad/twilio/" in page
    assert "?secret" not in page


def test_a_provider_is_let_go_of(office: Visitor) -> None:
    office.post(URL, ALIYUN)

    office.post(f"{URL}drop/")

    assert chosen.provider_of("sms") == ""


def test_the_list_says_what_waits_and_what_went_wrong(office: Visitor) -> None:
    budget(limits=[])
    for _ in range(2):
        reserve(person(), purpose="service")
    row = Contact.objects.get(pk=reserve(person(), purpose="service"))
    Contact.objects.filter(pk=row.pk).update(state="sending", provider="aliyun", fault="money: x")

    text = text_of(office.get("/settings/providers/"))

    assert "3 wait" in text
    assert "run out of credit" in text


def test_a_message_to_oneself_goes_to_ones_own_phone(
    office: Visitor, settings: Any, tmp_path: Path
) -> None:
    settings.LOCAL, settings.SMTP_URL, settings.MAILBOX_DIR = True, "", tmp_path
    Staff.objects.filter(name="Alice").update(phone="138 0013 8000")

    office.post(f"{URL}test/", {"to": "+8613900000000"})

    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text())["to"] == "+8613800138000"
    assert not Contact.objects.exists()


def test_without_a_phone_nothing_is_sent(office: Visitor, settings: Any, tmp_path: Path) -> None:
    settings.LOCAL, settings.MAILBOX_DIR = True, tmp_path

    assert office.post(f"{URL}test/").status_code == 302
    assert list(tmp_path.iterdir()) == []


def test_trying_has_an_end(office: Visitor, settings: Any, tmp_path: Path) -> None:
    settings.LOCAL, settings.SMTP_URL, settings.MAILBOX_DIR = True, "", tmp_path

    for _ in range(8):
        office.post("/settings/providers/email/test/")

    assert len(list(tmp_path.iterdir())) == 5


def test_what_the_provider_says_of_a_trial_is_told(office: Visitor) -> None:
    chosen.choose(
        actor=SYSTEM, slot="webhook", provider="webhook", now=people.owner().created_at,
        values={"url": "ftp://nowhere.example", "secrets": "whsec_" + "c2VjcmV0" * 4},
    )  # fmt: skip

    answer = office.post("/settings/providers/webhook/test/", follow=True)

    assert "does not accept your credentials" in text_of(answer)


@pytest.mark.parametrize("path", ["smoke/", "sms/drop/x/"])
def test_a_channel_there_is_not_is_not_found(office: Visitor, path: str) -> None:
    assert office.get(f"/settings/providers/{path}").status_code == 404


@pytest.mark.parametrize("role", [Role.STORE_MANAGER, Role.GUIDE, Role.ANALYST])
def test_others_neither_see_nor_choose(
    office: Visitor, inside_aurum: ChainInfo, role: Role
) -> None:
    guest = people.staff(name="Bob", role=role, stores=(people.store(),))
    bob = entered(guest, inside_aurum)

    assert bob.get("/settings/providers/").status_code == 403
    assert bob.post(URL, ALIYUN).status_code == 403
    assert bob.post(f"{URL}test/").status_code == 403
