-- The lists are read by everybody and kept by an administrator, in the console.
ALTER TABLE followup_listitem ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON followup_listitem FOR SELECT USING (true);
CREATE POLICY added ON followup_listitem FOR INSERT
    WITH CHECK ((SELECT accounts_on_duty('administrator')));
CREATE POLICY changed ON followup_listitem FOR UPDATE
    USING ((SELECT accounts_on_duty('administrator')));

-- A status is read by whoever opens the record, and written by the party that follows, for itself.
ALTER TABLE followup_recordstatus ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON followup_recordstatus FOR SELECT USING (
    (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_recordstatus.patient_id));
CREATE POLICY added ON followup_recordstatus FOR INSERT WITH CHECK (
    party_id = app.me() AND recorded_by_user = app.user_id()
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_recordstatus.patient_id));
CREATE POLICY ended ON followup_recordstatus FOR UPDATE USING (
    party_id = app.me()
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_recordstatus.patient_id))
    WITH CHECK (NOT is_current);

ALTER TABLE followup_stay ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON followup_stay FOR SELECT USING (
    (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_stay.patient_id));
CREATE POLICY added ON followup_stay FOR INSERT WITH CHECK (
    recorded_by_party = app.me() AND recorded_by_user = app.user_id()
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_stay.patient_id));
CREATE POLICY changed ON followup_stay FOR UPDATE USING (
    (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_stay.patient_id));

ALTER TABLE followup_staystep ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON followup_staystep FOR SELECT USING (
    (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_staystep.patient_id));
-- A step belongs to the record of its stay.
CREATE POLICY added ON followup_staystep FOR INSERT WITH CHECK (
    (SELECT g.reason = 1 FROM followup_stay s JOIN careteam_grant g USING (patient_id)
        WHERE s.id = followup_staystep.stay_id AND g.party_id = app.me()
          AND s.patient_id = followup_staystep.patient_id));
CREATE POLICY changed ON followup_staystep FOR UPDATE USING (
    (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = followup_staystep.patient_id));
