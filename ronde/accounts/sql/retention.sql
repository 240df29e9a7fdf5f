-- What the legal pages promise: a request whose address was never verified is forgotten after a
-- week, one that was refused after a year, and so is an invitation that can no longer be used.
-- A request that became an account stays as long as the account, and the journal stays.
CREATE OR REPLACE FUNCTION accounts_purge_requests() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE old uuid[];
BEGIN
    SELECT coalesce(array_agg(id), '{}') INTO old FROM accounts_accountrequest
    WHERE (status = 'unverified' AND created_at < now() - interval '7 days')
       OR (status = 'refused' AND decided_at < now() - interval '1 year');
    PERFORM set_config('ronde.purging', 'on', true);
    DELETE FROM accounts_requeststep WHERE request_id = ANY (old);
    DELETE FROM accounts_attachmentopinion WHERE request_id = ANY (old);
    DELETE FROM accounts_accountrequest WHERE id = ANY (old);
    PERFORM set_config('ronde.purging', '', true);
    DELETE FROM accounts_invitation
    WHERE least(withdrawn_at, used_at, expires_at) < now() - interval '1 year';
    RETURN cardinality(old);
END $$;
