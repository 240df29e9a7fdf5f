-- A creation under way holds what somebody typed: nobody else reads it, and it does not last.
ALTER TABLE dossier_creation ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON dossier_creation
    USING (user_id = app.user_id()) WITH CHECK (user_id = app.user_id());

-- The nightly job acts for nobody, hence sees no creation; it may only remove the stale ones.
CREATE FUNCTION dossier_purge_creations() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM dossier_creation WHERE started_at < now() - interval '7 days' RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
