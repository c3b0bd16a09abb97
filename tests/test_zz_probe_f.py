import os, json, time, uuid, psycopg
from datetime import datetime, UTC
from django.db import connections
from regulars.tenancy import context, directory, identifiers
from tests import servers

WRITE = """
WITH given AS MATERIALIZED (
  SELECT * FROM json_to_record(%s::json) AS g(
    id uuid, customer uuid, store uuid, guide uuid, actor uuid, source text, number text, digest text,
    at timestamptz, day date, gross bigint, discount bigint, rounding bigint, paid bigint, units numeric,
    payments jsonb, extra jsonb, lines json, points bigint, reasons jsonb, expires timestamptz)
), locked AS MATERIALIZED (
  SELECT c.id FROM customers_customer c WHERE c.id = (SELECT customer FROM given) AND c.state = 'active' FOR NO KEY UPDATE
), number AS (
  INSERT INTO purchases_number (source, number, purchase_id, digest)
  SELECT source, number, id, decode(digest, 'hex') FROM given WHERE customer IS NULL OR EXISTS (SELECT FROM locked)
  ON CONFLICT (source, number) DO NOTHING RETURNING purchase_id
), purchase AS (
  INSERT INTO purchases_purchase (id, kind, store_id, customer_id, guide_id, source, number, occurred_at, business_day, gross_minor, discount_minor, rounding_minor, paid_minor, units, payments, extra, actor_id)
  SELECT id, 'sale', store, customer, guide, source, number, at, day, gross, discount, rounding, paid, units, payments, extra, actor FROM given WHERE EXISTS (SELECT FROM number)
), lines AS (
  INSERT INTO purchases_line (purchase_id, position, product_code, product_name, category, quantity, gross_minor, discount_minor, paid_minor, extra)
  SELECT n.purchase_id, l.* FROM number n, given g, json_to_recordset(g.lines) AS l(p smallint, c text, n text, k text, q numeric, g bigint, d bigint, a bigint, x jsonb)
), standing AS (
  INSERT INTO purchases_standing AS s (customer_id, purchases, returns, paid_minor, discount_minor, first_at, last_at, last_store_id)
  SELECT customer, 1, 0, paid, discount, at, at, store FROM given WHERE customer IS NOT NULL AND EXISTS (SELECT FROM number)
  ON CONFLICT (customer_id) DO UPDATE SET purchases = s.purchases + 1, paid_minor = s.paid_minor + excluded.paid_minor, discount_minor = s.discount_minor + excluded.discount_minor,
    first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at), last_store_id = CASE WHEN excluded.last_at >= s.last_at THEN excluded.last_store_id ELSE s.last_store_id END
  RETURNING purchases
){ledger}
"""
LEDGER = """, account AS (
  INSERT INTO points_account AS a (customer_id, unit, available, debt)
  SELECT customer, 'points', points, 0 FROM given WHERE points > 0 AND EXISTS (SELECT FROM number)
  ON CONFLICT (customer_id, unit) DO UPDATE SET available = a.available + greatest(excluded.available - a.debt, 0), debt = greatest(a.debt - excluded.available, 0)
  RETURNING id, available, debt, coalesce(old.debt, 0) AS owed
), posting AS (
  INSERT INTO points_posting (verb, account_id, key, store_id, purchase_id, amount, balance, reasons, actor_id, occurred_at)
  SELECT 'award', a.id, 'purchase:' || g.id, g.store, g.id, g.points, a.available - a.debt, g.reasons, g.actor, g.at FROM given g, account a
  RETURNING id
), lot AS (
  INSERT INTO points_lot (account_id, posting_id, purchase_id, amount, remaining, earned_at, expires_at)
  SELECT a.id, p.id, g.id, g.points, greatest(g.points - a.owed, 0), g.at, g.expires FROM given g, account a, posting p
  RETURNING id, remaining
), legs AS (
  INSERT INTO points_leg (posting_id, unit, side, lot_id, store_id, amount)
  SELECT p.id, 'points', x.side, x.lot, x.store, x.amount FROM given g, account a, posting p, lot l,
  LATERAL (VALUES ('lot', l.id, NULL::uuid, l.remaining), ('debt', NULL, NULL, g.points - l.remaining), ('store', NULL, g.store, -g.points)) AS x(side, lot, store, amount)
  WHERE x.amount <> 0
)
SELECT (SELECT purchase_id FROM number), (SELECT purchases FROM standing), (SELECT available - debt FROM account), (SELECT id FROM posting)
"""
NOLEDGER = " SELECT (SELECT purchase_id FROM number), (SELECT purchases FROM standing)"
ONLY = """
WITH given AS MATERIALIZED (
  SELECT * FROM json_to_record(%s::json) AS g(
    id uuid, customer uuid, store uuid, actor uuid, at timestamptz, points bigint, reasons jsonb, expires timestamptz)
)""" + LEDGER.replace(" AND EXISTS (SELECT FROM number)", "").replace("(SELECT purchase_id FROM number), (SELECT purchases FROM standing), ", "")

