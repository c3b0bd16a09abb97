"""Complaints of a demo chain, one or more in every state, raised and seen to by its own people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, Final
from uuid import UUID

from regulars.audit import Actor, ActorKind
from regulars.complaints import causes, services, templates
from regulars.complaints.models import Case, Remedy
from regulars.complaints.services import ending, remedies, tending
from regulars.complaints.way import End
from regulars.customers.models import Customer
from regulars.kit import Complaint
from regulars.local.demo import drawing
from regulars.local.demo.drawing import Dice
from regulars.purchases.models import Line, Purchase
from regulars.staff import selectors as people
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.usecases import compensate

CUSTOMER: Final = Actor(kind=ActorKind.CUSTOMER)
_LANGUAGE: Final = "zh-Hans"
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_SAID: Final = (
    "买回去没几天就这样了，心里很不舒服，希望你们给个说法。",
    "当时说好的不是这样，我跑了两趟都没解决。",
    "东西我很喜欢，就是这个问题让人不放心，你们看怎么处理。",
    "打电话问过一次，没人回我，所以自己来说。",
    "第一次碰到这种情况，想请店长帮忙看看。",
)
_MEANS: Final = "您为这件事多跑了一趟，又耽误了用，我们完全理解您的着急。"
_FACTS: Final = "调了当天的记录，也请师傅看过，确实是我们这边没有做到位。"
_PROPOSAL: Final = "原因已经查清，是我们的疏忽。我们这样给您处理，另外再表示一点心意，您看可以吗？"
_DONE: Final = "都按说好的办妥了，东西也请您当面看过。"
_ASKED: Final = "现在一切都好了吗？有不满意的地方请直接告诉我们。"
_REFORM: Final = "交付前多加一道检查，并在早会上讲了这件事。"
_STILL: Final = "处理是处理了，可是同样的问题又出现了。"
_REASONS: Final = {
    End.WITHDRAWN: "顾客电话里说不用再处理了。",
    End.NO_ANSWER: "三次联系不上，先结案，顾客来店再开。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """One complaint: how far it came, how many hours ago it began, and what is special about it."""

    upto: str
    hours: int
    by: str = "guide"  # whom it was told: the store's first guide, a colleague, or the web
    how: str = "counter"
    grants: bool = False  # ask for more than a guide may decide, and leave it waiting
    ends: End | None = None
    again: bool = False  # the customer was not satisfied: a second round
    waits: bool = False


_PLANS: Final = (
    _Plan(upto="heard", hours=1, by="web", how="web"),
    _Plan(upto="heard", hours=20, by="web", how="web"),
    _Plan(upto="heard", hours=1),
    _Plan(upto="heard", hours=50, by="colleague", how="phone"),
    _Plan(upto="apologised", hours=4, how="phone"),
    _Plan(upto="investigating", hours=26),
    _Plan(upto="investigating", hours=30, how="timeline", waits=True),
    _Plan(upto="proposed", hours=30, grants=True),
    _Plan(upto="proposed", hours=52, by="colleague", grants=True),
    _Plan(upto="agreed", hours=75, how="phone"),
    _Plan(upto="done", hours=98),
    _Plan(upto="asked", hours=120, how="message"),
    _Plan(upto="asked", hours=150, again=True),
    _Plan(upto="closed", hours=240),
    _Plan(upto="closed", hours=400, by="colleague", how="phone"),
    _Plan(upto="closed", hours=700),
    _Plan(upto="investigating", hours=500, ends=End.WITHDRAWN),
    _Plan(upto="apologised", hours=620, by="colleague", ends=End.NO_ANSWER),
)


@dataclass(frozen=True, slots=True)
class _Shop:
    """The people of the store in which they happen."""

    store: Store
    guide: Actor
    colleague: Actor
    manager: Actor


def complain(*, now: datetime) -> None:
    """Raise and see to them, in the first store; the caller has a transaction open."""
    rng = drawing.dice(context.current().vertical, "grievances")
    shop, kinds = _shop(), templates.offered()
    if shop is None or not kinds:
        return
    known = _buyers(shop, len(_PLANS))
    for place, (plan, customer) in enumerate(zip(_PLANS, cycle(known), strict=False)):
        _Telling(shop, plan, now=now, number=place).tell(customer, kinds[place % len(kinds)], rng)


def _shop() -> _Shop | None:
    """Return the first store with its people; None where it is not staffed."""
    store = Store.objects.filter(code="001").first()
    working = Staff.objects.filter(home_store=store, state=Staff.State.ACTIVE).order_by("number")
    guides = [each for each in working if each.role == Role.GUIDE]
    manager = next((each for each in working if each.role == Role.STORE_MANAGER), None)
    if store is None or manager is None or not guides:
        return None
    first, second, boss = (people.actor_of(each) for each in (guides[0], guides[-1], manager))
    return _Shop(store, first, second, boss)


def _buyers(shop: _Shop, count: int) -> Sequence[Customer]:
    """Return customers who bought there, the guide's own first."""
    rows = Customer.objects.filter(home_store=shop.store, state=Customer.State.ACTIVE)
    rows = rows.exclude(name="").exclude(phone=None).select_related("owner")
    own = list(rows.filter(owner=shop.guide.id).order_by("-joined_at", "pk")[:count])
    return own + list(rows.exclude(owner=shop.guide.id).order_by("-joined_at", "pk")[:count])


