-- A run belongs to the person who asked for it, while they act for the same party.
ALTER TABLE worklist_bulkrun ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON worklist_bulkrun
    USING (user_id = app.user_id() AND party_id = app.me())
    WITH CHECK (user_id = app.user_id() AND party_id = app.me());

-- A line is added for a record that may be opened; it stays readable, by its key alone, when the
-- record is closed meanwhile.
ALTER TABLE worklist_bulkline ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON worklist_bulkline FOR SELECT
    USING ((SELECT true FROM worklist_bulkrun r WHERE r.id = worklist_bulkline.run_id));
CREATE POLICY added ON worklist_bulkline FOR INSERT
    WITH CHECK ((SELECT true FROM worklist_bulkrun r WHERE r.id = worklist_bulkline.run_id)
        AND (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
             AND g.patient_id = worklist_bulkline.patient_id));
CREATE POLICY played ON worklist_bulkline FOR UPDATE
    USING ((SELECT true FROM worklist_bulkrun r WHERE r.id = worklist_bulkline.run_id));
