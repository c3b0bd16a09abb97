"""A complaint as its page shows it: how far it is, its clocks, what is next, and what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.complaints import access, causes, checklist, own, templates, words
from regulars.complaints import way as way_of
from regulars.complaints.models import Case, Remedy
from regulars.complaints.selectors import One, Step
from regulars.complaints.selectors.approvals import decidable
from regulars.complaints.services.ending import ATTEMPT as NOT_REACHED
from regulars.complaints.services.remedies import deciders
from regulars.complaints.way import ATTEMPTS, Move, State
from regulars.kit import fields
from regulars.web.complaints import case_acts, case_phrases, durations
from regulars.web.complaints.case_acts import SETTLED
from regulars.web.complaints.case_forms import StepForm

ICONS: Final = {
    "opened": "message-report", "taken": "user-check", "apologised": "heart-handshake",
    "investigating": "search", "found": "clipboard-text", "proposed": "scale",
    "refused": "arrow-back-up", "agreed": "thumb-up", "done": "tool",
    "asked": "message-question", "satisfied": "mood-smile", "unsatisfied": "mood-sad",
    "closed": "circle-check", "reopened": "refresh", "note": "note",
    "first-response": "message", "message-out": "send", "message-in": "message-report",
    "waiting": "clock-pause", "resumed": "player-play", "ticked": "check",
    "handed-on": "user-share", "attached": "link", "not-reached": "phone-off",
    "warned": "alarm", "escalated": "flag", "remedy-asked": "gift",
    "remedy-approved": "shield-check", "remedy-refused": "x", "remedy-done": "gift",
}  # fmt: skip
_TONES: Final = MappingProxyType(
    {"unsatisfied": "bad", "escalated": "bad", "warned": "warning", "remedy-refused": "bad",
     "satisfied": "good", "closed": "good", "message-in": "accent", "opened": "accent",
     "reopened": "warning"}
)  # fmt: skip
SEVERITY_TONES: Final = MappingProxyType(
    {"urgent": "bad", "high": "warning", "medium": "info", "low": "quiet"}
)
_OVER: Final = gettext_lazy("settled")  # "closed" is said of stores
_WAITS: Final = frozenset({"message-in", "reopened", "unsatisfied"})
_REMEDY_TONES: Final = MappingProxyType({"done": "good", "refused": "bad", "approved": "info"})
_CLOCKS: Final = MappingProxyType(
    {
        "reply": gettext_lazy("First answer"),
        "update": gettext_lazy("Next word"),
        "resolve": gettext_lazy("Put right"),
    }
)
_GROUPS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("urgent", gettext_lazy("First of all")),
    ("3W", gettext_lazy("3W: what we know and did")),
    ("4R", gettext_lazy("4R: regret, reform, restitution, rectify")),
    ("8F", gettext_lazy("8F: how we went about it")),
    ("own", gettext_lazy("Of this kind of complaint")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock: its name, when it runs out, and how that stands."""

    label: str
    at: datetime | None
    words: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One step of the line of time."""

    step: Step
    title: str
    icon: str
    tone: str
    who: str
    facts: list[tuple[str, str]]
    pictures: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One item of the list; `form` is there for what a person may tick."""

    label: str
    is_open: bool
    by: str
    at: datetime | None
    said: str
    form: StepForm | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doable:
    """An act with its form, as the page offers it."""

    name: str
    act: case_acts.Act
    form: StepForm
    phrases: tuple[str, ...]
    hint: str
    is_open: bool = False


def way(case: Case) -> list[tuple[str, str]]:
    """Return the steps of the way, each with "done", "now" or "ahead"."""
    states = list(State)
    at = states.index(State(case.state))
    is_over = case.state == State.CLOSED
    return [
        (
            str(_OVER if each is State.CLOSED else Case.State(each).label),
            "done" if n < at or is_over else "now" if n == at else "ahead",
        )
        for n, each in enumerate(states)
    ]


def clocks(case: Case, *, now: datetime) -> list[Clock]:
    """Return the three clocks; those that were met say so."""
    return [_clock(case, name, str(label), now=now) for name, label in _CLOCKS.items()]


def _clock(case: Case, name: str, label: str, *, now: datetime) -> Clock:
    at: datetime | None = getattr(case, f"{name}_due_at")
    is_settled = case.state in SETTLED
    if is_settled or at is None or (name == "reply" and case.replied_at is not None):
        met = {"reply": case.replied_at, "resolve": case.resolved_at}.get(name)
        is_met = met is not None or (name == "update" and is_settled)
        return Clock(
            label=label, at=met, words=_("met") if is_met else _("does not run"),
            tone="good" if is_met else "quiet",
        )  # fmt: skip
    if case.paused_at is not None:
        return Clock(label=label, at=None, words=_("stands still"), tone="quiet")
    tone = "bad" if at <= now else "info"
    return Clock(label=label, at=at, words=durations.due(at, now=now), tone=tone)


