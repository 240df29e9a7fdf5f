-- The class of a document in the rights matrix is kept here too: a query that forgot it shows no row
-- of a class that who acts may not read, and its files follow it.
ALTER POLICY readable ON documents_document USING (
    app.shown(sharing, owner_party, owned_by_structure, recipients)
    AND (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
         AND g.patient_id = documents_document.patient_id)
    AND 'documents-' || class_code = ANY (
        CASE WHEN (SELECT careteam_by_role('documents-'))
        THEN careteam_sections(patient_id, 1)
        ELSE (SELECT careteam_sections(NULL, 1)) END));

-- A class is written by who holds it at that level; whoever deposited a document still shares it, and
-- takes it back for a time, without that right (AZUREZO, sheet 35).
ALTER POLICY added ON documents_document WITH CHECK (
    owner_party = app.me() AND added_by_user = app.user_id()
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
         AND g.patient_id = documents_document.patient_id)
    AND 'documents-' || class_code = ANY (careteam_sections(patient_id, 2)));
ALTER POLICY writable ON documents_document USING (
    app.shown(sharing, owner_party, owned_by_structure, recipients)
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
         AND g.patient_id = documents_document.patient_id)
    AND (owner_party = app.me()
         OR 'documents-' || class_code = ANY (careteam_sections(patient_id, 2))));

-- A version is put by who may write the class.
ALTER POLICY added ON documents_file WITH CHECK (
    added_by_user = app.user_id()
    AND (SELECT careteam_may_write(d.patient_id)
                AND 'documents-' || d.class_code = ANY (careteam_sections(d.patient_id, 2))
         FROM documents_document d WHERE d.id = documents_file.document_id));
ALTER POLICY writable ON documents_file USING (
    (SELECT careteam_may_write(d.patient_id)
            AND 'documents-' || d.class_code = ANY (careteam_sections(d.patient_id, 2))
     FROM documents_document d WHERE d.id = documents_file.document_id));

-- To which class does the document of an address belong? For the gate alone, which refuses in a
-- sentence, and traces, what the matrix closes to a member of the circle. Nothing for a stranger,
-- nor for what is not shown to who asks.
CREATE FUNCTION documents_class(document uuid, patient uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.class_code FROM documents_document d
    WHERE d.id = document AND d.patient_id = patient AND d.withdrawn_at IS NULL
      AND app.shown(d.sharing, d.owner_party, d.owned_by_structure, d.recipients)
      AND EXISTS (SELECT 1 FROM careteam_grant g
                  WHERE g.party_id = app.me() AND g.patient_id = d.patient_id
                    AND (g.until IS NULL OR g.until > now()))
$$;
