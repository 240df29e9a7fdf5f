-- A draft holds what somebody typed: nobody else reads it, and it does not last.
ALTER TABLE accounts_draft ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON accounts_draft
    USING (user_id = app.user_id()) WITH CHECK (user_id = app.user_id());

-- The nightly job acts for nobody, hence sees no draft; it may only remove the stale ones.
CREATE FUNCTION accounts_purge_drafts() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM accounts_draft WHERE saved_at < now() - interval '7 days' RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
