"""A real retailer's year in a chain of its own: signed up, brought in and counted as any other."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final

from regulars.audit import SYSTEM, Actor
from regulars.imports import contract, pipeline
from regulars.imports.columns.attributes import Subject
from regulars.insights.models import CHAIN
from regulars.insights.periods import Days
from regulars.insights.selectors import figures
from regulars.insights.selectors.figures import Figures
from regulars.insights.services import folding
from regulars.local.demo import chains, journey_files, journey_import, shopkeeping
from regulars.local.demo.journey_files import Files
from regulars.local.demo.journey_import import Plan
from regulars.local.narration import Narrator, Step
from regulars.staff import selectors as people
from regulars.staff.models import Role, Staff
from regulars.stores import services as stores
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.signup import Wish

COMPANY: Final = "The Complete Journey"
OWNER: Final = "Robin Case"
SOURCE: Final = "completejourney"
YEAR: Final = Days(date(2017, 1, 1), date(2017, 12, 31))
_FIRST_STORE: Final = "367"  # the busiest of them takes the place of the head shop
_SAYS: Final[Mapping[str, str]] = {
    "looking": "looking at the file",
    "reading": "reading",
    "matching": "finding out what is known",
    "writing": "bringing in",
    "rejected": "listing what was refused",
    "undoing": "taking back",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What stands when all is done: whom to sign in as, and what head office sees of the year."""

    subdomain: str
    email: str
    year: Figures


def write(*, subdomain: str, password: str, now: datetime, narrator: Narrator) -> Written:
    """Sign the chain up and bring the year in. May be called again: what stands, stays.

    Raises NotInstalledError without the package, AddressTaken, SubdomainRefused, PartFailedError.
    """
    journey_files.data()  # before anything is signed up
    email = shopkeeping.address(subdomain, "owner")
    wish = Wish(
        company=COMPANY,
        subdomain=subdomain,
        vertical="homestyle",
        owner_name=OWNER,
        owner_email=email,
        password=password,
        language="en",
        currency="USD",
        time_zone="America/New_York",
    )
    with _step(narrator, "Signing up"):
        chain = chains.signed_up(wish=wish, now=now)
    with context.inside(chain):
        _name_first_store()
        _bring_everything_in(narrator, now=now)
        with _step(narrator, "Counting for head office"):
            folding.fold(now=now, wait=True)
        year = figures.read(group_ids=[CHAIN], periods=[YEAR]).of(YEAR, CHAIN)
    return Written(subdomain=chain.subdomain, email=email, year=year)


def plans(files: Files) -> list[Plan]:
    """Say how each file is brought in: what the headings cannot tell is said here."""
    values = {"source": SOURCE, "zone": "UTC", "rounds_money": True}
    return [
        Plan(
            kind=Subject.CUSTOMERS,
            path=files.households,
            name="Households",
            values=values,
            options=contract.Options(),
        ),
        Plan(
            kind=Subject.PURCHASES,
            path=files.transactions,
            name="Transactions",
            columns={"product_type": "product_name", "department": "category"},
            values=values,
            options=contract.Options(create_stores=True),
        ),
    ]


def _bring_everything_in(narrator: Narrator, *, now: datetime) -> None:
    actor = _owner()
    with tempfile.TemporaryDirectory(prefix="regulars-journey-") as folder:
        with _step(narrator, "Writing the retailer's files") as step:
            files = journey_files.write(Path(folder), tell=partial(step.advance, words=""))
        for plan in plans(files):
            with _step(narrator, plan.name) as step:
                journey_import.bring_in(plan, actor=actor, now=now, watch=_watch(step))


def _watch(step: Step) -> pipeline.Watch:
    """Show the progress of an import on a bar; each phase fills it anew."""

    def watch(phase: str, done: int, total: int | None) -> None:
        words = _SAYS.get(phase, phase)
        if total:
            step.advance(done=done, total=total, words=words)
        else:
            step.murmur(words)

    return watch


def _owner() -> Actor:
    return people.actor_of(Staff.objects.get(role=Role.OWNER))


def _name_first_store() -> None:
    """Make the shop that every new chain begins with one of the retailer's own."""
    first = Store.objects.filter(code=shopkeeping.FIRST).first()
    if first is not None:
        changes = {"code": _FIRST_STORE, "name": _FIRST_STORE}
        stores.edit(actor=SYSTEM, store_id=first.pk, changes=changes)


@contextmanager
def _step(narrator: Narrator, title: str) -> Iterator[Step]:
    with narrator.steps() as steps:
        step = steps.begin(title)
        yield step
        steps.finish(step)
