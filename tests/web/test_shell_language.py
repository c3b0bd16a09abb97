"""Which language a page speaks, and whether the catalogues can be trusted."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from babel.messages import Catalog
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone, translation

from regulars.web import i18n, language


def answered(request: HttpRequest) -> dict[str, str]:
    said: dict[str, str] = {}

    def page(_request: HttpRequest) -> HttpResponse:
        said["language"] = translation.get_language() or ""
        said["zone"] = timezone.get_current_timezone_name()
        return HttpResponse()

    response = language.LanguageMiddleware(page)(request)
    return said | {"header": response["Content-Language"]}


def asking(*, cookie: str = "", chain: str = "", accept: str = "") -> HttpRequest:
    request = RequestFactory().get("/", headers={"accept-language": accept} if accept else {})
    request.COOKIES = {"language": cookie} if cookie else {}
    known = SimpleNamespace(language=chain, time_zone="America/New_York") if chain else None
    request.chain = known  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ({}, "zh-hans"),
        ({"accept": "en-GB,en;q=0.8"}, "en"),
        ({"accept": "zh-TW"}, "zh-hant"),
        ({"accept": "fr"}, "zh-hans"),
        ({"chain": "zh-hant", "accept": "en"}, "zh-hant"),
        ({"cookie": "en", "chain": "zh-hant"}, "en"),
        ({"cookie": "xx", "chain": "zh-hant"}, "zh-hant"),
    ],
)
def test_a_persons_choice_wins_over_the_chains_and_that_over_the_browsers(
    asked: dict[str, str], spoken: str
) -> None:
    said = answered(asking(**asked))

    assert (said["language"], said["header"]) == (spoken, spoken)


def test_the_chains_time_zone_holds_for_the_request_and_not_longer() -> None:
    before = timezone.get_current_timezone_name()

    said = answered(asking(chain="en"))

    assert said["zone"] == "America/New_York"
    assert timezone.get_current_timezone_name() == before


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_choosing_a_language_never_leads_away(target: str) -> None:
    request = RequestFactory().post("/language/", {"language": "en", "next": target})

    response = language.choose(request)

    assert response["Location"] == "/"
    assert response.cookies["language"].value == "en"


def test_a_language_nobody_offers_is_not_kept() -> None:
    response = language.choose(RequestFactory().post("/language/", {"language": "xx"}))

    assert "language" not in response.cookies


def test_sentences_are_found_in_code_templates_and_component_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "code.py").write_text('x = gettext("From code")\n')
    (tmp_path / "templates" / "page.html").write_text(
        '<c-card title="{% translate "In an argument" %}">\n'
        '  {% badge _("In a tag") "good" %}\n'
        " {% blocktranslate with n=1 %}Block of {{ n }}{% endblocktranslate %}\n</c-card>\n"
    )
    monkeypatch.setattr(i18n, "PACKAGE", tmp_path)

    found = {message.id for message in i18n.collected() if message.id}

    assert found == {"From code", "In an argument", "In a tag", "Block of %(n)s"}


@pytest.mark.parametrize(
    ("string", "flags", "fault"),
    [
        ("", (), "not translated"),
        ("您好", (), "other placeholders"),
        ("您好 %(name)s", ("fuzzy",), "fuzzy"),
    ],
)
def test_the_check_names_each_kind_of_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, string: str, flags: Any, fault: str
) -> None:
    monkeypatch.setattr(i18n, "LOCALE", tmp_path)
    template = Catalog()
    template.add("Hello %(name)s")
    kept = i18n.read("zh_Hans")
    kept.add("Hello %(name)s", string, flags=flags)
    i18n.write("zh_Hans", kept)

    faults = i18n.faults_of("zh_Hans", template)

    assert len(faults) == 1
    assert fault in faults[0]


def test_a_sentence_that_was_never_extracted_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "LOCALE", tmp_path)
    template = Catalog()
    template.add("New")

    assert i18n.faults_of("en", template) == ["en: not extracted yet: 'New'"]
