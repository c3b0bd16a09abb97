"""Whether some customers may be contacted, why not, and from when on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from regulars.audit import Actor
from regulars.messages import budgets
from regulars.messages.budgets import Budget, Place
from regulars.messages.models import Channel, Purpose
from regulars.messages.refusals import Refusal
from regulars.messages.selectors import history, people
from regulars.messages.selectors.people import Person
from regulars.messages.suppression import BOUNCED

_NEEDS_ADDRESS = frozenset({Channel.SMS, Channel.EMAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this customer be contacted at `at`? `tier` is theirs now, for exceptions."""

    customer_id: UUID
    purpose: str
    channel: str
    at: datetime
    tier: str = ""
    wish: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What four statements say of the customers of some questions."""

    people: dict[UUID, Person]
    suppressed: dict[tuple[str, str], str]
    budgets: dict[Place, Budget]

    def budget(self, question: Question) -> Budget:
        """Return what holds for the customer of a question."""
        home = self.people[question.customer_id].home_store_id
        return self.budgets[home, question.tier]

    def address(self, question: Question) -> str:
        """Return where the customer is reached."""
        return question.address or self.people[question.customer_id].address(question.channel)

    def refusal(self, question: Question) -> Refusal | None:
        """Say what speaks against it besides counts and distances; the wish comes first."""
        person = self.people.get(question.customer_id)
        if person is None:
            return Refusal(why="nobody")
        if not person.wishes(
            purpose=question.purpose, channel=question.channel, wish=question.wish
        ):
            return Refusal(why="wish")
        address = self.address(question)
        if question.channel in _NEEDS_ADDRESS and not address:
            return Refusal(why="address")
        listed = self.suppressed.get((question.channel, address))
        # Who asked for no more of them still gets receipts; what came back would come back again.
        if listed == BOUNCED or (listed and question.purpose != Purpose.SERVICE):
            return Refusal(why="suppressed")
        quiet = self.budget(question).quiet
        if question.purpose != Purpose.SERVICE and quiet and quiet.holds(question.at, person.zone):
            return Refusal(why="quiet")
        return None


def known(questions: Sequence[Question], *, actor: Actor) -> Known:
    """Read what there is to know, in four statements however many are asked about."""
    purposes = {each.purpose for each in questions} | {each.wish for each in questions}
    found = people.of_many(
        list({each.customer_id for each in questions}), scope=actor.scope, purposes=purposes
    )
    asked = [each for each in questions if each.customer_id in found]
    addresses = (
        (each.channel, each.address or found[each.customer_id].address(each.channel))
        for each in asked
    )
    places = [(found[each.customer_id].home_store_id, each.tier) for each in asked]
    return Known(found, people.suppressed(addresses), budgets.of_many(places))


def explained(
    questions: Sequence[Question], refusals: Sequence[Refusal | None], *, facts: Known
) -> list[Refusal | None]:
    """Let budget and clock have their say where nothing else speaks against it; one statement.

    The answer is why not, and the first instant that both of them allow.
    """
    counting = {
        place: each
        for place, (each, refusal) in enumerate(zip(questions, refusals, strict=True))
        if each.purpose != Purpose.SERVICE and (refusal is None or refusal.why == "quiet")
    }
    answers = list(refusals)
    if counting:
        found = history.counted(
            {each.customer_id for each in counting.values()},
            since=min(each.at - facts.budget(each).reach for each in counting.values()),
        )
        for place, question in counting.items():
            answers[place] = facts.budget(question).refusal(
                found[question.customer_id],
                purpose=question.purpose,
                at=question.at,
                zone=facts.people[question.customer_id].zone,
            )
    return answers


def possible(*, actor: Actor, questions: Sequence[Question]) -> list[Refusal | None]:
    """Say of each whether it may be (None), why not, and from when on; five statements in all.

    Only reserving is binding: between asking and doing somebody else may contact the customer.
    """
    facts = known(questions, actor=actor)
    return explained(questions, [facts.refusal(each) for each in questions], facts=facts)
