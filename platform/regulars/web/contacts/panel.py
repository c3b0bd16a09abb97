"""The panel that reaches one customer: ways, words, the last contacts; embedded in other pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from regulars import registry
from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.complaints import selectors as complaints
from regulars.complaints.selectors import Standing
from regulars.followups.occasions import selectors as occasions
from regulars.messages.models import Channel, Contact, Purpose
from regulars.messages.refusals import Refusal
from regulars.messages.selectors import history
from regulars.staff import permissions
from regulars.tenancy import context
from regulars.usecases import contact_words, reaching
from regulars.usecases.contact_words import Told
from regulars.usecases.phrasing import About, Words
from regulars.usecases.reaching import Way

LABELS: Final[dict[tuple[Channel, bool], str | Promise]] = {
    (Channel.CALL, True): _("Call"),
    (Channel.SMS, False): _("Text message"),
    (Channel.EMAIL, False): _("E-mail"),
    (Channel.WECHAT, False): _("WeChat message"),
    (Channel.WECOM, False): _("WeCom message"),
    (Channel.WEBHOOK, False): _("Message by your own system"),
    (Channel.WECHAT, True): _("WeChat on your phone"),
    (Channel.WECOM, True): _("WeCom on your phone"),
}
_BIRTHDAY: Final = "customer.birthday"
_NEAR: Final = timedelta(days=2)  # wishes come on the day, or are written a little ahead
_REASONS: Final[dict[str, str | Promise]] = {
    "budget": _("Contacted often enough"),
    "distance": _("Contacted just now"),
    "quiet": _("Too late or too early for them"),
    "wish": _("They do not wish it"),
    "suppressed": _("The address is not to be used"),
    "address": _("No number or address yet"),
    "nobody": _("Not to be contacted"),
    "complaint": _("Open complaint"),
}


class Customer(Protocol):
    """Whoever is reached."""

    @property
    def id(self) -> UUID:
        """Return the key of the record."""


class Task(Protocol):
    """A step of a plan that is done with the customer."""

    @property
    def id(self) -> UUID:
        """Return the key of the task."""

    @property
    def purpose(self) -> str:
        """Return what it is for: service, care or selling."""

    @property
    def plan(self) -> str:
        """Return the key of the plan, empty for a task by hand."""

    @property
    def step(self) -> str:
        """Return the key of the step."""

    @property
    def source_kind(self) -> str:
        """Return what started it, such as ``purchase.recorded``."""

    @property
    def source(self) -> UUID | None:
        """Return the purchase or possession it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One way, as the panel shows it; `possible_at` is when a refused one will be possible."""

    way: Way
    label: str | Promise
    icon: str
    reason: str | Promise = ""
    possible_at: datetime | None = None

    @property
    def key(self) -> str:
        """Return what the form says of the way: the channel, and whether it is by hand."""
        return f"{self.way.channel}{':hand' if self.way.by_hand else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A contact of the past."""

    row: Contact
    told: Told

    @property
    def who(self) -> str:
        """Return who of us it was."""
        return self.row.staff.name if self.row.staff else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What the template shows. `open` are calls and messages by hand that wait for their result.

    `phone` is the number to dial, once a call is reserved. `back` is the page it is embedded in.
    While `complaints` are open whoever calls or writes says which one it is about: all else rests.
    """

    customer_id: UUID
    task_id: UUID | None
    template: str
    purpose: str
    complaints: Sequence[Standing]
    buttons: Sequence[Button]
    words: Sequence[Words]
    latest: Sequence[Line]
    open: Sequence[Contact]
    phone: str
    back: str
    once: str
    may: bool

    @property
    def call(self) -> Button | None:
        """Return the button to call."""
        return next((each for each in self.buttons if each.way.channel == Channel.CALL), None)

    @property
    def writing(self) -> list[Button]:
        """Return the ways to write."""
        return [each for each in self.buttons if each.way.channel != Channel.CALL]

    @property
    def first_way(self) -> str:
        """Return the first way to write that is open, or nothing."""
        return next((each.key for each in self.writing if each.way.is_open), "")

    @property
    def prepared(self) -> Words | None:
        """Return the words that stand ready: those the step sends, complete; else none."""
        named = (each for each in self.words if self.template and each.template == self.template)
        return next((each for each in named if each.is_complete), None)


def of(request: HttpRequest, customer: Customer, *, task: Task | None = None) -> Panel:
    """Return the panel for a customer this person may see, and for a step of a plan if given.

    Constant statements. Raises NotFound for somebody outside their scope.
    """
    actor = permissions.acting(request)
    return made(request, actor, customer.id, task=task)


def made(
    request: HttpRequest, actor: Actor, customer_id: UUID, *, task: Task | None, phone: str = ""
) -> Panel:
    """Return the panel for an actor whose scope reaches the customer."""
    now = timezone.now()
    may = allows(actor, reaching.PERMISSION)
    purpose = task.purpose if task else Purpose.CARE
    about = about_of(task)
    rests = purpose != Purpose.SERVICE
    standing = complaints.open_of([customer_id], actor=actor) if rests else {}
    if standing:  # what may be said is about the complaint, and no greeting
        purpose, about = Purpose.SERVICE, replace(about, template="")
    if may and not standing and task is not None and not task.plan:
        about = replace(about, occasion=_occasion(actor, customer_id, now=now))
    words = (
        reaching.suggested(
            actor=actor, customer_id=customer_id, about=about, purpose=purpose, now=now
        )
        if may
        else []
    )
    ready = next((each.template for each in words if about.occasion and each.is_complete), "")
    latest = history.latest([customer_id], now=now)[customer_id]
    return Panel(
        customer_id=customer_id,
        task_id=task.id if task else None,
        template=about.template or ready,
        purpose=purpose,
        complaints=standing.get(customer_id, ()),
        buttons=_buttons(actor, customer_id, purpose, now) if may else (),
        words=words,
        latest=[Line(row=row, told=contact_words.told(row)) for row in latest],
        open=reaching.open_by(actor=actor, customer_id=customer_id) if may else (),
        phone=phone,
        back=back_of(request),
        once=str(uuid4()),
        may=may,
    )


def _occasion(actor: Actor, customer_id: UUID, *, now: datetime) -> str:
    """Return the occasion whose words stand ready for a task by hand: a birthday that is near."""
    if not allows(actor, "customers.view"):
        return ""
    today = now.astimezone(context.current().zone).date()
    near = occasions.Wanted(
        first=today, last=today + _NEAR, kinds=(_BIRTHDAY,), customer_id=customer_id
    )
    return "birthday" if occasions.page(actor=actor, wanted=near, limit=1).occasions else ""


def about_of(task: Task | None, *, template: str = "") -> About:
    """Return what a step of a plan is about; `template` is what was chosen instead of its own."""
    if task is None:
        return About(template=template)
    return About(
        task_id=task.id,
        purchase_id=task.source if task.source_kind.startswith("purchase.") else None,
        possession_id=task.source if task.source_kind.startswith("possession.") else None,
        template=template or _sent_by(task.plan, task.step),
    )


def _sent_by(plan: str, step: str) -> str:
    """Return the message that a step sends, or that suggests its words."""
    for each in registry.vertical().follow_ups:
        if each.key == plan:
            return next((one.send for one in each.steps if one.key == step), "")
    return ""


def refused(refusal: Refusal) -> str | Promise:
    """Return why a way is closed, in a few words."""
    return _REASONS[refusal.why]


def back_of(request: HttpRequest) -> str:
    """Return the page a button was pressed on: what the form says, else where we are."""
    given = request.POST.get("back", "")
    if given and url_has_allowed_host_and_scheme(given, allowed_hosts={request.get_host()}):
        return given
    return request.get_full_path()


def returning(back: str, *, contact_id: UUID, reached: bool) -> str:
    """Return where to go after a contact was concluded: the page, told of the contact."""
    parts = urlsplit(back)
    kept = [
        each
        for each in parts.query.split("&")
        if each and not each.startswith(("contact=", "reached="))
    ]
    told: dict[str, Any] = {"contact": contact_id, "reached": "yes" if reached else "no"}
    return parts._replace(query="&".join([*kept, urlencode(told)]), fragment="").geturl()


def _buttons(actor: Actor, customer_id: UUID, purpose: str, now: datetime) -> list[Button]:
    found = reaching.ways(actor=actor, customer_id=customer_id, purpose=purpose, now=now)
    return [
        Button(
            way=way,
            label=LABELS[way.channel, way.by_hand],
            icon=contact_words.ICONS[way.channel],
            reason=refused(way.refusal) if way.refusal else "",
            possible_at=way.refusal.possible_at if way.refusal else None,
        )
        for way in found
    ]
