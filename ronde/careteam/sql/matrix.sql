-- The rights matrix is read by everybody and changed by an administrator, in the console.
ALTER TABLE careteam_sectionright ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON careteam_sectionright FOR SELECT USING (true);
CREATE POLICY added ON careteam_sectionright FOR INSERT
    WITH CHECK ((SELECT accounts_on_duty('administrator')));
CREATE POLICY changed ON careteam_sectionright FOR UPDATE
    USING ((SELECT accounts_on_duty('administrator')));
CREATE POLICY removed ON careteam_sectionright FOR DELETE
    USING ((SELECT accounts_on_duty('administrator')));

-- What happened outside of any record: each sees what they did; whoever is on duty for the region,
-- what was done in the console and to the accounts.
ALTER POLICY readable ON journal_journalentry USING (
    CASE WHEN patient_id IS NULL
    THEN user_id = app.user_id()
         OR (section IN ('console', 'account')
             AND (SELECT accounts_on_duty('administrator') OR accounts_on_duty('support')
                         OR accounts_on_duty('privacy_officer')))
    ELSE (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = journal_journalentry.patient_id) END);
