"""Two years of one demo chain, told from its first day to this moment, in one transaction.

Sales are settled and earn points by the product's own code and are written week by week; returns,
exchanges and redemptions go through the product's own stories in between, so that the books read
as if they had been kept all along.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import transaction

from regulars import registry
from regulars.audit import SYSTEM
from regulars.audit import services as audit
from regulars.customers.models import LifeEvent
from regulars.followups.occasions import keeping as occasions
from regulars.local.demo import (
    content,
    drawing,
    grievances,
    mornings,
    persons,
    profiles,
    satisfaction,
    shopkeeping,
    shopping,
    writing,
)
from regulars.local.demo.customers_past import Past, Pasts
from regulars.local.demo.receipts import Buying, Tills
from regulars.local.demo.returning import Returning
from regulars.local.demo.shopping import Shops, Size, Visit
from regulars.local.demo.things import Things
from regulars.points import history, ledger
from regulars.points.selectors import award_key
from regulars.purchases import services as purchases
from regulars.purchases import settling
from regulars.tenancy import context
from regulars.tenancy.identifiers import new_id
from regulars.usecases import earning

WRITTEN: Final = "demo.written"
type Tell = Callable[[int, int, str], None]
_LANGUAGE: Final = "zh-Hans"
_NO_GUIDE: Final = shopkeeping.Guide(UUID(int=0), "")


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who appears in the story."""

    shops: list[shopkeeping.Shop]
    visits: list[tuple[Visit, shopkeeping.Guide | None]]
    people: list[persons.Person]


