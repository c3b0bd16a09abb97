"""One complaint: as those see it who work on it, and as the customer sees it by the link."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from regulars.audit import Actor, ActorKind
from regulars.audit.decisions import allows
from regulars.complaints import access, checklist, numbers, pictures, templates, way
from regulars.complaints.models import Case, Entry, Remedy
from regulars.complaints.selectors import sources
from regulars.complaints.way import End, Move, State
from regulars.errors import NotFound
from regulars.kit import Label
from regulars.staff.models import Staff

_NOT_REACHED: Final = "not-reached"
SHOWN: Final = 50  # steps of one page of the customer's
_UNFINISHED: Final = (Remedy.State.ASKED, Remedy.State.APPROVED)
_SAID_INSIDE: Final = frozenset({Move.CLOSE})  # public steps whose words are a manager's reason


@dataclass(frozen=True, slots=True)
class Step:
    """What happened, and who did it; `by` is empty for the customer and the system."""

    entry: Entry
    by: str


@dataclass(frozen=True, slots=True)
class One:
    """A complaint with everything its page shows.

    `moves` and `ends` are what the actor may do next; `may_work` says whether they may do
    anything at all, and `people` has the names of everybody who appears.
    """

    case: Case
    steps: tuple[Step, ...]
    seen: tuple[checklist.Seen, ...]
    remedies: tuple[Remedy, ...]
    moves: tuple[Move, ...]
    ends: tuple[End, ...]
    may_work: bool
    people: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class PublicStep:
    """A step as the customer reads it."""

    id: UUID
    at: datetime
    kind: str
    text: str
    is_mine: bool
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Public:
    """A complaint as its customer sees it: who of us looks after it is one name, the owner's.

    `us` is empty while nobody opened it. `promised_at` is when the customer hears from us. `about`
    is the kind of complaint, in every language, and `advice` what to do at once; both are empty
    for one that fits no kind. `steps` are the last ones; `has_earlier` says that there are more
    before them. `room` is for how many pictures more.
    """

    case_id: UUID
    number: str
    title: str
    state: str
    store: str
    us: str
    language: str
    opened_at: datetime
    promised_at: datetime | None
    steps: tuple[PublicStep, ...]
    is_closed: bool
    is_asked: bool  # whether they are satisfied, and they have not said yes
    about: Label | None = None
    advice: tuple[Label, ...] = ()
    has_earlier: bool = False
    room: int = 0


def one(*, actor: Actor, case_id: UUID, language: str | None = None) -> One:
    """Return a complaint; four statements. Raises Forbidden, NotFound."""
    case = access.visible(actor).select_related("store", "owner", "reviewer", "customer")
    found = case.filter(pk=case_id).first()
    if found is None:
        raise NotFound
    past = list(Entry.objects.filter(case=case_id).order_by("id"))
    remedies = tuple(Remedy.objects.filter(case=case_id).order_by("id"))
    ids = {each.by_id for each in past} | {found.owner_id, found.reviewer_id}
    for each in remedies:
        ids |= {each.asked_by_id, each.approved_by_id, each.second_by_id, each.done_by_id}
    for step in past:  # who was handed it, drawn in or warned
        ids |= {UUID(who) for who in _named(step)}
    some = [each for each in ids if each is not None]
    names = dict(Staff.objects.filter(pk__in=some).values_list("pk", "name"))
    may_work = _may_work(actor, found)
    return One(
        case=found,
        steps=tuple(Step(each, names.get(each.by_id, "") if each.by_id else "") for each in past),
        seen=checklist.seen(templates.items(found, language), past),
        remedies=remedies,
        moves=_moves(found, remedies) if may_work else (),
        ends=_ends(found, past) if allows(actor, access.MANAGE) else (),
        may_work=may_work,
        people=names,
    )


def by_token(token: str, *, before: UUID | None = None) -> Public:
    """Return what the customer sees by their link; three statements. Raises NotFound.

    Of its steps the last `SHOWN`, or those before the step `before`. One that was erased is not
    there: a title is never empty otherwise.
    """
    found = _opened(token)
    steps = Entry.objects.filter(case=found.pk).order_by("-id")
    public = steps.filter(public=True)
    last = list((public.filter(pk__lt=before) if before else public)[: SHOWN + 1])
    notable = steps.filter(data__has_any_keys=["files", "promised"])
    facts = list(notable.values_list("data__files", "data__promised"))
    promised = next((each for _files, each in facts if each), None)
    is_closed = found.state == State.CLOSED
    template = templates.of(found)
    return Public(
        case_id=found.pk,
        number=found.number,
        title=found.title,
        state=found.state,
        store=found.store.name,
        us=found.owner.name if found.owner else "",
        language=found.language,
        opened_at=found.opened_at,
        promised_at=datetime.fromisoformat(promised) if promised and not is_closed else None,
        steps=tuple(_public(each) for each in reversed(last[:SHOWN])),
        is_closed=is_closed,
        is_asked=found.state == State.ASKED and not found.satisfied,
        about=template.title if template else None,
        advice=templates.advice(template),
        has_earlier=len(last) > SHOWN,
        room=max(0, pictures.MOST - sum(len(files or ()) for files, _promised in facts)),
    )


def check_picture(token: str, name: str) -> None:
    """Raise NotFound unless a public step of the complaint with this link names the picture."""
    found = _opened(token)
    steps = Entry.objects.filter(case=found.pk, public=True, data__has_key="files")
    if not any(name in files for files in steps.values_list("data__files", flat=True)):
        raise NotFound


def _opened(token: str) -> Case:
    case_id = numbers.opened(token)
    found = sources.CASES.filter(pk=case_id).exclude(title="").first() if case_id else None
    if found is None:
        raise NotFound
    return found


def _public(entry: Entry) -> PublicStep:
    return PublicStep(
        id=entry.pk,
        at=entry.at,
        kind=entry.kind,
        text="" if entry.kind in _SAID_INSIDE else entry.text,
        is_mine=entry.by_customer,
        pictures=tuple(entry.data.get("files", ())),
    )


def _named(entry: Entry) -> list[str]:
    to = entry.data.get("to")
    named = to if isinstance(to, list) else [to] if entry.kind == "handed-on" else []
    return [each for each in (*named, entry.data.get("reviewer")) if each]


def _may_work(actor: Actor, case: Case) -> bool:
    """Say whether `access.worked` would let the actor take it further."""
    if not allows(actor, access.HANDLE):
        return False
    if actor.kind is not ActorKind.STAFF or case.owner_id is None:
        return True
    return actor.id in (case.owner_id, case.reviewer_id) or allows(actor, access.MANAGE)


def _moves(case: Case, remedies: tuple[Remedy, ...]) -> tuple[Move, ...]:
    """Return the moves that would not be refused."""
    barred: set[Move] = set()
    if any(each.state in _UNFINISHED for each in remedies):
        barred.add(Move.DO)
    if case.satisfied:
        barred |= {Move.SATISFIED, Move.UNSATISFIED}
    if not case.satisfied or case.open_items:
        barred.add(Move.CLOSE)
    return tuple(each for each in way.next_moves(State(case.state)) if each not in barred)


def _ends(case: Case, past: list[Entry]) -> tuple[End, ...]:
    if case.state == State.CLOSED:
        return ()
    found = [End.SPAM, End.DUPLICATE, End.WITHDRAWN]
    if sum(each.kind == _NOT_REACHED for each in past) >= way.ATTEMPTS:
        found.append(End.NO_ANSWER)
    if way.still_unsatisfied(case.round, case.state, case.satisfied):
        found.append(End.UNSATISFIED)
    return tuple(found)
