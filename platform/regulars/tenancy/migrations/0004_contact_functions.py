"""The contact budget (C1), held by the database: what may be sent, and how a contact may go on.

Both functions live in public and name tables of the chain without a schema: the guard points the
search path at the schema of the table it fired for, and back again when it is done.

`contact_budget` adds up what head office declared, from the general to the special: the product's
own default, the chain, the region, the store, the tier. Each declares what it changes (see
`messages.budgets`).

`guard_contact` holds three things, whatever code writes:

* A contact that uses the allowance is refused (RG001: too many in a rolling window, RG002: too
  near another one) or, if it was written down as `if-allowed`, passed over. What has happened
  already (`logged`, or a receipt that comes late) is kept and flagged, never refused. Every such
  write holds the customer's row, so that two at once are counted one after the other.
* Nobody is contacted whose record is merged or erased (RG003).
* A contact goes on only as `messages.models` says (RG004): what is unknown is never sent again.

A window is half-open, (t - span, t], and every window is looked at that would hold the new
contact, those that end with a contact planned for later included.
"""

from django.db import migrations

BUDGET = """
CREATE FUNCTION public.contact_budget(home uuid, level text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found jsonb := '{"limits": [{"purpose": "any", "days": 7, "most": 3},
                                {"purpose": "selling", "days": 7, "most": 1}],
                     "distance": 1440, "quiet": ["21:00", "09:00"], "tiers": {}}';
    part jsonb;
BEGIN
    FOR part IN
        SELECT d.body FROM registry_declaration d
         WHERE d.noun = 'budget' AND d.key = 'contacts'
           AND (d.store_id = home OR (d.store_id IS NULL AND (d.region_id IS NULL
             OR d.region_id = (SELECT s.region_id FROM stores_store s WHERE s.id = home))))
         ORDER BY d.store_id IS NOT NULL, d.region_id IS NOT NULL
    LOOP
        found := found || part;
    END LOOP;
    RETURN (found || coalesce(found -> 'tiers' -> level, '{}')) - 'tiers';
END $$
"""

ADVANCES = """
CREATE FUNCTION public.contact_advances(was text, becomes text, by_hand boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE was
    WHEN 'reserved' THEN becomes IN ('sending', 'cancelled', 'refused')
        OR (by_hand AND becomes IN ('delivered', 'failed'))
    WHEN 'sending' THEN
        becomes IN ('reserved', 'accepted', 'delivered', 'failed', 'refused', 'unknown')
    WHEN 'unknown' THEN becomes IN ('accepted', 'delivered', 'failed', 'refused')
    WHEN 'accepted' THEN becomes IN ('delivered', 'failed')
    WHEN 'failed' THEN becomes = 'delivered'
    WHEN 'received' THEN becomes = 'answered'
    ELSE false
END
"""

