-- Whoever may open a record by delegation, as what: a delegate reads as who delegates, and as a
-- structure by their own profession. An emergency access is delegated to nobody.
CREATE FUNCTION private.careteam_delegates(mattering text[])
RETURNS TABLE (user_id uuid, patient_id uuid, profession text, as_structure boolean, roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, g.patient_id,
           coalesce(CASE WHEN s.party_id IS NULL THEN p.profession_code ELSE own.profession_code END,
                    '')::text,
           s.party_id IS NOT NULL,
           CASE WHEN cardinality(mattering) = 0 THEN '{}'::text[] ELSE coalesce(
               (SELECT array_agg(r.role::text ORDER BY r.role)
                FROM careteam_member m JOIN careteam_memberrole r ON r.member_id = m.id
                WHERE m.patient_id = g.patient_id AND m.party_id = g.party_id
                  AND r.is_current AND r.role = ANY (mattering)), '{}'::text[]) END
    FROM careteam_grant g
    JOIN accounts_delegation d ON d.delegator_id = g.party_id
         AND d.scope = 'records' AND d.status = 'accepted'
    LEFT JOIN directory_person p ON p.party_id = d.delegator_id
    LEFT JOIN directory_structure s ON s.party_id = d.delegator_id AND s.acts_as_legal_person
    JOIN accounts_user u ON u.is_active AND (u.person_id = d.delegate_id OR EXISTS (
         SELECT 1 FROM accounts_attachment a JOIN directory_structure t ON t.party_id = a.structure_id
         WHERE a.user_id = u.id AND a.structure_id = d.delegate_id AND a.ended_at IS NULL
           AND t.acts_as_legal_person))
    LEFT JOIN directory_person own ON own.party_id = u.person_id
    WHERE g.until IS NULL
      AND (s.party_id IS NOT NULL OR EXISTS (
           SELECT 1 FROM accounts_user o WHERE o.person_id = d.delegator_id AND o.is_active))
$$;

CREATE OR REPLACE FUNCTION careteam_reader_kinds(mattering text[])
RETURNS TABLE (profession text, as_structure boolean, roles text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF accounts_on_duty('administrator') THEN
        RETURN QUERY SELECT r.profession, r.as_structure, r.roles
                     FROM private.careteam_readers(mattering) r
                     UNION SELECT r.profession, r.as_structure, r.roles
                     FROM private.careteam_delegates(mattering) r;
    END IF;
END $$;

-- How many professionals, records and delegates are of the kinds asked, way by way and profession
-- by profession: numbers only. `kinds`: [{"way", "profession", "as_structure", "roles"}].
DROP FUNCTION careteam_count_readers(jsonb, text[]);
CREATE FUNCTION careteam_count_readers(kinds jsonb, mattering text[])
RETURNS TABLE (way text, profession text, professionals bigint, records bigint, delegates bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF accounts_on_duty('administrator') THEN
        RETURN QUERY
        SELECT asked.way, r.profession,
               count(DISTINCT r.user_id) FILTER (WHERE NOT r.by_delegation),
               count(DISTINCT r.patient_id),
               count(DISTINCT r.user_id) FILTER (WHERE r.by_delegation)
        FROM (SELECT *, false AS by_delegation FROM private.careteam_readers(mattering)
              UNION ALL SELECT *, true FROM private.careteam_delegates(mattering)) r
        JOIN jsonb_to_recordset(kinds)
             AS asked (way text, profession text, as_structure boolean, roles text[])
          ON asked.profession = r.profession AND asked.as_structure = r.as_structure
         AND asked.roles = r.roles
        GROUP BY GROUPING SETS ((asked.way, r.profession), (asked.way));
    END IF;
END $$;
