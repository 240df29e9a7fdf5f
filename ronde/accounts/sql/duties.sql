-- Is the person who asks on this duty, in the console, now? The context says which hat they wear;
-- the table, whether they may.
CREATE FUNCTION accounts_on_duty(kind text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT current_setting('app.duty', true) = kind
       AND EXISTS (SELECT 1 FROM accounts_duty d
                   WHERE d.user_id = app.user_id() AND d.kind = accounts_on_duty.kind
                     AND d.ended_at IS NULL)
$$;

-- Does the acting party hold this in its own name, and not by delegation?
CREATE OR REPLACE FUNCTION app.in_person() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('app.delegated', true), '') = '' $$;

-- A duty is given and ended by an administrator, or by the owner of the tables.
ALTER TABLE accounts_duty ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON accounts_duty FOR SELECT USING (true);
CREATE POLICY given ON accounts_duty FOR INSERT
    WITH CHECK ((SELECT accounts_on_duty('administrator')) AND given_by = app.user_id());
CREATE POLICY ended ON accounts_duty FOR UPDATE
    USING ((SELECT accounts_on_duty('administrator'))) WITH CHECK (ended_at IS NOT NULL);

-- A delegation is asked for by the delegate, given or accepted by the delegator in person, and
-- ended by either. Who sees it: both, and the sign-in, which acts for nobody yet.
ALTER TABLE accounts_delegation ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON accounts_delegation FOR SELECT
    USING (app.me() IS NULL OR app.me() IN (delegator_id, delegate_id));
CREATE POLICY created ON accounts_delegation FOR INSERT WITH CHECK (
    app.in_person() AND created_by = app.user_id() AND CASE status
        WHEN 'pending' THEN delegate_id = app.me()
        WHEN 'accepted' THEN delegator_id = app.me() ELSE false END);
CREATE POLICY changed ON accounts_delegation FOR UPDATE
    USING (app.in_person() AND app.me() IN (delegator_id, delegate_id))
    WITH CHECK (CASE WHEN status IN ('accepted', 'refused') THEN delegator_id = app.me()
                ELSE status = 'withdrawn' END);
