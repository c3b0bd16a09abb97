"""Weeks of follow-ups in a demo chain: plans that ran, calls that were made, a morning that waits.

Tasks begin and end by the product's own code, day by day; some guides do all that is due, some
leave a little.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from regulars.audit import SYSTEM, Actor
from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.followups.occasions import gifts
from regulars.followups.plans import declared, escalating, services, sources, starting, stopping
from regulars.followups.plans.news import Start
from regulars.followups.plans.open_days import OpenDays
from regulars.insights.services import silences
from regulars.kit import Field
from regulars.local.demo import drawing
from regulars.local.demo.drawing import Dice
from regulars.messages.gateways.contract import Inbound
from regulars.messages.services import receiving
from regulars.staff import selectors as people
from regulars.staff.models import Role, Staff
from regulars.tenancy import context
from regulars.tenancy.identifiers import new_id

_WEEKS: Final = timedelta(days=35)
_EVER: Final = timedelta(days=3_650)  # the keys were made just now, for whatever day
_LATELY: Final = 2  # days before today on which more was left undone
_SMILES: Final = {"5": 34, "4": 41, "3": 15, "2": 7, "1": 3}
_WISHES: Final = (
    "想看看新到的款式", "周末带家人来店", "问保养要注意什么", "想换个颜色", "等孩子放假再来",
    "朋友也想了解一下",
)  # fmt: skip
_NOTES: Final = ("在忙，说晚上方便", "很满意，常跟同事提起我们", "出差中，下周回来", "喜欢微信联系")
_PROMISED: Final = (
    ("call", "照约定打电话，聊聊上次看的"), ("message", "把新到的照片发给顾客看"),
    ("visit", "约好今天来店，备好茶和款式"), ("call", "问问上次的东西用得怎样"),
    ("task", "顾客订的到了，包好等来取"), ("message", "把保养说明发给顾客"),
)  # fmt: skip
_WRITTEN: Final = (
    "你们周末几点开门？我想带妈妈过来看看",
    "上次那款还有吗？",
    "谢谢你，收到了，很喜欢",
)
_OUTCOMES: Final = {"call": "reached", "message": "sent", "visit": "came", "task": "done"}


def live(*, now: datetime) -> None:
    """Let the last weeks pass, up to this morning; the caller has a transaction open."""
    rng = drawing.dice(context.current().vertical, "mornings")
    zone = context.current().zone
    gifts.set_rule(
        actor=SYSTEM,
        gift=gifts.Gift(
            key="birthday-flowers",
            title="生日花束",
            occasions=("customer.birthday",),
            cost_minor=6_800,
        ),
        now=now,
    )
    silences.refresh(now=now)
    days, begin = OpenDays(), now - _WEEKS
    happened: dict[date, list[Start]] = defaultdict(list)
    triggers = declared.running().keys()
    for each in sources.recorded(triggers, since=now - _EVER, now=begin, days=days):
        happened[max(each.since, begin).astimezone(zone).date()].append(each)
    staff = {each.pk: people.actor_of(each) for each in Staff.objects.filter(state="active")}
    today = now.astimezone(zone).date()
    for back in range(_WEEKS.days, -1, -1):
        day = today - timedelta(days=back)
        evening = datetime.combine(day, time(21), tzinfo=zone) if back else now
        news = [*happened.get(day, ())]
        if not back:
            news += sources.coming(triggers, now=now, days=days)
        stopping.settle(starting.start(news, now=evening, days=days), now=evening)
        escalating.expire(now=evening)
        if not back:
            _promised(staff, rng, today=today, now=now)
        _work(day, staff, rng, at=evening, back=back)
    escalating.escalate(now=now)


def _promised(staff: Mapping[UUID, Actor], rng: Dice, *, today: date, now: datetime) -> None:
    """Let guides who can be signed in as have promised something, and a customer have written."""
    guides = Staff.objects.filter(pk__in=staff, role=Role.GUIDE).exclude(email=None)
    for place, guide in enumerate(guides.order_by("number")):
        own = Customer.objects.filter(owner=guide, state=Customer.State.ACTIVE).exclude(name="")
        for (do, title), customer_id in zip(
            _PROMISED, own.order_by("-joined_at", "pk").values_list("pk", flat=True), strict=False
        ):
            services.plan_by_hand(
                actor=staff[guide.pk],
                customer_id=customer_id,
                on=today,
                title=title,
                do=do,
                now=now - timedelta(days=rng.randint(0, 3)),
                key=str(new_id()),
            )
        writer = own.exclude(phone=None).order_by("pk").first()
        if writer is not None:
            wrote = Inbound(
                sender=writer.phone or "",
                to="",
                text=_WRITTEN[place % len(_WRITTEN)],
                at=now - timedelta(minutes=rng.randint(8, 90)),
                provider_id=str(new_id()),
            )
            receiving.take_inbound(provider="local", channel="sms", messages=[wrote], now=now)


def _work(day: date, staff: Mapping[UUID, Actor], rng: Dice, *, at: datetime, back: int) -> None:
    """Do of what is due what the guides get done on a day."""
    due = Task.objects.filter(state=Task.State.OPEN, due_on__lte=day).order_by("due_on", "pk")
    for task in due:
        actor = staff.get(task.owner_id) if task.owner_id else None
        if actor is None or not drawing.happens(rng, _diligence(actor, back)):
            continue
        if task.do == "call" and drawing.happens(rng, 12):
            services.attempt(actor=actor, task_id=task.pk, now=at, key=str(new_id()))
        else:
            _finish(actor, task, rng, at=at)


def _diligence(actor: Actor, back: int) -> float:
    """Return how much of a day somebody gets done, in per cent; this morning has just begun."""
    usual = 72 + sum(actor.name.encode()) % 27
    return 25 if back == 0 else usual / 2 if back <= _LATELY else usual


def _finish(actor: Actor, task: Task, rng: Dice, *, at: datetime) -> None:
    talked = task.do in ("call", "visit")
    asked = declared.of(task.plan, task.step).asks if talked else ()
    services.finish(
        actor=actor,
        task_id=task.pk,
        outcome=_OUTCOMES[task.do],
        answers=answers(asked, rng),
        satisfaction=int(drawing.one_of(rng, _SMILES)) if talked else None,
        next_step="",
        next_on=None,
        note=rng.choice(_NOTES) if talked and drawing.happens(rng, 25) else "",
        contact_id=None,
        now=at,
        key=str(new_id()),
    )


def answers(asked: Iterable[Field], rng: Dice) -> dict[str, Any]:
    """Return what a customer said: whatever must be asked, and of the rest what came up."""
    said = {
        each.key: _answer(each, rng) for each in asked if each.required or drawing.happens(rng, 60)
    }
    return {key: value for key, value in said.items() if value is not None}


def _answer(field: Field, rng: Dice) -> Any:
    match field.kind:
        case "boolean":
            return drawing.happens(rng, 80)
        case "rating":
            low, high = field.scale
            return min(high, max(low, high - int(rng.expovariate(0.8))))
        case "choice":
            return rng.choice([each.key for each in field.choices if not each.retired])
    return rng.choice(_WISHES) if field.key == "wants" and field.kind == "text" else None
