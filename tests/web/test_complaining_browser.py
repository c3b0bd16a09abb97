"""A customer complains on a phone: over a bad net, without scripts, in their language."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as of_django
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.complaints import pictures
from regulars.complaints.models import Case, Entry
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.web.complaining import once, places
from tests.factories import browsing, complaining, complaints, people, purchases, serving

pytestmark = pytest.mark.browser
WIDTHS = [int(each) for each in os.environ.get("WIDTHS", "360,1440").split(",")]
LONG = "非常非常长的商品名字" * 6


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Where the pages are, and which codes lead there."""

    address: str
    chain: ChainInfo
    store: str
    purchase: str
    receipt: str
    followed: str
    asked: str

    def at(self, place: str, about: str = "") -> str:
        """Return the address of a form, or of the choice of kinds."""
        return f"{self.address}/complain/{place}/" + (f"?about={about}" if about else "")


def fill() -> dict[str, str]:
    """A purchase with long names, a complaint on its way, and one that asks whether it is right."""
    store = people.first_store()
    store.name, store.phone = LONG[:60], "+862152345678"
    store.save()
    sold = purchases.sale(*[purchases.line(product_name=f"{LONG[:50]}{n}") for n in range(3)])
    cast = complaints.cast()
    now = timezone.now() - timedelta(hours=2)
    facts: Any = {"now": now, "template": "skin-reaction", "is_short": True}
    under_way = complaints.case(cast, text="戴了两天，手腕红肿发痒。\n" * 4, **facts)
    asked = complaints.case(cast, **facts)
    complaints.settle(under_way, cast.guide, now=now, upto="proposed")
    complaints.settle(asked, cast.guide, now=now)
    return {
        "store": complaining.place(), "purchase": places.of_purchase(sold.purchase_id),
        "receipt": str(sold.purchase_id), "followed": complaining.link(under_way),
        "asked": complaining.link(asked),
    }  # fmt: skip


@pytest.fixture(scope="module")
def shop(shared_database: str, tmp_path_factory: Any) -> Iterator[Shop]:
    """A server on a free port."""
    chain = directory.find("aurum")
    assert chain is not None
    before, of_django.MEDIA_ROOT = of_django.MEDIA_ROOT, tmp_path_factory.mktemp("media")
    with context.inside(chain):
        made = fill()
    with serving.chain() as address:
        yield Shop(address=address, chain=chain, **made)
    of_django.MEDIA_ROOT = before


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(once, "LEAST", timedelta(0))


def phone(browser: Browser, shop: Shop, language: str, width: int = 360, **how: Any) -> Any:
    """Open a window and its page, with what its console says."""
    window = browser.new_context(viewport={"width": width, "height": 740}, **how)
    window.add_cookies([{"name": "language", "value": language, "url": shop.address}])
    page = window.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    return window, page, said


def picture(page: Page, name: str) -> None:
    """Save a picture where PICTURES says, if it says so."""
    folder = os.environ.get("PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/complaining-{name}.png", full_page=True)


def loud(said: list[str]) -> list[str]:
    """Return what a console said in anger, but for links to telephones and pages of faults."""
    told = [each for each in said if each.startswith(("error", "warning"))]
    return [each for each in told if "tel:" not in each and "status of 4" not in each]


def cases(shop: Shop) -> int:
    """Return how many complaints came by the web."""
    with context.inside(shop.chain):
        return Case.objects.filter(raised="web").count()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_can_be_used_at_every_width(shop: Shop, browser: Browser, width: int) -> None:
    pages = {
        "start": f"{shop.address}/complain/", "kinds": shop.at(shop.purchase),
        "form": shop.at(shop.store, "skin-reaction"), "purchase": shop.at(shop.purchase, "other"),
        "followed": shop.address + shop.followed, "asked": f"{shop.address}{shop.asked}?sent=new",
        "gone": f"{shop.address}/c/x/",
    }  # fmt: skip
    found = {}
    for language in ("zh-hans", "en"):
        window, page, said = phone(browser, shop, language, width)
        for name, path in pages.items():
            page.goto(path)
            found[f"{name}-{language}"] = browsing.faults(page)
            picture(page, f"{name}-{width}-{language}")
        assert loud(said) == []
        window.close()

    assert found == {name: [] for name in found}


