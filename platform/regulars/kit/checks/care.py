"""Meaning of messages, follow-ups, surveys, segments and hand-overs."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from regulars.kit import lint
from regulars.kit.care import (
    DAYS_AHEAD,
    PLACEHOLDERS,
    STOPS,
    SURVEY_STARTS,
    TRIGGERS,
    FollowUp,
    Message,
    Survey,
)
from regulars.kit.checks.conditions import condition_faults, known_facts
from regulars.kit.checks.schema import fields_of
from regulars.kit.faults import Fault
from regulars.kit.labels import Label, Language

if TYPE_CHECKING:
    from regulars.kit.vertical import Vertical

_MOST_QUESTIONS = 6
_SURVEY_KINDS = ("rating", "boolean", "choice", "text")  # what a thumb answers


def faults(vertical: "Vertical") -> Iterator[Fault]:
    """Yield the faults of everything said and asked after the sale."""
    facts = known_facts(vertical)
    for message in vertical.messages:
        yield from _message_faults(message)
    starts = frozenset(TRIGGERS) | date_triggers(vertical)
    messages = {message.key: message for message in vertical.messages}
    for plan in vertical.follow_ups:
        path = f"follow_ups.{plan.key}"
        yield from _plan_faults(plan, path, starts, messages)
        subjects = ("line", "purchase", "customer")
        yield from condition_faults(plan.where, f"{path}.where", subjects, facts, at_the_till=False)
    for survey in vertical.surveys:
        yield from _survey_faults(survey, f"surveys.{survey.key}")
    for segment in vertical.segments:
        path = f"segments.{segment.key}"
        if not segment.where:
            yield Fault(path, "needs a condition")
        yield from condition_faults(segment.where, path, ("customer",), facts, at_the_till=False)
    functions = {f"{each.on}.{each.key}" for each in vertical.functions}
    plain_facts = {name: fact for name, fact in facts.items() if name not in functions}
    for handover in vertical.handovers:
        path = f"handovers.{handover.key}"
        if not handover.steps:
            yield Fault(path, "needs steps")
        yield from condition_faults(handover.where, f"{path}.where", ("line",), plain_facts)


def date_triggers(vertical: "Vertical") -> frozenset[str]:
    """Return the triggers that a vertical's own dates and reminders add to the closed list."""
    own = {
        f"{field.on}.{field.key}"
        for field in vertical.fields
        if field.kind == "date" and field.on in ("customer", "purchase")
    }
    for possession in vertical.possessions:
        dates = [field.key for field in possession.fields if field.kind == "date"]
        reminders = [reminder.key for reminder in possession.reminders]
        own |= {f"possession.{possession.key}.{key}" for key in (*dates, *reminders)}
    return frozenset(own)


def _placeholders(vertical: "Vertical") -> frozenset[str]:
    own = {f"{field.on}.{field.key}" for field in vertical.fields if field.on != "line"}
    for possession in vertical.possessions:
        own |= {f"possession.{field.key}" for field in possession.fields}
    return PLACEHOLDERS | own


def _message_faults(message: Message) -> Iterator[Fault]:
    path = f"messages.{message.key}"
    if not message.channels:
        yield Fault(path, "needs a channel")
    if message.subject is not None and "email" not in message.channels:
        yield Fault(path, "only an e-mail has a subject")


def refused_words(vertical: "Vertical") -> Iterator[Fault]:
    """Yield what the lint refuses in any language of any message."""
    words = _placeholders(vertical)
    for message in vertical.messages:
        for language, text in message.text.texts().items():
            for found in lint.findings(_draft(message, language, text, words)):
                if found.severity == "refuse":
                    path = f"messages.{message.key}.{found.place}.{language}"
                    yield Fault(path, found.reason.en)


def _draft(message: Message, language: Language, text: str, words: frozenset[str]) -> lint.Draft:
    """Return a message as it goes through the strictest of its channels."""
    spoken_last = sorted(message.channels, key=lambda each: (each != "sms", each == "call"))
    return lint.Draft(
        text=text,
        subject=(message.subject or Label()).texts().get(language, ""),
        purpose=message.purpose,
        channel=spoken_last[0] if spoken_last else "sms",
        language=language,
        occasion=message.occasion,
        known=words,
        at_home=language != "en",
    )


def _plan_faults(
    plan: FollowUp, path: str, starts: frozenset[str], messages: dict[str, Message]
) -> Iterator[Fault]:
    yield from _trigger_faults(plan.starts, path, starts)
    for stop in plan.stops:
        if stop not in STOPS:
            yield Fault(f"{path}.stops", f"no event {stop!r}; there are {', '.join(STOPS)}")
    live = [step for step in plan.steps if not step.retired]
    if not live:
        yield Fault(path, "needs steps")
    for earlier, later in pairwise(live):
        if later.after < earlier.after:
            yield Fault(f"{path}.steps.{later.key}", f"comes before {earlier.key}")
    ahead = plan.starts in DAYS_AHEAD or plan.starts not in TRIGGERS
    for step in live:
        spot = f"{path}.steps.{step.key}"
        if step.after < 0 and not ahead:
            yield Fault(spot, f"nobody knows {plan.starts} in advance; after must be from 0")
        if step.do == "message" and not step.send:
            yield Fault(spot, "a message step names what to send")
        if step.ask and step.do == "message":
            yield Fault(spot, "a message step asks nothing; use a survey")
        if step.send:
            yield from _send_faults(step.send, step.do, plan, spot, messages)
        yield from fields_of(step.ask, "answer", f"{spot}.ask")


def _send_faults(
    key: str, do: str, plan: FollowUp, path: str, messages: dict[str, Message]
) -> Iterator[Fault]:
    message = messages.get(key)
    if message is None:
        yield Fault(path, f"no message {key!r}")
    elif message.purpose != plan.purpose:
        yield Fault(path, f"message {key!r} is {message.purpose}, the plan is {plan.purpose}")
    elif do == "call" and "call" not in message.channels:
        yield Fault(path, f"message {key!r} is not for calls")
    elif do == "message" and message.channels == ("call",):
        yield Fault(path, f"message {key!r} is for calls only")


def _survey_faults(survey: Survey, path: str) -> Iterator[Fault]:
    if survey.starts not in SURVEY_STARTS:
        told = ", ".join(SURVEY_STARTS)
        yield Fault(path, f"no survey follows {survey.starts!r}; there are {told}")
    if survey.days < 0:
        yield Fault(path, "days must be from 0")
    if survey.every < 1:
        yield Fault(path, "every must be from 1")
    live = [each for each in survey.questions if not each.retired]
    if not 1 <= len(live) <= _MOST_QUESTIONS:
        yield Fault(path, f"asks one question first, then at most {_MOST_QUESTIONS - 1} (Q7)")
    if live and live[0].kind != "rating":
        yield Fault(path, "the first question is a rating")
    for field in live:
        if field.kind not in _SURVEY_KINDS:
            told = ", ".join(_SURVEY_KINDS)
            yield Fault(f"{path}.questions.{field.key}", f"is one of {told}, not {field.kind}")
    yield from fields_of(survey.questions, "answer", f"{path}.questions")


def _trigger_faults(trigger: str, path: str, starts: frozenset[str]) -> Iterator[Fault]:
    if trigger not in starts:
        yield Fault(path, f"nothing starts by {trigger!r}; there are {', '.join(sorted(starts))}")
