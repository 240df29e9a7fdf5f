-- An extraction belongs to the person who asked, in the name in which they asked, while the record
-- is open to them.
ALTER TABLE dossier_extraction ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON dossier_extraction
    USING (user_id = app.user_id() AND party_id = app.me()
           AND (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
                AND g.patient_id = dossier_extraction.patient_id))
    WITH CHECK (user_id = app.user_id() AND party_id = app.me()
           AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
                AND g.patient_id = dossier_extraction.patient_id));

-- The job that removes them acts for nobody: it learns the places of what is over, and no more.
CREATE FUNCTION dossier_expire_extractions() RETURNS TABLE (place text)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH over AS (SELECT id, place AS was FROM dossier_extraction
                  WHERE state = 'ready' AND expires_at <= now()),
    gone AS (UPDATE dossier_extraction e SET state = 'expired', place = '', sealed_key = ''
             FROM over WHERE e.id = over.id)
    SELECT was FROM over WHERE was <> ''
$$;
