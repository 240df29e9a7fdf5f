-- A link belongs to two records: whoever reads or writes it holds the section in both, so that it
-- never shows from one of them what the rights matrix closes in the other.
CREATE POLICY section_read ON followup_link AS RESTRICTIVE FOR SELECT USING (
    CASE WHEN (SELECT careteam_by_role('links'))
    THEN 'links' = ANY (careteam_sections(patient_id, 1))
         AND 'links' = ANY (careteam_sections(other_id, 1))
    ELSE (SELECT 'links' = ANY (careteam_sections(NULL, 1))) END);
CREATE POLICY section_added ON followup_link AS RESTRICTIVE FOR INSERT WITH CHECK (
    'links' = ANY (careteam_sections(patient_id, 2))
    AND 'links' = ANY (careteam_sections(other_id, 2)));
CREATE POLICY section_changed ON followup_link AS RESTRICTIVE FOR UPDATE USING (
    'links' = ANY (careteam_sections(patient_id, 2))
    AND 'links' = ANY (careteam_sections(other_id, 2)));
