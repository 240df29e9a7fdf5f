-- An account was born, but who asked may not change the circle any more: the wait ends all the same.
CREATE FUNCTION careteam_waited_in_vain(request uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE careteam_awaitedaccount a SET settled_at = statement_timestamp(), outcome = 'no_access'
    FROM accounts_accountrequest r
    WHERE r.id = request AND r.status = 'accepted' AND a.request_id = r.id AND a.settled_at IS NULL
$$;
