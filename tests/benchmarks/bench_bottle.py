"""The same jobs in BottleCRM, another CRM on Django and PostgreSQL, at equal data and more (B11).

Both are asked by Django's test client in a process of their own, signed in, on one server: theirs
by REST as its web application asks, ours by REST, and by the page where a page does the job.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.customers.models import Customer
from regulars.purchases.models import Purchase
from tests.benchmarks import bottle_environment as bottle
from tests.benchmarks import measuring
from tests.benchmarks.bottle_ours import Ours, month_until
from tests.benchmarks.measuring import Reach, Report

TITLE: Final = "The same jobs in another CRM"
_LIMIT: Final = 50
_FOUND: Final = 30  # rows of our list
_TEXTS: Final = ("小明", "子轩", "建国", "怡诗", "梦江")


@dataclass(frozen=True)
class Size:
    """How many people both know, how many we know beside; whether BottleCRM is asked at all."""

    people: int
    more: int
    deep: float  # how far down the deep page is, as a share
    pairs: int
    asks_bottle: bool


FULL: Final = Size(people=100_000, more=1_000_000, deep=0.9, pairs=9, asks_bottle=True)
SMALL: Final = Size(people=600, more=0, deep=0.5, pairs=1, asks_bottle=False)


@dataclass(frozen=True)
class Job:
    """One job: how we do it, what it is called there, and the limits at equal data and at more."""

    name: str
    ours: Callable[[], Any]
    theirs: str
    parts: dict[str, Any]
    equal: Reach | None
    more: Reach | None = None


def measure(report: Report, size: Size) -> None:
    """Fill both, check the answers, then measure."""
    with measuring.inside() as chain:
        ours = Ours(chain, size.people)
        _check_ours(report, ours, size)
        here = jobs(ours, size.people, size)
        for job in here:
            with CaptureQueriesContext(connection) as asked:
                job.ours()
            report.figure(f"statements of ours: {job.name}", len(asked))
        if not size.asks_bottle:
            for job in here:
                report.figure(f"{job.name}, ours alone", measuring.took(job.ours), unit=" s")
            return
        with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
            try:
                peer = stack.enter_context(bottle.running())
            except bottle.NotToBeHadError as error:
                measuring.say(f"not compared: {error}")
                return
            _fill_theirs(peer, Path(folder) / "people.tsv")
            _check_theirs(report, peer, ours, size)
            for job in here:
                ratios = compare(job, peer, size.pairs)
                report.ratio(f"{job.name}: BottleCRM ÷ ours", ratios, job.equal)
            if not size.more:
                return
            with measuring.inside("bloom") as other:
                beside = Ours(other, size.more)
                for job in jobs(beside, size.more, size):
                    ratios = compare(job, peer, size.pairs)
                    times = size.more // size.people
                    what = f"{job.name}: BottleCRM ÷ ours with {times} × the people"
                    report.ratio(what, ratios, job.more)


def jobs(ours: Ours, people: int, size: Size) -> list[Job]:
    """Return the five jobs, and two more that users of either see most."""
    cursor = ours.cursor_before(int(people * size.deep))
    ten = Reach(at_least=10)
    deep = {"limit": _LIMIT, "offset": int(size.people * size.deep)}
    text = _TEXTS[0]
    return [
        Job("list, first 50", partial(ours.list, limit=_LIMIT), "list", {"limit": _LIMIT},
            Reach(at_least=20), ten),
        Job("list, our finished page", ours.page, "list", {"limit": _FOUND}, None),
        Job("list, 50 far down", partial(ours.list, limit=_LIMIT, cursor=cursor), "deep", deep,
            Reach(at_least=40), ten),
        Job("search, two characters", partial(ours.search, text=text), "search",
            {"text": text, "limit": _FOUND}, Reach(at_least=20), ten),
        Job("search in the head of every page", partial(ours.palette, text=text), "palette",
            {"text": text}, None),
        Job("create", ours.create, "create", {}, Reach(at_least=3)),
        Job("dashboard", ours.dashboard, "dashboard", {}, Reach(at_least=5)),
    ]  # fmt: skip


def compare(job: Job, peer: bottle.Peer, pairs: int) -> list[float]:
    """Time both in turn, each in its own process; return theirs ÷ ours of each pair."""
    job.ours()
    peer.ask(job.theirs, **job.parts)
    ratios = []
    for index in range(pairs):
        told = {} if index % 2 else peer.ask(job.theirs, times=2, **job.parts)
        here = min(measuring.took(job.ours) for _ in range(5))
        told = told or peer.ask(job.theirs, times=2, **job.parts)
        ratios.append(min(told["seconds"]) / here)
    return ratios


def _fill_theirs(peer: bottle.Peer, file: Path) -> None:
    """Give BottleCRM the same people, in the order we got to know them, and their sales."""
    with file.open("wb") as rows, connection.cursor() as cursor:
        copied = "COPY (SELECT left(name, 1), substr(name, 2), phone FROM customers_customer " \
                 "WHERE email = '' ORDER BY id) TO STDOUT"  # fmt: skip
        with cursor.copy(copied) as copy:
            for block in copy:
                rows.write(block)
    peer.ask("fill", file=str(file))


def _check_ours(report: Report, ours: Ours, size: Size) -> None:
    people = Customer.objects.order_by("id")
    first = ours.list(limit=_LIMIT)["data"]
    assert [each["id"] for each in first] == [str(pk) for pk in _ids(people[:_LIMIT])]
    row = int(size.people * size.deep)
    deep = ours.list(limit=_LIMIT, cursor=ours.cursor_before(row))["data"]
    assert [each["id"] for each in deep] == [str(pk) for pk in _ids(people[row : row + _LIMIT])]
    report.check(f"our first page and the one after row {row:,} are those of the table")
    for text in _TEXTS:
        known = set(people.filter(name__contains=text).values_list("name", flat=True))
        shown = ours.search(text=text)
        assert bool(known) == any(name in shown for name in known)
    report.check("our search shows people with the characters, where there are any")
    made = ours.create()
    assert Customer.objects.filter(pk=made["id"], name="王小明").exists()
    days, _before = month_until(ours.today)
    sold = Purchase.objects.filter(business_day__range=(days.first, days.last)).count()
    assert f"{sold:,}" in ours.dashboard()
    report.check("a customer we create is there, and our dashboard counts the month's sales")


def _check_theirs(report: Report, peer: bottle.Peer, ours: Ours, size: Size) -> None:
    listed = peer.ask("list", limit=_LIMIT)["answer"]
    assert listed["count"] == size.people
    assert len(listed["results"]) == _LIMIT
    row = int(size.people * size.deep)
    deep = peer.ask("deep", limit=_LIMIT, offset=row)["answer"]["results"]
    phones = Customer.objects.filter(email="").order_by("-id").values_list("phone", flat=True)
    assert [each["phone_e164"] for each in deep] == list(phones[row : row + _LIMIT])
    for text in _TEXTS:
        known = Customer.objects.filter(email="", name__regex=f"^.(.*{text})").count()
        assert peer.ask("search", text=text, limit=_FOUND)["answer"]["count"] == known
    report.check(f"BottleCRM lists, pages and finds the same {size.people:,} people")
    home = peer.ask("dashboard")["answer"]
    assert home["contacts_count"] == home["opportunities_count"] == size.people
    made = peer.ask("create")["answer"]
    assert made["error"] is False
    report.check("BottleCRM counts as many people and sales, and creates one")


def _ids(people: Any) -> Any:
    return people.values_list("id", flat=True)
