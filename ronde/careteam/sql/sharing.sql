-- The audience of one row, as `ronde/core/sharing.py` says it: 1 public, 2 shared, 3 private.
CREATE FUNCTION app.shown(level smallint, owner uuid, by_structure boolean, recipients uuid[])
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE level
        WHEN 1 THEN true
        WHEN 2 THEN owner = app.me() OR app.me() = ANY (recipients)
        ELSE owner = app.me() AND (NOT by_structure OR app.in_person()) END
$$;

-- What happened to a thing that is not shown to everybody is shown to its audience alone.
ALTER POLICY readable ON journal_journalentry USING (
    CASE WHEN patient_id IS NULL
    THEN user_id = app.user_id()
         OR (section IN ('console', 'account')
             AND (SELECT accounts_on_duty('administrator') OR accounts_on_duty('support')
                         OR accounts_on_duty('privacy_officer')))
    ELSE app.shown(sharing, owner_party, owned_by_structure, recipients)
         AND (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
              AND g.patient_id = journal_journalentry.patient_id) END);
