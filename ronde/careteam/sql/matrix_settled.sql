-- The rights matrix as a policy asks it: what `access.settled` answers in the code, said again here
-- because a policy cannot ask Python. `tests/careteam/test_matrix_in_sql.py` holds one to the other.

-- In PL/pgSQL, whose statements are planned once a session: a policy may ask row by row.

-- Which lines of the matrix concern who acts, the least precise first: everybody, the profession,
-- acting as a structure. By delegation of a person, it is that person's profession; in the name of a
-- structure, one's own.
CREATE FUNCTION private.careteam_lines() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE profession text;
BEGIN
    SELECT p.profession_code INTO profession FROM directory_person p WHERE p.party_id = app.me();
    IF FOUND THEN RETURN ARRAY['', nullif(profession, '')]; END IF;
    SELECT p.profession_code INTO profession FROM accounts_user u
    JOIN directory_person p ON p.party_id = u.person_id WHERE u.id = app.user_id();
    RETURN ARRAY['', nullif(profession, ''), 'structure'];
END $$;

-- The sections that who acts holds at this level in a record; without a record, those that they hold
-- in any, whatever their roles. A policy asks row by row: within one statement, the answer about the
-- record of the row before is kept.
CREATE FUNCTION careteam_sections(patient uuid, wanted integer) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asked text := concat_ws(' ', statement_timestamp(), app.me(), app.user_id(), patient, wanted);
    known text := current_setting('app.sections', true);
    lines text[]; held text[] := '{""}'; found text;
BEGIN
    IF split_part(known, '|', 1) = asked THEN
        RETURN string_to_array(split_part(known, '|', 2), ',');
    END IF;
    lines := private.careteam_lines();
    IF patient IS NOT NULL THEN
        held := held || ARRAY(
            SELECT r.role::text FROM careteam_memberrole r
            JOIN careteam_member m ON m.id = r.member_id
            WHERE r.patient_id = patient AND r.is_current AND m.party_id = app.me());
    END IF;
    SELECT coalesce(string_agg(best.section, ','), '') INTO found FROM (
        SELECT DISTINCT ON (r.section) r.section::text AS section, r.level
        FROM careteam_sectionright r
        WHERE r.profession_code = ANY (lines) AND r.role = ANY (held)
        ORDER BY r.section, r.role <> '' DESC,
                 array_position(lines, r.profession_code::text) DESC, r.level DESC
    ) best WHERE best.level >= wanted;
    PERFORM set_config('app.sections', asked || '|' || found, true);
    RETURN string_to_array(found, ',');
END $$;

-- Does a role held in a record change anything in these sections? Almost never: a policy then asks
-- once for all the rows of a statement.
CREATE FUNCTION careteam_by_role(beginning text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM careteam_sectionright r
                   WHERE r.role <> '' AND starts_with(r.section, beginning));
END $$;