def steps(one: One, *, language: str) -> list[Shown]:
    """Return what happened, the newest first."""
    return [_shown(one, each, language) for each in reversed(one.steps)]


def _shown(one: One, step: Step, language: str) -> Shown:
    entry = step.entry
    who = _("the customer") if entry.by_customer else step.by or _("by itself")
    return Shown(
        step=step,
        title=words.step(entry.kind),
        icon=ICONS.get(entry.kind, "point"),
        tone=_TONES.get(entry.kind, "quiet"),
        who=who,
        facts=_facts(one, step, language),
        pictures=list(entry.data.get("files", ())),
    )


def _facts(one: One, step: Step, language: str) -> list[tuple[str, str]]:
    entry, data = step.entry, step.entry.data
    found: list[tuple[str, str]] = []
    if data.get("promised"):
        at = timezone.localtime(datetime.fromisoformat(data["promised"]))
        found.append((_("Promised by"), f"{at:%Y-%m-%d %H:%M}"))
    if data.get("cause"):
        label = causes.label(data["cause"], one.case.template, language)
        found.append((_("Cause"), label))
    if data.get("since"):
        found.append((_("Known since"), str(data["since"])))
    if data.get("remedy"):
        found.append((_("Remedy"), data.get("label") or words.remedy(data.get("kind", ""))))
    if entry.kind == "ticked":
        labels = {each.item.key: str(each.item.label) for each in one.seen}
        found.append((_("Of the list"), labels.get(data.get("item", ""), "")))
    if entry.kind in ("warned", "escalated"):
        names = [one.people.get(UUID(each), "") for each in data.get("to", ())]
        found.append((_("Told"), ", ".join(filter(None, names)) or _("nobody")))
        late = [str(_CLOCKS[each]) for each in data.get("clocks", ()) if each in _CLOCKS]
        found.append((_("Clock"), ", ".join(late)))
    if entry.kind == "handed-on" and data.get("to"):
        found.append((_("Handed to"), one.people.get(UUID(data["to"]), "")))
    if data.get("reviewer"):
        found.append((_("Reviewer"), one.people.get(UUID(data["reviewer"]), "")))
    if entry.kind == "closed" and data.get("how") in Case.End.values:
        found.append((_("End"), str(Case.End(data["how"]).label)))
    return [each for each in found if each[1]]


def answers(case: Case, language: str) -> list[tuple[str, str]]:
    """Return what the kind of complaint asked, with what was answered."""
    template = templates.of(case)
    asked = () if template is None else template.asks
    return [
        (each.label.text(language), fields.show(each, case.answers[each.key], language=language))
        for each in asked
        if each.key in case.answers
    ]


def ticks(one: One, *, language: str, bound: tuple[str, StepForm] | None) -> list[dict[str, Any]]:
    """Return the list by groups, with how many of each are open."""
    groups = []
    for group, label in _GROUPS:
        rows = [_tick(one, each, language, bound) for each in one.seen if each.item.group == group]
        if rows:
            left = sum(each.is_open for each in rows)
            groups.append({"key": group, "label": label, "rows": rows, "open": left})
    return groups


def _tick(
    one: One, seen: checklist.Seen, language: str, bound: tuple[str, StepForm] | None
) -> Tick:
    by = next((each for each in one.steps if seen.by and each.entry.pk == seen.by.id), None)
    may = one.may_work and one.case.state != State.CLOSED
    form = None
    if seen.is_open and seen.item.by_hand and may:
        is_bound = bound is not None and bound[0] == seen.item.key
        form = bound[1] if bound and is_bound else case_acts.form_of(
            "tick", one, language=language, item=seen.item.key
        )  # fmt: skip
    return Tick(
        label=str(seen.item.label),
        is_open=seen.is_open,
        by=by.by or words.step(by.entry.kind) if by else "",
        at=by.entry.at if by else None,
        said=by.entry.text if by and seen.item.by_hand else "",
        form=form,
    )


