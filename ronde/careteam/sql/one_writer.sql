-- The projection reads what others are writing: who writes the same part waits for the other.
-- One order for everybody, structure first and patient second, so that nobody waits in a circle.
CREATE FUNCTION careteam_lock_structures(parties uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(party_id::text, 0))
    FROM (SELECT party_id FROM directory_structure WHERE party_id = ANY (parties)
          ORDER BY party_id) known;
END $$;

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

CREATE FUNCTION careteam_may_write(patient uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM careteam_grant
                   WHERE party_id = app.me() AND patient_id = patient AND reason = 1)
$$;

CREATE OR REPLACE FUNCTION careteam_refresh(patients uuid[], parties uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM careteam_lock_structures(parties);
    PERFORM 1 FROM patients_patient WHERE id = ANY (patients) ORDER BY id FOR NO KEY UPDATE;

    DELETE FROM careteam_grant g USING unnest(patients, parties) AS touched (patient_id, party_id)
    WHERE g.patient_id = touched.patient_id AND g.party_id = touched.party_id
      AND NOT EXISTS (SELECT 1 FROM careteam_grant_rule r
                      WHERE r.patient_id = g.patient_id AND r.party_id = g.party_id);

    INSERT INTO careteam_grant
    SELECT DISTINCT ON (r.party_id, r.patient_id)
           r.party_id, r.patient_id, r.reason, r.until, p.updated_at, p.sort_key, p.name_key,
           p.given_key, p.used_key, p.birth_date, p.sex, p.commune_code, p.identity_status,
           p.is_deceased, p.archived_at IS NOT NULL
    FROM unnest(patients, parties) AS touched (patient_id, party_id)
    JOIN careteam_grant_rule r USING (patient_id, party_id)
    JOIN patients_patient p ON p.id = r.patient_id
    ORDER BY r.party_id, r.patient_id, r.reason, r.until DESC
    ON CONFLICT (party_id, patient_id) DO UPDATE
    SET reason = excluded.reason, until = excluded.until
    WHERE (careteam_grant.reason, careteam_grant.until)
          IS DISTINCT FROM (excluded.reason, excluded.until);
END $$;

-- A structure that starts or stops acting as «personne morale» waits for the circles being written,
-- then sees them all.
CREATE OR REPLACE FUNCTION careteam_structure_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE patients uuid[]; parties uuid[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.party_id::text, 0));
    SELECT array_agg(patient_id), array_agg(NEW.party_id) INTO patients, parties
    FROM (SELECT patient_id FROM careteam_member WHERE party_id = NEW.party_id
          UNION SELECT patient_id FROM careteam_breakglass WHERE party_id = NEW.party_id) pairs;
    IF patients IS NOT NULL THEN PERFORM careteam_refresh(patients, parties); END IF;
    RETURN NULL;
END $$;

-- Who added a member is who is asking, and stays (`database_rights` leaves these columns out).
ALTER POLICY added ON careteam_member WITH CHECK (
    added_by_party = app.me() AND added_by_user = app.user_id() AND careteam_may_add(patient_id));

-- A role belongs to the circle of its member.
ALTER POLICY added ON careteam_memberrole WITH CHECK (
    (SELECT g.reason = 1 FROM careteam_member m JOIN careteam_grant g USING (patient_id)
        WHERE m.id = careteam_memberrole.member_id AND g.party_id = app.me()
          AND m.patient_id = careteam_memberrole.patient_id));

-- Measured when the row is written: a long transaction began long before.
ALTER POLICY broken ON careteam_breakglass WITH CHECK (
    party_id = app.me() AND user_id = app.user_id() AND ended_at IS NULL
    AND until <= statement_timestamp() + interval '2 hours 5 seconds');
-- One may end one's own access, never open it again.
ALTER POLICY ended ON careteam_breakglass USING (party_id = app.me())
    WITH CHECK (party_id = app.me() AND ended_at IS NOT NULL);
