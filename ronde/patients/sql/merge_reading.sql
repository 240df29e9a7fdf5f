-- What the identity cell reads of two records: identities, who may open them, counts. Never their
-- content. Each function answers to whoever is on duty now, and for the pairs that it looks at.

ALTER TABLE patients_duplicate ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON patients_duplicate FOR SELECT
    USING ((SELECT accounts_on_duty('identity_cell')));
CREATE POLICY entered ON patients_duplicate FOR INSERT
    WITH CHECK (by_hand AND state = 'waiting' AND (SELECT accounts_on_duty('identity_cell')));
CREATE POLICY decided ON patients_duplicate FOR UPDATE
    USING ((SELECT accounts_on_duty('identity_cell')))
    WITH CHECK (state = 'waiting' OR decided_by_user = app.user_id());

ALTER TABLE patients_sweep ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON patients_sweep FOR SELECT
    USING ((SELECT accounts_on_duty('identity_cell')));

-- Whoever opens the record learns what it was brought together with.
ALTER TABLE patients_merge ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON patients_merge FOR SELECT USING (
    (SELECT accounts_on_duty('identity_cell'))
    OR (SELECT true FROM careteam_grant g
        WHERE g.party_id = app.me() AND g.patient_id = patients_merge.current_id));

-- The former values hold what the records held: nobody reads them.
ALTER TABLE patients_mergechange ENABLE ROW LEVEL SECURITY;
CREATE POLICY nobody ON patients_mergechange USING (false);

CREATE FUNCTION patients_cell_only() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT accounts_on_duty('identity_cell') THEN
        RAISE EXCEPTION 'only the identity cell on duty may do this'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- The key of a record by its number, to enter a pair by hand.
CREATE FUNCTION patients_cell_numbered(numbers bigint[])
RETURNS TABLE (id uuid, record_number bigint, merged boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_cell_only();
    RETURN QUERY SELECT p.id, p.record_number, careteam_merged(p.id)
                 FROM patients_patient p WHERE p.record_number = ANY (numbers);
END $$;

-- Identities of the pairs that are looked at, and how they came to be.
CREATE FUNCTION patients_cell_identities(ids uuid[]) RETURNS SETOF patients_patient
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_cell_only();
    RETURN QUERY SELECT p.* FROM patients_patient p
                 WHERE p.id = ANY (ids) AND EXISTS (SELECT 1 FROM patients_duplicate d
                                                    WHERE p.id IN (d.first_id, d.second_id));
END $$;

CREATE FUNCTION patients_cell_history(ids uuid[]) RETURNS SETOF patients_identityhistory
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_cell_only();
    RETURN QUERY SELECT h.* FROM patients_identityhistory h
                 WHERE h.patient_id = ANY (ids)
                   AND EXISTS (SELECT 1 FROM patients_duplicate d
                               WHERE h.patient_id IN (d.first_id, d.second_id))
                 ORDER BY h.at DESC, h.id DESC;
END $$;

-- Who may open each of the two records, and whom the patient refused in either.
CREATE FUNCTION patients_cell_circles(one uuid, two uuid)
RETURNS TABLE (party_id uuid, name varchar, opens_one boolean, opens_two boolean,
               refused_one boolean, refused_two boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_cell_only();
    RETURN QUERY
    WITH held AS (
        SELECT g.party_id, g.patient_id, true AS opens, false AS refused FROM careteam_grant g
        WHERE g.patient_id IN (one, two) AND (g.until IS NULL OR g.until > now())
        UNION ALL
        SELECT m.party_id, m.patient_id, false, true FROM careteam_member m
        WHERE m.patient_id IN (one, two) AND m.removed_at IS NULL AND m.refused
    )
    SELECT held.party_id, p.display_name,
           bool_or(opens AND patient_id = one), bool_or(opens AND patient_id = two),
           bool_or(refused AND patient_id = one), bool_or(refused AND patient_id = two)
    FROM held JOIN directory_party p ON p.id = held.party_id
    GROUP BY held.party_id, p.display_name, p.sort_key ORDER BY p.sort_key, held.party_id;
END $$;

-- Every column that says whose a row is: the foreign keys to the patient, whatever the app, and the
-- marks that people keep for themselves. What tells of the merging itself, and the proof of an
-- identity, which stays with the identity, are not among them.
CREATE FUNCTION patients_bound() RETURNS TABLE (place text, col text)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT c.conrelid::regclass::text, a.attname::text
    FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = 'patients_patient'::regclass
      AND c.conrelid::regclass::text NOT IN
          ('patients_identityhistory', 'patients_duplicate', 'patients_merge')
    UNION ALL VALUES ('worklist_favourite', 'patient_id'), ('dossier_readmark', 'patient_id')
    ORDER BY 1, 2
$$;

-- How many rows each of the two records holds, table by table.
CREATE FUNCTION patients_cell_counts(one uuid, two uuid)
RETURNS TABLE (place text, of_one bigint, of_two bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bound record;
BEGIN
    PERFORM patients_cell_only();
    FOR bound IN SELECT * FROM patients_bound() LOOP
        place := bound.place;
        EXECUTE format('SELECT count(*) FILTER (WHERE %1$I = $1), count(*) FILTER (WHERE %1$I = $2)'
                       ' FROM %2$s WHERE %1$I IN ($1, $2)', bound.col, bound.place)
        INTO of_one, of_two USING one, two;
        RETURN NEXT;
    END LOOP;
END $$;

-- What both records hold of what one record holds once.
CREATE FUNCTION patients_cell_conflicts(one uuid, two uuid)
RETURNS TABLE (kind text, subject text, of_one text, of_two text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_cell_only();
    RETURN QUERY
    SELECT 'role', a.role::text, ma.display_name::text, mb.display_name::text
    FROM careteam_memberrole a JOIN careteam_member ma ON ma.id = a.member_id
    JOIN careteam_memberrole b ON b.role = a.role JOIN careteam_member mb ON mb.id = b.member_id
    WHERE a.patient_id = one AND b.patient_id = two AND a.is_current AND b.is_current
      AND a.role IN ('attending-physician', 'main-caregiver')
      AND ma.party_id IS DISTINCT FROM mb.party_id
    UNION ALL
    SELECT 'status', '', a.party_name::text, ''
    FROM followup_recordstatus a JOIN followup_recordstatus b USING (party_id)
    WHERE a.patient_id = one AND b.patient_id = two AND a.is_current AND b.is_current
    UNION ALL
    SELECT 'consent', 'withdrawn', '', ''
    WHERE patients_withdrawal_stands(one, two)
      AND EXISTS (SELECT 1 FROM patients_consent c
                  WHERE c.patient_id IN (one, two) AND c.withdrawn_at IS NULL)
    UNION ALL
    SELECT 'consent', 'both', '', ''
    WHERE NOT patients_withdrawal_stands(one, two)
      AND 2 = (SELECT count(*) FROM patients_consent c
               WHERE c.patient_id IN (one, two) AND c.withdrawn_at IS NULL)
    UNION ALL
    SELECT 'death', CASE count(*) WHEN 2 THEN 'both' ELSE 'one' END, '', ''
    FROM patients_death d WHERE d.patient_id IN (one, two) AND d.undone_at IS NULL
    HAVING count(*) > 0;
END $$;

-- The patient's last word over the two records: was the consent taken back after it was given?
CREATE FUNCTION patients_withdrawal_stands(one uuid, two uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(max(withdrawn_at) > max(attested_at) FILTER (WHERE withdrawn_at IS NULL), false)
    FROM patients_consent WHERE patient_id IN (one, two)
$$;