def best(one: One, actor: Actor) -> tuple[str, str]:
    """Return the one next best act, empty if it is nobody's here, and why it is not."""
    case = one.case
    if not one.may_work or case.state == State.CLOSED:
        return "", ""
    unfinished = [each for each in one.remedies if each.state in ("asked", "approved")]
    found = {move: case_acts.OF_MOVES[move] for move in one.moves}
    if Move.PROPOSE in found and Move.FIND in found:
        since = _since_round(one)
        is_found = any(each.entry.kind == Move.FIND for each in since)
        return ("propose", "") if is_found else ("find", "")
    if case.state == State.PROPOSED:
        return "agree", ""
    if case.state == State.AGREED and unfinished:
        return "", _("First what was agreed has to be approved and carried out: see below.")
    if case.state == State.ASKED and case.satisfied:
        return ("close", "") if Move.CLOSE in found else (
            "", _("The customer is satisfied. It can be closed once the list is done.")
        )  # fmt: skip
    if way_of.still_unsatisfied(case.round, case.state, case.satisfied):
        if allows(actor, access.MANAGE):
            return "end", ""
        return "", _("Still not satisfied after the second round. A manager says how it ends.")
    return next(iter(found.values()), ""), ""


def _since_round(one: One) -> Sequence[Step]:
    """Return the steps since the round began."""
    for at in range(len(one.steps) - 1, -1, -1):
        if one.steps[at].entry.kind in (Move.UNSATISFIED, Move.REOPEN):
            return one.steps[at:]
    return one.steps


def beside(one: One, actor: Actor, *, but: str) -> list[str]:
    """Return the other acts that may be done now, those of the way first."""
    case = one.case
    is_open = case.state != State.CLOSED
    names = [case_acts.OF_MOVES[each] for each in one.moves]
    if one.may_work and is_open:
        names.append("write")
        if case.state not in SETTLED:
            names.append("resume" if case.paused_at else "wait")
        names.append("attempt")
    if allows(actor, access.HANDLE):
        names.append("note")
    if allows(actor, access.MANAGE) and is_open:
        names.append("hand-on")
    if one.ends:
        names.append("end")
    return [each for each in dict.fromkeys(names) if each != but]


def doable(
    one: One, name: str, *, language: str, bound: StepForm | None = None, is_open: bool = False
) -> Doable:
    """Return an act as the page offers it; `bound` is its form as it was sent."""
    return Doable(
        name=name,
        act=case_acts.ACTS[name],
        form=bound or case_acts.form_of(name, one, language=language),
        phrases=case_phrases.prepared(one.case, name),
        hint=_tried(one) if name == "attempt" else str(case_acts.ACTS[name].hint),
        is_open=is_open,
    )


def _tried(one: One) -> str:
    """Say how often somebody tried already."""
    tried = sum(each.entry.kind == NOT_REACHED for each in one.steps)
    return _("%(tried)s of %(needed)s attempts so far. Then a manager may end it.") % {
        "tried": tried, "needed": ATTEMPTS
    }  # fmt: skip


def unanswered(one: One) -> Step | None:
    """Return the customer's last word if nobody of ours has said anything to them since."""
    public = [each for each in one.steps if each.entry.public]
    last = public[-1] if public else None
    return last if last is not None and last.entry.kind in _WAITS else None


def remedies(one: One, actor: Actor) -> list[dict[str, Any]]:
    """Return what makes good, each with what the actor may do about it."""
    may_decide = decidable(actor, one.case, one.remedies)
    void = _void(one)
    return [
        {
            "row": each,
            "label": each.label or words.remedy(each.kind),
            "kind": words.remedy(each.kind),
            "tone": _REMEDY_TONES.get(each.state, "warning"),
            "state": str(Remedy.State(each.state).label),
            "asked_by": one.people.get(each.asked_by_id, ""),
            "approved_by": _name(one, each.approved_by_id),
            "second_by": _name(one, each.second_by_id),
            "done_by": _name(one, each.done_by_id),
            "may_decide": each.pk in may_decide,
            "may_do": each.state == Remedy.State.APPROVED and one.may_work and each.pk not in void,
            "is_void": each.pk in void and each.approval in access.approves(actor),
            "by_purchase": each.kind in ("refund", "exchange"),
        }
        for each in one.remedies
    ]  # fmt: skip


def _void(one: One) -> frozenset[UUID]:
    """Return the approved remedies the customer had a hand in; two statements if any is."""
    approved = [each for each in one.remedies if each.state == Remedy.State.APPROVED]
    hands = {each.pk: set(deciders(each)) for each in approved}
    theirs = own.among(one.case, set().union(*hands.values()))
    return frozenset(pk for pk, staff_ids in hands.items() if staff_ids & theirs)


def _name(one: One, staff_id: UUID | None) -> str:
    return one.people.get(staff_id, "") if staff_id else ""
