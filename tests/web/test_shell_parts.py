"""The parts pages are made of: safe, documented, within the content security policy."""

import gzip
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler

from regulars.web import assets, forms, navigation

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "platform" / "regulars" / "web" / "templates"
PAGES = [path for path in TEMPLATES.rglob("*.html") if "mail" not in path.parts]
HOSTILE = "<script>alert(1)</script>\"'"


def render(source: str, path: str = "/", **context: Any) -> str:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    compiled = CottonCompiler().process(source)  # as the template loader does
    with translation.override("en"):
        return engines["django"].from_string(compiled).render(context, request)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_page_asks_for_what_the_security_policy_refuses(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=|hx-on|javascript:|hx-vals=[\"']js:", text)
    assert not re.search(r"hx-trigger=[\"'][^\"']*\[", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"https?://", text)


def test_every_component_is_documented() -> None:
    docs = (ROOT / "docs" / "components.md").read_text()
    names = {path.stem.replace("_", "-") for path in (TEMPLATES / "cotton").glob("*.html")}

    assert {name for name in names if f"<c-{name}" not in docs} == set()


def test_every_icon_that_is_asked_for_exists() -> None:
    assets.build()

    sprite = (assets.VENDOR / "icons.svg").read_text()

    assert [name for name in assets.used_icons() if f'id="{name}"' not in sprite] == []


@pytest.mark.parametrize(
    "source",
    [
        '<c-page title="{{ bad }}" lead="{{ bad }}" />',
        '<c-card title="{{ bad }}" hint="{{ bad }}">{{ bad }}</c-card>',
        '<c-empty title="{{ bad }}" text="{{ bad }}" />',
        '<c-figure label="{{ bad }}" value="{{ bad }}" />',
        '<c-copy value="{{ bad }}" label="{{ bad }}" />',
        '<c-menu label="{{ bad }}" face="{{ bad }}">x</c-menu>',
        '<c-alert title="{{ bad }}">{{ bad }}</c-alert>',
        '<c-tabs :items="tabs" label="{{ bad }}" />',
        '<c-chart id="c" title="{{ bad }}" :data="chart" />',
        "{% badge bad %}{% avatar bad %}{% phone bad %}{% sort_header bad bad %}",
        "{% icon 'x' label=bad %}{% progress_bar 1 2 bad %}",
    ],
)
def test_what_people_typed_never_becomes_markup(source: str) -> None:
    html = render(
        source,
        bad=HOSTILE,
        tabs=[{"label": HOSTILE, "url": "#", "current": True}],
        chart={"labels": [HOSTILE], "series": [{"name": HOSTILE, "values": [1]}]},
    )

    assert "<script>alert" not in html


def test_components_see_their_arguments_and_nothing_of_the_page() -> None:
    html = render('<c-card title="Mine">text</c-card>', hint="of the page", footer="of the page")

    assert "Mine" in html
    assert "of the page" not in html


def test_a_field_ties_its_help_and_its_fault_to_the_control() -> None:
    class Asking(forms.Form):
        phone = forms.PhoneField(label="Phone", help_text="To know you again.")

    form = Asking({"phone": "12"})
    html = render('<c-field :field="form.phone" />', form=form)

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_phone_help id_phone_error"' in html
    assert 'id="id_phone_error"' in html
    assert 'inputmode="tel"' in html


def test_a_sortable_header_turns_round_and_forgets_the_cursor() -> None:
    html = render('{% sort_header "sales" "Sales" %}', path="/?sort=-sales&after=x&store=1")

    assert 'aria-sort="descending"' in html
    assert "?sort=sales&amp;store=1" in html


def test_an_unknown_tone_is_a_mistake_of_the_page() -> None:
    with pytest.raises(Exception, match="tone"):
        render('{% badge "x" "purple" %}')


@pytest.mark.parametrize(
    ("value", "width"), [(50, "50.0"), (0, "0.0"), (None, "0.0"), (300, "100.0"), (-5, "0.0")]
)
def test_a_bar_never_leaves_its_cell(value: int | None, width: str) -> None:
    assert f'width="{width}"' in render("{% bar value 100 %}", value=value)


def test_places_that_do_not_exist_or_are_not_for_a_role_are_not_shown() -> None:
    places = (
        navigation.Place(key="a", label="A", icon="sun", url_name="home"),
        navigation.Place(key="b", label="B", icon="sun", url_name="no-such-page"),
        navigation.Place(
            key="c", label="C", icon="sun", url_name="home", roles=frozenset({"owner"})
        ),
    )

    guide = [link.key for link in navigation.links(role="guide", current="a", places=places)]
    owner = [link.key for link in navigation.links(role="owner", current="a", places=places)]

    assert (guide, owner) == (["a"], ["a", "c"])


def test_the_shell_carries_the_token_the_nonce_and_the_accent() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    request._csp_nonce = "n0nce"  # type: ignore[attr-defined]
    request.chain = SimpleNamespace(  # type: ignore[attr-defined]
        name="Aurum", language="en", currency="CNY", time_zone="UTC", accent="#b3125f"
    )

    html = engines["django"].from_string('{% extends "base_entry.html" %}').render({}, request)

    assert 'nonce="n0nce"' in html
    assert "--accent-light:#b3125f" in html
    assert re.search(r'hx-headers:inherited=\'\{"X-CSRFToken": "\w+"\}\'', html)


def test_scripts_and_styles_stay_within_their_weight() -> None:
    assets.build()

    scripts = sum((assets.VENDOR / name).stat().st_size for name in ("app.js", "theme.js"))
    styles = len(gzip.compress((assets.VENDOR / "app.css").read_bytes()))

    assert scripts < 150_000  # all there is but charts, uncompressed
    assert styles < 60_000  # as it travels
    assert "sourceMappingURL" not in (assets.VENDOR / "app.js").read_text()
