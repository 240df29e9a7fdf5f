-- The sections of the rights matrix are kept here too: a query that forgot them shows no row of a
-- section that who acts may not read, and writes none that they may not write. As for the class of a
-- document, reading asks once a statement, save when a line of the matrix names a role.
DO $$
DECLARE kept record;
BEGIN
    FOR kept IN SELECT * FROM (VALUES
        ('followup_recordstatus', 'status'),
        ('followup_stay', 'stays'),
        ('followup_staystep', 'stays'),
        ('followup_memo', 'memos'),
        ('followup_memoversion', 'memos')) AS known (name, section)
    LOOP
        EXECUTE format($sql$
            CREATE POLICY section_read ON %1$I AS RESTRICTIVE FOR SELECT USING (
                %2$L = ANY (CASE WHEN (SELECT careteam_by_role(%2$L))
                            THEN careteam_sections(patient_id, 1)
                            ELSE (SELECT careteam_sections(NULL, 1)) END));
            CREATE POLICY section_added ON %1$I AS RESTRICTIVE FOR INSERT WITH CHECK (
                %2$L = ANY (careteam_sections(patient_id, 2)));
            CREATE POLICY section_changed ON %1$I AS RESTRICTIVE FOR UPDATE USING (
                %2$L = ANY (careteam_sections(patient_id, 2)))
            $sql$, kept.name, kept.section);
    END LOOP;
END $$;
