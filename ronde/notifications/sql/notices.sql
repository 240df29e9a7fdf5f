-- What somebody is told, and what they chose to be told of, is read and changed by them alone, acting
-- as the party that it concerns; nobody reads it by delegation, since it is told to a human being.
ALTER TABLE notifications_notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notifications_notice
    USING (user_id = app.user_id() AND party_id = app.me() AND app.in_person())
    WITH CHECK (user_id = app.user_id() AND party_id = app.me());

ALTER TABLE notifications_preference ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notifications_preference
    USING (user_id = app.user_id() AND party_id = app.me() AND app.in_person())
    WITH CHECK (user_id = app.user_id() AND party_id = app.me());

-- The nightly job acts for nobody, hence sees no row; it may only remove the old ones.
CREATE FUNCTION notifications_purge() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM notifications_notice WHERE at < now() - interval '90 days' RETURNING 1
    )
    SELECT count(*) FROM gone
$$;

-- Who asked to be told of an event that is told to nobody else: keys alone, for the job that tells.
CREATE FUNCTION notifications_askers(name text) RETURNS TABLE (user_id uuid, party_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.user_id, p.party_id FROM notifications_preference p
    WHERE app.user_id() IS NULL AND p.event = name AND (p.mail OR p.application)
$$;