class _Telling:
    """One complaint from its first word to where it stands now."""

    def __init__(self, shop: _Shop, plan: _Plan, *, now: datetime, number: int) -> None:
        self._shop, self._plan, self._now = shop, plan, now
        self._number, self._step = number, 0
        self._at = now - plan.hours * _HOUR
        # What is left of the time is spent in even steps; the last was a while ago.
        self._pace = min(timedelta(hours=9), plan.hours * _HOUR / 16)
        self._actor = shop.colleague if plan.by == "colleague" else shop.guide
        self.case = Case()

    def tell(self, customer: Customer, kind: Complaint, rng: Dice) -> None:
        """Write the whole of it."""
        bought = _last(customer.pk)
        is_web = self._plan.by == "web"
        said = rng.choice(_SAID)
        self.case = services.open_case(
            actor=CUSTOMER if is_web else self._actor,
            draft=services.Draft(
                store_id=self._shop.store.pk,
                raised=self._plan.how,
                text=said,
                customer_id=None if is_web else customer.pk,
                template=kind.key,
                is_short=True,
                name=customer.name if is_web else "",
                phone=(customer.phone or "") if is_web else "",
                language=_LANGUAGE,
                **({} if is_web else bought),
            ),
            now=self._at,
            key=f"demo-{self._number}",
        )
        if not is_web:
            self._walk(kind)
        self._end()

    def _walk(self, kind: Complaint) -> None:
        plan = self._plan
        way: tuple[tuple[str, Any], ...] = (
            ("heard", self._urgent),
            ("apologised", lambda: self._do(
                services.apologise, text=kind.regret.text(_LANGUAGE))),
            ("investigating", self._look),
            ("proposed", lambda: self._propose(kind)),
            ("agreed", lambda: self._do(services.agree, how="counter", text="")),
            ("done", self._put_right),
            ("asked", lambda: self._do(services.ask, text=_ASKED)),
            ("closed", self._satisfied),
        )  # fmt: skip
        for state, go in way:
            if state == "heard" and plan.upto == "heard":
                return
            go()
            if state == plan.upto:
                break
        if plan.again:
            self._do(services.answered, satisfied=False, text=_STILL)
            self._do(services.write_to_customer, text="很抱歉又让您费心，店长和我一起再看一遍。")
        if plan.waits:
            self._do(services.wait, text="麻烦您发一张照片给我们，收到马上接着处理。")

    def _urgent(self) -> None:
        self._tick("urgent")

    def _look(self) -> None:
        promised = max(self._at, self._now) + 6 * _HOUR if self._plan.upto == "investigating" else (
            self._at + _DAY
        )  # fmt: skip
        self._do(services.investigate, text=_MEANS, promised_at=promised)

    def _propose(self, kind: Complaint) -> None:
        cause = causes.offered(self.case, _LANGUAGE)[self._number % 3][0]
        since = self._at.date().isoformat()
        self._do(services.find, text=_FACTS, cause=cause, since=since)
        asked = [self._ask(each) for each in self._wishes(kind)]
        self._do(
            services.propose, text=_PROPOSAL, cause_told=True,
            remedies=[each.pk for each in asked],
        )  # fmt: skip

    def _wishes(self, kind: Complaint) -> Iterable[remedies.Wish]:
        """Return what puts it right and what comes on top, within what a guide may decide."""
        among = {each.kind: each for each in kind.goodwill}
        beyond = self._plan.grants
        if "points" in among and not (beyond and "gift" in among):
            most = int(among["points"].limit or 200)
            given = most + 80 if beyond else min(most, 200)
            yield remedies.Wish(kind="points", points=given, goodwill=True)
        if "gift" in among:
            most = int(among["gift"].limit or 100)
            label, given = ("到店礼盒", most + 80) if beyond else ("护理小样", min(most, 28))
            yield remedies.Wish(kind="gift", label=label, amount_minor=given * 100, goodwill=True)

    def _ask(self, wish: remedies.Wish) -> Remedy:
        self._step += 1
        row = remedies.ask(
            actor=self._actor, case_id=self.case.pk, wish=wish, now=self._at,
            key=f"demo-{self._step}",
        )  # fmt: skip
        if row.state == Remedy.State.ASKED and not self._plan.grants:
            remedies.approve(actor=self._shop.manager, remedy_id=row.pk, now=self._at)
        return row

    def _put_right(self) -> None:
        for row in Remedy.objects.filter(case=self.case, state=Remedy.State.APPROVED):
            compensate.carry_out(actor=self._actor, remedy_id=row.pk, now=self._at)
        self._tick("own")
        self._tick("4R")
        self._do(services.do, text=_DONE)

    def _satisfied(self) -> None:
        self._do(services.answered, satisfied=True, text="处理得很快，谢谢你们。")

    def _end(self) -> None:
        """End it otherwise, by the manager's word."""
        if not self._plan.ends:
            return
        if self._plan.ends == End.NO_ANSWER:
            for _attempt in range(3):
                self._do(tending.attempt, how="phone")
        actor, self._actor = self._actor, self._shop.manager
        self._do(ending.end, how=self._plan.ends, reason=_REASONS[self._plan.ends])
        self._actor = actor

    def _tick(self, group: str) -> None:
        for each in templates.items(self.case):
            if each.by_hand and each.group == group:
                text = _REFORM if each.key == "reform" else "已当面和顾客说明并做好记录。"
                self._do(services.tick, item=each.key, text=text)

    def _do(self, verb: Any, **facts: Any) -> None:
        self._step += 1
        self._at = min(self._at + self._pace, self._now)
        verb(
            actor=self._actor, case_id=self.case.pk, now=self._at, key=f"demo-{self._step}", **facts
        )  # fmt: skip


def _last(customer_id: UUID) -> Mapping[str, Any]:
    """Return what the latest purchase of a customer was, as a draft names it."""
    row = Purchase.objects.filter(customer_id=customer_id, kind=Purchase.Kind.SALE)
    found = row.order_by("-id").first()
    line = Line.objects.filter(purchase=found).order_by("position").first() if found else None
    if found is None or line is None:
        return {}
    return {
        "purchase_id": found.pk,
        "line_id": line.pk,
        "product_code": line.product_code,
        "product_name": line.product_name,
        "bought_on": found.business_day,
    }
