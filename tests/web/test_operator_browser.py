"""The operators' page in a browser: on a phone, a tablet and a desk, in both languages."""

import pytest
from playwright.sync_api import Browser

from regulars.tenancy import context, directory
from regulars.web.operating import access
from tests.factories import browsing, serving
from tests.factories.operating import filled

SEEN = (
    (360, "zh-hans", "/operator/"),
    (820, "en", "/operator/subscriptions/"),
    (1440, "zh-hans", "/operator/events/evt_1/"),
)


@pytest.mark.browser
@pytest.mark.usefixtures("own_database")
def test_it_fits_every_width_and_is_accessible(browser: Browser) -> None:
    chain = directory.find("aurum")
    assert chain is not None
    with context.public():
        filled(chain, 3)
        path = f"/operator/enter/{access.new_link('alice')}/"
    with serving.chain() as there:
        address = there.replace("aurum.", "")
        window = browser.new_context(locale="zh-CN")
        page = window.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.goto(f"{address}{path}")
        page.click("form[method=post]:not([action]) button")
        page.wait_for_url("**/operator/")

        faults = {}
        for width, language, place in SEEN:
            window.add_cookies([{"name": "language", "value": language, "url": address}])
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{address}{place}")
            faults[place] = browsing.faults(page)
        window.close()

    assert faults == {place: [] for _, _, place in SEEN}
    assert said == []
