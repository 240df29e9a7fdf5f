-- The nightly search of duplicates acts for nobody: it reads identities through these doors alone,
-- and only where no user is (a request always has one).
CREATE FUNCTION patients_job_only() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF app.user_id() IS NOT NULL OR app.me() IS NOT NULL THEN
        RAISE EXCEPTION 'only a job may do this' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

CREATE FUNCTION patients_sweep_begin() RETURNS TABLE (run bigint, since timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_job_only();
    -- An hour more than needed: what was being written when the former run began.
    SELECT max(s.started_at) - interval '1 hour' INTO since
    FROM patients_sweep s WHERE s.finished_at IS NOT NULL;
    INSERT INTO patients_sweep (started_at, looked_at, found) VALUES (clock_timestamp(), 0, 0)
    RETURNING id INTO run;
    RETURN NEXT;
END $$;

-- The records created since, or whose identity changed; all of them the first time. By key.
CREATE FUNCTION patients_sweep_next(since timestamptz, past uuid, most integer)
RETURNS SETOF patients_patient
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_job_only();
    RETURN QUERY SELECT p.* FROM patients_patient p
                 WHERE p.id > past AND NOT p.is_fictitious AND NOT careteam_merged(p.id)
                   AND (since IS NULL OR p.created_at >= since
                        OR EXISTS (SELECT 1 FROM patients_identityhistory h
                                   WHERE h.patient_id = p.id AND h.at >= since))
                 ORDER BY p.id LIMIT most;
END $$;

CREATE FUNCTION patients_sweep_near(keys text[], most integer) RETURNS SETOF patients_patient
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_job_only();
    RETURN QUERY SELECT p.* FROM patients_patient p
                 WHERE p.blocking_keys && keys AND NOT p.is_fictitious
                   AND NOT careteam_merged(p.id) LIMIT most;
END $$;

-- Write the pairs found around one record: `pairs` is a list of {other, score, marks}. A pair that
-- somebody decided on is left alone; one that no longer looks alike is not proposed any more.
CREATE FUNCTION patients_sweep_found(patient uuid, pairs jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE added integer;
BEGIN
    PERFORM patients_job_only();
    DELETE FROM patients_duplicate d
    WHERE patient IN (d.first_id, d.second_id) AND d.state = 'waiting' AND NOT d.by_hand
      AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(pairs) f
                      WHERE (f ->> 'other')::uuid IN (d.first_id, d.second_id))
      AND NOT careteam_merged(d.first_id) AND NOT careteam_merged(d.second_id);
    WITH told AS (
        INSERT INTO patients_duplicate (id, first_id, second_id, score, marks, by_hand, found_at,
                                        state, decided_by_name, reason)
        SELECT gen_random_uuid(), least(patient, (f ->> 'other')::uuid),
               greatest(patient, (f ->> 'other')::uuid), (f ->> 'score')::float8, f -> 'marks',
               false, clock_timestamp(), 'waiting', '', ''
        FROM jsonb_array_elements(pairs) f
        ON CONFLICT (first_id, second_id) DO UPDATE
        SET score = excluded.score, marks = excluded.marks
        WHERE patients_duplicate.state = 'waiting'
        RETURNING (xmax = 0) AS is_new
    )
    SELECT count(*) FILTER (WHERE is_new) INTO added FROM told;
    RETURN added;
END $$;

CREATE FUNCTION patients_sweep_end(run bigint, looked integer, new_pairs integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_job_only();
    UPDATE patients_sweep SET finished_at = clock_timestamp(), looked_at = looked, found = new_pairs
    WHERE id = run AND finished_at IS NULL;
END $$;

-- An identity that was merged into another is not near anybody: the other one is.
CREATE OR REPLACE FUNCTION patients_near(keys text[], most integer)
RETURNS TABLE (id uuid, birth_name varchar, first_given varchar, given_names varchar,
               used_name varchar, used_given varchar, birth_date date, sex varchar,
               birth_place_code varchar, birth_place varchar, twin_rank smallint,
               identity_status smallint, is_homonym boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, p.birth_name, p.first_given, p.given_names, p.used_name, p.used_given,
           p.birth_date, p.sex, p.birth_place_code, p.birth_place, p.twin_rank,
           p.identity_status, p.is_homonym
    FROM patients_patient p
    WHERE p.blocking_keys && keys AND app.user_id() IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM patients_merge m
                      WHERE m.other_id = p.id AND m.undone_at IS NULL)
    LIMIT least(most, 10000)
$$;
