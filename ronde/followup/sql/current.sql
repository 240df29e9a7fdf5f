-- What lists show and filter of the follow-up, beside what they show of the patient: in the row of the
-- grant, so that a page of fifty records reads one table under one policy. It holds nothing that is
-- not in followup_recordstatus and followup_stay; empty (NULL) for most.
ALTER TABLE careteam_grant
    ADD COLUMN statuses text[],            -- codes of the current statuses, the oldest first
    ADD COLUMN stay_places text[],         -- stays not ended, to come included, the oldest first
    ADD COLUMN stay_starts timestamptz[],
    ADD COLUMN status_rank smallint;       -- place of the oldest status in the list of the region

CREATE FUNCTION followup_current(patient uuid, OUT statuses text[], OUT rank smallint,
                                 OUT places text[], OUT starts timestamptz[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT array_agg(i.code ORDER BY s.started_on, s.id),
           (array_agg(i.position ORDER BY s.started_on, s.id))[1] INTO statuses, rank
    FROM followup_recordstatus s JOIN followup_listitem i ON i.id = s.kind_id
    WHERE s.patient_id = patient AND s.is_current;
    SELECT array_agg(y.place ORDER BY y.admitted_at, y.id),
           array_agg(y.admitted_at ORDER BY y.admitted_at, y.id) INTO places, starts
    FROM followup_stay y
    WHERE y.patient_id = patient AND y.cancelled_at IS NULL AND y.discharged_at IS NULL;
END $$;
REVOKE ALL ON FUNCTION followup_current(uuid) FROM PUBLIC;

-- The lock lets one writer at a time work on a record; what follows it sees what the others committed.
-- A merge moves rows from one record to another: both are read again.
CREATE FUNCTION followup_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE patients uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT patient_id) INTO patients FROM touched;
    ELSE
        SELECT array_agg(patient_id) INTO patients
        FROM (SELECT patient_id FROM touched UNION SELECT patient_id FROM former) pairs;
    END IF;
    PERFORM 1 FROM patients_patient WHERE id = ANY (patients) ORDER BY id FOR NO KEY UPDATE;
    UPDATE careteam_grant g
    SET statuses = now.statuses, status_rank = now.rank,
        stay_places = now.places, stay_starts = now.starts
    FROM unnest(patients) AS p (id), LATERAL followup_current(p.id) AS now
    WHERE g.patient_id = p.id
      AND (g.statuses, g.status_rank, g.stay_places, g.stay_starts)
          IS DISTINCT FROM (now.statuses, now.rank, now.places, now.starts);
    RETURN NULL;
END $$;
CREATE TRIGGER followup_status_added AFTER INSERT ON followup_recordstatus
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION followup_changed();
CREATE TRIGGER followup_status_changed AFTER UPDATE ON followup_recordstatus
    REFERENCING OLD TABLE AS former NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION followup_changed();
CREATE TRIGGER followup_stay_added AFTER INSERT ON followup_stay
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION followup_changed();
CREATE TRIGGER followup_stay_changed AFTER UPDATE ON followup_stay
    REFERENCING OLD TABLE AS former NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION followup_changed();

-- Somebody who comes into a circle finds the record as the others see it.
CREATE FUNCTION followup_granted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT now.statuses, now.rank, now.places, now.starts
    INTO NEW.statuses, NEW.status_rank, NEW.stay_places, NEW.stay_starts
    FROM followup_current(NEW.patient_id) AS now;
    RETURN NEW;
END $$;
CREATE TRIGGER followup_granted BEFORE INSERT ON careteam_grant
    FOR EACH ROW EXECUTE FUNCTION followup_granted();

-- An administrator moves a status: rare, and the only change that goes through every record.
-- A record written at that very moment keeps its former place until its next change.
CREATE FUNCTION followup_status_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE careteam_grant SET status_rank = NEW.position
    WHERE statuses[1] = NEW.code AND status_rank IS DISTINCT FROM NEW.position;
    RETURN NULL;
END $$;
CREATE TRIGGER followup_status_moved AFTER UPDATE OF position ON followup_listitem
    FOR EACH ROW WHEN (NEW.list = 'status' AND OLD.position <> NEW.position)
    EXECUTE FUNCTION followup_status_moved();

UPDATE careteam_grant g
SET statuses = now.statuses, status_rank = now.rank,
    stay_places = now.places, stay_starts = now.starts
FROM (SELECT patient_id FROM followup_recordstatus UNION SELECT patient_id FROM followup_stay) known,
     LATERAL followup_current(known.patient_id) AS now
WHERE g.patient_id = known.patient_id;

-- Those without any stand last, and first when the order is reversed.
CREATE INDEX careteam_grant_status ON careteam_grant (party_id, status_rank, patient_id);
CREATE INDEX careteam_grant_stay ON careteam_grant (party_id, (stay_starts[1]), patient_id);
