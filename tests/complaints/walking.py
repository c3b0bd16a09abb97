"""A machine that drives one complaint by every verb, by everybody who might try it."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from regulars.audit import Actor, ActorKind, Scope
from regulars.complaints import access, checklist, services, templates, timing, way
from regulars.complaints.models import Case, Entry, Remedy
from regulars.complaints.services import ending, remedies, tending, writing
from regulars.errors import RegularsError
from regulars.staff.models import Role
from tests.factories import complaints, people
from tests.factories.customers import NOW

STEPS = 60
CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))
WHO = st.integers(0, 7)
# (verb, what it is given); texts are sometimes missing.
MOVES: tuple[tuple[Any, dict[str, Any]], ...] = (
    (services.apologise, {}),
    (services.investigate, {"promised_at": NOW + timedelta(days=1)}),
    (services.find, {"cause": "setting", "since": "today"}),
    (services.propose, {"cause_told": True}),
    (services.refuse, {}),
    (services.agree, {"how": "phone"}),
    (services.do, {}),
    (services.ask, {}),
    (services.note, {}),
    (services.write_to_customer, {}),
    (services.wait, {}),
    (services.reopen_for, {}),
)
ENDS = sorted(way.OTHER_ENDS)
OPEN_ITEMS = checklist.open_items  # as it was, whatever a control makes of it
# What is tried otherwise (raising), or is no move of anybody's but a customer's right.
NO_MOVES = {"Draft", "open_case", "disclose", "erase", "give_back", "reassign"}
VERBS = (
    {name for name in services.__all__ if name not in NO_MOVES}
    | {f"remedies.{verb}" for verb in ("ask", "approve", "refuse", "carry_out")}
    | {"the customer writes", "the customer opens it again", "the customer answers"}
)


class ComplaintMachine(RuleBasedStateMachine):
    """Drives one complaint, by everybody who might try."""

    steps = 0
    over: ClassVar[Counter[str]] = Counter()
    done: ClassVar[Counter[str]] = Counter()

    @initialize(web=st.booleans(), template=st.sampled_from(["", "loose-stone"]))
    def begin(self, web: bool, template: str) -> None:
        self.cast = complaints.cast()
        analyst = people.staff(name="Anna", role=Role.ANALYST)
        self.everybody = (
            *self.cast.everybody, people.actor(analyst), people.actor(people.owner())
        )  # fmt: skip
        self.other = complaints.case(self.cast, key="the other").pk
        self.now = NOW
        self.number = 0
        by = CUSTOMER if web else self.cast.guide
        self.pk = complaints.case(
            self.cast, by=by, raised="web" if web else "counter", template=template,
            is_short=True, customer_id=None if web else self.cast.customer.pk,
        ).pk  # fmt: skip
        self.seen: list[tuple[Any, ...]] = []
        self.owner = self.case.owner_id

    @property
    def case(self) -> Case:
        return Case.objects.get(pk=self.pk)

    def tried(self, verb: Any, **facts: Any) -> bool:
        """Call a verb as a request would; a refusal changes nothing."""
        type(self).steps += 1
        self.number += 1
        before = self.picture()
        try:
            with transaction.atomic():
                verb(**facts, now=self.now)
        except RegularsError:
            assert self.picture() == before, "a refusal changed something"
            return False
        self.done[NAMES.get(verb, verb.__name__)] += 1
        return True

    def picture(self) -> Any:
        row = Case.objects.filter(pk=self.pk).values().get()
        return row, list(Entry.objects.filter(case=self.pk).order_by("id").values())

    @rule(who=WHO, move=st.sampled_from(MOVES), words=st.sampled_from(["Words", "Words", ""]))
    def moves(self, who: int, move: tuple[Any, dict[str, Any]], words: str) -> None:
        verb, facts = move
        case, actor = self.case, self.everybody[who]
        more = dict(facts)
        if verb is services.propose:
            more["remedies"] = list(
                Remedy.objects.filter(case=case, round=case.round).values_list("pk", flat=True)
            )
        done = self.tried(
            verb, actor=actor, case_id=self.pk, text=words, key=str(self.number), **more
        )
        if done and verb in _OF_THE_WAY:
            made = way.Move(_OF_THE_WAY[verb])
            assert way.follows(way.State(case.state), made)
            assert self.case.state == (way.WAY[made].ends or case.state)

    @rule(places=st.lists(st.integers(0, 11), min_size=1, max_size=6))
    def goes_on(self, places: list[int]) -> None:
        """Take some steps of the way, as the manager would, so that walks come to the end."""
        for place in places:
            self.takes_a_step(place)

    def takes_a_step(self, place: int) -> None:
        case = self.case
        next_moves = [str(each) for each in way.next_moves(way.State(case.state))]
        verbs = [verb for verb, kind in _OF_THE_WAY.items() if kind in next_moves]
        if case.state == "asked" and place % 2:
            self.comes_to_the_end(case, satisfied=place % 4 == 1)
        elif verbs:
            verb = verbs[place % len(verbs)]
            if verb is services.propose and place > 2:
                self.asks_for_a_remedy(2, 0)
            elif verb is services.do and place > 2:
                self.decides(4, remedies.approve)
                self.decides(2, remedies.carry_out)
            self.moves(2, (verb, dict(MOVES)[verb]), "Words")

    def comes_to_the_end(self, case: Case, *, satisfied: bool) -> None:
        """Let the customer say how it is; then do what is missing on the list, and close it."""
        if way.still_unsatisfied(case.round, case.state, case.satisfied):
            self.ends(2, "unsatisfied")
        elif not case.satisfied:
            self.answers(2, satisfied)
        else:
            for item in range(len([each for each in templates.items(case) if each.by_hand])):
                self.ticks(2, item)
            self.closes(2)

    @rule(place=st.integers(0, 5))
    def nobody_answers(self, place: int) -> None:
        """Try once more to reach the customer; sometimes three times, and give up."""
        for _time in range(3 if place == 5 else 1):
            self.without_words(2, services.attempt)
        if place == 5:
            self.ends(2, "no-answer")

    @rule(who=WHO, satisfied=st.booleans())
    def answers(self, who: int, satisfied: bool) -> None:
        self.tried(
            services.answered, actor=self.everybody[who], case_id=self.pk,
            satisfied=satisfied, text="", key=str(self.number),
        )  # fmt: skip

    @rule(who=WHO)
    def closes(self, who: int) -> None:
        self.tried(services.close, actor=self.everybody[who], case_id=self.pk, key=str(self.number))

    @rule(who=WHO, how=st.sampled_from(ENDS))
    def ends(self, who: int, how: str) -> None:
        actor = self.everybody[who]
        done = self.tried(
            services.end, actor=actor, case_id=self.pk, how=how, reason="Because",
            key=str(self.number), duplicate_of=self.other if how == "duplicate" else None,
        )  # fmt: skip
        assert not done or access.MANAGE in actor.may

    @rule(who=WHO, to=WHO)
    def hands_on(self, who: int, to: int) -> None:
        actor, target = self.everybody[who], self.everybody[to].id
        assert target is not None
        if self.tried(
            services.hand_on, actor=actor, case_id=self.pk, staff_id=target, reason="Away",
            key=str(self.number),
        ):  # fmt: skip
            assert access.MANAGE in actor.may
            self.owner = target

    @rule(who=WHO)
    def takes(self, who: int) -> None:
        actor = self.everybody[who]
        self.tried(services.take, actor=actor, case_id=self.pk)

    @rule(who=WHO, place=st.integers(0, 5))
    def ticks(self, who: int, place: int) -> None:
        by_hand = [each.key for each in templates.items(self.case) if each.by_hand]
        self.tried(
            services.tick, actor=self.everybody[who], case_id=self.pk,
            item=by_hand[place % len(by_hand)], text="Seen to", key=str(self.number),
        )  # fmt: skip

    @rule(who=WHO, amount=st.sampled_from([0, 5_000, 300_000]))
    def asks_for_a_remedy(self, who: int, amount: int) -> None:
        wish = remedies.Wish(kind="repair", label="Mend", amount_minor=amount)
        self.tried(
            remedies.ask, actor=self.everybody[who], case_id=self.pk, wish=wish,
            key=str(self.number),
        )  # fmt: skip

    @rule(who=WHO, verb=st.sampled_from([remedies.approve, remedies.carry_out]))
    def decides(self, who: int, verb: Any) -> None:
        found = Remedy.objects.filter(case=self.pk).exclude(state="done").order_by("pk").first()
        if found is not None:
            self.tried(verb, actor=self.everybody[who], remedy_id=found.pk)

    @rule(who=WHO, reason=st.sampled_from(["Too much", "Too much", ""]))
    def refuses(self, who: int, reason: str) -> None:
        found = Remedy.objects.filter(case=self.pk).order_by("-pk").first()
        if found is not None:
            self.tried(
                remedies.refuse, actor=self.everybody[who], remedy_id=found.pk, reason=reason
            )

    @rule(who=WHO, verb=st.sampled_from([services.attempt, services.resume, services.attach]))
    def without_words(self, who: int, verb: Any) -> None:
        more: dict[Any, dict[str, Any]] = {
            services.attempt: {"how": "phone"},
            services.attach: {"customer_id": self.cast.customer.pk},
        }
        facts = {"actor": self.everybody[who], "case_id": self.pk, "key": str(self.number)}
        self.tried(verb, **facts, **more.get(verb, {}))

    @rule(verb=st.sampled_from([tending.customer_writes, ending.reopen, ending.answer]))
    def customer_speaks(self, verb: Any) -> None:
        case = Case.objects.select_related("store").get(pk=self.pk)
        more = {"satisfied": self.number % 3 > 0} if verb is ending.answer else {}
        if verb is not ending.reopen or case.state == "closed":
            self.tried(verb, case=case, actor=CUSTOMER, text="Hello?", key=str(self.number), **more)

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        self.now = self.now + timedelta(hours=hours)

    @invariant()
    def nothing_is_closed_with_an_open_list(self) -> None:
        if not hasattr(self, "pk"):
            return
        case = self.case
        left = OPEN_ITEMS(templates.items(case), writing.past(case.pk))
        assert case.open_items == len(left)
        if case.state == "closed" and case.ended == "satisfied":
            assert not left
            assert case.satisfied
        if case.state == "closed":
            self.over[case.ended] += 1
        assert (case.state == "closed") == bool(case.ended) == (case.closed_at is not None)

    @invariant()
    def there_is_one_owner_who_changes_by_a_manager_alone(self) -> None:
        if not hasattr(self, "pk"):
            return
        now = self.case.owner_id
        if self.owner is not None:
            assert now == self.owner
        self.owner = now

    @invariant()
    def no_step_is_lost_or_rewritten(self) -> None:
        if not hasattr(self, "pk"):
            return
        fields = ("id", "kind", "at", "by_id", "text", "key")
        steps = list(Entry.objects.filter(case=self.pk).order_by("id").values_list(*fields))
        assert steps[: len(self.seen)] == self.seen
        assert len(steps) == self.case.version
        self.seen = steps

    @invariant()
    def clocks_make_sense(self) -> None:
        if not hasattr(self, "pk"):
            return
        case = self.case
        dues = [case.reply_due_at, case.update_due_at, case.resolve_due_at]
        ahead = [each for each in dues if each is not None]
        stands = case.paused_at is not None or case.state == "closed"
        if stands or not ahead:
            assert (case.look_at, case.urgent_at) == (None, timing.NEVER)
        else:
            assert case.urgent_at == min(ahead)
            assert case.look_at is not None
            assert case.look_at <= min(ahead)  # before it runs out its owner is warned
        assert isinstance(case.opened_at, datetime)


NAMES: dict[Any, str] = {
    remedies.ask: "remedies.ask",
    remedies.approve: "remedies.approve",
    remedies.refuse: "remedies.refuse",
    remedies.carry_out: "remedies.carry_out",
    tending.customer_writes: "the customer writes",
    ending.reopen: "the customer opens it again",
    ending.answer: "the customer answers",
}
_OF_THE_WAY: dict[Any, str] = {
    services.apologise: "apologised",
    services.investigate: "investigating",
    services.find: "found",
    services.propose: "proposed",
    services.refuse: "refused",
    services.agree: "agreed",
    services.do: "done",
    services.ask: "asked",
}


def walk(*, start: int, phases: tuple[Phase, ...] = (Phase.generate, Phase.shrink)) -> None:
    run_state_machine_as_test(
        seed(start)(RolledBack),
        settings=settings(
            max_examples=5,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


class RolledBack(ComplaintMachine):
    """Each walk is undone at its end."""

    def looked_at(self, after: "Callable[[RolledBack], None]" = lambda _machine: None) -> None:
        """Look as hypothesis does after each step."""
        after(self)
        self.nothing_is_closed_with_an_open_list()
        self.there_is_one_owner_who_changes_by_a_manager_alone()
        self.no_step_is_lost_or_rewritten()
        self.clocks_make_sense()

    def __init__(self) -> None:
        super().__init__()
        self._block = transaction.atomic()
        self._block.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._block.__exit__(None, None, None)
