"""A complaint from the customer's phone to its end, in a real browser: two rounds, four people."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from regulars.complaints.models import Case
from regulars.customers.models import Possession
from regulars.staff.models import Role
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.web.complaining import once, places
from tests import counts
from tests.factories import browsing, customers, people, purchases, serving

pytestmark = pytest.mark.browser
PHONE = "+8613912345678"
WORDS = {
    "zh-hans": ("戒指的石头掉了，才买两周。", "真的非常抱歉，让您受累了。", "还是会松，我不放心。"),
    "en": ("The stone fell out after two weeks.", "I am truly sorry.", "It is loose again."),
}


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Where it happens."""

    address: str
    chain: ChainInfo
    place: str

    def case(self) -> Case:
        """Return the complaint that was raised last."""
        with context.inside(self.chain):
            return Case.objects.select_related("owner", "reviewer").order_by("-id")[0]


@pytest.fixture(scope="module")
def shop(shared_database: str) -> Iterator[Shop]:
    """Aurum on a free port, with a guide and a manager in a store that is open all day."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        store = people.store(code="c77", name="南京西路店")
        gina = people.staff(name="李小芳", stores=(store,), email="gina@aurum.example")
        known = customers.customer(name="陈女士", phone=PHONE, store=store, owner=gina)
        Possession.objects.create(customer=known, kind="ring", title="婚戒")
        purchases.sale(customer=known, store_id=store.pk)
        people.staff(
            name="王店长", role=Role.STORE_MANAGER, stores=(store,), email="mona@aurum.example"
        )
        place = places.of_store(store.pk)
    with serving.chain() as address:
        yield Shop(address=address, chain=chain, place=place)


@dataclass(kw_only=True)
class Person:
    """Somebody at their own screen."""

    page: Page
    shop: Shop
    name: str
    width: int
    said: list[str]

    def look(self, what: str) -> None:
        """See that nothing is too wide; save pictures of all widths where PICTURES says so."""
        folder, own = os.environ.get("PICTURES"), self.page.viewport_size
        for width in (360, 820, 1440) if folder else (self.width,):
            self.page.set_viewport_size({"width": width, "height": 900})
            assert self.page.evaluate(browsing.TOO_WIDE) == [], f"{self.name}: {what} at {width}"
            if folder:
                Path(folder).mkdir(parents=True, exist_ok=True)
                self.page.screenshot(
                    path=f"{folder}/{self.name}-{what}-{width}.png", full_page=True
                )
        if own:
            self.page.set_viewport_size(own)
        if counts.IS_LONG:  # axe takes a second for each page
            assert browsing.faults(self.page) == [], f"{self.name}: {what}"

    def opens(self, path: str) -> None:
        """Go to a page of the chain."""
        self.page.goto(f"{self.shop.address}{path}")

    def does(self, act: str, **fields: str) -> None:
        """Fill in the form of an act and send it."""
        form = self.page.locator(f"#do-{act}")
        fold = form.locator("xpath=ancestor::details[1]")
        if fold.count() and fold.get_attribute("open") is None:
            fold.locator("> summary").click()
        for name, value in fields.items():
            control = form.locator(f"[name='{name}']")
            kind = control.first.get_attribute("type")
            if kind == "radio":
                chosen = form.locator(f"[name='{name}'][value='{value}']") if value else control
                chosen.first.check(force=True)
            elif kind == "checkbox":
                control.check(force=True)
            else:
                control.fill(value)
        with self.page.expect_navigation():
            form.locator("button[type=submit]").click()
        assert self.page.locator(".field-error").count() == 0, self.page.content()

    def carries_out(self) -> None:
        """Carry out everything that was approved."""
        buttons = self.page.locator("form[action$='/carry-out/'] button")
        while buttons.count():
            with self.page.expect_navigation():
                buttons.first.click()

    def sees_to_the_list(self) -> None:
        """Tick what only a person can know."""
        folds = self.page.locator("details.case-tick:has(form[action$='/do/tick/'])")
        while folds.count():
            fold = folds.first
            if fold.get_attribute("open") is None:
                fold.locator("summary").click()
            fold.locator("[name=text]").fill("OK")
            with self.page.expect_navigation():
                fold.locator("button[type=submit]").click()


@pytest.fixture(params=["zh-hans", "en"] if counts.IS_LONG else ["zh-hans"])
def language(request: pytest.FixtureRequest) -> str:
    """In the suite one language; both in the long version."""
    return str(request.param)


def at_a_screen(
    browser: Browser, shop: Shop, language: str, *, name: str, width: int, email: str = ""
) -> Person:
    window = browser.new_context(
        viewport={"width": width, "height": 900},
        locale="en-GB" if language == "en" else "zh-CN",
    )
    page, said = window.new_page(), list[str]()
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    if email:
        page.goto(f"{shop.address}/account/login/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", people.PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
    window.add_cookies([{"name": "language", "value": language, "url": shop.address}])
    return Person(page=page, shop=shop, name=f"{language}-{name}", width=width, said=said)


@pytest.mark.proof("two rounds of one complaint, in Chinese and in English")
def test_two_rounds_from_the_customers_phone_to_the_end(
    shop: Shop, browser: Browser, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "LEAST", type(once.LEAST)(0))
    complaint, regret, again = WORDS[language]
    screens = {"customer": 360, "guide": 820, "manager": 1440}
    emails = {"guide": "gina@aurum.example", "manager": "mona@aurum.example"}
    customer, guide, manager = (
        at_a_screen(browser, shop, language, name=name, width=width, email=emails.get(name, ""))
        for name, width in screens.items()
    )

    follow = raises(customer, complaint)
    case = shop.case()
    address = f"/complaints/{case.pk}/"
    answers(guide, address, complaint, regret)
    manager.opens("/complaints/approvals/")
    manager.look("approvals")
    with manager.page.expect_navigation():
        manager.page.locator("form[action$='/approve/'] button").first.click()
    guide.opens(address)
    makes_good(guide)

    customer.page.goto(follow)
    customer.look("asked")
    satisfied = customer.page.locator("form[data-satisfied]")
    satisfied.locator("[name=text]").fill(again)
    with customer.page.expect_navigation():
        satisfied.locator("button[value=no]").click()

    case = shop.case()
    assert (case.state, case.round) == ("investigating", 2)
    assert case.owner is not None
    assert case.owner.name == "李小芳"
    assert case.reviewer is not None
    assert case.reviewer.name == "王店长"
    manager.opens(address)
    expect(manager.page.locator(".story").first).to_contain_text(again)
    manager.look("second-round")
    guide.opens(address)
    finds_and_proposes(guide, **{"offer-remedy-repair": "on"})
    makes_good(guide)

    customer.page.goto(follow)
    with customer.page.expect_navigation():
        customer.page.locator("form[data-satisfied] button[value=yes]").click()
    customer.look("closed")
    guide.opens(address)
    guide.look("closed")

    case = shop.case()
    assert (case.state, case.ended, case.open_items) == ("closed", "satisfied", 0)
    assert case.cost_minor == 99_900
    for person in (customer, guide, manager):
        assert person.page.locator("html").get_attribute("lang") == language
        assert [line for line in person.said if line.startswith(("error", "warning"))] == []


def raises(customer: Person, words: str) -> str:
    """Complain alone, on a phone, with a picture; return the private link."""
    customer.opens(f"/complain/{customer.shop.place}/")
    customer.page.locator("a[data-about=loose-stone]").click()
    page = customer.page
    page.fill("[name=text]", words)
    page.fill("[name='ask-piece']", "GIA 2141")
    page.fill("[name=name]", "陈女士")
    page.fill("[name=phone]", PHONE.removeprefix("+86"))
    drawn = BytesIO()
    Image.new("RGB", (60, 40), "gold").save(drawn, "PNG")
    page.set_input_files(
        "[name=pictures]", {"name": "ring.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    )
    customer.look("raising")
    with page.expect_navigation():
        page.locator("form.complaining button[type=submit]").click()
    expect(page.locator("[data-number]")).to_be_visible()
    customer.look("raised")
    return page.url.partition("?")[0]


def answers(guide: Person, address: str, complaint: str, regret: str) -> None:
    """Open it, which makes it theirs, and propose more than a guide may decide."""
    guide.opens(address)
    expect(guide.page.locator(".case-owner strong")).to_have_text("李小芳")
    expect(guide.page.locator(".case-said")).to_have_text(complaint)
    assert guide.shop.case().owner is not None
    expect(guide.page.locator(".case-pictures img").first).to_be_visible()
    guide.look("opened")
    guide.page.locator("#do-apologise .phrases button").first.click()
    assert guide.page.locator("#do-apologise [name=text]").input_value()
    guide.does("apologise", text=regret)
    guide.page.locator("a[href$='/customer/']").click()
    with guide.page.expect_navigation():
        guide.page.locator("#who-hits button").first.click()
    expect(guide.page.locator(".case-file")).to_contain_text("婚戒")
    guide.look("whose")
    guide.page.locator("[data-opens=case-link]").click()
    expect(guide.page.locator("#case-link svg").nth(1)).to_be_visible()
    expect(guide.page.locator("#case-link")).to_contain_text("/c/")
    guide.look("link")
    guide.page.keyboard.press("Escape")
    guide.does("investigate", text="OK, OK.")
    finds_and_proposes(guide, **{"offer-goodwill-gift": "on", "cost-goodwill-gift": "999"})


def finds_and_proposes(guide: Person, **offers: str) -> None:
    """Write down the facts, propose, and let the customer agree on the phone."""
    guide.does("find", text="OK.", cause="")
    guide.look("propose")
    guide.does("propose", text="OK?", **offers)
    guide.does("agree", how="phone")
    guide.look("agreed")


def makes_good(guide: Person) -> None:
    """Carry out what was agreed, see to the list, and ask."""
    guide.carries_out()
    guide.sees_to_the_list()
    guide.does("do", text="OK.")
    guide.does("ask", text="OK?")
    guide.look("asked")
