-- What two merged records change for the circle: `patients/sql/merge.sql` moves the rows.

-- The patient or the party of a member never changes, save when two records are merged or separated:
-- the setting is put by the functions that do so, and the application may write neither column.
CREATE OR REPLACE FUNCTION careteam_fixed_pair() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('app.merging', true), '') = 'on' THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'the patient and the party of a row of % never change', TG_TABLE_NAME;
END $$;

-- The creator of a record without any member adds the first one; not once it is merged.
CREATE OR REPLACE FUNCTION careteam_may_add(patient uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM careteam_grant
                   WHERE party_id = app.me() AND patient_id = patient AND reason = 1)
        OR EXISTS (SELECT 1 FROM patients_patient p
                   WHERE p.id = patient AND p.created_by_party = app.me()
                     AND NOT EXISTS (SELECT 1 FROM careteam_member m WHERE m.patient_id = p.id)
                     AND NOT careteam_merged(p.id))
$$;

-- What happened on a merged record is read by whoever opens the one where it is read now. Its lines
-- are written once: they keep the key under which they were written.
ALTER POLICY readable ON journal_journalentry USING (
    CASE WHEN patient_id IS NULL
    THEN user_id = app.user_id()
         OR (section IN ('console', 'account')
             AND (SELECT accounts_on_duty('administrator') OR accounts_on_duty('support')
                         OR accounts_on_duty('privacy_officer')))
    ELSE app.shown(sharing, owner_party, owned_by_structure, recipients)
         AND coalesce(
             (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
              AND g.patient_id = journal_journalentry.patient_id),
             (SELECT true FROM patients_merge m
              JOIN careteam_grant g ON g.patient_id = m.current_id AND g.party_id = app.me()
              WHERE m.other_id = journal_journalentry.patient_id AND m.undone_at IS NULL)) END);

ALTER POLICY readable ON journal_accesstrace USING (
    granted AND coalesce(
        (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
         AND g.patient_id = journal_accesstrace.patient_id),
        (SELECT true FROM patients_merge m
         JOIN careteam_grant g ON g.patient_id = m.current_id AND g.party_id = app.me()
         WHERE m.other_id = journal_accesstrace.patient_id AND m.undone_at IS NULL),
        -- The review of break-glass accesses (`review.sql`), on whichever record they were.
        reason = 'break_glass' AND (SELECT accounts_on_duty('privacy_officer'))));
