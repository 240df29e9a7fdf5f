-- The history of the matrix: written by an administrator in their own name, read by them.
ALTER TABLE careteam_matrixchange ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON careteam_matrixchange FOR SELECT
    USING ((SELECT accounts_on_duty('administrator')));
CREATE POLICY added ON careteam_matrixchange FOR INSERT
    WITH CHECK ((SELECT accounts_on_duty('administrator')) AND user_id = app.user_id());

-- What only our own functions may call: the application has no USAGE of this schema.
CREATE SCHEMA IF NOT EXISTS private;

-- Whoever may open a record today with an account, as what: for the two counts below, and for
-- nobody else. `mattering`: the roles of which the matrix has a line.
CREATE FUNCTION private.careteam_readers(mattering text[])
RETURNS TABLE (user_id uuid, patient_id uuid, profession text, as_structure boolean, roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT held.user_id, held.patient_id, held.profession, held.as_structure,
           CASE WHEN cardinality(mattering) = 0 THEN '{}'::text[] ELSE coalesce(
               (SELECT array_agg(r.role::text ORDER BY r.role)
                FROM careteam_member m JOIN careteam_memberrole r ON r.member_id = m.id
                WHERE m.patient_id = held.patient_id AND m.party_id = held.party_id
                  AND r.is_current AND r.role = ANY (mattering)), '{}'::text[]) END
    FROM (
        SELECT u.id AS user_id, g.patient_id, g.party_id, p.profession_code::text AS profession,
               false AS as_structure
        FROM careteam_grant g
        JOIN directory_person p ON p.party_id = g.party_id
        JOIN accounts_user u ON u.person_id = p.party_id AND u.is_active
        WHERE g.until IS NULL OR g.until > now()
        UNION ALL
        SELECT u.id, g.patient_id, g.party_id, coalesce(p.profession_code, '')::text, true
        FROM careteam_grant g
        JOIN accounts_attachment a ON a.structure_id = g.party_id AND a.ended_at IS NULL
        JOIN accounts_user u ON u.id = a.user_id AND u.is_active
        LEFT JOIN directory_person p ON p.party_id = u.person_id
        WHERE g.until IS NULL OR g.until > now()
    ) held
$$;

-- As what the records are read today: no person, no record.
CREATE FUNCTION careteam_reader_kinds(mattering text[])
RETURNS TABLE (profession text, as_structure boolean, roles text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF accounts_on_duty('administrator') THEN
        RETURN QUERY SELECT DISTINCT r.profession, r.as_structure, r.roles
                     FROM private.careteam_readers(mattering) r;
    END IF;
END $$;

-- How many professionals and records are of the kinds asked, way by way and profession by
-- profession: numbers only. `kinds`: [{"way", "profession", "as_structure", "roles"}].
CREATE FUNCTION careteam_count_readers(kinds jsonb, mattering text[])
RETURNS TABLE (way text, profession text, professionals bigint, records bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF accounts_on_duty('administrator') THEN
        RETURN QUERY
        SELECT asked.way, r.profession, count(DISTINCT r.user_id), count(DISTINCT r.patient_id)
        FROM private.careteam_readers(mattering) r
        JOIN jsonb_to_recordset(kinds)
             AS asked (way text, profession text, as_structure boolean, roles text[])
          ON asked.profession = r.profession AND asked.as_structure = r.as_structure
         AND asked.roles = r.roles
        GROUP BY GROUPING SETS ((asked.way, r.profession), (asked.way));
    END IF;
END $$;
