-- The rule is asked pair by pair (`grant.sql`): a way that is right for one pair as for ten thousand,
-- so it is planned once a connection. Planning takes three times longer than the work.
ALTER FUNCTION careteam_refresh(uuid[], uuid[]) SET plan_cache_mode = force_generic_plan;