def test_posters_and_the_receipt_of_the_staff(shop: Shop, browser: Browser) -> None:
    window = browser.new_context(viewport={"width": 360, "height": 740})
    page, said = browsing.signed_in(window, shop.address, language="zh-hans")
    found = {}
    for name, path in {
        "poster": "/stores/posters/", "poster-en": "/stores/posters/?language=en",
        "receipt": f"/counter/receipts/{shop.receipt}/",
        "card": f"/counter/receipts/{shop.receipt}/card/",
    }.items():  # fmt: skip
        page.goto(f"{shop.address}{path}")
        found[name] = browsing.faults(page)
        picture(page, name)

    page.goto(f"{shop.address}/stores/posters/")
    sheets = page.pdf(prefer_css_page_size=True, print_background=True)
    folder = os.environ.get("PICTURES")
    if folder:
        Path(folder).joinpath("posters.pdf").write_bytes(sheets)

    assert found == {name: [] for name in found}
    assert sheets.count(b"/MediaBox [0 0 59") == page.locator(".poster").count()
    assert loud(said) == []
    window.close()


def test_a_customer_raises_one_with_a_picture_and_follows_it(shop: Shop, browser: Browser) -> None:
    before = cases(shop)
    window, page, said = phone(browser, shop, "zh-hans", has_touch=True)
    page.goto(shop.at(shop.store))
    page.locator('[data-about="skin-reaction"]').tap()
    expect(page.locator(".complaining-advice li").first).to_contain_text("请立即取下")
    page.fill("[name=text]", "手腕红了")
    page.fill('[name="ask-where"]', "手腕")
    file = complaining.picture()
    page.set_input_files(
        "[name=pictures]",
        {"name": "手腕.jpg", "mimeType": "image/jpeg", "buffer": file.read()},
    )
    expect(page.locator("[data-pictures-chosen] li")).to_contain_text("手腕.jpg")

    page.locator("form.complaining button[type=submit]").tap()
    page.wait_for_url("**/c/**")

    number = page.locator("[data-number]").text_content()
    expect(page.locator(".note-good")).to_contain_text(str(number))
    with context.inside(shop.chain):
        case = Case.objects.get(number=number)
        assert len(pictures.of_case(case.pk)) == 1
    page.fill("form[data-words] [name=text]", "还没人联系我")
    page.locator("form[data-words] button[type=submit]").tap()
    expect(page.locator(".story")).to_contain_text("还没人联系我")
    page.goto(shop.at(shop.store, "skin-reaction"))
    expect(page.locator("[name=text]")).to_have_value("")  # what was taken is not offered again
    assert cases(shop) == before + 1
    assert loud(said) == []
    window.close()


def lose_what_is_sent(route: Any) -> None:
    """Let no form through."""
    if _is_post(route):
        route.abort()
    else:
        route.continue_()


def lose_the_answer(route: Any) -> None:
    """Let the server have a form, and the browser no answer."""
    if _is_post(route):
        asked = route.request
        where = urlsplit(asked.url)
        link = HTTPConnection("127.0.0.1", where.port)  # Node does not find *.localhost
        heads = {**asked.all_headers(), "host": where.netloc}
        link.request("POST", f"{where.path}?{where.query}", asked.post_data_buffer, heads)
        assert link.getresponse().status == 302
        link.close()
        route.abort()
    else:
        route.continue_()


def _is_post(route: Any) -> bool:
    return bool(route.request.method == "POST")