GUARD = """
CREATE FUNCTION public.guard_contact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    path text := pg_catalog.current_setting('search_path');
    refused text;
BEGIN
    IF NEW.direction = 'in' THEN
        IF TG_OP = 'UPDATE' AND NEW.state <> OLD.state
           AND NOT public.contact_advances(OLD.state, NEW.state, false) THEN
            RAISE EXCEPTION 'a contact that is % does not become %', OLD.state, NEW.state
                USING ERRCODE = 'RG004';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF current_setting('regulars.restoring', true) = 'on' AND current_user = (
            SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID
        ) THEN
            RETURN NEW;  -- the history of a chain that is restored from its archive
        ELSIF NEW.state NOT IN ('if-allowed', 'reserved', 'logged') THEN
            RAISE EXCEPTION 'a contact begins as reserved or logged, not as %', NEW.state
                USING ERRCODE = 'RG004';
        END IF;
    ELSIF NEW.state <> OLD.state AND NOT public.contact_advances(
        OLD.state, NEW.state, NEW.channel IN ('call', 'visit', 'wechat', 'wecom', 'post')
    ) THEN
        RAISE EXCEPTION 'a contact that is % does not become %', OLD.state, NEW.state
            USING ERRCODE = 'RG004';
    END IF;
    IF NEW.purpose = 'service' OR NEW.state IN ('cancelled', 'failed', 'refused') OR (
        TG_OP = 'UPDATE' AND NEW.at = OLD.at AND OLD.state NOT IN ('cancelled', 'failed', 'refused')
    ) THEN
        IF NEW.state = 'if-allowed' THEN
            NEW.state := 'reserved';
        END IF;
        RETURN NEW;
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'contacts are counted in transactions that read what is committed'
            USING ERRCODE = 'RG005';
    END IF;
    IF path <> quote_ident(TG_TABLE_SCHEMA) THEN
        PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA), true);
    END IF;
    refused := public.contact_refused(NEW.id, NEW.customer_id, NEW.purpose, NEW.tier, NEW.at);
    IF path <> quote_ident(TG_TABLE_SCHEMA) THEN
        PERFORM set_config('search_path', path, true);
    END IF;
    IF refused IS NULL THEN
        IF NEW.state = 'if-allowed' THEN
            NEW.state := 'reserved';
        END IF;
    ELSIF NEW.state = 'if-allowed' THEN
        RETURN NULL;
    ELSIF NEW.state IN ('reserved', 'sending') THEN
        RAISE EXCEPTION 'the contact budget of customer % does not allow this', NEW.customer_id
            USING ERRCODE = refused;
    ELSIF refused = 'RG003' THEN
        RAISE EXCEPTION 'customer % is merged, erased or unknown', NEW.customer_id
            USING ERRCODE = refused;
    ELSE
        NEW.flagged := true;
    END IF;
    RETURN NEW;
END $$
"""

REFUSED = """
CREATE FUNCTION public.contact_refused(
    self uuid, person uuid, why text, level text, moment timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    held record;
    budget jsonb;
    bound record;
    span interval;
BEGIN
    -- Each statement below sees what whoever held the row before us has committed.
    SELECT c.state, c.home_store_id INTO held FROM customers_customer c
     WHERE c.id = person FOR NO KEY UPDATE;
    IF held.state IS DISTINCT FROM 'active' THEN
        RETURN 'RG003';
    END IF;
    budget := public.contact_budget(held.home_store_id, level);
    FOR bound IN
        SELECT b.purpose, b.days, b.most
          FROM jsonb_to_recordset(budget -> 'limits') AS b(purpose text, days integer, most integer)
         WHERE b.purpose IN ('any', why)
    LOOP
        span := make_interval(hours => 24 * bound.days);
        -- So many neighbours within one span, and the new one with them: one too many.
        IF bound.most < 1 OR EXISTS (
            SELECT FROM (
                SELECT m.at AS first, lead(m.at, bound.most - 1) OVER (ORDER BY m.at) AS last
                  FROM messaging_contact m
                 WHERE m.customer_id = person AND m.uses_allowance AND m.id <> self
                   AND bound.purpose IN ('any', m.purpose)
                   AND m.at > moment - span AND m.at < moment + span
            ) AS run
            WHERE run.last < run.first + span
        ) THEN
            RETURN 'RG001';
        END IF;
    END LOOP;
    span := make_interval(mins => (budget ->> 'distance')::integer);
    IF EXISTS (
        SELECT FROM messaging_contact m
         WHERE m.customer_id = person AND m.uses_allowance AND m.id <> self
           AND m.at > moment - span AND m.at < moment + span
    ) THEN
        RETURN 'RG002';
    END IF;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_points_functions")]
    operations = [
        migrations.RunSQL(BUDGET, "DROP FUNCTION public.contact_budget(uuid, text)"),
        migrations.RunSQL(ADVANCES, "DROP FUNCTION public.contact_advances(text, text, boolean)"),
        migrations.RunSQL(
            REFUSED,
            "DROP FUNCTION public.contact_refused(uuid, uuid, text, text, timestamptz)",
        ),
        migrations.RunSQL(GUARD, "DROP FUNCTION public.guard_contact()"),
    ]
