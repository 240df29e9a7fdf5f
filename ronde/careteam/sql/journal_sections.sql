-- The section of each line of the journal is kept here too: a query that forgot it shows no line of a
-- section that the rights matrix closes to who acts. What happened outside of any record has no
-- column in the matrix; the other policies decide of it.

-- The sections in which a role held in a record changes something: few, and their lines alone are
-- asked about one record at a time.
CREATE FUNCTION careteam_sections_by_role() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT r.section::text FROM careteam_sectionright r WHERE r.role <> '');
END $$;

-- The roles of a merged record are held in the one where it is read now.
CREATE POLICY section_read ON journal_journalentry AS RESTRICTIVE FOR SELECT USING (
    patient_id IS NULL
    OR section = ANY (
        CASE WHEN section = ANY ((SELECT careteam_sections_by_role())::text[])
        THEN careteam_sections(coalesce(
            (SELECT m.current_id FROM patients_merge m
             WHERE m.other_id = journal_journalentry.patient_id AND m.undone_at IS NULL),
            patient_id), 1)
        ELSE (SELECT careteam_sections(NULL, 1)) END));

-- Who opened a record is told to who may read its traceability; to each, when they did themselves;
-- to the privacy officer, the openings by break-glass that they review.
CREATE POLICY section_read ON journal_accesstrace AS RESTRICTIVE FOR SELECT USING (
    user_id = app.user_id()
    OR 'trace' = ANY (
        CASE WHEN (SELECT careteam_by_role('trace'))
        THEN careteam_sections(coalesce(
            (SELECT m.current_id FROM patients_merge m
             WHERE m.other_id = journal_accesstrace.patient_id AND m.undone_at IS NULL),
            patient_id), 1)
        ELSE (SELECT careteam_sections(NULL, 1)) END)
    OR (reason = 'break_glass' AND (SELECT accounts_on_duty('privacy_officer'))));
