-- What tells has one term: notices, the memory of the mails that left, and the jobs that gave up. A
-- job that ended well leaves no row (PROCRASTINATE_WORKER_DEFAULTS). A mail that left is remembered
-- as long as the job of its event comes back, or it would leave again.
CREATE OR REPLACE FUNCTION notifications_purge() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH notices AS (
        DELETE FROM notifications_notice WHERE at < now() - interval '90 days' RETURNING 1
    ), mails AS (
        DELETE FROM notifications_sent s WHERE s.at < now() - interval '90 days'
        AND s.entry_id::text NOT IN (
            SELECT j.args ->> 'entry_id' FROM procrastinate_jobs j
            WHERE j.status IN ('todo', 'doing') AND j.args ? 'entry_id')
        RETURNING 1
    ), jobs AS (
        DELETE FROM procrastinate_jobs j
        WHERE j.status IN ('succeeded', 'failed', 'cancelled', 'aborted')
        AND (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id)
            < now() - interval '90 days'
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM notices) + (SELECT count(*) FROM mails)
         + (SELECT count(*) FROM jobs)
$$;
