-- A link is read by whoever opens both records; one right alone shows nothing of it.
ALTER TABLE followup_link ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON followup_link FOR SELECT USING (
    (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_link.patient_id)
    AND (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_link.other_id));
CREATE POLICY added ON followup_link FOR INSERT WITH CHECK (
    linked_by_party = app.me() AND linked_by_user = app.user_id()
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_link.patient_id)
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_link.other_id));
CREATE POLICY changed ON followup_link FOR UPDATE USING (
    (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_link.patient_id)
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_link.other_id));

ALTER TABLE followup_memo ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON followup_memo FOR SELECT USING (
    app.shown(sharing, owner_party, owned_by_structure, recipients)
    AND (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_memo.patient_id));
CREATE POLICY added ON followup_memo FOR INSERT WITH CHECK (
    owner_party = app.me() AND written_by_user = app.user_id()
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_memo.patient_id));
CREATE POLICY changed ON followup_memo FOR UPDATE USING (
    app.shown(sharing, owner_party, owned_by_structure, recipients)
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_memo.patient_id));

-- Its audience and its end belong to its owner.
CREATE FUNCTION followup_memo_of_its_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.owner_party IS DISTINCT FROM app.me() THEN
        RAISE EXCEPTION 'the audience and the deletion of a memo belong to its owner'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER followup_memo_owner BEFORE UPDATE ON followup_memo FOR EACH ROW
    WHEN ((OLD.sharing, OLD.recipients, OLD.deleted_at)
          IS DISTINCT FROM (NEW.sharing, NEW.recipients, NEW.deleted_at)
          AND app.me() IS NOT NULL)
    EXECUTE FUNCTION followup_memo_of_its_owner();

ALTER TABLE followup_memoversion ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON followup_memoversion FOR SELECT USING (
    (SELECT true FROM followup_memo m WHERE m.id = followup_memoversion.memo_id));
CREATE POLICY added ON followup_memoversion FOR INSERT WITH CHECK (
    (SELECT g.reason = 1 FROM followup_memo m JOIN careteam_grant g USING (patient_id)
        WHERE m.id = followup_memoversion.memo_id AND g.party_id = app.me()
          AND m.patient_id = followup_memoversion.patient_id));
