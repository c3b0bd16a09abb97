"""Eight chains served by eight threads of one process: none sees a trace of another.

``REGULARS_INTERLEAVED=1000000`` makes it a million requests (some hours).
"""

import logging
import os
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from django.utils import timezone, translation

from regulars.imports.services import receiving
from regulars.outbox import handlers, tasks
from regulars.outbox import services as outbox
from regulars.tenancy import context, lifecycle
from regulars.usecases import complain_alone
from tests import counts
from tests.counts import Note
from tests.isolation import chains, probes
from tests.isolation.chains import Answer, Place

THREADS: Final = 8
REQUESTS = int(os.environ.get("REGULARS_INTERLEAVED") or counts.of(1_000, proof=10_000))
CONTROL_REQUESTS: Final = 240
CANARY: Final = re.compile(r"canary\d+x")
_serving = threading.local()


@dataclass
class Findings:
    """What the threads saw that they should not have."""

    requests: int
    leaks: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    def look(self, place: Place, what: str, text: str) -> None:
        """Note every canary in a text that is not this chain's own."""
        strangers = set(CANARY.findall(text)) - {place.canary}
        self.leaks += [f"{what} of {place.canary} shows {each}" for each in sorted(strangers)]

    def expect(self, place: Place, what: str, found: object, wanted: object) -> None:
        """Note a value that is not the chain's."""
        if found != wanted:
            self.leaks.append(f"{what} of {place.canary} is {found!r}, not {wanted!r}")


class Listener(logging.Handler):
    """Reads the log lines of each thread while it serves a chain."""

    def __init__(self, findings: Findings) -> None:
        super().__init__(logging.INFO)
        self.findings = findings
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        place = getattr(_serving, "place", None)
        if place is not None:
            self.findings.look(place, "log", self.format(record))


@pytest.fixture
def places(
    own_database: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Place]]:
    """Eight chains behind one application that hands fewer connections round than threads."""
    settings.CHAIN_URLCONF = "tests.isolation.probes"
    settings.ACCOUNT_RATE_LIMITS = False
    for name in ("BY_STORE", "BY_ADDRESS", "BY_CHAIN"):
        monkeypatch.setattr(complain_alone, name, complain_alone.Limit(10**9, 3_600))
    monkeypatch.setattr(receiving, "_PER_HOUR", 10**9)
    made = chains.make(THREADS)
    with chains.pooled(THREADS - 3):
        yield made


def sale(place: Place, number: int) -> dict[str, Any]:
    return {
        "store": "001",
        "number": f"{place.canary}-{number}",
        "occurred_at": "2026-11-21T10:00:00+08:00",
        "customer": {"id": place.customer},
        "lines": [{"product_name": place.canary, "gross_minor": 1_000}],
    }


PAGES: Final = (
    "/probe/here/", "/probe/boom/", "/probe/rollback/", "/probe/drop/", "/probe/stream/",
    "/probe/cached/", "/probe/commit/", "/stores/", "/customers/", "/counter/", "/insights/",
    "/insights/files/stores.csv", "/insights/files/stores.xlsx", "/customers/export/customers.csv",
    "/customers/export/customers.xlsx", "/imports/{brought}/", "/imports/{brought}/rejected/",
    "/api/v1/imports/{brought}/rejected", "/api/v1/customers", "/api/v1/stores", "/no/such/page/",
    "/today/", "/messages/", "/complaints/", "/complaints/{case}/", "/complaints/complaints.xlsx",
    "/insights/complaints/", "/insights/care/", "/api/v1/complaints", "/complain/{shop}/",
    "/c/{link}/",
)  # fmt: skip
DEEDS: Final = ("sale", "job", "invitation", "reset", "upload", "complaint")


