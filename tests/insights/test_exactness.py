"""Figures against a slow count of the same facts: late, returned, voided, moved, anonymous."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.insights.models import CHAIN, Day, Member, Period, State
from regulars.insights.periods import Days
from regulars.insights.selectors import figures
from regulars.insights.services import folding, keeping
from regulars.tenancy import context, directory
from regulars.tenancy.identifiers import new_id
from tests.factories import insights as facts
from tests.factories import people
from tests.factories.insights import Fact

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
START = date(2026, 6, 1)
CUSTOMERS = [new_id() for _ in range(6)]
STORES = 4
# What can happen, as a word and three numbers that choose of whom, where and when.
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["sale"] * 8 + ["anonymous", "return", "void", "void", "fold", "fold", "keep", "merge"]
        ),
        st.integers(0, 999),
        st.integers(0, STORES - 1),
        st.integers(0, 25),
    ),
    min_size=3,
    max_size=40,
)


@dataclass
class World:
    """A chain with two regions and four stores, and everything that was written."""

    groups: dict[UUID, set[UUID]]
    stores: list[UUID]
    written: list[Fact] = field(default_factory=list)

    def write(self, *new: Fact) -> None:
        facts.write(new)
        self.written += new

    def do(self, word: str, which: int, store: int, day: int) -> None:
        """Let one thing happen."""
        on = START + timedelta(days=day)
        if word in ("sale", "anonymous"):
            customer = CUSTOMERS[which % len(CUSTOMERS)] if word == "sale" else None
            self.write(
                facts.sale(store=self.stores[store], customer=customer, day=on, paid=which * 7)
            )
        elif word in ("return", "void"):
            gone = {each.original for each in self.written if each.kind == "void"}
            left = [each for each in self.written if each.kind != "void" and each.id not in gone]
            sales = [each for each in left if each.kind == "sale"]
            if word == "return" and sales:
                self.write(facts.returned(sales[which % len(sales)], day=on))
            if word == "void" and left:
                self.write(facts.voided(left[which % len(left)]))
        elif word == "fold":
            folding.fold(now=NOW)
        elif word == "keep":
            keeping.keep(periods=[Days(on, on + timedelta(days=which % 20))], today=NOW.date())
        else:
            absorbed, kept = CUSTOMERS[which % 3], CUSTOMERS[3 + store % 3]
            with folding.recounted([absorbed, kept]):
                facts.move(absorbed=absorbed, kept=kept)
            self.written = [
                replace(each, customer=kept) if each.customer == absorbed else each
                for each in self.written
            ]

    def check(self, periods: Collection[Days]) -> None:
        """Hold the figures of every group against a slow count."""
        answer = figures.read(group_ids=self.groups, periods=list(periods))
        for days in periods:
            for group, stores in self.groups.items():
                wanted = facts.counted(self.written, stores=stores, days=days)
                assert answer.of(days, group) == wanted, (days, group)


def make_world() -> World:
    """Return the chain's groups; nothing is bought yet."""
    regions = [people.region(code=code, name=code) for code in ("east", "west")]
    stores = [people.store(code=f"s{n}", region=regions[n % 2]).id for n in range(STORES)]
    first = people.first_store().id
    groups = {each: {each} for each in stores}
    groups |= {regions[n].id: set(stores[n::2]) for n in range(2)}
    groups[CHAIN] = {first, *stores}
    return World(groups=groups, stores=stores)


def empty() -> None:
    """Forget all facts as the owner of the tables: nobody else may."""
    for model in (Day, Period, Member, State):
        model.objects.all().delete()
    facts.forget_all()


def test_figures_are_those_of_a_slow_count_whatever_happens(own_database: str) -> None:
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        world = make_world()

        @settings(
            max_examples=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @given(events=EVENTS, first=st.integers(0, 25), length=st.integers(0, 40))
        def run(events: list[tuple[str, int, int, int]], first: int, length: int) -> None:
            empty()
            world.written = []
            begin = START + timedelta(days=first)
            periods = {Days(begin, begin + timedelta(days=length)), Days(START, START)}
            for event in events:
                world.do(*event)
            world.check(periods | {each.until for each in periods})
            world.check(keeping.kept())
            folding.fold(now=NOW)
            world.check(periods | set(keeping.kept()))

        run()
