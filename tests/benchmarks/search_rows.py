"""The customers of the benchmark of search: names as common as real ones, made in the database."""

import random
from typing import Final

from django.db import connection

from regulars.customers import search_terms
from regulars.staff.models import Staff
from regulars.stores.models import Store
from tests.benchmarks import filling

STORES: Final = 400
_SURNAMES: Final = (
    ("王李张刘陈", 60), ("杨黄赵吴周", 22), ("徐孙马朱胡郭何高林罗", 12),
    ("郑梁谢宋唐许韩冯邓曹", 8), ("彭曾肖田董袁潘于蒋蔡", 5), ("余杜叶程苏魏吕丁任沈", 5),
    ("姚卢姜崔钟谭陆汪范金", 4),
    ("石廖贾夏韦付方白邹孟", 4), ("熊秦邱江尹薛闫段雷侯", 3), ("单仇解翟区查朴", 1),
)  # fmt: skip
_DOUBLE: Final = ("欧阳", "上官", "司马", "诸葛", "慕容")
_GIVEN: Final = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英华慧巧美"
    "文建国红玉梅春燕雪琴云飞龙小晓志海波斌鹏宇浩然子轩梓涵雨桐欣怡诗佳琪一诺"
    "思睿博嘉俊辉德福贵金银宝珍珠翠兰菊荷莲竹松柏山川江河湖天阳月星辰光亮"
)
_MOST: Final = 200_000
_NAMES: Final = "bench_names"

_ROWS: Final = f"""
INSERT INTO customers_customer (state, name, pinyin, initials, tokens, phone, member_code,
  gender, age_band, email, address, language, time_zone, profile, extra, home_store_id, owner_id)
SELECT 'active', v.name, v.pinyin, v.initials,
  v.tokens || ARRAY(SELECT DISTINCT substr(right(nine, 8), at, 4) FROM generate_series(1, 4) AS at),
  '+861' || (array['3', '5', '7', '8', '9'])[1 + prefix] || nine, 'M' || drawn.n,
  '', '', '', '{{}}', 'zh-hans', '', '{{"occupation": {{"value": "teacher", "how": "purchase"}}}}',
  '{{}}', (%(stores)s::uuid[])[1 + place], (%(guides)s::uuid[])[1 + 2 * place + drawn.n %% 2]
FROM (
  SELECT n, (random() * 4)::int AS prefix, (random() * {STORES - 1})::int AS place,
    lpad((random() * 999999999)::bigint::text, 9, '0') AS nine,
    1 + (random() * (%(names)s - 1))::int AS name
  FROM generate_series(1, %(count)s) AS n) AS drawn
JOIN {_NAMES} v ON v.n = drawn.name"""


def fill(count: int) -> tuple[list[Store], list[Staff]]:
    """Make customers in stores, half of each store's with either of its two guides."""
    stores = Store.objects.bulk_create(
        Store(code=f"b{n}", name=f"Store {n}", time_zone="Asia/Shanghai") for n in range(STORES)
    )
    guides = Staff.objects.bulk_create(
        Staff(name=f"Guide {n}", home_store=stores[n // 2]) for n in range(2 * STORES)
    )
    names = _write_names(min(count, _MOST))
    with filling.indexed_afterwards("customers_customer"), connection.cursor() as cursor:
        cursor.execute(
            _ROWS,
            {
                "count": count,
                "names": names,
                "stores": [each.pk for each in stores],
                "guides": [each.pk for each in guides],
            },
        )
    with filling.owner() as cursor:
        cursor.execute("ANALYZE staff_staff, stores_store")
    return stores, guides


def _write_names(count: int) -> int:
    """Keep drawn names with what the product finds them by; return how many."""
    drawn = _draw(count)
    terms = {name: search_terms.of(name, None) for name in set(drawn)}
    with filling.owner() as cursor:
        cursor.execute(
            f'CREATE TABLE {_NAMES} (n int PRIMARY KEY, name text COLLATE "C", '
            'pinyin text COLLATE "C", initials text COLLATE "C", tokens text[])'
        )
        cursor.execute(f"GRANT SELECT ON {_NAMES} TO PUBLIC")
        with cursor.copy(f"COPY {_NAMES} FROM STDIN") as copy:
            for n, name in enumerate(drawn, start=1):
                copy.write_row((n, name, *terms[name]))
        cursor.execute(f"ANALYZE {_NAMES}")
    return len(drawn)


def _draw(count: int) -> list[str]:
    draw = random.Random(9)
    surnames = [name for names, _ in _SURNAMES for name in names] + list(_DOUBLE)
    weights = [weight / len(names) for names, weight in _SURNAMES for _ in names]
    weights += [0.1] * len(_DOUBLE)
    first = draw.choices(surnames, weights, k=count)
    often = [1 / (place + 6) for place in range(len(_GIVEN))]
    given, more = (draw.choices(_GIVEN, often, k=count) for _ in range(2))
    return [
        name + one + (other if draw.random() < 0.8 else "")
        for name, one, other in zip(first, given, more, strict=True)
    ]
