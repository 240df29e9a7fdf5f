-- The lock lets one writer at a time work on a record; what follows it sees what the others committed.
-- Planned once a connection.
CREATE OR REPLACE FUNCTION followup_refresh(patients uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM 1 FROM patients_patient WHERE id = ANY (patients) ORDER BY id FOR NO KEY UPDATE;
    UPDATE careteam_grant g
    SET statuses = now.statuses, status_rank = now.rank,
        stay_places = now.places, stay_starts = now.starts
    FROM unnest(patients) AS p (id), LATERAL followup_current(p.id) AS now
    WHERE g.patient_id = p.id
      AND (g.statuses, g.status_rank, g.stay_places, g.stay_starts)
          IS DISTINCT FROM (now.statuses, now.rank, now.places, now.starts);
END $$;
REVOKE ALL ON FUNCTION followup_refresh(uuid[]) FROM PUBLIC;

-- A merge moves rows from one record to another: both are read again.
CREATE OR REPLACE FUNCTION followup_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE patients uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT patient_id) INTO patients FROM touched;
    ELSE
        SELECT array_agg(patient_id) INTO patients
        FROM (SELECT patient_id FROM touched UNION SELECT patient_id FROM former) pairs;
    END IF;
    PERFORM followup_refresh(patients);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS followup_status_moved ON followup_listitem;
DROP FUNCTION IF EXISTS followup_status_moved();

-- An administrator moved a status in the list of the region: a job brings its records in line, a few
-- at a time, so that whoever writes one of them hardly waits. Answers the last one, by key; NULL when
-- none is left.
CREATE OR REPLACE FUNCTION followup_refresh_next(kind uuid, past uuid, most integer) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE patients uuid[];
BEGIN
    PERFORM patients_job_only();
    patients := ARRAY(SELECT DISTINCT s.patient_id FROM followup_recordstatus s
                      WHERE s.is_current AND s.kind_id = kind AND s.patient_id > past
                      ORDER BY s.patient_id LIMIT most);
    PERFORM followup_refresh(patients);
    RETURN patients[cardinality(patients)];
END $$;
