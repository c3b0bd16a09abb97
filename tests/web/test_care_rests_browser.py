"""Care that rests, plans by hand, and messages nobody is sure of, at every width."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.audit import SYSTEM
from regulars.complaints import services as complaints
from regulars.customers import services as customers
from regulars.followups.models import Task
from regulars.messages.models import Contact
from regulars.tenancy import context, directory
from tests.factories import browsing, mornings, people, serving
from tests.factories.contacts import budget, person, reserve
from tests.factories.standing import stands
from tests.factories.talk import writes

pytestmark = pytest.mark.browser
WAIT = 10_000
LONG = "非常非常长的名称" * 9


def fill() -> dict[str, str]:
    """Make somebody who complains, somebody whose birthday is tomorrow, and unsure messages."""
    budget(limits=[])
    alice, now = people.owner(), timezone.now()
    carol = person(name="王芳", gender="female", store=people.first_store(), owner=alice)
    for text in ("戒托松了", LONG):
        draft = complaints.Draft(
            store_id=people.first_store().pk, customer_id=carol.pk, raised="counter", text=text
        )
        complaints.open_case(actor=people.actor(alice), draft=draft, now=now, key=text[:9])
    writes(carol, "修好了吗？", at=now - timedelta(days=3))
    dora = person(name=LONG, gender="female", store=people.first_store(), owner=alice)
    day = mornings.today() + timedelta(days=1)
    customers.set_life_event(
        actor=SYSTEM, customer_id=dora.pk, kind="birthday", month=day.month, day=day.day, now=now
    )
    task = mornings.task(dora, plan="", step="", title="祝她生日快乐", source_kind="by-hand")
    for customer, text in ((carol, "您的戒指修好了"), (dora, LONG)):
        row = Contact.objects.filter(pk=reserve(customer, text=text, purpose="service"))
        for state in ("sending", "unknown"):
            row.update(state=state)
    return {
        "messages": f"/customers/{carol.pk}/messages/",
        "log": f"/customers/{carol.pk}/messages/log/",
        "conversation": f"/messages/{carol.pk}/",
        "plan": f"/customers/{dora.pk}/plan/",
        "file": f"/customers/{dora.pk}/",
        "task": f"/today/{task.pk}/",
        "today": "/today/?of=mine",
        "unsure": "/messages/unsure/",
        "queue": "/messages/",
        "batch": "/messages/batches/new/",
    }


@pytest.fixture(scope="module")
def site(shared_database: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Aurum on a free port, and where to look."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        pages = fill()
    with serving.chain() as address:
        yield address, pages


def picture(page: Page, name: str) -> None:
    """Save a picture where PICTURES says, if it says so."""
    if folder := os.environ.get("PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("width", "language"), [(360, "zh-hans"), (1440, "en")])
def test_every_page_works_at_every_width(
    site: tuple[str, dict[str, str]], browser: Browser, width: int, language: str
) -> None:
    address, pages = site
    window = browser.new_context(viewport={"width": width, "height": 900})
    page, said = browsing.signed_in(window, address, language=language)
    found = {}
    for name, path in pages.items():
        page.goto(f"{address}{path}")
        for more in page.locator(".contact-more:not([open]) > summary").all():
            more.click()
        picture(page, f"{width}-{language}-{name}")
        found[name] = browsing.faults(page) if width == 1440 else page.evaluate(browsing.TOO_WIDE)

    assert {name: each for name, each in found.items() if each} == {}
    loud = [line for line in said if line.startswith(("error", "warning"))]
    assert [line for line in loud if "tel:" not in line] == []


def test_a_guide_says_that_a_call_is_about_the_complaint(
    site: tuple[str, dict[str, str]], browser: Browser
) -> None:
    address, pages = site
    window = browser.new_context(viewport={"width": 360, "height": 740})
    page, _said = browsing.signed_in(window, address, language="zh-hans")
    page.goto(f"{address}{pages['messages']}")

    page.locator(".contact-call [name=complaint]").first.check()
    page.locator(".contact-call button[type=submit]").click()
    expect(page.locator(".contact-open")).to_be_visible(timeout=WAIT)
    page.locator(".contact-open button[value=yes]").click()
    expect(page.locator(".contact-open")).to_have_count(0, timeout=WAIT)
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        assert Contact.objects.filter(source="complaint", state="delivered").exists()


def test_whoever_may_only_look_is_told_why_in_words(
    site: tuple[str, dict[str, str]], browser: Browser
) -> None:
    address, pages = site
    window = browser.new_context(viewport={"width": 360, "height": 740})
    page, _said = browsing.signed_in(window, address, language="en")
    chain = directory.find("aurum")
    assert chain is not None
    page.goto(f"{address}{pages['messages']}")
    stands(chain, access="read-only")
    try:
        page.locator(".contact-call [name=complaint]").first.check()
        page.locator(".contact-call button[type=submit]").click()
        expect(page.locator(".toast-bad")).to_contain_text("is open again at once", timeout=WAIT)
    finally:
        stands(chain, access="full")


def test_a_guide_plans_the_next_word_over_the_customers_file(
    site: tuple[str, dict[str, str]], browser: Browser
) -> None:
    address, pages = site
    window = browser.new_context(viewport={"width": 360, "height": 740})
    page, _said = browsing.signed_in(window, address, language="zh-hans")
    page.goto(f"{address}{pages['file']}")

    page.locator('a[href$="/plan/"]').click()
    title = page.locator("#dialog-place [name=title]")
    title.fill("看看新到的手链", timeout=WAIT)
    title.press("Enter")
    expect(title).to_have_count(0, timeout=WAIT)
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        assert Task.objects.filter(title="看看新到的手链").exists()
