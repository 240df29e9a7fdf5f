-- Near identities, across all circles: the only door through which a record that one does not
-- follow shows anything, and it shows traits alone, never who follows the patient.
CREATE SEQUENCE IF NOT EXISTS patients_record_number START 10001;
CREATE INDEX patients_blocking_keys ON patients_patient USING gin (blocking_keys)
    WITH (fastupdate = on);

CREATE FUNCTION patients_near(keys text[], most integer)
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
    LIMIT least(most, 10000)
$$;