def serve(application: WSGIHandler, findings: Findings, places: list[Place], seed: int) -> None:
    """Do one thread's share of the requests and jobs."""
    chance = random.Random(seed)
    for number in range(findings.requests // THREADS):
        place = _serving.place = chance.choice(places)
        before = (translation.get_language(), timezone.get_current_timezone_name())
        what = chance.choice((*PAGES, *DEEDS))
        try:
            _do(application, findings, place, what, seed * 1_000_000 + number)
        except Exception as error:  # noqa: BLE001  (a leak may show as anything)
            findings.leaks.append(f"{what} of {place.canary} raised {error!r}")
        after = (translation.get_language(), timezone.get_current_timezone_name())
        findings.expect(place, "language and zone after", after, before)
        findings.expect(place, "chain after", context.current_or_none(), None)
        findings.expect(place, "cursor after", _opens_a_cursor(), False)
        findings.done[what] += 1
    _serving.place = None
    connections["default"].close()


def _opens_a_cursor() -> bool:
    try:
        with connection.cursor():
            return True
    except ImproperlyConfigured:
        return False


def _do(app: WSGIHandler, findings: Findings, place: Place, what: str, number: int) -> None:
    if what == "job":
        tasks.work_off(chain_id=str(place.chain.id))
        return
    if what == "sale":
        body = sale(place, number)
        answer = chains.call(app, place, "/api/v1/purchases", body=body, key=body["number"])
    elif what == "invitation":
        form = {"email": f"n{number}@{place.host}", "role": "analyst", "name": place.canary}
        answer = chains.call(app, place, "/team/invite/", form=form)
    elif what == "reset":
        form = {"email": f"alice@{place.chain.subdomain}.example"}
        answer = chains.call(app, place, "/account/password/reset/", form=form)
    elif what == "upload":
        answer = chains.call(app, place, "/imports/new/", form=chains.upload(place, number))
    elif what == "complaint":
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        answer = chains.call(app, place, COMPLAIN, form=chains.complain(place), REMOTE_ADDR=address)
    else:
        answer = chains.call(app, place, what)
    findings.statuses[answer.status] += 1
    findings.look(place, what, answer.text())
    _check(findings, place, what, answer)


STATUSES: Final = {
    "/probe/boom/": 500,
    "/probe/drop/": 500,
    "/no/such/page/": 404,
    "sale": 201,
    "invitation": 302,
    "reset": 302,
    "upload": 302,
    "complaint": 302,
}
COMPLAIN: Final = "/complain/{shop}/?about=other"
LEFT: Final = ("mail", "file", "entry of the cache")  # what is looked at in the end


def _check(findings: Findings, place: Place, what: str, answer: Answer) -> None:
    findings.expect(place, f"status of {what}", answer.status, STATUSES.get(what, 200))
    if answer.status == 200:
        findings.expect(place, f"canary in {what}", place.canary in answer.text(), True)
    if not what.startswith("/api/") and what != "sale":
        language_told = answer.header("Content-Language")
        findings.expect(place, f"language of {what}", language_told, place.chain.language)
    if what == "/probe/rollback/":
        findings.expect(place, "rows after a rollback", answer.body[-1:], b"0")
    if what == "/probe/here/":
        for name in (place.chain.schema_name, place.chain.time_zone):
            findings.expect(place, "schema and zone", name in answer.text(), True)


@contextmanager
def listening(findings: Findings) -> Iterator[None]:
    """Read log lines, bells and the work of jobs along with the answers."""
    listener, logger = Listener(findings), logging.getLogger()
    loud = logging.getLogger(probes.__name__)
    logger.addHandler(listener)
    loud.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(listener)
        loud.setLevel(logging.NOTSET)


def interleave(places: list[Place], monkeypatch: pytest.MonkeyPatch, *, requests: int) -> Findings:
    """Serve so many requests and jobs; return what was found."""
    findings = Findings(requests)

    def ring(chain_id: str) -> None:
        place: Place = _serving.place
        findings.expect(place, "bell", chain_id, str(place.chain.id))

    def work(*, canary: str, now: datetime) -> None:
        place: Place = _serving.place
        findings.expect(place, "job", (canary, probes.canary()), (place.canary, place.canary))

    monkeypatch.setattr(outbox, "ring", ring)
    known = dict(handlers._handlers) if counts.IS_LONG else {}
    known["tests.canary"] = handlers.Handler("tests.canary", work)
    monkeypatch.setattr(handlers, "_handlers", known)
    logging.getLogger("django.request").setLevel(logging.ERROR)
    application = WSGIHandler()
    with listening(findings), ThreadPoolExecutor(THREADS) as pool:
        started = [
            pool.submit(serve, application, findings, places, seed) for seed in range(THREADS)
        ]
        for each in started:
            each.result()
    _read_cache(findings, places)
    _read_files(findings, places)
    _read_mail(findings, places)
    return findings


def _read_cache(findings: Findings, places: list[Place]) -> None:
    """Look at every entry: its key names the schema of one chain, and its value is of that one."""
    entries: dict[str, bytes] = cache._cache  # type: ignore[attr-defined]
    for place in places:
        with context.inside(place.chain):
            findings.look(place, "cache", str(cache.get("shared")))
        for key, value in list(entries.items()):
            if place.chain.schema_name in key:
                findings.look(place, "cache", f"{key} {value.decode(errors='replace')}")
                findings.done["entry of the cache"] += 1


def _read_files(findings: Findings, places: list[Place]) -> None:
    """Look at every file in a chain's folder; there is none beside these folders."""
    folders = {lifecycle.files_of(place.chain.id): place for place in places}
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if not path.is_file():
            continue
        place = next((folders[each] for each in path.parents if each in folders), None)
        if place is None:
            findings.leaks.append("a file of nobody's")
        else:
            findings.look(place, "file", path.read_bytes().decode(errors="replace"))
            findings.done["file"] += 1


def _read_mail(findings: Findings, places: list[Place]) -> None:
    """Look at every mail that went out: to a chain's people, of that chain, with its address."""
    by_host = {place.chain.subdomain: place for place in places}
    for message in mail.outbox:
        (receiver,) = message.to
        place = by_host[receiver.partition("@")[2].partition(".")[0]]
        text = message.message().as_bytes().decode()
        text = f"{message.subject} {message.body} {text}"
        findings.look(place, "mail", text)
        hosts = set(re.findall(r"https?://([\w.-]+)", str(message.body)))
        findings.expect(place, "addresses in mail", hosts, {place.host})
        findings.done["mail"] += 1


@pytest.mark.proof(
    "8 threads, 8 chains and 5 pooled connections in one process: pages, streams, downloads,"
    " exports, sales, uploads, complaints with pictures, invitations, resets, jobs, bells, the"
    " cache; exceptions, savepoints rolled back, connections lost. Bodies, headers, workbooks,"
    " mails, log lines, every entry of the cache and every file are searched for other chains'"
    " canaries; schema, language and time zone are compared during and after"
)
def test_no_trace_of_another_chain_is_seen(
    places: list[Place], monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    findings = interleave(places, monkeypatch, requests=REQUESTS)

    assert Counter(CANARY.sub("…", each) for each in findings.leaks) == Counter()
    assert set(findings.done) == {*PAGES, *DEEDS, *LEFT}
    assert findings.done["mail"] == findings.done["invitation"] + findings.done["reset"]
    assert findings.done["file"] >= findings.done["upload"] + findings.done["complaint"]
    record_property("requests and jobs", sum(findings.done[each] for each in (*PAGES, *DEEDS)))
    record_property("mails", findings.done["mail"])
    record_property("files", findings.done["file"])
    record_property("entries of the cache", findings.done["entry of the cache"])
    record_property("exceptions", findings.done["/probe/boom/"])
    record_property("lost connections", findings.done["/probe/drop/"])


def _keep_the_first_chain(monkeypatch: pytest.MonkeyPatch, _settings: Any) -> None:
    activate = context.activate

    def once(chain: Any, **given: Any) -> None:
        if context.current_or_none() is None:
            activate(chain, **given)

    monkeypatch.setattr(context, "activate", once)
    monkeypatch.setattr(context, "reset", lambda **_given: None)


def _share_the_cache(_monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    backend = settings.CACHES["default"]["BACKEND"]
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "shared by all"}}


def _keep_the_language(monkeypatch: pytest.MonkeyPatch, _settings: Any) -> None:
    @contextmanager
    def activated(code: str, **_given: Any) -> Iterator[None]:
        translation.activate(code)
        yield

    monkeypatch.setattr(translation, "override", activated)


@pytest.mark.proof("the same, with one guard switched off each time")
@pytest.mark.parametrize(
    "switch_off", [_keep_the_first_chain, _share_the_cache, _keep_the_language]
)
def test_positive_control_without_a_guard_traces_are_found(
    places: list[Place],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    record_property: Note,
    switch_off: Callable[[pytest.MonkeyPatch, Any], None],
) -> None:
    switch_off(monkeypatch, settings)

    findings = interleave(places, monkeypatch, requests=CONTROL_REQUESTS)

    assert findings.leaks
    record_property("requests and jobs", sum(findings.done[each] for each in (*PAGES, *DEEDS)))
    what = switch_off.__name__.strip("_").replace("_", " ")
    record_property("found", f"{what}: {len(findings.leaks)} traces")
