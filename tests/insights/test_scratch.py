"""scratch"""

import random
from datetime import date, timedelta

from regulars.insights.models import *
from regulars.insights.periods import Days
from regulars.insights.selectors import figures, uncounted
from regulars.insights.services import folding, keeping
from regulars.tenancy import context, directory
from regulars.tenancy.identifiers import new_id
from tests.factories import insights as f
from tests.factories import people


def test_scratch(own_database, now):
    chain = directory.find("aurum")
    with context.inside(chain):
        r1 = people.region(code="r1")
        r2 = people.region(code="r2", name="b")
        stores = [people.store(code=f"s{i}", region=(r1, r2)[i % 2]) for i in range(5)]
        groups = {
            CHAIN: {s.id for s in stores} | {people.first_store().id},
            r1.id: {s.id for s in stores[::2]},
            r2.id: {s.id for s in stores[1::2]},
            **{s.id: {s.id} for s in stores},
        }
        cust = [new_id() for _ in range(12)]
        d0 = date(2025, 11, 1)
        rnd = random.Random(1)
        facts = []

        def check(tag):
            periods = []
            for _ in range(12):
                a = d0 + timedelta(rnd.randrange(60))
                periods.append(Days(a, a + timedelta(rnd.choice([0, 1, 6, 29, rnd.randrange(40)]))))
            periods = list(dict.fromkeys(periods)) + [Days(date.min, d0 + timedelta(50))]
            ans = figures.read(group_ids=list(groups), periods=periods)
            for p in periods:
                for g, ss in groups.items():
                    want = f.counted(facts, stores=ss, days=p)
                    got = ans.of(p, g)
                    assert got == want, (tag, p, g, got, want, ans.fresh, ans.kept)
                    assert uncounted.of_stores(store_ids=ss, periods=[p])[p] == want
            return ans

        for step in range(25):
            new = []
            for _ in range(rnd.randrange(6)):
                sales = [
                    x
                    for x in facts
                    if x.kind == "sale" and not any(v.original == x.id for v in facts + new)
                ]
                k = rnd.random()
                if k < 0.15 and sales:
                    new.append(f.returned(rnd.choice(sales), day=d0 + timedelta(rnd.randrange(80))))
                elif k < 0.35 and sales:
                    new.append(f.voided(rnd.choice(sales)))
                else:
                    new.append(
                        f.sale(
                            store=rnd.choice(stores).id,
                            customer=rnd.choice(cust + [None]),
                            day=d0 + timedelta(rnd.randrange(80)),
                            paid=rnd.randrange(5000),
                        )
                    )
            f.write(new)
            facts += new
            check(step)
            if rnd.random() < 0.6:
                folding.fold(now=now)
            if rnd.random() < 0.2:
                keeping.keep(
                    periods=[
                        Days(
                            d0 + timedelta(rnd.randrange(30)),
                            d0 + timedelta(30 + rnd.randrange(30)),
                        )
                    ],
                    today=now.date(),
                )
            if rnd.random() < 0.15:
                a, b = rnd.sample(cust, 2)
                with folding.recounted([a, b]):
                    f.move(absorbed=a, kept=b)
                facts = [f.replace(x, customer=b) if x.customer == a else x for x in facts]
            check((step, "after"))
            periods = list(keeping.kept())
            if periods:
                ans = figures.read(group_ids=list(groups), periods=periods)
                assert set(ans.kept) == set(periods)
                for p in periods:
                    for g, ss in groups.items():
                        assert ans.of(p, g) == f.counted(facts, stores=ss, days=p)
        folding.rebuild(now=now)
        check("rebuilt")
        print(Day.objects.count(), Period.objects.count())
