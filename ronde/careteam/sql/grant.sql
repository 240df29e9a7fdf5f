-- The projection of the rule (`rule.sql`), with the few columns that lists sort and filter by.
CREATE TABLE careteam_grant (
    party_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    reason smallint NOT NULL,
    until timestamptz,
    updated_at timestamptz NOT NULL,
    sort_key varchar(220) COLLATE "C" NOT NULL,
    name_key varchar(100) COLLATE "C" NOT NULL,
    given_key varchar(100) COLLATE "C" NOT NULL,
    used_key varchar(100) COLLATE "C" NOT NULL,
    birth_date date NOT NULL,
    sex varchar(1) NOT NULL,
    commune_code varchar(5) NOT NULL,
    identity_status smallint NOT NULL,
    is_deceased boolean NOT NULL,
    is_archived boolean NOT NULL,
    PRIMARY KEY (party_id, patient_id) INCLUDE (reason, until)  -- the policies probe it alone
);
CREATE INDEX careteam_grant_recent ON careteam_grant (party_id, updated_at DESC, patient_id DESC)
    INCLUDE (until, is_deceased, is_archived);
CREATE INDEX careteam_grant_sort ON careteam_grant (party_id, sort_key, patient_id);
CREATE INDEX careteam_grant_name ON careteam_grant (party_id, name_key);
CREATE INDEX careteam_grant_used ON careteam_grant (party_id, used_key) WHERE used_key <> '';
CREATE INDEX careteam_grant_patient ON careteam_grant (patient_id);

-- The projection reads what others are writing: who writes the same part waits for the other.
-- One order for everybody, structure first and patient second, so that nobody waits in a circle.
CREATE FUNCTION careteam_lock_structures(parties uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(party_id::text, 0))
    FROM (SELECT party_id FROM directory_structure WHERE party_id = ANY (parties)
          ORDER BY party_id) known;
END $$;

-- Bring the projection of the touched (patient, party) pairs in line with the rule.
-- The lock lets one writer at a time work on a patient; the statements after it see what the
-- others committed. Readers take no lock and wait for nobody.
-- OFFSET 0: the rule is asked pair by pair, through the indexes; joined as a whole, it would be read
-- for the entire region at each change of a circle.
CREATE FUNCTION careteam_refresh(patients uuid[], parties uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM careteam_lock_structures(parties);
    PERFORM 1 FROM patients_patient WHERE id = ANY (patients) ORDER BY id FOR NO KEY UPDATE;

    DELETE FROM careteam_grant g USING unnest(patients, parties) AS touched (patient_id, party_id)
    WHERE g.patient_id = touched.patient_id AND g.party_id = touched.party_id
      AND NOT EXISTS (SELECT 1 FROM careteam_grant_rule r
                      WHERE r.patient_id = touched.patient_id AND r.party_id = touched.party_id
                      OFFSET 0);

    INSERT INTO careteam_grant
    SELECT DISTINCT ON (r.party_id, r.patient_id)
           r.party_id, r.patient_id, r.reason, r.until, p.updated_at, p.sort_key, p.name_key,
           p.given_key, p.used_key, p.birth_date, p.sex, p.commune_code, p.identity_status,
           p.is_deceased, p.archived_at IS NOT NULL
    FROM unnest(patients, parties) AS touched (patient_id, party_id)
    CROSS JOIN LATERAL (SELECT * FROM careteam_grant_rule held
                        WHERE held.patient_id = touched.patient_id
                          AND held.party_id = touched.party_id OFFSET 0) r
    JOIN patients_patient p ON p.id = r.patient_id
    ORDER BY r.party_id, r.patient_id, r.reason, r.until DESC
    ON CONFLICT (party_id, patient_id) DO UPDATE
    SET reason = excluded.reason, until = excluded.until
    WHERE (careteam_grant.reason, careteam_grant.until)
          IS DISTINCT FROM (excluded.reason, excluded.until);
END $$;

-- Members and break-glass accesses: one call a statement, whatever the number of rows.
CREATE FUNCTION careteam_touched() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE patients uuid[]; parties uuid[];
BEGIN
    SELECT array_agg(patient_id), array_agg(party_id) INTO patients, parties
    FROM (SELECT DISTINCT patient_id, party_id FROM touched WHERE party_id IS NOT NULL) pairs;
    IF patients IS NOT NULL THEN PERFORM careteam_refresh(patients, parties); END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER careteam_member_added AFTER INSERT ON careteam_member
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION careteam_touched();
CREATE TRIGGER careteam_member_changed AFTER UPDATE ON careteam_member
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION careteam_touched();
CREATE TRIGGER careteam_member_deleted AFTER DELETE ON careteam_member
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION careteam_touched();
CREATE TRIGGER careteam_glass_broken AFTER INSERT ON careteam_breakglass
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION careteam_touched();
CREATE TRIGGER careteam_glass_changed AFTER UPDATE ON careteam_breakglass
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION careteam_touched();
CREATE TRIGGER careteam_glass_deleted AFTER DELETE ON careteam_breakglass
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION careteam_touched();

-- The patient or the party of a member never changes: another member is added instead.
CREATE FUNCTION careteam_fixed_pair() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the patient and the party of a row of % never change', TG_TABLE_NAME;
END $$;
CREATE TRIGGER careteam_member_pair BEFORE UPDATE OF patient_id, party_id ON careteam_member
    FOR EACH ROW WHEN ((OLD.patient_id, OLD.party_id) IS DISTINCT FROM (NEW.patient_id, NEW.party_id))
    EXECUTE FUNCTION careteam_fixed_pair();
CREATE TRIGGER careteam_glass_pair BEFORE UPDATE OF patient_id, party_id ON careteam_breakglass
    FOR EACH ROW WHEN ((OLD.patient_id, OLD.party_id) IS DISTINCT FROM (NEW.patient_id, NEW.party_id))
    EXECUTE FUNCTION careteam_fixed_pair();

-- A structure that starts or stops acting as «personne morale» waits for the circles being written,
-- then sees them all.
CREATE FUNCTION careteam_structure_changed() RETURNS trigger
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
CREATE TRIGGER careteam_structure_changed AFTER UPDATE OF acts_as_legal_person
    ON directory_structure FOR EACH ROW
    WHEN (OLD.acts_as_legal_person IS DISTINCT FROM NEW.acts_as_legal_person)
    EXECUTE FUNCTION careteam_structure_changed();

-- What lists sort and filter by follows the patient.
CREATE FUNCTION careteam_patient_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE careteam_grant
    SET updated_at = NEW.updated_at, sort_key = NEW.sort_key, name_key = NEW.name_key,
        given_key = NEW.given_key, used_key = NEW.used_key, birth_date = NEW.birth_date,
        sex = NEW.sex, commune_code = NEW.commune_code, identity_status = NEW.identity_status,
        is_deceased = NEW.is_deceased, is_archived = NEW.archived_at IS NOT NULL
    WHERE patient_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER careteam_patient_changed AFTER UPDATE ON patients_patient FOR EACH ROW
    WHEN ((OLD.updated_at, OLD.sort_key, OLD.name_key, OLD.given_key, OLD.used_key, OLD.birth_date,
           OLD.sex, OLD.commune_code, OLD.identity_status, OLD.is_deceased, OLD.archived_at)
          IS DISTINCT FROM
          (NEW.updated_at, NEW.sort_key, NEW.name_key, NEW.given_key, NEW.used_key, NEW.birth_date,
           NEW.sex, NEW.commune_code, NEW.identity_status, NEW.is_deceased, NEW.archived_at))
    EXECUTE FUNCTION careteam_patient_changed();
