-- Bringing two records together, and giving both back. See docs/adr/0015-merging-records.md.
-- Only the identity cell on duty; one transaction; every value that changes is kept to be undone.

-- Take both records for oneself. Whoever is writing in them finishes first, whoever comes next waits
-- and then asks the rule again. Waiting is short and tried again, so that a professional who waits
-- for us is never the one whom the database stops.
CREATE FUNCTION patients_merge_hold(ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE former text := current_setting('lock_timeout'); bound text; attempt integer := 0;
BEGIN
    PERFORM patients_cell_only();
    PERFORM pg_advisory_xact_lock(hashtextextended('patients_merge', 0));
    LOOP
        attempt := attempt + 1;
        BEGIN
            -- The last attempts wait for longer than PostgreSQL needs to send its own vacuum away.
            PERFORM set_config('lock_timeout', CASE WHEN attempt < 9 THEN '150ms' ELSE '1500ms' END, true);
            PERFORM careteam_lock_structures(ARRAY(
                SELECT m.party_id FROM careteam_member m WHERE m.patient_id = ANY (ids)
                UNION SELECT b.party_id FROM careteam_breakglass b WHERE b.patient_id = ANY (ids)));
            PERFORM 1 FROM patients_patient p WHERE p.id = ANY (ids) ORDER BY p.id FOR UPDATE;
            FOR bound IN SELECT DISTINCT place FROM patients_bound() ORDER BY place LOOP
                EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', bound);
            END LOOP;
            PERFORM set_config('lock_timeout', former, true);
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = 10 THEN RAISE; END IF;
            PERFORM pg_sleep(0.1);
        END;
    END LOOP;
END $$;

-- Give a column of the rows of `place` that `chosen` tells another value, and keep what it was.
-- In both texts r is the row, $2 the record kept, $3 the other one.
CREATE FUNCTION patients_merge_set(merge uuid, kept uuid, other uuid,
                                   place text, col text, chosen text, value text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    EXECUTE format($q$
        WITH was AS (SELECT r.id, to_jsonb(r.%1$I) AS v FROM %2$s r WHERE %3$s),
        became AS (UPDATE %2$s r SET %1$I = %4$s FROM was WHERE r.id = was.id
                   RETURNING r.id, to_jsonb(r.%1$I) AS v)
        INSERT INTO patients_mergechange (merge_id, place, col, row_key, before, after)
        SELECT $1, %2$L, %1$L, was.id::text, was.v, became.v FROM was JOIN became USING (id)
    $q$, col, place, chosen, value) USING merge, kept, other;
END $$;

-- A row of the other record's circle whose party is in the circle kept: it stays where it is, and
-- the row kept takes what it gave.
CREATE FUNCTION patients_merge_twin(member uuid, kept uuid) RETURNS uuid
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT k.id FROM careteam_member o JOIN careteam_member k ON k.party_id = o.party_id
    WHERE o.id = member AND o.patient_id <> kept AND o.removed_at IS NULL
      AND k.patient_id = kept AND k.removed_at IS NULL
$$;

-- The circle: a refusal in either record holds in both; whoever may open one opens the whole; a
-- unique role stays with the one who holds it in the record kept.
CREATE FUNCTION patients_merge_circle(merge uuid, kept uuid, other uuid) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    refusing text := 'r.patient_id = $2 AND r.removed_at IS NULL AND EXISTS (SELECT 1'
        ' FROM careteam_member o WHERE o.patient_id = $3 AND o.party_id = r.party_id'
        ' AND o.removed_at IS NULL AND o.refused) AND NOT r.refused';
    opening text := 'r.patient_id = $2 AND r.removed_at IS NULL AND NOT r.refused AND EXISTS'
        ' (SELECT 1 FROM careteam_member o WHERE o.patient_id = $3 AND o.party_id = r.party_id'
        ' AND o.removed_at IS NULL AND o.habilitated) AND r.habilitated = false';
    of_twin text := '(SELECT o.%s FROM careteam_member o WHERE o.patient_id = %L'
        ' AND o.party_id = r.party_id AND o.removed_at IS NULL)';
    unheld text := 'NOT (r.role IN (''attending-physician'', ''main-caregiver'') AND EXISTS (SELECT 1'
        ' FROM careteam_memberrole k WHERE k.patient_id = $2 AND k.role = r.role AND k.is_current))';
BEGIN
    -- Each row that changes takes a new version, so that a form opened before is told.
    PERFORM patients_merge_set(merge, kept, other, 'careteam_member', 'version',
        format('(%s) OR (%s)', refusing, opening), 'r.version + 1');
    PERFORM patients_merge_set(merge, kept, other, 'careteam_member', 'habilitated_at', opening,
        format(of_twin, 'habilitated_at', other));
    PERFORM patients_merge_set(merge, kept, other, 'careteam_member', 'habilitated', opening, 'true');
    PERFORM patients_merge_set(merge, kept, other, 'careteam_member', 'habilitated',
        format('(%s) AND r.habilitated', refusing), 'false');
    PERFORM patients_merge_set(merge, kept, other, 'careteam_member', 'refused_at', refusing,
        format(of_twin, 'refused_at', other));
    PERFORM patients_merge_set(merge, kept, other, 'careteam_member', 'refused', refusing, 'true');

    PERFORM patients_merge_set(merge, kept, other, 'careteam_memberrole', 'is_current',
        'r.patient_id = $3 AND r.is_current AND NOT (' || unheld || ')', 'false');
    PERFORM patients_merge_set(merge, kept, other, 'careteam_memberrole', 'is_current',
        'r.patient_id = $2 AND NOT r.is_current AND ' || unheld || ' AND EXISTS (SELECT 1'
        ' FROM careteam_memberrole o WHERE o.patient_id = $3 AND o.is_current AND o.role = r.role'
        ' AND patients_merge_twin(o.member_id, $2) = r.member_id)', 'true');
    PERFORM patients_merge_set(merge, kept, other, 'careteam_memberrole', 'member_id',
        'r.patient_id = $3 AND r.is_current AND NOT EXISTS (SELECT 1 FROM careteam_memberrole k'
        ' WHERE k.member_id = patients_merge_twin(r.member_id, $2) AND k.role = r.role)'
        ' AND patients_merge_twin(r.member_id, $2) IS NOT NULL',
        format('patients_merge_twin(r.member_id, %L)', kept));
    PERFORM patients_merge_set(merge, kept, other, 'careteam_memberrole', 'patient_id',
        'r.patient_id = $3 AND patients_merge_twin(r.member_id, $2) IS NULL', '$2');
    PERFORM patients_merge_set(merge, kept, other, 'careteam_member', 'patient_id',
        'r.patient_id = $3 AND patients_merge_twin(r.id, $2) IS NULL', '$2');
END $$;

-- The patient's word: the last one counts, be it an agreement or its withdrawal. One death.
CREATE FUNCTION patients_merge_person(merge uuid, kept uuid, other uuid) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    stands boolean := patients_withdrawal_stands(kept, other);
    last patients_consent; death patients_death; col text;
BEGIN
    IF stands THEN
        SELECT * INTO last FROM patients_consent c
        WHERE c.patient_id IN (kept, other) AND c.withdrawn_at IS NOT NULL
        ORDER BY c.withdrawn_at DESC LIMIT 1;
        PERFORM patients_merge_set(merge, kept, other, 'patients_consent', v.col,
            'r.patient_id = $2 AND r.withdrawn_at IS NULL', v.value)
        FROM (VALUES ('withdrawal_reason', format('%L', last.withdrawal_reason)),
                     ('withdrawn_by_user', format('%L::uuid', last.withdrawn_by_user)),
                     ('withdrawn_by_name', format('%L', last.withdrawn_by_name)),
                     ('withdrawn_at', format('%L::timestamptz', last.withdrawn_at))) AS v (col, value);
    END IF;
    PERFORM patients_merge_set(merge, kept, other, 'patients_consent', 'patient_id',
        'r.patient_id = $3 AND (r.withdrawn_at IS NOT NULL OR NOT EXISTS (SELECT 1'
        ' FROM patients_consent k WHERE k.patient_id = $2 AND k.withdrawn_at IS NULL))'
        || CASE WHEN stands THEN ' AND r.withdrawn_at IS NOT NULL' ELSE '' END, '$2');

    PERFORM patients_merge_set(merge, kept, other, 'patients_death', 'patient_id',
        'r.patient_id = $3 AND (r.undone_at IS NOT NULL OR NOT EXISTS (SELECT 1'
        ' FROM patients_death k WHERE k.patient_id = $2 AND k.undone_at IS NULL))', '$2');
    SELECT * INTO death FROM patients_death d WHERE d.patient_id = kept AND d.undone_at IS NULL;
    PERFORM patients_merge_set(merge, kept, other, 'patients_patient', 'death_date',
        'r.id = $2 AND NOT r.is_deceased', format('%L::date', death.died_on))
    WHERE death.id IS NOT NULL;
    PERFORM patients_merge_set(merge, kept, other, 'patients_patient', 'is_deceased',
        'r.id = $2 AND NOT r.is_deceased', 'true') WHERE death.id IS NOT NULL;

    -- Followed in one of the two: followed. What is not known of the person's whereabouts is taken.
    PERFORM patients_merge_set(merge, kept, other, 'patients_patient', 'archived_at',
        'r.id = $2 AND r.archived_at IS NOT NULL AND EXISTS (SELECT 1 FROM patients_patient o'
        ' WHERE o.id = $3 AND o.archived_at IS NULL)', 'NULL');
    PERFORM patients_merge_set(merge, kept, other, 'patients_patient', 'version',
        'r.id = $2 AND EXISTS (SELECT 1 FROM patients_patient o WHERE o.id = $3 AND ('
        ' (r.email = '''' AND o.email <> '''') OR (r.mobile = '''' AND o.mobile <> '''')'
        ' OR (r.phone = '''' AND o.phone <> '''')'
        ' OR (r.address_line || r.city = '''' AND o.address_line || o.city <> '''')))',
        'r.version + 1');
    FOREACH col IN ARRAY ARRAY['email', 'mobile', 'phone'] LOOP
        PERFORM patients_merge_set(merge, kept, other, 'patients_patient', col,
            format('r.id = $2 AND r.%1$I = '''' AND EXISTS (SELECT 1 FROM patients_patient o'
                   ' WHERE o.id = $3 AND o.%1$I <> '''')', col),
            format('(SELECT o.%I FROM patients_patient o WHERE o.id = %L)', col, other));
    END LOOP;
    IF EXISTS (SELECT 1 FROM patients_patient k WHERE k.id = kept AND k.address_line || k.city = '') THEN
        FOREACH col IN ARRAY ARRAY['address_line', 'address_extra', 'postcode', 'city', 'commune_code']
        LOOP
            PERFORM patients_merge_set(merge, kept, other, 'patients_patient', col,
                format('r.id = $2 AND EXISTS (SELECT 1 FROM patients_patient o WHERE o.id = $3'
                       ' AND o.address_line || o.city <> '''' AND o.%1$I <> r.%1$I)', col),
                format('(SELECT o.%I FROM patients_patient o WHERE o.id = %L)', col, other));
        END LOOP;
    END IF;
    PERFORM patients_merge_set(merge, kept, other, 'patients_patient', 'updated_at', 'r.id = $2',
                               'clock_timestamp()');
END $$;

-- The follow-up: of two current statuses of one party, the later one; of two links with one third
-- record, the one of the record kept. A link between the two records stays where it is.
CREATE FUNCTION patients_merge_followup(merge uuid, kept uuid, other uuid) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    later text := ' FROM followup_recordstatus w WHERE w.patient_id IN ($2, $3)'
        ' AND w.patient_id <> r.patient_id AND w.party_id = r.party_id AND w.is_current'
        ' AND (w.started_on, w.recorded_at, w.patient_id = $2)'
        '   > (r.started_on, r.recorded_at, r.patient_id = $2)';
    older text := 'r.patient_id IN ($2, $3) AND r.is_current AND EXISTS (SELECT 1' || later || ')';
    third text;
    col text;
BEGIN
    PERFORM patients_merge_set(merge, kept, other, 'followup_recordstatus', 'ended_on',
        older || ' AND r.ended_on IS NULL',
        format('(SELECT max(w.started_on) FROM followup_recordstatus w WHERE w.is_current'
               ' AND w.party_id = r.party_id AND w.patient_id IN (%L, %L))', kept, other));
    PERFORM patients_merge_set(merge, kept, other, 'followup_recordstatus', 'is_current', older, 'false');
    FOREACH col IN ARRAY ARRAY['patient_id', 'other_id'] LOOP
        third := 'r.' || CASE col WHEN 'patient_id' THEN 'other_id' ELSE 'patient_id' END;
        PERFORM patients_merge_set(merge, kept, other, 'followup_link', col,
            format('r.%1$I = $3 AND %2$s <> $2 AND (r.removed_at IS NOT NULL OR NOT EXISTS (SELECT 1'
                   ' FROM followup_link k WHERE k.removed_at IS NULL'
                   ' AND ((k.patient_id = $2 AND k.other_id = %2$s)'
                   '   OR (k.other_id = $2 AND k.patient_id = %2$s))))', col, third), '$2');
    END LOOP;
END $$;

CREATE FUNCTION patients_merge(kept uuid, other uuid, why text, who text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE merge uuid := gen_random_uuid(); bound record; patients uuid[]; parties uuid[];
BEGIN
    PERFORM patients_merge_hold(ARRAY[kept, other]);
    IF careteam_merged(kept) OR careteam_merged(other) THEN
        RAISE EXCEPTION 'one of the two records was merged already' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO patients_merge (id, kept_id, other_id, current_id, kept_number, other_number, reason,
                                merged_at, merged_by_user, merged_by_name, undone_by_name, undone_reason)
    SELECT merge, k.id, o.id, k.id, k.record_number, o.record_number, why, clock_timestamp(),
           app.user_id(), who, '', ''
    FROM patients_patient k, patients_patient o WHERE k.id = kept AND o.id = other;
    UPDATE patients_merge SET current_id = kept WHERE current_id = other AND undone_at IS NULL;

    SELECT array_agg(k.id), array_agg(touched.party_id) INTO patients, parties
    FROM (SELECT party_id FROM careteam_member WHERE patient_id IN (kept, other) AND party_id IS NOT NULL
          UNION SELECT party_id FROM careteam_breakglass WHERE patient_id IN (kept, other)) touched,
         unnest(ARRAY[kept, other]) AS k (id);

    PERFORM set_config('app.merging', 'on', true);
    PERFORM patients_merge_circle(merge, kept, other);
    PERFORM patients_merge_person(merge, kept, other);
    PERFORM patients_merge_followup(merge, kept, other);
    FOR bound IN SELECT * FROM patients_bound() b
                 WHERE b.place NOT IN ('careteam_member', 'careteam_memberrole', 'patients_consent',
                                       'patients_death', 'followup_link') LOOP
        PERFORM patients_merge_set(merge, kept, other, bound.place, bound.col,
            format('r.%1$I = $3', bound.col)
            -- What each keeps once for themselves.
            || CASE WHEN bound.place IN ('worklist_favourite', 'dossier_readmark') THEN
                   format(' AND NOT EXISTS (SELECT 1 FROM %s k WHERE k.patient_id = $2'
                          ' AND k.user_id = r.user_id)', bound.place) ELSE '' END, '$2');
    END LOOP;
    PERFORM set_config('app.merging', '', true);
    PERFORM careteam_refresh(patients, parties);
    RETURN merge;
END $$;

-- Why two records cannot be given back: another merge rests on this one. NULL: nothing does.
CREATE FUNCTION patients_merge_rests(merge uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE number bigint;
BEGIN
    PERFORM patients_cell_only();
    SELECT CASE WHEN l.kept_id = m.kept_id THEN l.other_number ELSE l.kept_number END INTO number
    FROM patients_merge m JOIN patients_merge l
      ON l.undone_at IS NULL AND l.merged_at > m.merged_at AND m.kept_id IN (l.kept_id, l.other_id)
    WHERE m.id = merge ORDER BY l.merged_at DESC LIMIT 1;
    RETURN number;
END $$;

-- Give both records back: every value that the merge wrote and nobody changed since becomes again
-- what it was; what happened since stays.
CREATE FUNCTION patients_separate(merge uuid, why text, who text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    done patients_merge; change record; changed text[]; lost uuid[]; opposed uuid[];
    patients uuid[]; parties uuid[];
BEGIN
    PERFORM patients_cell_only();
    SELECT * INTO done FROM patients_merge m WHERE m.id = merge;
    PERFORM patients_merge_hold(ARRAY[done.kept_id, done.other_id]);
    SELECT * INTO done FROM patients_merge m WHERE m.id = merge AND m.undone_at IS NULL;
    IF done.id IS NULL OR patients_merge_rests(merge) IS NOT NULL THEN
        RAISE EXCEPTION 'these records cannot be given back' USING ERRCODE = 'check_violation';
    END IF;
    -- A row of the circle that somebody decided on since keeps what they decided.
    SELECT array_agg(c.row_key) INTO changed FROM patients_mergechange c
    JOIN careteam_member m ON m.id::text = c.row_key AND to_jsonb(m.version) <> c.after
    WHERE m.patient_id IN (done.kept_id, done.other_id) AND c.merge_id = merge AND c.place = 'careteam_member' AND c.col = 'version';
    -- Whose access or seat was taken away since, in the row that stood for both.
    SELECT array_agg(o.id) INTO lost FROM careteam_member o JOIN careteam_member k USING (party_id)
    WHERE o.patient_id = done.other_id AND o.removed_at IS NULL AND k.patient_id = done.kept_id
      AND k.added_at <= done.merged_at AND (k.removed_at IS NULL OR k.removed_at > done.merged_at)
      AND NOT coalesce(k.refused_at <= done.merged_at AND k.refused, false)
      AND o.habilitated > k.habilitated;
    SELECT array_agg(k.party_id) INTO opposed FROM careteam_member k
    WHERE k.patient_id = done.kept_id AND k.removed_at IS NULL AND k.refused
      AND k.refused_at > done.merged_at;

    SELECT array_agg(k.id), array_agg(touched.party_id) INTO patients, parties
    FROM (SELECT party_id FROM careteam_member
          WHERE patient_id IN (done.kept_id, done.other_id) AND party_id IS NOT NULL
          UNION SELECT party_id FROM careteam_breakglass
          WHERE patient_id IN (done.kept_id, done.other_id)) touched,
         unnest(ARRAY[done.kept_id, done.other_id]) AS k (id);

    PERFORM set_config('app.merging', 'on', true);
    FOR change IN SELECT * FROM patients_mergechange c WHERE c.merge_id = merge
                  AND (c.place <> 'careteam_member' OR c.col = 'patient_id'
                       OR c.row_key <> ALL (coalesce(changed, '{}')))
                  ORDER BY c.id DESC LOOP
        BEGIN
            EXECUTE format($q$
                UPDATE %1$s r
                SET %2$I = (jsonb_populate_record(NULL::%1$s, jsonb_build_object(%2$L, $1))).%2$I
                WHERE r.id = (jsonb_populate_record(NULL::%1$s, jsonb_build_object('id', $2))).id
                  AND to_jsonb(r.%2$I) IS NOT DISTINCT FROM $3
            $q$, change.place, change.col) USING change.before, change.row_key, change.after;
        EXCEPTION WHEN unique_violation OR check_violation THEN
            -- What was written since stands in the way of a former value: it stays.
            NULL;
        END;
    END LOOP;
    -- What was taken away while the two were one stays taken away in both.
    UPDATE careteam_member o SET habilitated = false, version = o.version + 1 WHERE o.id = ANY (lost);
    UPDATE careteam_member o SET refused = true, refused_at = k.refused_at, habilitated = false,
                                 version = o.version + 1
    FROM careteam_member k
    WHERE o.patient_id = done.other_id AND o.removed_at IS NULL AND o.refused = false
      AND k.patient_id = done.kept_id AND k.party_id = o.party_id AND k.removed_at IS NULL
      AND k.refused AND k.refused_at > done.merged_at;
    UPDATE careteam_breakglass b SET ended_at = clock_timestamp()
    WHERE b.patient_id IN (done.kept_id, done.other_id) AND b.ended_at IS NULL
      AND b.party_id = ANY (opposed);
    PERFORM set_config('app.merging', '', true);

    UPDATE patients_merge m SET undone_at = clock_timestamp(), undone_by_user = app.user_id(),
                                undone_by_name = who, undone_reason = why WHERE m.id = merge;
    -- What had been merged into the other one before is read there again.
    WITH RECURSIVE within AS (
        SELECT m.id, m.other_id FROM patients_merge m
        WHERE m.kept_id = done.other_id AND m.undone_at IS NULL
        UNION SELECT m.id, m.other_id FROM patients_merge m JOIN within w ON m.kept_id = w.other_id
        WHERE m.undone_at IS NULL
    )
    UPDATE patients_merge m SET current_id = done.other_id FROM within w WHERE m.id = w.id;
    PERFORM careteam_refresh(patients, parties);
END $$;

-- Two different people: each is told of as a homonym from now on.
CREATE FUNCTION patients_mark_homonyms(ids uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_cell_only();
    RETURN QUERY UPDATE patients_patient p
    SET is_homonym = true, version = p.version + 1, updated_at = clock_timestamp()
    WHERE p.id = ANY (ids) AND NOT p.is_homonym
      AND EXISTS (SELECT 1 FROM patients_duplicate d WHERE p.id IN (d.first_id, d.second_id))
    RETURNING p.id;
END $$;

-- Whom to tell: the parties that may open one of these records.
CREATE FUNCTION patients_cell_parties(ids uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM patients_cell_only();
    RETURN QUERY SELECT DISTINCT g.party_id FROM careteam_grant g
                 WHERE g.patient_id = ANY (ids) AND (g.until IS NULL OR g.until > now());
END $$;
