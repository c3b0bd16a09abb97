"""The shell in a real browser: keyboard, drafts, double taps, policy, accessibility, widths."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.factories import browsing
from tests.web import gallery

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery.served() as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport={"width": 1280, "height": 900})
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    said: list[str] = []
    found = context.new_page()
    found.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    found.on("pageerror", lambda error: said.append(f"error: {error}"))
    gallery.posted.clear()
    found.goto(f"{address}/gallery")
    found.wait_for_selector("[data-drawn]")
    yield found
    quiet = [line for line in said if line.startswith(("error", "warning")) and "500" not in line]
    assert quiet == []


def test_the_slash_leads_to_the_search_and_not_out_of_a_field(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("#search-everywhere")).to_be_focused()

    page.locator("#id_note").focus()
    page.keyboard.type("1/2")

    assert page.locator("#id_note").input_value() == "1/2"


def test_a_dialog_gives_the_focus_back(page: Page) -> None:
    opener = page.locator("[data-opens=note]")

    opener.click()
    expect(page.locator("#note")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#note")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_menu_is_walked_with_arrows_and_left_with_escape(page: Page) -> None:
    menu = page.locator(".page-actions details.menu")

    menu.locator("summary").click()
    page.keyboard.press("ArrowDown")
    expect(menu.locator("a").first).to_be_focused()
    page.keyboard.press("Escape")

    expect(menu.locator(".menu-panel")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_what_was_typed_survives_a_reload_and_goes_once_it_is_taken(page: Page) -> None:
    page.locator("#id_name").fill("Chen Meiling")
    page.locator("#id_title_1").check()
    page.locator("#id_note").fill("Likes plain bands.")
    page.wait_for_timeout(400)

    page.reload()
    expect(page.locator("#id_name")).to_have_value("Chen Meiling")
    expect(page.locator("#id_title_1")).to_be_checked()
    expect(page.locator("#id_note")).to_have_value("Likes plain bands.")

    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    expect(page.locator("#id_name")).to_have_value("")
    page.reload()
    expect(page.locator("#id_name")).to_have_value("")


def test_a_draft_outlives_a_server_that_does_not_answer(
    page: Page, context: BrowserContext
) -> None:
    page.locator("#id_name").fill("Li Na")
    page.wait_for_timeout(400)
    context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#id_name")).to_have_value("Li Na")

    context.set_offline(False)
    page.reload()

    expect(page.locator("#id_name")).to_have_value("Li Na")
    assert gallery.posted == []


def test_signing_out_leaves_no_draft_behind(page: Page) -> None:
    page.locator("#id_name").fill("Li Na")
    page.wait_for_timeout(400)

    page.locator(".menu-face").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()

    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('draft:'))") == []


KEEP = """days => {
  const person = document.body.dataset.person;
  const at = Date.now() - days * 86400000;
  const one = { url: "/today/none/result/", body: "note=x", page: "/", at };
  const entry = (key, more) => localStorage.setItem(
    key, JSON.stringify({ key, ...one, ...more }));
  entry(`queue:${person}:refused`, { refused: "Somebody was faster." });
  entry("queue:another:refused", { refused: "Somebody was faster." });
  entry("queue:another:unsent", {});
  localStorage.setItem("sent:another", JSON.stringify([{ key: "a", at }]));
  localStorage.setItem(`sent:${person}`, JSON.stringify([{ key: "b", at }]));
}"""
LEFT = "Object.keys(localStorage).filter(k => /^(queue|sent):/.test(k)).length"


def test_what_nobody_came_back_for_is_forgotten_after_a_week(page: Page) -> None:
    page.evaluate(KEEP, 6)
    page.reload()
    page.wait_for_selector("[data-drawn]")
    assert page.evaluate(LEFT) == 5

    page.evaluate(KEEP, 8)
    page.reload()
    page.wait_for_selector("[data-drawn]")
    assert page.evaluate(LEFT) == 0


def test_signing_out_forgets_what_was_sent_and_what_was_refused(page: Page) -> None:
    page.evaluate(KEEP, 1)

    page.locator(".menu-face").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()

    left = page.evaluate("Object.keys(localStorage).filter(k => /^(queue|sent):/.test(k)).sort()")
    assert left == ["queue:another:refused", "queue:another:unsent", "sent:another"]


def test_a_double_tap_sends_a_plain_form_once(page: Page) -> None:
    page.locator("#slow button").dblclick(no_wait_after=True)
    page.wait_for_url("**/gallery")
    page.wait_for_timeout(1200)

    assert gallery.posted == ["/slow"]


def test_a_double_tap_sends_an_htmx_form_once(page: Page) -> None:
    page.locator("#swap button").dblclick()
    expect(page.locator("#answer")).to_have_text("Swapped.")
    page.wait_for_timeout(600)

    assert gallery.posted == ["/swapped"]


def test_a_fault_of_the_server_is_said_and_changes_nothing_on_the_page(page: Page) -> None:
    page.locator("#broken").click()

    expect(page.locator(".toast-bad")).to_contain_text("did not work")
    expect(page.locator("#answer")).to_be_empty()


def test_a_definition_opens_beside_its_figure_and_inside_the_page(page: Page) -> None:
    page.locator("[popovertarget=define-sales]").click()

    box = page.locator("#define-sales").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280


def test_a_file_that_is_too_large_is_refused_before_it_travels(page: Page) -> None:
    page.locator("#id_file").set_input_files(
        {"name": "big.csv", "mimeType": "text/csv", "buffer": b"12345678901"}
    )

    expect(page.locator("[data-drop]")).to_have_class("drop is-refused")


def test_the_choice_of_dark_holds_for_the_next_page(page: Page) -> None:
    page.locator(".menu-face").click()
    page.get_by_role("button", name="Dark").click()
    page.reload()

    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 21, 19)"


def test_a_toast_offers_to_undo(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery?toast=1")
    page.wait_for_selector("[data-drawn]")

    page.locator(".toast-card").get_by_role("button", name="Undo").click()
    page.wait_for_load_state()

    assert gallery.posted == ["/taken"]


@pytest.mark.parametrize("width", [360, 820, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_width_scrolls_sideways_and_axe_finds_nothing_serious(
    browser: Browser, address: str, width: int, scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(f"{address}/gallery")
    page.wait_for_selector("[data-drawn]")

    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    found = browsing.violations(page)
    context.close()

    assert wide <= 0
    assert [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")] == []


def test_without_scripts_the_table_stands_in_for_the_chart(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/gallery")

    expect(page.locator("#days-table")).to_be_visible()
    expect(page.locator("[data-chart-box]")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("width", [360, 820])
def test_what_a_finger_aims_at_is_large_enough(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, has_touch=True)
    page = context.new_page()
    page.goto(f"{address}/gallery")
    page.wait_for_selector("[data-drawn]")

    small = page.evaluate(
        """[...document.querySelectorAll(".rail a, .rail button, .topbar a, .btn, .form-control,"
            + ".form-select, .tab, .menu-face, .check")]
            .filter(el => el.checkVisibility() && !el.matches(".btn-sm, .skip"))
            .filter(el => el.getBoundingClientRect().height < 43.5)
            .map(el => el.className || el.tagName)"""
    )
    context.close()

    assert small == []
