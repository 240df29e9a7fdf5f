-- Where one party stands in the circle of one record: for that party itself, or for an
-- administrator who simulates. No row for who is neither a present member nor let in by the rule:
-- a stranger learns nothing. The patient's refusal is told to the administrator alone; to the
-- refused member it looks like having no access.
CREATE FUNCTION careteam_standing(patient uuid, party uuid)
RETURNS TABLE (member_since timestamptz, added_by text, origin text, habilitated boolean,
               habilitated_at timestamptz, habilitated_by text, refused boolean, roles text[],
               reason smallint, until timestamptz, consent_since timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE simulating boolean := accounts_on_duty('administrator');
BEGIN
    IF NOT (simulating OR party IS NOT DISTINCT FROM app.me()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT m.added_at, m.added_by_name::text, m.origin::text, coalesce(m.habilitated, false),
           CASE WHEN m.habilitated THEN m.habilitated_at END,
           CASE WHEN m.habilitated THEN
               (SELECT j.person_name::text FROM journal_journalentry j
                WHERE j.patient_id = careteam_standing.patient AND j.event = 'MemberHabilitated'
                  AND j.payload ->> 'member_id' = m.id::text
                ORDER BY j.at DESC LIMIT 1) END,
           simulating AND coalesce(m.refused, false),
           coalesce((SELECT array_agg(r.role::text ORDER BY r.role) FROM careteam_memberrole r
                     WHERE r.member_id = m.id AND r.is_current), '{}'::text[]),
           g.reason, g.until,
           CASE WHEN simulating OR g.party_id IS NOT NULL THEN
               (SELECT max(c.attested_at) FROM patients_consent c
                WHERE c.patient_id = careteam_standing.patient AND c.withdrawn_at IS NULL) END
    FROM (SELECT careteam_standing.patient AS patient_id, careteam_standing.party AS party_id) asked
    LEFT JOIN careteam_member m ON m.patient_id = asked.patient_id
        AND m.party_id = asked.party_id AND m.removed_at IS NULL
    LEFT JOIN careteam_grant g ON g.patient_id = asked.patient_id
        AND g.party_id = asked.party_id AND (g.until IS NULL OR g.until > now())
    WHERE simulating OR m.id IS NOT NULL OR g.party_id IS NOT NULL;
END $$;

-- The key of a record, by its number: for the administrator who simulates.
CREATE FUNCTION careteam_record_numbered(number bigint) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id FROM patients_patient p
    WHERE p.record_number = number AND accounts_on_duty('administrator')
$$;
