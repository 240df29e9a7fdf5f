-- Is this record closed, its content being read in another one? Its rows stay; nobody opens it.
-- Written so that it can be read before the table of merges exists.
CREATE OR REPLACE FUNCTION careteam_merged(patient uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM patients_merge m
                   WHERE m.other_id = patient AND m.undone_at IS NULL);
END $$;

-- THE RULE. Who may open which record, why, and until when. It is stated here and nowhere else.
--   * a member of the circle who is habilitated and whom the patient did not refuse;
--   * whoever broke the glass, until it ends, unless the patient refused them
--     (an express opposition closes that door too: Code de la santé publique, art. L1111-17);
--   * a structure counts only if it acts as «personne morale» (SPICO, slide 8);
--   * a record merged into another opens for nobody: the other one does.
CREATE OR REPLACE VIEW careteam_grant_rule (patient_id, party_id, reason, until) AS
SELECT held.patient_id, held.party_id, held.reason, held.until
FROM (
    SELECT m.patient_id, m.party_id, 1::smallint AS reason, NULL::timestamptz AS until
    FROM careteam_member m
    WHERE m.party_id IS NOT NULL AND m.removed_at IS NULL AND m.habilitated AND NOT m.refused
    UNION ALL
    SELECT b.patient_id, b.party_id, 2::smallint, b.until
    FROM careteam_breakglass b
    WHERE b.ended_at IS NULL AND b.until > now()
      AND NOT EXISTS (SELECT 1 FROM careteam_member r
                      WHERE r.patient_id = b.patient_id AND r.party_id = b.party_id
                        AND r.removed_at IS NULL AND r.refused)
) held
WHERE NOT EXISTS (SELECT 1 FROM directory_structure s
                  WHERE s.party_id = held.party_id AND NOT s.acts_as_legal_person)
  AND NOT careteam_merged(held.patient_id);