class Story:
    """Writes the story of the current chain. `now` is the moment at which it ends."""

    def __init__(self, size: Size, *, now: datetime, password: str, tell: Tell) -> None:
        """Prepare; nothing is written yet."""
        chain = context.current()
        self._size = size
        self._now = now.astimezone(chain.zone)
        self._today = self._now.date()
        self._password = password
        self._tell = tell
        self._company = content.company(chain.vertical)
        self._rng = drawing.dice(chain.vertical, "story")

    @transaction.atomic
    def write(self) -> None:
        """Write everything, or nothing."""
        rng = self._rng
        shops = shopkeeping.open_all(self._company, today=self._today, password=self._password)
        visits = shopping.plan(self._company, self._size, now=self._now, rng=rng)
        people = persons.crowd(context.current().vertical, self._size.customers, rng)
        cast = _Cast(shops, self._served(visits, shops), people)
        pasts = self._write_customers(cast)
        self._write_purchases(cast, pasts)
        purchases.recount(customer_ids=[past.id for past in pasts.all])
        shopkeeping.close_some(self._company, shops, today=self._today)
        ledger.expire(now=self._now)
        occasions.refresh_all(now=self._now, states=True)
        mornings.live(now=self._now)
        satisfaction.answer(now=self._now)
        grievances.complain(now=self._now)
        audit.record(actor=SYSTEM, action=WRITTEN)

    def _served(
        self, visits: Sequence[Visit], shops: Sequence[shopkeeping.Shop]
    ) -> list[tuple[Visit, shopkeeping.Guide | None]]:
        """Let somebody serve each visit: mostly the one who knows the customer."""
        owners: dict[int, shopkeeping.Guide] = {}
        served: list[tuple[Visit, shopkeeping.Guide | None]] = []
        for visit in visits:
            guides = shops[visit.store].guides
            known = owners.get(-1 if visit.shopper is None else visit.shopper)
            guide = None
            if guides:
                faithful = drawing.happens(self._rng, self._company.habits.owner_serves)
                guide = known if known in guides and faithful else self._rng.choice(guides)
                if visit.shopper is not None:
                    owners.setdefault(visit.shopper, guide or guides[0])
            served.append((visit, guide))
        return served

    def _write_customers(self, cast: _Cast) -> Pasts:
        """Write files of customers as they are known today."""
        self._tell(0, self._size.purchases, "customers")
        visits: dict[int, list[tuple[Visit, shopkeeping.Guide | None]]] = {}
        for visit, guide in cast.visits:
            if visit.shopper is not None:
                visits.setdefault(visit.shopper, []).append((visit, guide))
        pasts = Pasts(registry.vertical(), now=self._now)
        rows, agreed, noted, cards = [], [], [], []
        days: list[LifeEvent] = []
        joined = self._now - timedelta(days=self._size.days // 3)
        for at, person in enumerate(cast.people):
            past, known, home = self._known(at, person, visits.get(at, []), cast, joined)
            pasts.add(past)
            extra, where = profiles.vertical_values(
                self._company, known, today=self._today, rng=self._rng
            )
            past.extra = extra
            rows.append(
                writing.customer_row(
                    past.id,
                    person,
                    profile={**profiles.answers(known, self._rng), **where},
                    extra=extra,
                    address=self._address(home, known),
                    owner_id=known.owner_id,
                    store_id=None if home is None else cast.shops[home].id,
                    first=known.first,
                    last=known.last,
                )
            )
            agreed += profiles.consents(known, self._rng)
            noted += profiles.notes(known, self._rng)
            days += profiles.days(known, person.birthday, today=self._today, rng=self._rng)
            if drawing.happens(self._rng, 18):
                cards.append((past.id, "card", f"88{at:08}"))
        writing.customers(rows)
        consent = "customer_id purpose channel given how text_version by_id at"
        writing.copy("customers_consent", consent, agreed)
        writing.copy("customers_note", "customer_id author_id text is_warning at", noted)
        writing.copy("customers_identity", "customer_id source number", cards)
        LifeEvent.objects.bulk_create(days, batch_size=1_000)
        return pasts

    def _known(
        self,
        at: int,
        person: persons.Person,
        visits: Sequence[tuple[Visit, shopkeeping.Guide | None]],
        cast: _Cast,
        joined: datetime,
    ) -> tuple[Past, profiles.Known, int | None]:
        """Return what the visits make of a person: owner and home store at the first (C7)."""
        owner = next((guide for _visit, guide in visits if guide), None)
        home = visits[0][0].store if visits else None
        known = profiles.Known(
            id=new_id(),
            owner_id=owner.id if owner else None,
            visits=len(visits),
            first=visits[0][0].at if visits else joined,
            last=visits[-1][0].at if visits else joined,
        )
        past = Past(
            id=known.id,
            owner_id=known.owner_id,
            home_store_id=None if home is None else cast.shops[home].id,
            birthday=person.birthday,
            wealth=person.wealth,
        )
        return past, known, home

    def _address(self, home: int | None, known: profiles.Known) -> dict[str, str]:
        if home is None or not drawing.happens(self._rng, 26 + min(known.visits, 20)):
            return {}
        return persons.home(self._company, home, self._rng)

    def _write_purchases(self, cast: _Cast, pasts: Pasts) -> None:
        tills = Tills(
            self._company,
            Shops(self._company, today=self._today, zone=context.current().zone),
            first=self._today - timedelta(days=self._size.days),
            last=self._today,
        )
        returning = Returning(self._company, cast.shops, tills, now=self._now)
        things = Things(self._company, today=self._today)
        done = 0
        for week, visits in _weeks(cast.visits):
            done += self._write_week(visits, cast, pasts, tills, returning, things)
            returning.until(min(week + timedelta(days=7), self._now))
            self._tell(done, self._size.purchases, f"{week:%Y-%m-%d}")
        things.write()

    def _write_week(
        self,
        visits: Sequence[tuple[Visit, shopkeeping.Guide | None]],
        cast: _Cast,
        pasts: Pasts,
        tills: Tills,
        returning: Returning,
        things: Things,
    ) -> int:
        facts, awards = writing.Facts(), []
        for visit, guide in visits:
            shop = cast.shops[visit.store]
            past = None if visit.shopper is None else pasts.all[visit.shopper]
            buying = Buying(
                store_id=shop.id,
                guide_id=guide.id if guide else None,
                guide_name=(guide or _NO_GUIDE).name,
                customer_id=past.id if past else None,
                wealth=past.wealth if past else self._rng.random() ** 3,
            )
            draft = tills.receipt(visit, buying, self._rng)
            settled = settling.settle(draft, vertical=registry.vertical(), language=_LANGUAGE)
            purchase_id, day = new_id(), visit.at.date()
            lines = facts.add(
                settled,
                purchase_id=purchase_id,
                store_id=shop.id,
                customer_id=buying.customer_id,
                guide_id=buying.guide_id,
                source=draft.source,
                number=draft.number,
                at=visit.at,
                day=day,
            )
            returning.may_come_back(visit, purchase_id, settled, past)
            if past is None:
                continue
            # Nobody waits at a till here, and a machine busy with demos may be too slow for the
            # limits that functions have there.
            basket = earning.basket_of(settled, pasts.scene(past, visit.at, shop.code))
            earned = earning.evaluated(basket)
            past.bought(day, settled.paid_minor)
            things.bought(past, settled, lines, day=day, rng=self._rng)
            if earned.points:
                awards.append(
                    history.Award(
                        customer_id=past.id,
                        amount=earned.points,
                        key=award_key(purchase_id),
                        reasons=earned.reasons,
                        occurred_at=visit.at,
                        expires_at=earning.expires_at(day),
                        store_id=shop.id,
                        purchase_id=purchase_id,
                    )
                )
        facts.write()
        history.award_many(rows=awards, actor=SYSTEM)
        return len(visits)


def _weeks(
    visits: Sequence[tuple[Visit, shopkeeping.Guide | None]],
) -> Iterator[tuple[datetime, list[tuple[Visit, shopkeeping.Guide | None]]]]:
    """Cut the visits into weeks from the first one on."""
    begin = visits[0][0].at.replace(hour=0, minute=0, second=0)
    for number, some in groupby(visits, key=lambda each: (each[0].at - begin).days // 7):
        yield begin + timedelta(days=7 * number), list(some)