def test_probe(own_database):
    chain = directory.find("aurum")
    with context.inside(chain):
        from regulars.stores.models import Store
        from regulars.customers.models import Customer
        stores = list(Store.objects.all())
        if not stores:
            Store.objects.create(code="S1", name="x", time_zone="Asia/Shanghai"); stores = list(Store.objects.all())
        Customer.objects.bulk_create([Customer(name=f"c{i}") for i in range(2000)])
        ids = list(Customer.objects.values_list("id", flat=True))
        store = stores[0].id
    d = connections["default"].settings_dict
    own = servers.addresses()["default"].rsplit("/",1)[0] + "/" + d["NAME"]
    sup = servers.addresses()["super"].rsplit("/",1)[0] + "/" + d["NAME"]
    c = psycopg.connect(own, autocommit=False, prepare_threshold=3)
    c.execute(f'SET search_path = "{chain.schema_name}"'); c.commit()
    now = datetime.now(UTC).isoformat()
    seq = iter(range(10**9))
    def doc(n):
        i = next(seq)
        pid = identifiers.new_id()
        return pid, {"id": str(pid), "customer": str(ids[i % 2000]), "store": str(store), "source": "till", "number": f"{n}{i}", "digest": "00"*16, "at": now, "day": "2026-11-21",
          "gross": 1000, "discount": 0, "rounding": 0, "paid": 1000, "units": "3", "payments": [{"means":"cash","amount_minor":1000}], "extra": {},
          "lines": [{"p": k, "c": "A1", "n": "thing", "k": "gold", "q": "1", "g": 300, "d": 0, "a": 300, "x": {}} for k in range(1,4)],
          "points": 10, "reasons": [{"vertical":"jewelry","version":"1","rule":"base","points":10,"params":{"amount":"10"},"by_line":[4,3,3]}], "expires": "2028-11-21T00:00:00+08:00"}
    full = WRITE.replace("{ledger}", LEDGER); part = WRITE.replace("{ledger}", NOLEDGER)
    q = chain.schema_name
    def combined(cur):
        _, g = doc("a"); cur.execute(full, (json.dumps(g),)); cur.fetchone()
    def noledger(cur):
        _, g = doc("n"); cur.execute(part, (json.dumps(g),)); cur.fetchone()
    def two(cur):
        _, g = doc("b"); cur.execute(part, (json.dumps(g),)); cur.fetchone(); cur.execute(ONLY, (json.dumps(g),)); cur.fetchone()
    def bare(cur):
        pid, g = doc("c"); gid = g["id"]
        cur.execute("INSERT INTO purchases_number (source, number, purchase_id, digest) VALUES (%s,%s,%s,%s)", ("till", g["number"], pid, b"0"*16))
        cur.execute("INSERT INTO purchases_purchase (id, kind, store_id, customer_id, source, number, occurred_at, business_day, gross_minor, discount_minor, rounding_minor, paid_minor, units, payments, extra) VALUES (%s,'sale',%s,%s,%s,%s,%s,'2026-11-21',%s,0,0,%s,3,%s,'{}')",
            (pid, store, ids[0], "till", g["number"], now, 1000, 1000, json.dumps(g["payments"])))
        cur.execute("INSERT INTO purchases_line (purchase_id, position, product_code, product_name, category, quantity, gross_minor, discount_minor, paid_minor, extra) VALUES " + ",".join(["(%s,%s,'A1','thing','gold',1,300,0,300,'{}')"]*3), [x for k in range(1,4) for x in (pid,k)])
        a = uuid.UUID(g["customer"])
        cur.execute("INSERT INTO points_posting (verb, account_id, key, store_id, purchase_id, amount, balance, reasons, occurred_at) VALUES ('award',%s,%s,%s,%s,10,10,%s,%s) RETURNING id", (a, "purchase:"+gid, store, pid, json.dumps(g["reasons"]), now))
        p = cur.fetchone()[0]
        cur.execute("INSERT INTO points_lot (account_id, posting_id, purchase_id, amount, remaining, earned_at, expires_at) VALUES (%s,%s,%s,10,10,%s,'2028-11-21') RETURNING id", (a, p, pid, now))
        l = cur.fetchone()[0]
        cur.execute("INSERT INTO points_leg (posting_id, unit, side, lot_id, store_id, amount) VALUES (%s,'points','lot',%s,NULL,10),(%s,'points','store',NULL,%s,-10)", (p, l, p, store))
    def bare_multi(cur):
        bare(cur)
    import statistics
    cur = c.cursor()
    def round_(fns, n=1200):
        t = {f.__name__: [] for f in fns}
        for _ in range(10):
            for f in fns: f(cur); c.commit()
        for _ in range(n):
            for f in fns:
                a=time.perf_counter(); f(cur); c.commit(); t[f.__name__].append((time.perf_counter()-a)*1e6)
        return {k: (round(sorted(v)[n//10]), round(statistics.median(v))) for k,v in t.items()}
    s = psycopg.connect(sup, autocommit=True); s.execute(f'SET search_path = "{q}"')

    V = {}
    V["group"] = "SELECT sum(amount) INTO surplus FROM points_leg WHERE posting_id = NEW.posting_id GROUP BY unit HAVING sum(amount) <> 0 LIMIT 1;"
    V["filter"] = "SELECT nullif(abs(sum(amount) FILTER (WHERE unit='points')),0) INTO surplus FROM points_leg WHERE posting_id = NEW.posting_id;"
    V["plain"] = "SELECT nullif(sum(amount),0) INTO surplus FROM points_leg WHERE posting_id = NEW.posting_id;"
    V["xor"] = "surplus := (SELECT nullif(sum(amount),0) FROM points_leg WHERE posting_id = NEW.posting_id);"
    V["nothing"] = "surplus := NULL;"
    V["setpath"] = None
    B = """CREATE OR REPLACE FUNCTION public.check_legs_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE surplus bigint;
BEGIN
 IF current_setting('search_path') = TG_TABLE_SCHEMA THEN
 %s
 ELSE RAISE EXCEPTION 'x'; END IF;
 IF surplus IS NOT NULL THEN RAISE EXCEPTION 'no'; END IF;
 RETURN NULL; END $$"""
    D = """CREATE OR REPLACE FUNCTION public.check_legs_balance() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE surplus bigint;
BEGIN
 EXECUTE format('SELECT sum(amount) FROM %I.points_leg WHERE posting_id = $1 GROUP BY unit HAVING sum(amount) <> 0 LIMIT 1', TG_TABLE_SCHEMA) INTO surplus USING NEW.posting_id;
 IF surplus IS NOT NULL THEN RAISE EXCEPTION 'no'; END IF;
 RETURN NULL; END $$"""
    for r in range(2):
        for k, v in V.items():
            s.execute((B % v) if v else D)
            print(k, round_((combined,), 1500))
    s.execute("ALTER TABLE points_leg DISABLE TRIGGER legs_balance")
    print("notrig", round_((combined, )))
