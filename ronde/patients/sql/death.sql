-- Read by whoever opens the record, written by whoever may write in it.
ALTER TABLE patients_death ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON patients_death FOR SELECT USING (
    (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = patients_death.patient_id));
CREATE POLICY declared ON patients_death FOR INSERT WITH CHECK (
    recorded_by_party = app.me() AND recorded_by_user = app.user_id()
    AND (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = patients_death.patient_id));
CREATE POLICY undone ON patients_death FOR UPDATE USING (
    (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = patients_death.patient_id))
    WITH CHECK (undone_at IS NOT NULL);
