"""The public site: in three languages, for visitors who never sign in."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import translation

from regulars.billing import plans
from regulars.web import mailbox, public
from tests.web import pseudo

PAGES = ["/", "/industries/", "/prices/", "/docs/", "/status/", "/signup/", "/which-chain/"]


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"host": "localhost"})


@pytest.mark.django_db
@pytest.mark.parametrize("tongue", ["zh-hans", "zh-hant", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_in_every_language(visitor: Client, path: str, tongue: str) -> None:
    visitor.cookies["language"] = tongue

    response = visitor.get(path)

    assert response.status_code == 200
    assert response["Content-Language"] == tongue
    assert f'<html lang="{tongue}"' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_under_the_policy_and_its_nonce_matches(visitor: Client, path: str) -> None:
    response = visitor.get(path)

    policy = response["Content-Security-Policy"]
    allowed = re.search(r"style-src 'self' 'nonce-([^']+)'", policy)
    assert "unsafe" not in policy
    assert allowed
    assert f'<style nonce="{allowed[1]}">' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_no_page_says_anything_outside_the_catalogues(visitor: Client, path: str) -> None:
    visitor.cookies["language"] = "en"
    names = {"English", "简体中文", "繁體中文", "CNY", "USD", "EUR", "localhost"}
    with translation.override("en"):
        kit = {word for o in public.offers() for word in (o.name, o.summary, *o.asks, *o.keeps)}

    with pseudo.spoken():
        html = visitor.get(path).content.decode()

    shown = re.sub(r"<(option|select)\b.*?</\1>", "", html, flags=re.DOTALL)  # zones, currencies
    assert "⟦" in shown
    assert pseudo.forgotten(shown, known=names | kit) == []


def test_a_forgotten_sentence_is_found() -> None:
    html = '<p>⟦Said⟧</p><p title="Forgotten too">Forgotten</p><script>let code</script>'

    assert pseudo.forgotten(html, known=set()) == ["Forgotten too", "Forgotten"]


def test_a_screenshot_is_shown_once_it_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    present = {"img/shots/head-office-zh.png"}
    monkeypatch.setattr(finders, "find", lambda path: path if path in present else None)
    public._shot.cache_clear()

    with translation.override("en"):
        shown = public.shots()
    public._shot.cache_clear()

    assert [shot["path"] for shot in shown] == ["img/shots/head-office-zh.png"]


@pytest.mark.django_db
def test_the_home_page_shows_every_installed_industry(visitor: Client) -> None:
    visitor.cookies["language"] = "en"

    text = visitor.get("/").content.decode()

    with translation.override("en"):
        offers = public.offers()
    assert offers
    assert [offer.name for offer in offers if offer.name not in text] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("?pay=monthly&currency=CNY", "¥299"),
        ("?pay=yearly&currency=CNY", "¥2,990"),
        ("?pay=yearly&currency=USD", "$450"),
        ("?currency=XXX", "¥2,990"),
    ],
)
def test_prices_follow_currency_and_rhythm(visitor: Client, asked: str, shown: str) -> None:
    text = visitor.get(f"/prices/{asked}").content.decode()

    assert shown in text
    assert [str(plan.key) for plan in plans.PLANS.values() if str(plan.name) == ""] == []


@pytest.mark.django_db
def test_a_page_that_does_not_exist_is_said_in_words(visitor: Client) -> None:
    visitor.cookies["language"] = "en"

    response = visitor.get("/no-such-page/")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def _mail(
    folder: Path, *, name: str, subject: str, html: str = "", to: str = "a@b.example"
) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "Regulars <r@x.example>", to
    message["Date"] = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    message.set_content("Open http://localhost/signup/confirm/abc/\n")
    if html:
        message.add_alternative(html, subtype="html")
    folder.joinpath(name).write_bytes(message.as_bytes() + b"\n" + b"-" * 79 + b"\n")


@pytest.mark.django_db
def test_the_mailbox_shows_mails_and_frames_their_html_without_scripts(
    visitor: Client, tmp_path: Path, settings: Any
) -> None:
    settings.LOCAL, settings.SMTP_URL, settings.MAILBOX_DIR = True, "", tmp_path
    _mail(tmp_path, name="1.log", subject="确认邮箱", html="<script>alert(1)</script><b>Hi</b>")
    (mail,) = mailbox.kept(tmp_path)

    listed = visitor.get("/mailbox/").content.decode()
    read = visitor.get(mail.url).content.decode()
    framed = visitor.get(mail.html_url)

    assert "确认邮箱" in listed
    assert 'href="http://localhost/signup/confirm/abc/"' in read
    assert "sandbox" in framed["Content-Security-Policy"]
    assert "default-src 'none'" in framed["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize(("local", "smtp"), [(False, ""), (True, "smtp://x")])
def test_a_server_has_no_mailbox(
    visitor: Client, tmp_path: Path, settings: Any, local: bool, smtp: str
) -> None:
    settings.LOCAL, settings.SMTP_URL, settings.MAILBOX_DIR = local, smtp, tmp_path
    _mail(tmp_path, name="1.log", subject="secret")

    assert visitor.get("/mailbox/").status_code == 404
    assert visitor.get("/mailbox/1-0/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["..%2f..%2fetc%2fpasswd-0", "nobody-0", "1-9"])
def test_the_mailbox_opens_nothing_but_its_own_mails(
    visitor: Client, tmp_path: Path, settings: Any, key: str
) -> None:
    settings.LOCAL, settings.SMTP_URL, settings.MAILBOX_DIR = True, "", tmp_path
    _mail(tmp_path, name="1.log", subject="mine")

    assert visitor.get(f"/mailbox/{key}/").status_code == 404
