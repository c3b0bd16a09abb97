"""What somebody might send to a public form to break it, to break in, or to be read as a script."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import complaining

SCRIPTS: Final = (
    "<script>alert(1)</script>", "</textarea><script>alert(1)</script>", "<img src=x onerror=a(1)>",
    '"><svg onload=alert(1)>', "' onfocus=alert(1) autofocus='", '" onmouseover="alert(1)',
    "<iframe src=javascript:alert(1)>", "javascript:alert(1)", "<a href='javascript:a()'>x</a>",
    "<!--<script>", "]]><script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<meta http-equiv=refresh content=0>", "<style>*{display:none}</style>", "<base href=//evil>",
    "<form action=//evil.example><input name=x>", "\uff1cscript\uff1ealert(1)", "<scr\0ipt>",
)  # fmt: skip
_OTHERS: Final = (
    "{{7*7}}", "{% debug %}", "%s%s%n", "%(x)s", "${jndi:ldap://x}", "'; DROP TABLE x;--", "\0",
    "a\0b", "\u202eabc", "\ufeff", "e\u0301" * 50, "👨‍👩‍👧" * 30, "\U0001f9ff", "字" * 4_001,
    "x" * 100_000, "\r\nSet-Cookie: a=b", "../../etc/passwd", "%00", "-1", "1e309", "nan", "",
    " ", "0" * 400, "9" * 400, "True", "[]", "{}", "null", "\\", "\\u0000", "\x7f\x1b[31m",
)  # fmt: skip
_FILES: Final = (
    ("<script>.jpg", b"<script>alert(1)</script>", "image/jpeg"),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
    ("../../x.jpg", b"GIF89a", "image/gif"),
    ("\r\nx: y.jpg", b"%PDF-1.7", "application/pdf"),
    ("x" * 300 + ".jpg", b"", "text/html"),
    ("a.jpg", b"\x89PNG\r\n\x1a", "image/png"),
)
_BODIES: Final = (
    (b"\xff\xfe\x00text=\xc3\x28", "application/x-www-form-urlencoded; charset=utf-8"),
    (b"text=%ff%fe%00", "application/x-www-form-urlencoded"),
    (b"text=a&" * 3_000, "application/x-www-form-urlencoded"),
    (b"a" * 100_000, "multipart/form-data"),
    (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n", "multipart/form-data; boundary=x"),
    (b"--x", "multipart/form-data; boundary=" + "y" * 300),
    (b"{}", "application/json"),
    (b"<x/>", "text/xml"),
    (b"", "multipart/form-data; boundary="),
    (b"text=a", "application/x-www-form-urlencoded; charset=no-such"),
)  # fmt: skip
_NAMES: Final = (
    "text", "name", "phone", "email", "homepage", "line", "ask-where", "ask-since", "ask-doctor",
    "ask-doubt", "satisfied", "once", "pictures", "__proto__", "ask-", "csrfmiddlewaretoken",
)  # fmt: skip
_ABOUT: Final = ("other", "skin-reaction", "certificate-doubt", "price-dispute")


@dataclass
class Seen(HTMLParser):
    """What a browser would run of a page, or let lead elsewhere; `found` should stay empty."""

    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is not ours."""
        given = {name: value or "" for name, value in attrs}
        ours = given.get("type") == "application/json" or given.get("src", "").startswith("/static")
        if tag == "script" and not ours:
            self.found.append(str(attrs))
        if tag in {"iframe", "base", "object", "embed"} or (
            tag == "style" and "nonce" not in given
        ):
            self.found.append(tag)
        for name, value in given.items():
            leads = name in {"href", "src", "action", "formaction"}
            if name.startswith("on") or (leads and value.strip().lower().startswith("javascript")):
                self.found.append(f"{tag} {name}={value}")
        if tag == "meta" and "refresh" in given.get("http-equiv", "").lower():
            self.found.append("refresh")


def running(page: str) -> list[str]:
    """Return what of a page would run."""
    seen = Seen()
    seen.feed(page)
    return seen.found


@dataclass(frozen=True)
class Sent:
    """One submission: where to, and how."""

    path: str
    how: dict[str, Any]


def submissions(*, seed: int, count: int, links: list[str], places: list[str]) -> Iterator[Sent]:
    """Make so many; half of them have what a form needs, so that their words arrive."""
    chance = random.Random(seed)
    for _ in range(count):
        path = chance.choice(links) if chance.random() < 0.3 else _form(chance, places)
        if chance.random() < 0.1:
            body, kind = chance.choice(_BODIES)
            yield Sent(path, {"data": body, "content_type": kind})
        else:
            yield Sent(path, {"data": _fields(chance)})


def _form(chance: random.Random, places: list[str]) -> str:
    about = chance.choice(_ABOUT) if chance.random() < 0.9 else chance.choice(SCRIPTS)
    place = chance.choice(places) if chance.random() < 0.95 else f"s{chance.randbytes(9).hex()}"
    return complaining.address(place, about)


def _fields(chance: random.Random) -> dict[str, Any]:
    is_whole = chance.random() < 0.6
    fields: dict[str, Any] = {"once": complaining.stamp(seconds=chance.choice((1, 9, 9, 9)))}
    if is_whole:
        fields |= {
            "text": chance.choice(SCRIPTS), "ask-where": chance.choice(SCRIPTS),
            "name": chance.choice(SCRIPTS)[:80], "ask-certificate": chance.choice(SCRIPTS),
            "ask-promised": chance.choice(SCRIPTS),
        }  # fmt: skip
    else:
        for name in chance.sample(_NAMES, chance.randint(0, len(_NAMES))):
            fields[name] = chance.choice(SCRIPTS + _OTHERS)
        fields.pop("pictures", None)
    if chance.random() < 0.15:
        name, content, kind = chance.choice(_FILES)
        fields["pictures"] = SimpleUploadedFile(name, content, content_type=kind)
    if chance.random() < 0.02:
        fields["pictures"] = complaining.picture("<script>.jpg")
    return fields
