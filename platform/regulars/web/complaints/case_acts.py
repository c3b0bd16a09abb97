"""What can be done on a complaint's page: each act with its form, words and service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.complaints import access, causes, services
from regulars.complaints.models import Remedy
from regulars.complaints.selectors import One
from regulars.complaints.services import remedies
from regulars.complaints.services.ending import EndRefused
from regulars.complaints.way import End, Move, State
from regulars.staff import selectors as staff
from regulars.tenancy import context
from regulars.web.complaints import case_forms as forms
from regulars.web.complaints import offering
from regulars.web.complaints.case_forms import StepForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """Who does something to which complaint; `key` is the request's."""

    actor: Actor
    case_id: UUID
    now: datetime
    key: str

    @property
    def facts(self) -> dict[str, Any]:
        """Return what every service takes."""
        return {
            "actor": self.actor, "case_id": self.case_id, "now": self.now, "key": self.key
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act. `submit` is what its button says, `said` what is told afterwards."""

    form: type[StepForm]
    title: str | Promise
    submit: str | Promise
    said: str | Promise
    icon: str
    do: Callable[[Doing, Any], object]
    is_guarded: bool = True  # refused when something happened since the page was drawn
    hint: str | Promise = ""


def _words(service: Callable[..., object]) -> Callable[[Doing, Any], object]:
    def do(doing: Doing, form: Any) -> object:
        return service(**doing.facts, text=form.cleaned_data["text"])

    return do


def _bare(service: Callable[..., object]) -> Callable[[Doing, Any], object]:
    def do(doing: Doing, form: Any) -> object:
        return service(**doing.facts)

    return do


def _given(service: Callable[..., object], **fields: str) -> Callable[[Doing, Any], object]:
    """Call a service with fields of the form, each under the name of its argument."""

    def do(doing: Doing, form: Any) -> object:
        given = {name: form.cleaned_data[field] for name, field in fields.items()}
        return service(**doing.facts, **given)

    return do


def _find(doing: Doing, form: forms.FindForm) -> object:
    given = form.cleaned_data
    return services.find(
        **doing.facts, text=given["text"], cause=given["cause"], since=given["since"].isoformat()
    )


def _propose(doing: Doing, form: forms.ProposeForm) -> object:
    """Ask for what was ticked, and propose it, both or neither."""
    named = []
    for offer, cost in form.chosen():
        if offer.is_asked:
            named.append(UUID(hex=offer.value))
            continue
        key = f"{doing.key}:{offer.value}" if doing.key else ""
        wish = offer.wish(cost=cost)
        named.append(_asked(doing, wish, key=key, place=f"cost-{offer.value}").pk)
    return services.propose(
        **doing.facts,
        text=form.cleaned_data["text"],
        cause_told=form.cleaned_data["cause_told"],
        remedies=named,
    )


def _answered(doing: Doing, form: forms.AnsweredForm) -> object:
    given = form.cleaned_data
    return services.answered(
        **doing.facts, satisfied=given["satisfied"] == "yes", text=given["text"]
    )


def _hand_on(doing: Doing, form: forms.HandOnForm) -> object:
    given = form.cleaned_data
    return services.hand_on(**doing.facts, staff_id=UUID(given["owner"]), reason=given["text"])


def _end(doing: Doing, form: forms.EndForm) -> object:
    given, other = form.cleaned_data, None
    if given["number"]:
        found = access.visible(doing.actor).filter(number=given["number"])
        other = found.values_list("pk", flat=True).first()
    try:
        return services.end(
            **doing.facts, how=given["how"], reason=given["text"], duplicate_of=other
        )
    except EndRefused as fault:
        if "duplicate_of" in fault.fields:
            fault.fields["number"] = fault.fields.pop("duplicate_of")
        raise


def _ask(doing: Doing, form: forms.RemedyForm) -> object:
    given = form.cleaned_data
    offer = form.offers[given["what"]]
    cost = given["points"] if offer.kind == "points" else given["amount"]
    place = "points" if offer.kind == "points" else "amount"
    wish = offer.wish(cost=cost or 0, label=given["label"].strip())
    return _asked(doing, wish, key=doing.key, place=place)


def _asked(doing: Doing, wish: remedies.Wish, *, key: str, place: str) -> Remedy:
    """Ask for a remedy; what is wrong with it is said at a field of the form."""
    try:
        return remedies.ask(
            actor=doing.actor, case_id=doing.case_id, wish=wish, now=doing.now, key=key
        )
    except remedies.RemedyRefused as fault:
        fault.fields = {place: [each for faults in fault.fields.values() for each in faults]}
        raise


ACTS: Final = MappingProxyType(
    {
        "apologise": Act(
            form=forms.WordsForm, title=_("Say that we are sorry"), submit=_("Apologise"),
            said=_("The customer can read it now."), icon="heart-handshake",
            do=_words(services.apologise),
            hint=_("Hear them out first. No “but”, no reasons: those come later."),
        ),
        "investigate": Act(
            form=forms.InvestigateForm, title=_("Look into it"),
            submit=_("Promise and look into it"),
            said=_("The customer knows by when they hear from us."), icon="search",
            do=_given(services.investigate, text="text", promised_at="promised_at"),
            hint=_("Say back what it means to them, and by when they hear from you."),
        ),
        "find": Act(
            form=forms.FindForm, title=_("Write down the facts and the cause"),
            submit=_("Keep the facts"), said=_("Written down."), icon="clipboard-text", do=_find,
            hint=_("For colleagues. The customer is told with the proposal."),
        ),
        "propose": Act(
            form=forms.ProposeForm, title=_("Propose what makes good"), submit=_("Propose"),
            said=_("Proposed. The customer can read it now."), icon="scale", do=_propose,
            hint=_("The cause as it is, what puts it right, and something fitting on top."),
        ),
        "refuse": Act(
            form=forms.CustomerSaysForm, title=_("The customer wants something else"),
            submit=_("Look for something else"), said=_("Written down. Propose something else."),
            icon="arrow-back-up", do=_words(services.refuse),
        ),
        "agree": Act(
            form=forms.AgreeForm, title=_("The customer agrees"), submit=_("They agree"),
            said=_("Agreed. Now put it right."), icon="thumb-up",
            do=_given(services.agree, how="how", text="text"),
        ),
        "do": Act(
            form=forms.WordsForm, title=_("It is put right"), submit=_("Everything is done"),
            said=_("Done. Ask the customer now."), icon="tool", do=_words(services.do),
            hint=_("What was agreed is done, and what came on top is in their hands."),
        ),
        "ask": Act(
            form=forms.WordsForm, title=_("Ask whether they are satisfied"), submit=_("Ask"),
            said=_("Asked. They can answer by their link, or tell you."), icon="message-question",
            do=_words(services.ask),
        ),
        "answered": Act(
            form=forms.AnsweredForm, title=_("What the customer said"), submit=_("Write it down"),
            said=_("Written down."), icon="mood-smile", do=_answered,
            hint=_("Not satisfied begins a second round, with a reviewer who looks at it afresh."),
        ),
        "close": Act(
            form=forms.BareForm, title=_("Close it"), submit=_("Close the complaint"),
            said=_("Closed. Thank you for seeing it through."), icon="circle-check",
            do=_bare(services.close), hint=_("The customer is satisfied and the list is done."),
        ),
        "reopen": Act(
            form=forms.CustomerSaysForm, title=_("Open the complaint again"),
            submit=_("Open the complaint again"),
            said=_("Open again. Its clocks go on."), icon="refresh",
            do=_words(services.reopen_for),
        ),
        "write": Act(
            form=forms.WordsForm, title=_("Write to the customer"), submit=_("Write"),
            said=_("The customer can read it now."), icon="send",
            do=_words(services.write_to_customer),
            hint=_("They read it by their link."),
        ),
        "note": Act(
            form=forms.NoteForm, title=_("Note for colleagues"), submit=_("Keep the note"),
            said=_("Noted."), icon="note", do=_words(services.note), is_guarded=False,
        ),
        "attempt": Act(
            form=forms.AttemptForm, title=_("Could not be reached"), submit=_("Write it down"),
            said=_("Noted. After three attempts a manager may end it."), icon="phone-off",
            do=_given(services.attempt, how="how"),
        ),
        "wait": Act(
            form=forms.WordsForm, title=_("Wait for the customer"), submit=_("Wait for them"),
            said=_("The clocks stand still until the customer comes back."), icon="clock-pause",
            do=_words(services.wait), hint=_("They read what we wait for."),
        ),
        "resume": Act(
            form=forms.BareForm, title=_("Go on"), submit=_("Let the clocks go on"),
            said=_("The clocks go on."), icon="player-play", do=_bare(services.resume),
        ),
        "tick": Act(
            form=forms.TickForm, title=_("Seen to"), submit=_("Seen to"), said=_("Seen to."),
            icon="check", do=_given(services.tick, item="item", text="text"), is_guarded=False,
        ),
        "hand-on": Act(
            form=forms.HandOnForm, title=_("Hand on to a colleague"), submit=_("Hand on"),
            said=_("The colleague looks after it now."), icon="user-share", do=_hand_on,
        ),
        "end": Act(
            form=forms.EndForm, title=_("End it otherwise"), submit=_("End it"),
            said=_("Ended."), icon="player-stop", do=_end,
        ),
        "remedy": Act(
            form=forms.RemedyForm, title=_("Ask for a remedy"), submit=_("Ask for it"),
            said=_("Asked for."), icon="gift", do=_ask, is_guarded=False,
        ),
    }
)  # fmt: skip

OF_MOVES: Final = MappingProxyType(
    {
        Move.APOLOGISE: "apologise",
        Move.INVESTIGATE: "investigate",
        Move.FIND: "find",
        Move.PROPOSE: "propose",
        Move.REFUSE: "refuse",
        Move.AGREE: "agree",
        Move.DO: "do",
        Move.ASK: "ask",
        Move.SATISFIED: "answered",
        Move.UNSATISFIED: "answered",
        Move.CLOSE: "close",
        Move.REOPEN: "reopen",
    }
)
SETTLED: Final = frozenset({State.DONE, State.ASKED, State.CLOSED})


def form_of(name: str, one: One, *, language: str, data: Any = None, item: str = "") -> StepForm:
    """Return the form of an act for a complaint, as it stands now."""
    case, currency = one.case, context.current().currency
    more: dict[str, Any] = {}
    initial: dict[str, Any] = {}
    if name == "investigate":
        due = case.update_due_at or case.reply_due_at
        if due is not None and due > timezone.now():
            initial["promised_at"] = due.replace(second=0, microsecond=0)
    elif name == "find":
        more["causes"] = causes.offered(case, language)
        initial = {"since": timezone.localdate(case.opened_at), "cause": case.cause}
    elif name == "propose":
        offers = offering.to_propose(case, one.remedies, language)
        more = {"offers": offers, "currency": currency}
    elif name == "remedy":
        more = {"offers": offering.to_ask(case, language), "currency": currency}
    elif name == "hand-on":
        more["colleagues"] = _colleagues(one)
    elif name == "end":
        labels = dict(type(case).End.choices)
        more["ends"] = [(str(each), labels[str(each)]) for each in one.ends]
        initial["how"] = End.UNSATISFIED if End.UNSATISFIED in one.ends else ""
    elif name == "tick":
        initial["item"] = item
    prefix = f"{name}-{item}".replace(".", "-") if item else name
    return ACTS[name].form(data, auto_id=f"{prefix}-%s", initial=initial, **more)


def _colleagues(one: One) -> list[tuple[str, str]]:
    near = staff.colleagues(store_ids=frozenset({one.case.store_id}))
    return [
        (str(pk), name) for pk, name in near.values_list("pk", "name") if pk != one.case.owner_id
    ]
