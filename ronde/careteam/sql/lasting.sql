-- A lasting access asked for from a break-glass access. Its author reads what became of it, the
-- circle answers it, the privacy officer on duty sees those that wait.
ALTER TABLE careteam_accessrequest ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON careteam_accessrequest FOR SELECT USING (
    user_id = app.user_id()
    OR (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = careteam_accessrequest.patient_id)
    OR (SELECT accounts_on_duty('privacy_officer')));
-- Asked while the glass is broken, by whoever uses that access.
CREATE POLICY asked ON careteam_accessrequest FOR INSERT WITH CHECK (
    user_id = app.user_id() AND party_id = app.me() AND answered_at IS NULL AND reminded_at IS NULL
    AND (SELECT b.party_id = app.me() AND b.patient_id = careteam_accessrequest.patient_id
                AND b.ended_at IS NULL AND b.until > now()
         FROM careteam_breakglass b WHERE b.id = glass_id));
-- Answered once, by a writer of the circle. The officer reminds and declines; what they give passes
-- by the function below.
CREATE POLICY answered ON careteam_accessrequest FOR UPDATE
    USING (answered_at IS NULL
           AND (careteam_may_write(patient_id) OR (SELECT accounts_on_duty('privacy_officer'))))
    WITH CHECK (CASE WHEN answered_at IS NULL THEN (SELECT accounts_on_duty('privacy_officer'))
        ELSE answered_by = app.user_id()
             AND (careteam_may_write(patient_id)
                  OR (answer = 'declined' AND (SELECT accounts_on_duty('privacy_officer')))) END);

-- Who of a circle may answer: the parties that open the record lastingly, with somebody behind them.
CREATE FUNCTION private.careteam_answerers(patient uuid) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(g.party_id ORDER BY g.party_id), '{}')
    FROM careteam_grant g
    WHERE g.patient_id = patient AND g.reason = 1
      AND (EXISTS (SELECT 1 FROM accounts_user u WHERE u.person_id = g.party_id AND u.is_active)
           OR EXISTS (SELECT 1 FROM accounts_attachment a JOIN accounts_user u ON u.id = a.user_id
                      WHERE a.structure_id = g.party_id AND a.ended_at IS NULL AND u.is_active))
$$;

-- For the queue: the number of the record, and who may answer.
CREATE FUNCTION careteam_access_requests(requests uuid[])
RETURNS TABLE (request_id uuid, record_number bigint, answerers uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.id, p.record_number, private.careteam_answerers(r.patient_id)
    FROM careteam_accessrequest r JOIN patients_patient p ON p.id = r.patient_id
    WHERE r.id = ANY (requests) AND accounts_on_duty('privacy_officer')
$$;

-- Give the access in the place of a circle where nobody is left to answer. What comes of it:
-- given; answered meanwhile; circle (somebody is there to answer); refused or consent (the patient).
CREATE FUNCTION careteam_give_access(request uuid, new_member uuid, who text)
RETURNS TABLE (outcome text, member uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r careteam_accessrequest; m careteam_member; own uuid;
BEGIN
    IF NOT accounts_on_duty('privacy_officer') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the privacy officer gives this access';
    END IF;
    SELECT * INTO STRICT r FROM careteam_accessrequest WHERE id = request;
    -- In the order of `careteam_hold`: structure, circle, then what is answered.
    PERFORM careteam_lock_structures(ARRAY[r.party_id]);
    PERFORM 1 FROM patients_patient WHERE id = r.patient_id FOR NO KEY UPDATE;
    SELECT * INTO r FROM careteam_accessrequest WHERE id = request FOR UPDATE;
    IF r.answered_at IS NOT NULL THEN RETURN QUERY SELECT 'answered', NULL::uuid; RETURN; END IF;
    IF cardinality(private.careteam_answerers(r.patient_id)) > 0 THEN
        RETURN QUERY SELECT 'circle', NULL::uuid; RETURN;
    END IF;
    SELECT * INTO m FROM careteam_member c
    WHERE c.patient_id = r.patient_id AND c.party_id = r.party_id AND c.removed_at IS NULL;
    IF m.refused THEN RETURN QUERY SELECT 'refused', NULL::uuid; RETURN; END IF;
    IF NOT EXISTS (SELECT 1 FROM patients_consent c
                   WHERE c.patient_id = r.patient_id AND c.withdrawn_at IS NULL) THEN
        RETURN QUERY SELECT 'consent', NULL::uuid; RETURN;
    END IF;
    IF m.id IS NOT NULL THEN
        UPDATE careteam_member c SET habilitated = true, habilitated_at = statement_timestamp(),
                                     review_on = NULL, version = c.version + 1 WHERE c.id = m.id;
    ELSE
        SELECT person_id INTO own FROM accounts_user WHERE id = app.user_id();
        INSERT INTO careteam_member (id, patient_id, kind, party_id, origin, display_name,
            habilitated, habilitated_at, refused, description, establishment, unit, function,
            address_line, postcode, city, title, family_name, given_name, registration_number,
            profession_code, relationship_code, email, phone, mobile, is_unlisted, short_name,
            finess, siret, siren, responsible, added_at, added_by_user, added_by_party,
            added_by_name, removed_by_name, version)
        SELECT new_member, r.patient_id, p.kind, p.id, 'directory', p.display_name,
            true, statement_timestamp(), false, '', '', '', '', '', '', '', '', '', '', '', '', '',
            '', '', '', false, '', '', '', '', '', statement_timestamp(), app.user_id(),
            coalesce(own, r.party_id), who, '', 1
        FROM directory_party p WHERE p.id = r.party_id;
    END IF;
    UPDATE careteam_accessrequest SET answer = 'granted', answered_at = statement_timestamp(),
        answered_by = app.user_id(), answered_by_name = who WHERE id = request;
    RETURN QUERY SELECT 'given', coalesce(m.id, new_member);
END $$;
