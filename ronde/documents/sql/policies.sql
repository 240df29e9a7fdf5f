-- A document is shown to whoever opens the record and belongs to its audience.
ALTER TABLE documents_document ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON documents_document FOR SELECT USING (
    app.shown(sharing, owner_party, owned_by_structure, recipients)
    AND (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
         AND g.patient_id = documents_document.patient_id));
CREATE POLICY added ON documents_document FOR INSERT WITH CHECK (
    owner_party = app.me() AND added_by_user = app.user_id()
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
         AND g.patient_id = documents_document.patient_id));
CREATE POLICY writable ON documents_document FOR UPDATE USING (
    app.shown(sharing, owner_party, owned_by_structure, recipients)
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
         AND g.patient_id = documents_document.patient_id));

-- A file follows its document, whose own policy answers here.
ALTER TABLE documents_file ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON documents_file FOR SELECT USING (
    (SELECT true FROM documents_document d WHERE d.id = documents_file.document_id));
CREATE POLICY added ON documents_file FOR INSERT WITH CHECK (
    added_by_user = app.user_id()
    AND (SELECT careteam_may_write(d.patient_id) FROM documents_document d
         WHERE d.id = documents_file.document_id));
CREATE POLICY writable ON documents_file FOR UPDATE USING (
    (SELECT careteam_may_write(d.patient_id) FROM documents_document d
     WHERE d.id = documents_file.document_id));

-- What the antivirus still has to look at, for the job that has it looked at: nothing once it has.
CREATE FUNCTION documents_to_scan(file uuid)
RETURNS TABLE (place text, key_id text, sealed_key bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT f.place, f.key_id, f.sealed_key FROM documents_file f
    WHERE f.id = file AND f.scan = 'pending'
$$;

-- The verdict is given once; nobody takes a quarantine off.
CREATE FUNCTION documents_scanned(file uuid, verdict text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH told AS (UPDATE documents_file f SET scan = verdict
                  WHERE f.id = file AND f.scan = 'pending' AND verdict IN ('clean', 'refused')
                  RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM told)
$$;

-- Among these places of the storage, those that belong to a file: the others are left-overs.
CREATE FUNCTION documents_known(places text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT f.place FROM documents_file f WHERE f.place = ANY (places)
$$;
