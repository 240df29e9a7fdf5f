-- Second defence: a query that forgot the rule shows nothing.
-- Scalar sub-queries, never EXISTS nor IN: PostgreSQL probes the key instead of hashing the table.

ALTER TABLE careteam_grant ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON careteam_grant FOR SELECT
    USING (party_id = app.me() AND (until IS NULL OR until > now()));

-- May the acting party write in this record? Break-glass reads only.
CREATE FUNCTION careteam_may_write(patient uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM careteam_grant
                   WHERE party_id = app.me() AND patient_id = patient AND reason = 1)
$$;

-- Take a circle for oneself until the end of the transaction. False: the acting party may not
-- write in it, or not any more once the former writer has finished.
CREATE FUNCTION careteam_hold(patient uuid, party uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT careteam_may_write(patient) THEN RETURN false; END IF;
    PERFORM careteam_lock_structures(ARRAY[party]);
    PERFORM 1 FROM patients_patient WHERE id = patient FOR NO KEY UPDATE;
    RETURN careteam_may_write(patient);
END $$;

-- The creator of a record without any member adds the first one.
CREATE FUNCTION careteam_may_add(patient uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM careteam_grant
                   WHERE party_id = app.me() AND patient_id = patient AND reason = 1)
        OR EXISTS (SELECT 1 FROM patients_patient p
                   WHERE p.id = patient AND p.created_by_party = app.me()
                     AND NOT EXISTS (SELECT 1 FROM careteam_member m WHERE m.patient_id = p.id))
$$;

ALTER TABLE patients_patient ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON patients_patient FOR SELECT USING (
    (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = patients_patient.id));
CREATE POLICY created ON patients_patient FOR INSERT
    WITH CHECK (created_by_party = app.me() AND created_by_user = app.user_id());
CREATE POLICY writable ON patients_patient FOR UPDATE USING (
    (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = patients_patient.id));

ALTER TABLE patients_consent ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON patients_consent FOR SELECT USING (
    (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = patients_consent.patient_id));
CREATE POLICY added ON patients_consent FOR INSERT WITH CHECK (
    (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = patients_consent.patient_id));
CREATE POLICY writable ON patients_consent FOR UPDATE USING (
    (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = patients_consent.patient_id));

ALTER TABLE careteam_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON careteam_member FOR SELECT USING (
    (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = careteam_member.patient_id));
-- Who added a member is who is asking, and stays (`database_rights` leaves these columns out).
CREATE POLICY added ON careteam_member FOR INSERT WITH CHECK (
    added_by_party = app.me() AND added_by_user = app.user_id() AND careteam_may_add(patient_id));
CREATE POLICY writable ON careteam_member FOR UPDATE USING (
    (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = careteam_member.patient_id))
    WITH CHECK (true);

ALTER TABLE careteam_memberrole ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON careteam_memberrole FOR SELECT USING (
    (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = careteam_memberrole.patient_id));
-- A role belongs to the circle of its member.
CREATE POLICY added ON careteam_memberrole FOR INSERT WITH CHECK (
    (SELECT g.reason = 1 FROM careteam_member m JOIN careteam_grant g USING (patient_id)
        WHERE m.id = careteam_memberrole.member_id AND g.party_id = app.me()
          AND m.patient_id = careteam_memberrole.patient_id));
CREATE POLICY writable ON careteam_memberrole FOR UPDATE USING (
    (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = careteam_memberrole.patient_id));

-- Anyone signed in may break the glass, in their own name; the circle sees it.
ALTER TABLE careteam_breakglass ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON careteam_breakglass FOR SELECT USING (
    party_id = app.me() OR (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = careteam_breakglass.patient_id));
-- Measured when the row is written: a long transaction began long before.
CREATE POLICY broken ON careteam_breakglass FOR INSERT WITH CHECK (
    party_id = app.me() AND user_id = app.user_id() AND ended_at IS NULL
    AND until <= statement_timestamp() + interval '2 hours 5 seconds');
-- One may end one's own access, never open it again.
CREATE POLICY ended ON careteam_breakglass FOR UPDATE USING (party_id = app.me())
    WITH CHECK (party_id = app.me() AND ended_at IS NOT NULL);

ALTER TABLE journal_journalentry ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON journal_journalentry FOR SELECT USING (
    CASE WHEN patient_id IS NULL THEN user_id = app.user_id()
    ELSE (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = journal_journalentry.patient_id) END);
CREATE POLICY written ON journal_journalentry FOR INSERT
    WITH CHECK (user_id IS NOT DISTINCT FROM app.user_id()
                AND party_id IS NOT DISTINCT FROM app.me());

ALTER TABLE journal_accesstrace ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON journal_accesstrace FOR SELECT USING (
    granted AND (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = journal_accesstrace.patient_id));
CREATE POLICY written ON journal_accesstrace FOR INSERT
    WITH CHECK (user_id IS NOT DISTINCT FROM app.user_id()
                AND party_id IS NOT DISTINCT FROM app.me());

-- The rule read backwards: whom to tell. Only for who may open the record.
CREATE FUNCTION careteam_parties_with_access(patient uuid)
RETURNS TABLE (party_id uuid, reason smallint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT g.party_id, g.reason FROM careteam_grant g
    WHERE g.patient_id = patient AND (g.until IS NULL OR g.until > now())
      AND EXISTS (SELECT 1 FROM careteam_grant mine
                  WHERE mine.party_id = app.me() AND mine.patient_id = patient
                    AND (mine.until IS NULL OR mine.until > now()))
$$;