def test_a_lost_connection_loses_neither_words_nor_pictures(shop: Shop, browser: Browser) -> None:
    before = cases(shop)
    window, page, _said = phone(browser, shop, "en")
    page.goto(shop.at(shop.store, "other"))
    page.fill("[name=text]", "Typed on a train")
    file = complaining.picture()
    page.set_input_files(
        "[name=pictures]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file.read()}
    )
    page.route("**/complain/**", lose_what_is_sent)

    page.click("form.complaining button[type=submit]")
    expect(page.locator(".toast-card")).to_contain_text("nothing is lost")
    page.unroute_all()
    expect(page.locator("[name=text]")).to_have_value("Typed on a train")
    page.click("form.complaining button[type=submit]")
    page.wait_for_url("**/c/**")

    expect(page.locator(".story")).to_contain_text("Typed on a train")
    expect(page.locator(".story a", has_text="Picture 1")).to_have_count(1)
    assert cases(shop) == before + 1
    window.close()


def test_an_answer_that_is_lost_and_a_second_scan_make_one_case(
    shop: Shop, browser: Browser
) -> None:
    before = cases(shop)
    window, page, _said = phone(browser, shop, "en")
    page.goto(shop.at(shop.store, "other"))
    page.fill("[name=text]", "Lost answer")

    page.route("**/complain/**", lose_the_answer)
    kept = window.cookies(shop.address + "/complain/")
    page.click("form.complaining button[type=submit]")
    expect(page.locator(".toast-card")).to_be_visible()
    page.unroute_all()
    window.add_cookies(kept)  # the lost answer told the browser nothing
    page.goto(shop.at(shop.store, "other"))
    expect(page.locator("[name=text]")).to_have_value("Lost answer")
    page.click("form.complaining button[type=submit]")
    page.wait_for_url("**/c/**")

    assert cases(shop) == before + 1
    window.close()


def test_a_refusal_keeps_words_and_pictures_on_the_page(shop: Shop, browser: Browser) -> None:
    window, page, _said = phone(browser, shop, "en")
    page.goto(shop.at(shop.store, "skin-reaction"))
    page.fill("[name=text]", "Red")
    page.evaluate("document.querySelectorAll('[required]').forEach(el => el.required = false)")
    file = complaining.picture()
    page.set_input_files(
        "[name=pictures]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file.read()}
    )

    page.click("form.complaining button[type=submit]")
    expect(page.locator("#id_ask-where_error")).to_be_visible()

    expect(page.locator("[name=text]")).to_have_value("Red")
    small = page.locator("[data-pictures-kept] img")
    expect(small).to_have_count(1)
    page.wait_for_function("document.querySelector('[data-pictures-kept] img').naturalWidth > 0")
    expect(page.locator("[data-pictures-chosen]")).to_be_hidden()  # it is on the server
    picture(page, "kept")
    page.fill('[name="ask-where"]', "wrist")
    page.click("form.complaining button[type=submit]")
    page.wait_for_url("**/c/**")
    expect(page.locator(".story a", has_text="Picture 1")).to_have_count(1)
    window.close()


def test_without_scripts_it_works_as_well(shop: Shop, browser: Browser) -> None:
    window, page, _said = phone(browser, shop, "zh-hant", java_script_enabled=False)
    page.goto(shop.at(shop.store))
    page.click('[data-about="price-dispute"]')
    page.fill("[name=text]", "價錢不對")
    page.click("form.complaining button[type=submit]")
    page.wait_for_url("**/c/**")
    number = page.locator("[data-number]").text_content()
    page.fill("form[data-words] [name=text]", "還有一句")
    page.click("form[data-words] button[type=submit]")

    expect(page.locator(".story")).to_contain_text("還有一句")
    with context.inside(shop.chain):
        case = Case.objects.get(number=number)
        assert (case.language, case.template) == ("zh-hant", "price-dispute")
        assert Entry.objects.filter(case=case, by_customer=True).count() == 2
    window.close()


def test_the_customer_says_whether_it_is_right(shop: Shop, browser: Browser) -> None:
    window, page, _said = phone(browser, shop, "en")
    page.goto(shop.address + shop.asked)
    page.fill("form[data-satisfied] [name=text]", "It broke again.")

    page.click("button[name=satisfied][value=no]")
    page.wait_for_url("**sent=word")

    expect(page.locator("form[data-satisfied]")).to_have_count(0)
    expect(page.locator(".story")).to_contain_text("You are not satisfied")
    window.close()
