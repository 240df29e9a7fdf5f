-- Requests for accounts are read by whoever validates them, on duty, and by the named service that
-- writes their mails; an applicant reaches theirs through the functions below, by a link.

-- The jobs that write to applicants run in this context, in nobody's name.
CREATE FUNCTION accounts_by_post() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT app.me() IS NULL AND app.user_id() IS NULL
      AND current_setting('app.duty', true) = 'post' $$;

CREATE FUNCTION accounts_validates() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT accounts_on_duty('administrator') OR accounts_on_duty('support') $$;

ALTER TABLE accounts_accountrequest ENABLE ROW LEVEL SECURITY;
CREATE POLICY validated ON accounts_accountrequest FOR SELECT
    USING ((SELECT accounts_validates()) OR (SELECT accounts_by_post()));
-- Anybody asks for themselves, and waits for the mailed link; whoever signed in, for a colleague.
CREATE POLICY asked ON accounts_accountrequest FOR INSERT WITH CHECK (
    account_id IS NULL AND decided_by IS NULL AND decided_at IS NULL AND CASE kind
    WHEN 'self' THEN status = 'unverified' AND requester_user IS NULL
    WHEN 'colleague' THEN status = 'pending' AND psc_subject = '' AND app.user_id() IS NOT NULL
        AND requester_user = app.user_id() AND requester_party = app.me()
    ELSE false END);
CREATE POLICY decided ON accounts_accountrequest FOR UPDATE
    USING ((SELECT accounts_validates()) OR (SELECT accounts_by_post()));

-- Each state that a request goes through, by whom: written here, changed by nobody.
ALTER TABLE accounts_requeststep ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON accounts_requeststep FOR SELECT USING ((SELECT accounts_validates()));
CREATE FUNCTION accounts_keep_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status = NEW.status AND OLD.link IS NOT DISTINCT FROM NEW.link THEN
        RETURN NULL;
    END IF;
    INSERT INTO accounts_requeststep (request_id, at, status, by_user, by_name, reason, text)
    VALUES (NEW.id, statement_timestamp(), NEW.status, app.user_id(),
            CASE WHEN TG_OP = 'INSERT' THEN NEW.requester_name
                 WHEN NEW.status IN ('accepted', 'refused', 'more') THEN NEW.decided_by_name
                 ELSE '' END,
            NEW.reason,
            CASE NEW.status WHEN 'more' THEN NEW.question WHEN 'refused' THEN NEW.reason_text
                 WHEN 'pending' THEN NEW.answer ELSE '' END);
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_request_kept AFTER INSERT OR UPDATE OF status, link
    ON accounts_accountrequest FOR EACH ROW EXECUTE FUNCTION accounts_keep_step();
CREATE TRIGGER accounts_step_append_only BEFORE UPDATE OR DELETE ON accounts_requeststep
    FOR EACH STATEMENT WHEN (current_setting('ronde.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION app.append_only();

-- What a live link shows: the applicant's own first name and what they are asked, nothing else.
CREATE FUNCTION accounts_request_behind(asked uuid)
RETURNS TABLE (purpose text, given_name text, question text, by_psc boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT link_purpose, given_name, question, psc_subject <> ''
    FROM accounts_accountrequest
    WHERE link = asked AND link_used_at IS NULL AND link_expires_at > statement_timestamp()
$$;

-- The link that was mailed proves the address: the request enters the queue. Once.
CREATE FUNCTION accounts_confirm_request(asked uuid)
RETURNS TABLE (request_id uuid, by_psc boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE accounts_accountrequest
    SET status = 'pending', link_used_at = statement_timestamp(),
        entered_at = statement_timestamp(), version = version + 1
    WHERE link = asked AND link_purpose = 'verify' AND status = 'unverified'
      AND link_used_at IS NULL AND link_expires_at > statement_timestamp()
    RETURNING id, psc_subject <> ''
$$;

-- The applicant answers what a validator asked. Once.
CREATE FUNCTION accounts_complete_request(asked uuid, said text) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE accounts_accountrequest
    SET status = 'pending', link_used_at = statement_timestamp(), answer = said,
        version = version + 1
    WHERE link = asked AND link_purpose = 'complete' AND status = 'more'
      AND link_used_at IS NULL AND link_expires_at > statement_timestamp()
    RETURNING id
$$;

-- A request whose address was never verified is forgotten after a week, with what it says.
CREATE FUNCTION accounts_purge_requests() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE gone bigint;
BEGIN
    PERFORM set_config('ronde.purging', 'on', true);
    DELETE FROM accounts_requeststep s USING accounts_accountrequest r
    WHERE r.id = s.request_id AND r.status = 'unverified'
      AND r.created_at < now() - interval '7 days';
    DELETE FROM accounts_accountrequest
    WHERE status = 'unverified' AND created_at < now() - interval '7 days';
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('ronde.purging', '', true);
    RETURN gone;
END $$;

-- Somebody whom no national directory knows enters ours, when their account is accepted. The key
-- drawn from a national number is that of the imports: the next one finds the same person.
CREATE FUNCTION accounts_enter_person(request uuid, party uuid, name text, key text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r accounts_accountrequest;
BEGIN
    IF NOT (accounts_validates() OR accounts_by_post()) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only a validator adds to the directory';
    END IF;
    SELECT * INTO STRICT r FROM accounts_accountrequest
    WHERE id = request AND status IN ('pending', 'more');
    INSERT INTO directory_party (id, kind, display_name, sort_key, phone, email, address_line,
        postcode, city, commune_code, source)
    VALUES (party, 1, name, key, r.phone, '', '', '', r.city, '', 'local');
    INSERT INTO directory_person (party_id, family_name, given_name, title, rpps, adeli,
        profession_code)
    VALUES (party, r.family_name, r.given_name, r.title, r.rpps, r.adeli, r.profession_code);
END $$;

-- Who asks to be attached to the structure that the super-user acts for: public traits alone.
CREATE FUNCTION accounts_is_super_user() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT app.in_person() AND EXISTS (
        SELECT 1 FROM accounts_attachment a
        WHERE a.user_id = app.user_id() AND a.structure_id = app.me() AND a.is_super_user
          AND a.ended_at IS NULL)
$$;
CREATE FUNCTION accounts_asking_attachment()
RETURNS TABLE (request_id uuid, family_name text, given_name text, profession_code text,
    function text, number text, entered_at timestamptz, confirmed boolean, said_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.id, r.family_name, r.given_name, r.profession_code, r.function,
           coalesce(nullif(r.rpps, ''), r.adeli), r.entered_at, o.confirmed, o.by_name
    FROM accounts_accountrequest r
    LEFT JOIN accounts_attachmentopinion o ON o.request_id = r.id AND o.structure_id = app.me()
    WHERE accounts_is_super_user() AND app.me() = ANY (r.structure_ids)
      AND r.status IN ('pending', 'more')
    ORDER BY r.entered_at, r.id
$$;

ALTER TABLE accounts_attachmentopinion ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON accounts_attachmentopinion FOR SELECT
    USING ((SELECT accounts_validates()) OR structure_id = app.me());
CREATE POLICY said ON accounts_attachmentopinion FOR INSERT WITH CHECK (
    structure_id = app.me() AND by_user = app.user_id()
    AND (SELECT accounts_is_super_user())
    AND request_id IN (SELECT asking.request_id FROM accounts_asking_attachment() asking));

-- An invitation is its author's; validators see it beside the request that came of it.
ALTER TABLE accounts_invitation ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON accounts_invitation FOR SELECT USING (
    by_user = app.user_id() OR (SELECT accounts_validates()) OR (SELECT accounts_by_post()));
CREATE POLICY sent ON accounts_invitation FOR INSERT WITH CHECK (
    by_user = app.user_id() AND by_party = app.me() AND used_at IS NULL AND account_id IS NULL);
CREATE POLICY changed ON accounts_invitation FOR UPDATE USING (
    by_user = app.user_id() OR (SELECT accounts_validates()) OR (SELECT accounts_by_post()));

-- Whose invitation is behind a live link, and the address that it was sent to.
CREATE FUNCTION accounts_invitation_behind(asked uuid) RETURNS TABLE (by_name text, email text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT by_name, email FROM accounts_invitation
    WHERE link = asked AND used_at IS NULL AND withdrawn_at IS NULL
      AND expires_at > statement_timestamp()
$$;

-- The sign-up that the invitation leads to uses it up.
CREATE FUNCTION accounts_use_invitation(asked uuid) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE accounts_invitation SET used_at = statement_timestamp()
    WHERE link = asked AND used_at IS NULL AND withdrawn_at IS NULL
      AND expires_at > statement_timestamp()
    RETURNING id
$$;

-- The request that came of an invitation has its address verified: its author may know.
CREATE FUNCTION accounts_invitation_led_to(request uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE accounts_invitation i SET request_id = r.id
    FROM accounts_accountrequest r
    WHERE r.id = request AND r.status = 'pending' AND i.id = r.invitation_id
$$;

-- An event outside of any record is read by the parties that it tells.
CREATE POLICY told ON journal_journalentry FOR SELECT USING (
    patient_id IS NULL AND app.me() IS NOT NULL
    AND payload @> jsonb_build_object('told', jsonb_build_array(app.me()::text)));
